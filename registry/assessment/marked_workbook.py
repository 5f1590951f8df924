"""A submission sent back as a workbook in which every fault stands where it is to be mended.

The same sheets and headings as the template, whatever kind of file came: wrong cells are red and have a note, each
faulty row says in words what is wrong with it (错误说明), and a first sheet sums up (错误汇总). The reader takes the
mended workbook as it is: what was added here it passes over. Rows keep their lines, or stand alone without the right
ones. Cells say what the clerk wrote; of a cell that could not be read, what its fault quotes.
"""

import io
from collections.abc import Sequence
from contextlib import suppress

from openpyxl import Workbook

from registry.assessment.cell_reading import row_number
from registry.assessment.content import Column, Content, RawRow
from registry.assessment.errors import CellRefused
from registry.assessment.fault import Fault
from registry.assessment.fault_places import fault_places
from registry.assessment.marked_sheets import write_exam, write_results
from registry.assessment.marked_summary import Summary
from registry.assessment.workbook_form import EXAM_SHEET, HEADINGS, RESULTS_SHEET, SUMMARY_SHEET


def marked_workbook(content: Content, faults: Sequence[Fault], *, only_faulty: bool = False) -> bytes:
    """Return the workbook with its faults marked.

    ``faults`` are all that were told of this content. With ``only_faulty`` the right rows are left out, so that the
    mended ones can be handed in alone, as corrections; so are rows that corrections can not name, because their number
    is none or another row's too, and the summary says that the whole file is to be sent for these. Else rows stand in
    the lines that the file has them in (a row of JSON one line lower, below the headings).
    """
    places = fault_places(content, faults)
    rows, left_out = content.rows, 0
    if only_faulty:
        faulty, known = places.faulty_rows(), numbered_places(content)
        rows = tuple(row for row in content.rows if row.place in faulty & known)
        left_out = len(faulty - known)
    lines = _lines(content, rows, closely=only_faulty)
    workbook = Workbook(write_only=True)
    names = {heading: HEADINGS.get(column, heading) for column, heading in content.headings.items()}
    moved = left_out > 0 or any(place != line for place, line in lines.items())
    whole = only_faulty and bool(places.whole or places.headings)
    Summary(faults, names, lines, moved, left_out, whole).write(workbook.create_sheet(SUMMARY_SHEET))
    write_exam(workbook.create_sheet(EXAM_SHEET), content, places)
    write_results(workbook.create_sheet(RESULTS_SHEET), rows, places, lines)
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def numbered_places(content: Content) -> frozenset[int]:
    """Return the places of the rows that have a number of their own."""
    of_number: dict[str, list[int]] = {}
    for row in content.rows:
        with suppress(CellRefused):
            text = row.cells.get(Column.ROW, "")
            row_number(text)
            of_number.setdefault(text, []).append(row.place)
    return frozenset(places[0] for places in of_number.values() if len(places) == 1)


def _lines(content: Content, rows: Sequence[RawRow], *, closely: bool) -> dict[int, int]:
    """Return the line of each row by its place."""
    if closely:
        return {row.place: line for line, row in enumerate(rows, start=2)}
    lower = 0 if content.headings == HEADINGS else 1
    return {row.place: row.place + lower for row in rows}
