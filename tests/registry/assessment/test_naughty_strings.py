"""Strings that have broken other systems, in every field of every kind of file: refused clearly, or kept as is."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from registry.assessment.content import HEADER_COLUMNS, ROW_COLUMNS, Column, Content
from registry.assessment.csv_template import write_csv
from registry.assessment.errors import SubmissionRefused
from registry.assessment.fault import Fault
from registry.assessment.marked_workbook import marked_workbook
from registry.assessment.reading import CSV_MEDIA_TYPE, JSON_MEDIA_TYPE, WORKBOOK_MEDIA_TYPE, read_content
from registry.assessment.sheet_cells import writable
from registry.assessment.workbook_form import EXAM_SHEET, HEADINGS, RESULTS_SHEET, SHEET_COLUMNS
from tests.registry.assessment.naughty_strings import NAUGHTY
from tests.registry.assessment.submissions import checked, form, row


def text_workbook(document: dict[str, Any]) -> bytes:
    """Return a workbook in which every value is a text, however it looks."""
    workbook = Workbook(write_only=True)
    exam, results = workbook.create_sheet(EXAM_SHEET), workbook.create_sheet(RESULTS_SHEET)
    for column in HEADER_COLUMNS:
        if column in HEADINGS:
            exam.append([HEADINGS[column], text_cell(exam, document.get(column))])
    columns = [column for column in ROW_COLUMNS if column in HEADINGS]
    results.append([HEADINGS[column] for column in columns])
    for line in document["rows"]:
        results.append([text_cell(results, line.get(column)) for column in columns])
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def text_cell(sheet: Any, value: Any) -> Any:
    cell = WriteOnlyCell(sheet, None if value is None else str(value))
    cell.data_type = "n" if value is None else "s"
    return cell


KINDS: dict[str, tuple[str, Callable[[Any], bytes]]] = {
    "JSON": (JSON_MEDIA_TYPE, lambda document: json.dumps(document).encode()),
    "workbook": (WORKBOOK_MEDIA_TYPE, text_workbook),
    "CSV": (CSV_MEDIA_TYPE, write_csv),
}
TEXT_COLUMNS = [
    column for column in ROW_COLUMNS if isinstance(row(1).get(column) or "", str) and column in HEADINGS
]
# Photos come in an archive beside a sheet; only JSON names them.
FIELDS = [
    (column, kind) for kind in KINDS for column in TEXT_COLUMNS if column in SHEET_COLUMNS or kind == "JSON"
]
HEAD = [Column.ISSUER, Column.SITE, Column.PROVINCE, Column.EXAM_STARTED_ON, Column.EXAM_ENDED_ON]
DATES = (Column.EXAM_STARTED_ON, Column.EXAM_ENDED_ON)
# A workbook can not hold these at all: what it is given in their place is what Excel shows of them.
WRITABLE = [text for text in NAUGHTY if writable(text) == text]


def read(document: Any, kind: str) -> Content:
    media_type, write = KINDS[kind]
    return read_content(write(document), media_type)


def strings(kind: str) -> list[str]:
    """Return what this kind of file can say; a CSV with a byte 00 is refused as a whole."""
    if kind == "CSV":
        return [text for text in NAUGHTY if "\0" not in text]
    return WRITABLE if kind == "workbook" else NAUGHTY


def refusals(content: Content) -> tuple[Fault, ...]:
    try:
        checked(content)
    except SubmissionRefused as refusal:
        return refusal.faults
    return ()


def require_clear(fault: Fault) -> None:
    assert fault.code
    assert fault.message
    assert fault.remedy
    assert fault.value.isprintable() or not fault.value.isascii()
    assert fault.text.encode("utf-8")
    assert not set(fault.text) & set("\0\r\n\u202e\u2028\ufeff")


def test_the_corpus_is_large_and_no_string_stands_in_it_twice():
    assert len(NAUGHTY) >= 500
    assert len(set(NAUGHTY)) == len(NAUGHTY)
    assert len(WRITABLE) >= 450


@pytest.mark.parametrize(("column", "kind"), FIELDS)
def test_a_naughty_cell_is_refused_at_its_place_or_read_as_it_is(column, kind):
    corpus = strings(kind)
    content = read(form(*(row(n, **{column: text}) for n, text in enumerate(corpus, start=1))), kind)
    told: dict[int | None, list[Fault]] = {}
    for fault in refusals(content):
        told.setdefault(fault.row, []).append(fault)
        require_clear(fault)
    first = content.rows[0].place

    assert len(content.rows) == len(corpus)
    assert all(row_place is None or isinstance(row_place, int) for row_place in told)
    for place, text in enumerate(corpus, start=first):
        faults = told.get(place, [])
        if not faults:
            # Accepted: it is what was written, but for blanks around and the code in place of its label.
            said = content.rows[place - first].cells[column]
            assert (
                said == text
                or said == text.strip()
                or column in (Column.ID_TYPE, Column.LEVEL, Column.EDITION)
            )
        assert all(fault.column for fault in faults)


@pytest.mark.parametrize("kind", KINDS)
def test_a_naughty_head_is_refused_with_its_names(kind):
    for text in strings(kind):
        content = read(form(row(1), **dict.fromkeys(HEAD, text)), kind)
        faults = refusals(content)
        for fault in faults:
            require_clear(fault)
        # A site is judged beside its province, so an unknown province is told alone.
        silent = [
            column for column in HEAD if content.headings[column] not in {fault.column for fault in faults}
        ]
        assert all(column in DATES or column is Column.SITE for column in silent), ascii(text)
        assert all(content.header[column].strip() == text.strip() for column in silent), ascii(text)


@pytest.mark.parametrize("kind", KINDS)
def test_every_naughty_string_comes_back_in_the_marked_workbook(kind):
    corpus = strings(kind)
    content = read(form(*(row(n, name=text, reason=text) for n, text in enumerate(corpus, start=1))), kind)
    again = read_content(marked_workbook(content, refusals(content)), WORKBOOK_MEDIA_TYPE)

    assert len(again.rows) == len(corpus)
    for text, before, after in zip(corpus, content.rows, again.rows, strict=True):
        if Column.NAME in before.cells and writable(text) == text and text.strip():
            assert after.cells[Column.NAME] == before.cells[Column.NAME], ascii(text)


def test_an_accepted_string_is_accepted_in_every_kind_of_file():
    """One set of rules: what differs is only what a kind of file can not say or what Excel would change."""
    accepted: dict[str, set[str]] = {}
    for kind in KINDS:
        content = read(form(*(row(n, name=text) for n, text in enumerate(WRITABLE, start=1))), kind)
        wrong = {fault.row for fault in refusals(content) if fault.column in ("name", "姓名")}
        accepted[kind] = {
            text for text, line in zip(WRITABLE, content.rows, strict=True) if line.place not in wrong
        }

    assert accepted["JSON"] == accepted["workbook"] == accepted["CSV"]
    assert len(accepted["JSON"]) > 50
