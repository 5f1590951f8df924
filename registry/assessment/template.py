"""Writing the workbook: the template that a body fills in, and a filled one from the JSON form."""

import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from registry.assessment.column_notes import COLUMN_NOTES
from registry.assessment.content import HEADER_COLUMNS, Column
from registry.assessment.levels import LEVEL_CODES
from registry.assessment.sheet_cells import Cells, Look
from registry.assessment.sheet_layout import lay_out, number_format, offer, prepare_exam, prepare_results
from registry.assessment.template_notes import Notes, notes_of, write_notes
from registry.assessment.workbook_form import (
    COMMON_COLUMNS,
    DATE_COLUMNS,
    EXAM_SHEET,
    HEADINGS,
    LABELS,
    RESULTS_SHEET,
    SCORE_COLUMNS,
    SHEET_COLUMNS,
    written_label,
)
from registry.directory.body_view import BodyView
from signing.statement import Level, Occupation


def write_template(
    view: BodyView | None = None, occupation: Occupation | None = None, level: Level | None = None
) -> bytes:
    """Return the empty workbook, for one body if ``view`` is given.

    What is already known is filled in on the exam's sheet: the body's code, its province and site where it has but
    one, and the occupation and level of all rows if they are given. ``occupation`` is one that ``view`` knows.
    """
    notes = notes_of(view, occupation, level)
    return _workbook(_known(view, occupation, level), (), notes)


def write_workbook(form: Mapping[str, Any]) -> bytes:
    """Return a workbook that says what this JSON form (``certreg-submission/1``) says.

    Values that the form should not have are written as they are, so that a faulty workbook can be made too.
    """
    return _workbook(form, form.get("rows", ()), None)


def _known(view: BodyView | None, occupation: Occupation | None, level: Level | None) -> dict[str, Any]:
    known: dict[str, Any] = {}
    if view is not None:
        known[Column.ISSUER] = view.issuer
        for column, there in ((Column.PROVINCE, 0), (Column.SITE, 1)):
            values = {place[there] for place in view.sites}
            if len(values) == 1:
                known[column] = values.pop()
    if occupation is not None:
        known |= {Column.OCCUPATION: occupation.text, Column.EDITION: occupation.edition}
    if level is not None:
        known[Column.LEVEL] = LEVEL_CODES[level]
    return known


def _workbook(form: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], notes: Notes | None) -> bytes:
    """Write the two sheets, and the notes if it is a template."""
    workbook = Workbook(write_only=True)
    _exam_sheet(workbook.create_sheet(EXAM_SHEET), form, notes)
    _results_sheet(workbook.create_sheet(RESULTS_SHEET), rows, notes)
    if notes is not None:
        write_notes(workbook, notes)
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def _exam_sheet(sheet: WriteOnlyWorksheet, form: Mapping[str, Any], notes: Notes | None) -> None:
    prepare_exam(sheet)
    cells = Cells(sheet)
    columns = (*HEADER_COLUMNS, *(column for column in COMMON_COLUMNS if column in form))
    for line, column in enumerate(columns, start=1):
        sheet.append(
            [_heading(cells, column, noted=notes is not None), _value(cells, column, form.get(column))]
        )
        offer(sheet, column, f"B{line}", notes.sites if notes and column is Column.SITE else "")


def _results_sheet(sheet: WriteOnlyWorksheet, rows: Sequence[Mapping[str, Any]], notes: Notes | None) -> None:
    """Write the rows; whole columns get their format and drop-downs, for rows that are still to be written."""
    sheet.freeze_panes = "C2"
    lay_out(sheet, heading=True)
    prepare_results(sheet, notes.directions if notes else "")
    cells = Cells(sheet)
    sheet.append([_heading(cells, column, noted=notes is not None) for column in SHEET_COLUMNS])
    for row in rows:
        sheet.append([_value(cells, column, row.get(column)) for column in SHEET_COLUMNS])


def _heading(cells: Cells, column: Column, *, noted: bool) -> WriteOnlyCell:
    """Return a heading; ``noted``: with a note on how to fill in its column, and a colour if it must be filled in."""
    if not noted:
        return cells.text(HEADINGS[column], Look(heading=True))
    note = COLUMN_NOTES[column]
    text = f"{note.need}\n格式：{note.form}\n常见错误：{note.mistakes}"
    return cells.text(HEADINGS[column], Look(heading=True, must=note.must), text)


def _value(cells: Cells, column: Column, value: Any) -> WriteOnlyCell:
    """Return the cell that says in a workbook what this value says in JSON; what is none of the form, as it is."""
    written, look = _written(column, value), Look(number_format(column))
    return cells.text(written, look) if isinstance(written, str) else cells.value(written, look)


def _written(column: Column, value: Any) -> Any:
    if column in LABELS:
        code = str(value).lower() if isinstance(value, bool) else str(value)
        label = written_label(column, code)
        value = value if label == code else label
    if not isinstance(value, str):
        return value
    if column in DATE_COLUMNS:
        with suppress(ValueError):
            return date.fromisoformat(value)
    if column in SCORE_COLUMNS:
        with suppress(ValueError):
            return float(value)
    return value
