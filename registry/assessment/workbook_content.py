"""A workbook to ``Content``: two sheets, read cell by cell as text, each fault named by line and heading.

Refuses what Excel may have changed behind the clerk's back: numbers where text is due (an ID number of 18
digits keeps 15), formulas, error values, merged and hidden cells, dates that were none. What the values mean
is ``checking``'s.
"""

import io
import zipfile
from collections.abc import Mapping, Sequence

import python_calamine

from registry.assessment.cell_text import CellValue
from registry.assessment.content import HEADER_COLUMNS, ROW_COLUMNS, Column, Content, RawRow
from registry.assessment.errors import CellRefused, WorkbookBroken
from registry.assessment.fault import FaultList
from registry.assessment.package import plain_package
from registry.assessment.sheet_reading import SheetReading, heading_text
from registry.assessment.workbook_form import (
    COMMON_COLUMNS,
    EXAM_COLUMNS,
    EXAM_SHEET,
    FAULTS_HEADING,
    HEADINGS,
    OPTIONAL_HEADINGS,
    RESULTS_SHEET,
    SHEET_COLUMNS,
)
from registry.assessment.workbook_parts import require_1900_dates, sheet_structures

_UNKNOWN = CellRefused("unknown_heading", "没有这一项", "请使用本系统发放的模板填写")
_REPEATED = CellRefused("repeated_heading", "同一项出现两次", "请只保留一个")
_HEADER_PLACES = frozenset({1, 2})
_COLUMN_NAMED = {heading: column for column, heading in HEADINGS.items()}


def workbook_content(content: bytes) -> Content:
    """Read the workbook; ``ContentUnreadable`` if it is none or unsafe. Faults of cells are in the answer."""
    package = plain_package(content)
    with zipfile.ZipFile(package) as parts:
        require_1900_dates(parts)
        structures = sheet_structures(parts)
    values = _values(package)
    faults = FaultList()
    exam = SheetReading(EXAM_SHEET, values[EXAM_SHEET], structures[EXAM_SHEET], faults, by_row=False)
    results = SheetReading(
        RESULTS_SHEET,
        values[RESULTS_SHEET],
        structures[RESULTS_SHEET],
        faults,
        by_row=True,
    )
    said = _exam(exam)
    header = {column: text for column, text in said.items() if column in HEADER_COLUMNS and text is not None}
    common = {column: said[column] for column in COMMON_COLUMNS if column in said}
    return Content(header, _rows(results, common), HEADINGS, faults.told())


def _values(package: io.BytesIO) -> dict[str, list[list[CellValue]]]:
    """Return the cells of the two sheets, from A1 on; "" for nothing."""
    package.seek(0)
    try:
        workbook = python_calamine.load_workbook(package)
        return {
            name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in (EXAM_SHEET, RESULTS_SHEET)
        }
    except BaseException as error:
        # A panic of the Rust library is no Exception, and its class can not be imported.
        if isinstance(error, python_calamine.CalamineError) or type(error).__name__ == "PanicException":
            raise WorkbookBroken from None
        raise


def _exam(exam: SheetReading) -> dict[Column, str | None]:
    """Read the sheet of names (column A) and values (column B); it says each thing once. None: told as unreadable."""
    said: dict[Column, str | None] = {}
    for line, cells in exam.lines():
        heading = heading_text(cells[0])
        column = _COLUMN_NAMED.get(heading)
        exam.tell_strays(line, cells, _HEADER_PLACES)
        if column not in EXAM_COLUMNS:
            exam.tell(line, 1, heading, _UNKNOWN)
        elif column in said:
            exam.tell(line, 1, heading, _REPEATED)
        else:
            said[column] = exam.cell(column, line, 2)
    for column in HEADER_COLUMNS:
        if column in OPTIONAL_HEADINGS:
            said.setdefault(column, "")
        elif column not in said:
            exam.tell_missing(HEADINGS[column])
    return said


def _rows(results: SheetReading, common: Mapping[Column, str | None]) -> tuple[RawRow, ...]:
    """Read the sheet of results: headings in line 1, in any order, then one person in each line.

    ``common`` is what the exam's sheet says for every row that leaves its own cell empty.
    """
    places: dict[Column, int] = {}
    known: frozenset[int] = frozenset()
    rows: list[RawRow] = []
    for line, cells in results.lines():
        if line == 1:
            places = _places(results, cells)
            known = frozenset(places.values()) or _every_place(cells)
            continue
        row: dict[Column, str] = {}
        for column in ROW_COLUMNS:
            text: str | None = ""
            if column in places:
                text = results.cell(column, line, places[column])
            elif column not in OPTIONAL_HEADINGS and column not in common:
                continue
            _keep(row, column, common.get(column, "") if text == "" else text)
        results.tell_strays(line, cells, known)
        rows.append(RawRow(line, row))
    for column in ROW_COLUMNS:
        if column not in places and column not in OPTIONAL_HEADINGS and column not in common:
            results.tell_missing(HEADINGS[column])
    return tuple(rows)


def _places(results: SheetReading, cells: Sequence[CellValue]) -> dict[Column, int]:
    places: dict[Column, int] = {}
    for place, value in enumerate(cells, start=1):
        heading = heading_text(value)
        column = _COLUMN_NAMED.get(heading)
        if heading in ("", FAULTS_HEADING):
            continue
        if column not in SHEET_COLUMNS:
            results.tell(1, place, heading, _UNKNOWN)
        elif column in places:
            results.tell(1, place, heading, _REPEATED)
        else:
            places[column] = place
    return places


def _every_place(cells: Sequence[CellValue]) -> frozenset[int]:
    """Without a single heading, stray cells are not worth telling one by one."""
    return frozenset(range(1, len(cells) + 1))


def _keep(cells: dict[Column, str], column: Column, text: str | None) -> None:
    if text is not None:
        cells[column] = text
