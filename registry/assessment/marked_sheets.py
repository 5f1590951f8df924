"""The two sheets of a workbook that is sent back: the exam's head and the results, as the template has them.

What can be typed again stays easy to type: dates are dates, scores are numbers where the text says exactly that
number, and everything else is text.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import repeat

from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from registry.assessment.content import HEADER_COLUMNS, Column, Content, RawRow
from registry.assessment.fault import MORE_FAULTS, Fault
from registry.assessment.fault_places import FaultPlaces
from registry.assessment.sheet_cells import Cells, Look
from registry.assessment.sheet_columns import column_letters
from registry.assessment.sheet_layout import (
    EXAM_WIDTHS,
    column_width,
    lay_out,
    number_format,
    prepare_exam,
    prepare_results,
    set_height,
)
from registry.assessment.workbook_form import (
    DATE_COLUMNS,
    FAULTS_HEADING,
    HEADINGS,
    NUMERIC_COLUMNS,
    SHEET_COLUMNS,
    written_label,
)

MAX_NOTES = 10_000
"""Notes on cells; a row's faults are all in its 错误说明, noted or not."""
_FAULTS_WIDTH = 44
_FIRST_DAY = date(1900, 3, 1)  # before it, Excel counts a day that never was
_MOST = 1_000_000
_WORDS = Look(words=True)
_HEADING = Look(heading=True)


def write_exam(sheet: WriteOnlyWorksheet, content: Content, places: FaultPlaces) -> None:
    """Write the exam's head, its wrong values marked, and below it what is wrong with the file as a whole."""
    prepare_exam(sheet)
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
            set_height(sheet, line, [(words, EXAM_WIDTHS[1])])
            sheet.append([cells.text(FAULTS_HEADING, _HEADING), cells.text(words, _WORDS)])


def write_results(
    sheet: WriteOnlyWorksheet, rows: Sequence[RawRow], places: FaultPlaces, lines: Mapping[int, int]
) -> None:
    """Write the rows in their ``lines``, wrong cells marked, each row's faults in words in the last column."""
    sheet.freeze_panes = "C2"
    lay_out(sheet, heading=True)
    cells = Cells(sheet)
    prepare_results(sheet)
    sheet.column_dimensions[column_letters(len(SHEET_COLUMNS) + 1)].width = _FAULTS_WIDTH
    headings = [_heading(cells, column, places.headings.get(column, [])) for column in SHEET_COLUMNS]
    sheet.append([*headings, cells.text(FAULTS_HEADING, _HEADING)])
    line, notes_left = 1, MAX_NOTES
    for row in rows:
        for _ in repeat(None, lines[row.place] - line - 1):
            sheet.append([])
        line = lines[row.place]
        faults = places.of_row(row.place, SHEET_COLUMNS)
        noted = notes_left > 0
        notes_left -= len(faults)
        at = {column: places.cells.get((row.place, column), []) for column in SHEET_COLUMNS}
        texts = {column: _text(column, row.cells.get(column), at[column]) for column in SHEET_COLUMNS}
        words = _in_words(faults)
        set_height(
            sheet,
            line,
            [*((texts[column], column_width(column)) for column in SHEET_COLUMNS), (words, _FAULTS_WIDTH)],
        )
        written = [_cell(cells, column, texts[column], at[column], noted=noted) for column in SHEET_COLUMNS]
        sheet.append([*written, cells.text(words, _WORDS)] if faults else written)


def _heading(cells: Cells, column: Column, faults: Sequence[Fault]) -> WriteOnlyCell:
    return cells.text(HEADINGS[column], Look(heading=True, faulty=bool(faults)), _note(faults))


def _cell(
    cells: Cells, column: Column, text: str, faults: Sequence[Fault], *, noted: bool = True
) -> WriteOnlyCell:
    look = Look(number_format(column), faulty=bool(faults))
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
