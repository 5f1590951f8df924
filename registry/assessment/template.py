"""Writing the workbook: the template that a body fills in, and a filled one from the JSON form."""

import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from registry.assessment.content import HEADER_COLUMNS, MAX_ROWS, Column
from registry.assessment.levels import LEVEL_CODES
from registry.assessment.sheet_columns import column_letters
from registry.assessment.sheet_writing import heading, number_format, offer, value_cell
from registry.assessment.template_notes import Notes, notes_of, write_notes
from registry.assessment.workbook_form import COMMON_COLUMNS, EXAM_SHEET, RESULTS_SHEET, SHEET_COLUMNS
from registry.directory.body_view import BodyView
from signing.statement import Level, Occupation

_WIDTHS: Final = {
    Column.NAME: 20,
    Column.ID_TYPE: 24,
    Column.ID_NUMBER: 24,
    Column.DIRECTION: 24,
    Column.TRAINING_CERTIFICATE: 24,
    Column.CORRECTS: 26,
}


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
    sheet.column_dimensions["A"].width = 18
    sheet.column_dimensions["B"].width = 18
    columns = (*HEADER_COLUMNS, *(column for column in COMMON_COLUMNS if column in form))
    for line, column in enumerate(columns, start=1):
        sheet.append(
            [heading(sheet, column, noted=notes is not None), value_cell(sheet, column, form.get(column))]
        )
        offer(sheet, column, f"B{line}", notes.sites if notes and column is Column.SITE else "")


def _results_sheet(sheet: WriteOnlyWorksheet, rows: Sequence[Mapping[str, Any]], notes: Notes | None) -> None:
    """Write the rows; whole columns get their format and drop-downs, for rows that are still to be written."""
    sheet.freeze_panes = "A2"
    for place, column in enumerate(SHEET_COLUMNS, start=1):
        letters = column_letters(place)
        sheet.column_dimensions[letters].width = _WIDTHS.get(column, 14)
        sheet.column_dimensions[letters].number_format = number_format(column)
        choices = notes.directions if notes and column is Column.DIRECTION else ""
        offer(sheet, column, f"{letters}2:{letters}{MAX_ROWS + 1}", choices)
    sheet.append([heading(sheet, column, noted=notes is not None) for column in SHEET_COLUMNS])
    for row in rows:
        sheet.append([value_cell(sheet, column, row.get(column)) for column in SHEET_COLUMNS])
