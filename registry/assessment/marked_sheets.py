"""The two sheets of a workbook that is sent back: the exam's head and the results, as the template has them.

What can be typed again stays easy to type: dates are dates, scores are numbers where the text says exactly that
number, and everything else is text.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import repeat

from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.datavalidation import DataValidation

from registry.assessment.content import HEADER_COLUMNS, MAX_ROWS, Column, Content, RawRow
from registry.assessment.fault import MORE_FAULTS, Fault
from registry.assessment.fault_places import FaultPlaces
from registry.assessment.marked_cells import TEXT_FORMAT, Cells, Look, lay_out, set_height
from registry.assessment.sheet_columns import column_letters
from registry.assessment.workbook_form import (
    DATE_COLUMNS,
    FAULTS_HEADING,
    HEADINGS,
    LABELS,
    NUMERIC_COLUMNS,
    SHEET_COLUMNS,
    written_label,
)

MAX_NOTES = 10_000
"""Notes on cells; a row's faults are all in its 错误说明, noted or not."""
_WIDTHS = {
    Column.ROW: 7,
    Column.ID_TYPE: 22,
    Column.ID_NUMBER: 22,
    Column.OCCUPATION: 13,
    Column.EDITION: 10,
    Column.DIRECTION: 15,
    Column.LEVEL: 8,
    Column.THEORY: 10,
    Column.CORRECTS: 26,
    Column.REASON: 20,
}
_USUAL_WIDTH, _FAULTS_WIDTH = 14, 64
_FIRST_DAY = date(1900, 3, 1)  # before it, Excel counts a day that never was
_MOST = 1_000_000
# Closed sets; what a score may say beside a number is none.
_CHOICES = frozenset(LABELS) - {Column.THEORY, Column.PRACTICE}
_COLUMNS = SHEET_COLUMNS
_WORDS = Look(words=True)
_HEADING = Look(heading=True)


def write_exam(sheet: WriteOnlyWorksheet, content: Content, places: FaultPlaces) -> None:
    """Write the exam's head, its wrong values marked, and below it what is wrong with the file as a whole."""
    lay_out(sheet, heading=False)
    sheet.column_dimensions["A"].width = 18
    sheet.column_dimensions["B"].width = _FAULTS_WIDTH
    cells = Cells(sheet)
    for column in HEADER_COLUMNS:
        faults = places.head.get(column, [])
        text = _text(column, content.header.get(column), faults)
        sheet.append([cells.text(HEADINGS[column], _HEADING), _cell(cells, column, text, faults)])
    wrong = [fault for faults in places.head.values() for fault in faults] + places.whole
    line = len(HEADER_COLUMNS)
    for fault in [*wrong, *(fault for faults in places.headings.values() for fault in faults)]:
        if fault.code != MORE_FAULTS:
            words = _of_the_whole(fault)
            line += 1
            set_height(sheet, line, [(words, _FAULTS_WIDTH)])
            sheet.append([cells.text(FAULTS_HEADING, _HEADING), cells.text(words, _WORDS)])


def write_results(
    sheet: WriteOnlyWorksheet, rows: Sequence[RawRow], places: FaultPlaces, lines: Mapping[int, int]
) -> None:
    """Write the rows in their ``lines``, wrong cells marked, each row's faults in words in the last column."""
    sheet.freeze_panes = "C2"
    lay_out(sheet, heading=True)
    cells = Cells(sheet)
    _prepare_columns(sheet)
    headings = [_heading(cells, column, places.headings.get(column, [])) for column in _COLUMNS]
    sheet.append([*headings, cells.text(FAULTS_HEADING, _HEADING)])
    line, notes_left = 1, MAX_NOTES
    for row in rows:
        for _ in repeat(None, lines[row.place] - line - 1):
            sheet.append([])
        line = lines[row.place]
        faults = places.of_row(row.place, _COLUMNS)
        noted = notes_left > 0
        notes_left -= len(faults)
        at = {column: places.cells.get((row.place, column), []) for column in _COLUMNS}
        texts = {column: _text(column, row.cells.get(column), at[column]) for column in _COLUMNS}
        words = _in_words(faults)
        set_height(
            sheet, line, [*((texts[column], _width(column)) for column in _COLUMNS), (words, _FAULTS_WIDTH)]
        )
        written = [_cell(cells, column, texts[column], at[column], noted=noted) for column in _COLUMNS]
        sheet.append([*written, cells.text(words, _WORDS)] if faults else written)


