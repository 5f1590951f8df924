"""Cells, headings and whole columns of a workbook given out: formats that keep digits, drop-downs, notes on headings.

Columns that hold digits are text, so that Excel keeps them; closed sets are drop-downs; dates are real dates.
"""

from contextlib import suppress
from datetime import date
from typing import Any, Final

from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.datavalidation import DataValidation

from registry.assessment.column_notes import COLUMN_NOTES
from registry.assessment.content import Column
from registry.assessment.workbook_form import DATE_COLUMNS, HEADINGS, LABELS, NUMERIC_COLUMNS

_TEXT, _DATE, _GENERAL = "@", "yyyy-mm-dd", "General"
_SCORES: Final = frozenset({Column.THEORY, Column.PRACTICE})
_MUST: Final = PatternFill("solid", fgColor="FFF2CC")
_AUTHOR: Final = "证书登记系统"


def heading(sheet: WriteOnlyWorksheet, column: Column, *, noted: bool) -> WriteOnlyCell:
    """Return a heading; ``noted``: with a note on how to fill in its column, and a colour if it must be filled in."""
    cell = WriteOnlyCell(sheet, HEADINGS[column])
    cell.font = Font(bold=True)
    if noted:
        note = COLUMN_NOTES[column]
        text = f"{note.need}\n格式：{note.form}\n常见错误：{note.mistakes}"
        cell.comment = Comment(text, _AUTHOR, width=320, height=130)
        if note.must:
            cell.fill = _MUST
    return cell


def value_cell(sheet: WriteOnlyWorksheet, column: Column, value: Any) -> WriteOnlyCell:
    """Return the cell that says in a workbook what this value says in JSON; what is none of the form, as it is."""
    cell = text_cell(sheet, _written(column, value))
    cell.number_format = number_format(column)
    return cell


def text_cell(sheet: WriteOnlyWorksheet, value: Any, *, bold: bool = False) -> WriteOnlyCell:
    """Return a cell whose text is never a formula, whatever it begins with."""
    cell = WriteOnlyCell(sheet, value)
    if isinstance(cell.value, str):
        cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell


def number_format(column: Column) -> str:
    """Return the format of a column's cells."""
    if column in DATE_COLUMNS:
        return _DATE
    return _GENERAL if column in NUMERIC_COLUMNS else _TEXT


def labels_to_write(column: Column) -> dict[str, str]:
    """Return the label of each code; where a code has several, the first one."""
    labels: dict[str, str] = {}
    for label, code in LABELS[column].items():
        labels.setdefault(code, label)
    return labels


def offer(sheet: WriteOnlyWorksheet, column: Column, cells: str, choices: str = "") -> None:
    """Give cells the drop-down of their column, or of ``choices``, a range of the notes sheet.

    Where the column is a closed set, nothing else can be typed; a score can.
    """
    if not choices and column not in LABELS:
        return
    choice = DataValidation(type="list", formula1=choices or _inline(column), allow_blank=True)
    if column not in _SCORES:
        choice.showErrorMessage = True
        choice.errorTitle, choice.error = "请从列表中选择", "该列只能填写列表中的值"
    sheet.data_validations.append(choice)
    choice.add(cells)


def _inline(column: Column) -> str:
    return f'"{",".join(labels_to_write(column).values())}"'


def _written(column: Column, value: Any) -> Any:
    if column in LABELS:
        code = str(value).lower() if isinstance(value, bool) else str(value)
        value = labels_to_write(column).get(code, value)
    if not isinstance(value, str):
        return value
    if column in DATE_COLUMNS:
        with suppress(ValueError):
            return date.fromisoformat(value)
    if column in _SCORES:
        with suppress(ValueError):
            return float(value)
    return value
