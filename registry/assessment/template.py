"""Writing the workbook: the empty template that bodies fill in, and a filled one from the JSON form.

Columns that hold digits are text, so that Excel keeps them; closed sets are drop-downs; dates are real dates.
"""

import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.datavalidation import DataValidation

from registry.assessment.content import HEADER_COLUMNS, MAX_ROWS, ROW_COLUMNS, Column
from registry.assessment.sheet_columns import column_letters
from registry.assessment.workbook_form import (
    DATE_COLUMNS,
    EXAM_SHEET,
    HEADINGS,
    LABELS,
    NUMERIC_COLUMNS,
    RESULTS_SHEET,
)

_WIDTHS = {
    Column.NAME: 20,
    Column.ID_TYPE: 24,
    Column.ID_NUMBER: 24,
    Column.DIRECTION: 24,
    Column.CORRECTS: 26,
}
_TEXT = "@"
_DATE = "yyyy-mm-dd"
_GENERAL = "General"
_SCORES = frozenset({Column.THEORY, Column.PRACTICE})


def write_template() -> bytes:
    """Return the empty workbook."""
    return write_workbook({"rows": []})


def write_workbook(form: Mapping[str, Any]) -> bytes:
    """Return a workbook that says what this JSON form (``certreg-submission/1``) says.

    Values that the form should not have are written as they are, so that a faulty workbook can be made too.
    """
    workbook = Workbook(write_only=True)
    exam = workbook.create_sheet(EXAM_SHEET)
    exam.column_dimensions["A"].width = 18
    exam.column_dimensions["B"].width = 18
    for column in HEADER_COLUMNS:
        exam.append([_heading(exam, column), _cell(exam, column, form.get(column))])
    results = workbook.create_sheet(RESULTS_SHEET)
    results.freeze_panes = "A2"
    _prepare_columns(results)
    results.append([_heading(results, column) for column in ROW_COLUMNS])
    rows: Sequence[Mapping[str, Any]] = form.get("rows", ())
    for row in rows:
        results.append([_cell(results, column, row.get(column)) for column in ROW_COLUMNS])
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def _prepare_columns(sheet: WriteOnlyWorksheet) -> None:
    """Give whole columns their format and drop-downs, for the rows that are still to be written."""
    for place, column in enumerate(ROW_COLUMNS, start=1):
        letters = column_letters(place)
        sheet.column_dimensions[letters].width = _WIDTHS.get(column, 14)
        sheet.column_dimensions[letters].number_format = _number_format(column)
        if column in LABELS:
            labels = ",".join(dict.fromkeys(_labels_to_write(column).values()))
            choice = DataValidation(type="list", formula1=f'"{labels}"', allow_blank=True)
            choice.errorTitle, choice.error = "请从列表中选择", "该列只能填写列表中的值"
            sheet.data_validations.append(choice)
            choice.add(f"{letters}2:{letters}{MAX_ROWS + 1}")


def _labels_to_write(column: Column) -> dict[str, str]:
    """Return the label of each code; where a code has several, the first one."""
    labels: dict[str, str] = {}
    for label, code in LABELS[column].items():
        labels.setdefault(code, label)
    return labels


def _number_format(column: Column) -> str:
    if column in DATE_COLUMNS:
        return _DATE
    return _GENERAL if column in NUMERIC_COLUMNS else _TEXT


def _heading(sheet: WriteOnlyWorksheet, column: Column) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, HEADINGS[column])
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: WriteOnlyWorksheet, column: Column, value: Any) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, _written(column, value))
    cell.number_format = _number_format(column)
    if isinstance(cell.value, str):
        # Never a formula, whatever it begins with.
        cell.data_type = "s"
    return cell


def _written(column: Column, value: Any) -> Any:
    if not isinstance(value, str):
        return _labels_to_write(column).get(str(value), value) if column in LABELS else value
    if column in LABELS:
        return _labels_to_write(column).get(value, value)
    if column in DATE_COLUMNS:
        with suppress(ValueError):
            return date.fromisoformat(value)
    if column in _SCORES:
        with suppress(ValueError):
            return float(value)
    return value