def _prepare_columns(sheet: WriteOnlyWorksheet) -> None:
    """Give the columns their widths, formats and drop-downs."""
    for place, column in enumerate(_COLUMNS, start=1):
        letters = column_letters(place)
        sheet.column_dimensions[letters].width = _width(column)
        sheet.column_dimensions[letters].number_format = _number_format(column)
        if column in _CHOICES:
            labels = dict.fromkeys(written_label(column, code) for code in LABELS[column].values())
            choice = DataValidation(type="list", formula1=f'"{",".join(labels)}"', allow_blank=True)
            choice.errorTitle, choice.error = "请从列表中选择", "该列只能填写列表中的值"
            sheet.data_validations.append(choice)
            choice.add(f"{letters}2:{letters}{MAX_ROWS + 1}")
    sheet.column_dimensions[column_letters(len(_COLUMNS) + 1)].width = _FAULTS_WIDTH


def _width(column: Column) -> int:
    return _WIDTHS.get(column, _USUAL_WIDTH)


def _number_format(column: Column) -> str:
    if column in DATE_COLUMNS:
        return "yyyy-mm-dd"
    return "General" if column in NUMERIC_COLUMNS else TEXT_FORMAT


def _heading(cells: Cells, column: Column, faults: Sequence[Fault]) -> WriteOnlyCell:
    return cells.text(HEADINGS[column], Look(heading=True, faulty=bool(faults)), _note(faults))


def _cell(
    cells: Cells, column: Column, text: str, faults: Sequence[Fault], *, noted: bool = True
) -> WriteOnlyCell:
    look = Look(_number_format(column), faulty=bool(faults))
    note = _note(faults) if noted else ""
    value = _typed(column, text)
    return cells.text(text, look, note) if value is None else cells.value(value, look, note)


def _text(column: Column, text: str | None, faults: Sequence[Fault]) -> str:
    """Return what the clerk wrote; where that could not be read, what was seen of it."""
    if text is None:
        return faults[0].value if faults else ""
    return written_label(column, text)


def _typed(column: Column, text: str) -> date | int | float | None:
    """Return the number or date that this text says, if it is the one text that says it; else None."""
    try:
        if column in DATE_COLUMNS:
            day = date.fromisoformat(text)
            return day if day >= _FIRST_DAY and day.isoformat() == text else None
        if column in NUMERIC_COLUMNS:
            number = float(text)
            said = int(number) if number.is_integer() and abs(number) < _MOST else number
            return said if str(said) == text and abs(said) < _MOST else None
    except ValueError:
        pass
    return None


def _note(faults: Iterable[Fault]) -> str:
    return "\n".join(f"{fault.message}。{fault.remedy}。" for fault in faults)


def _in_words(faults: Iterable[Fault]) -> str:
    return "\n".join(f"{_named(fault)}{fault.message}。{fault.remedy}。" for fault in faults)


def _named(fault: Fault) -> str:
    """Return the column's Chinese name, as a beginning."""
    if fault.column is None:
        return ""
    return f"{_CHINESE.get(fault.column, fault.column)}："


def _of_the_whole(fault: Fault) -> str:
    line = "" if fault.row is None else f"原文件第 {fault.row} 行，"
    return f"{line}{_named(fault)}{fault.message}。{fault.remedy}。"


_CHINESE = {str(column): heading for column, heading in HEADINGS.items()}
