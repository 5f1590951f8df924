"""Hostile and broken files through the real door: refused clearly and cheaply, and nothing of them is kept."""

import gzip
import io
import json
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import load_workbook

from registry.assessment.csv_template import write_csv
from registry.assessment.reading import CSV_MEDIA_TYPE, JSON_MEDIA_TYPE, WORKBOOK_MEDIA_TYPE
from registry.assessment.template import write_workbook
from tests.registry.assessment.submissions import form, resident_id, row
from tests.registry.assessment.workbooks import (
    SHEET,
    added,
    edited,
    good_workbook,
    repacked,
    with_lying_sizes,
)
from tests.registry.staff_site import everything_stored, require_problem

MOST_SECONDS = 4.0
"""Of processor time for one file, on a machine that does other things too."""

NAUGHTY_ROWS: list[tuple[dict[str, Any], str, str]] = [
    ({"id_number": "21010219700101001Z"}, "id_number", "wrong_shape"),
    ({"id_number": "1" * 18}, "id_number", "wrong_check_digit"),
    ({"id_number": 210102197001010038}, "id_number", "wrong_type"),
    ({"id_number": None}, "id_number", "missing"),
    ({"id_type": "library_card"}, "id_type", "unknown_id_type"),
    ({"name": ""}, "name", "missing"),
    ({"name": "张\u0000三"}, "name", "invisible_character"),
    ({"name": "张\u202e三"}, "name", "invisible_character"),
    ({"name": "张\ud800"}, "name", "not_text"),
    ({"name": "名" * 60}, "name", "name_too_long"),
    ({"name": "<script>alert(1)</script>"}, "name", "symbol"),
    ({"name": "=1+1"}, "name", "symbol"),
    ({"theory": "100.1"}, "theory", "score_out_of_range"),
    ({"theory": "59.95"}, "theory", "too_many_decimals"),
    ({"theory": "NaN"}, "theory", "not_a_score"),
    ({"practice": -1}, "practice", "wrong_type"),
    ({"practice": "1e2"}, "practice", "not_a_score"),
    ({"level": "master"}, "level", "unknown_level"),
    ({"occupation": "2-02-99-99"}, "occupation", "unknown_occupation"),
    ({"direction": "不存在"}, "direction", "unknown_direction"),
    ({"edition": 10**400}, "edition", "wrong_type"),
    ({"issued_on": "2026-02-30"}, "issued_on", "no_such_day"),
    ({"corrects": "S000221000002261000001"}, "reason", "missing"),
    ({"status": "valid"}, "status", "unknown_field"),
    ({"name": ["张三"]}, "name", "wrong_type"),
]


def naughty_form() -> dict[str, Any]:
    """Return a form in which every row is wrong in one thing of its own."""
    return form(*(row(place, **changes) for place, (changes, _, _) in enumerate(NAUGHTY_ROWS, start=1)))


def json_text(document: Any) -> bytes:
    # Escaped, so that what is no text can be said in it.
    return json.dumps(document).encode()


def test_every_naughty_row_is_named_with_its_column(body, young_world):
    stored = everything_stored(young_world)

    problem = require_problem(body.hand_in(json_text(naughty_form())), 422)

    told = {(fault["row"], fault["column"], fault["code"]) for fault in problem["faults"]}
    assert told == {(place, column, code) for place, (_, column, code) in enumerate(NAUGHTY_ROWS, start=1)}
    assert everything_stored(young_world) == stored


def test_what_is_quoted_back_can_hide_nothing(body):
    answer = body.hand_in(json_text(naughty_form()))

    for hidden in ("\u202e", "\u0000", "\ud800", "\\u202e", "\\u0000", "\\ud800"):
        assert hidden not in answer.text
    assert "[U+202E]" in answer.text


def test_an_object_that_says_a_thing_twice_is_told_where(body, young_world):
    twice = json_text(form()).replace(b'"name":', b'"theory": "99", "name":', 1)
    stored = everything_stored(young_world)

    problem = require_problem(body.hand_in(twice), 422)

    assert [(fault["row"], fault["column"], fault["code"]) for fault in problem["faults"]] == [
        (1, "theory", "repeated_field")
    ]
    assert everything_stored(young_world) == stored


def set_cell(place: str, value: Any) -> Callable[[Any], None]:
    def change(workbook: Any) -> None:
        workbook["成绩"][place].value = value

    return change


# A cell of the sheet of results, what is typed into it, and the fault: its column's heading and code.
NAUGHTY_CELLS = [
    ("D3", 210102197001010038, "证件号码", "numeric_cell"),
    ("D3", "=A1", "证件号码", "formula"),
    ("D3", "#N/A", "证件号码", "error_value"),
    ("I4", 160, "理论成绩", "score_out_of_range"),
    ("B2", '=HYPERLINK("http://evil.example")', "姓名", "formula"),
]


def headings() -> dict[str, str]:
    sheet = load_workbook(io.BytesIO(good_workbook()))["成绩"]
    return {cell.column_letter: cell.value for cell in sheet[1]}


@pytest.mark.parametrize(("cell", "value", "heading", "code"), NAUGHTY_CELLS)
def test_a_naughty_cell_is_named_with_its_row_and_heading(body, young_world, cell, value, heading, code):
    assert headings()[cell[0]] == heading
    content = edited(set_cell(cell, value))
    stored = everything_stored(young_world)

    problem = require_problem(body.hand_in(content, media_type=WORKBOOK_MEDIA_TYPE), 422)

    told = [(fault["row"], fault["column"], fault["code"]) for fault in problem["faults"]]
    assert (int(cell[1:]), heading, code) in told
    assert everything_stored(young_world) == stored


def bomb() -> bytes:
    """A workbook whose sheet is hundreds of megabytes of blanks."""
    target = io.BytesIO(good_workbook())
    with (
        zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet9.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(256):
            part.write(b" " * 1024 * 1024)
    return target.getvalue()


def nested_bomb() -> bytes:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * 10_000_000)
    return added("xl/embeddings/inner.zip", inner.getvalue())


def laughs(parts: dict[str, bytes]) -> None:
    entities = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10))
    parts[SHEET] = parts[SHEET].replace(
        b"<worksheet", b'<!DOCTYPE x [<!ENTITY e0 "ha">%s]><worksheet' % entities, 1
    )


def many_rows() -> bytes:
    return json_text(form(*(row(1) for _ in range(3)))).replace(b'"rows": [', b'"rows": [' + b"{}," * 120_000)


NAUGHTY_FILES: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "nothing": (JSON_MEDIA_TYPE, bytes, "not_json"),
    "a number": (JSON_MEDIA_TYPE, lambda: b"1", "not_an_object"),
    "a list": (JSON_MEDIA_TYPE, lambda: b"[]", "not_an_object"),
    "an empty object": (JSON_MEDIA_TYPE, lambda: b"{}", "unknown_format"),
    "another format": (JSON_MEDIA_TYPE, lambda: b'{"format":"x","rows":[]}', "unknown_format"),
    "ten megabytes of nesting": (JSON_MEDIA_TYPE, lambda: b"[" * 10_000_000, "too_many_values"),
    "ten megabytes of objects": (JSON_MEDIA_TYPE, lambda: b'{"a":' * 2_000_000, "too_many_values"),
    "deep nesting": (JSON_MEDIA_TYPE, lambda: b"[" * 90_000 + b"]" * 90_000, "too_deep"),
    "a number of a million digits": (
        JSON_MEDIA_TYPE,
        lambda: b'{"format":' + b"9" * 1_000_000 + b"}",
        "unknown_format",
    ),
    "megabytes of quotes": (JSON_MEDIA_TYPE, lambda: b'{"format":"' + b'\\"' * 5_000_000, "not_json"),
    "megabytes of text": (JSON_MEDIA_TYPE, lambda: json_text({"format": "x" * 15_000_000}), "unknown_format"),
    "too many rows": (JSON_MEDIA_TYPE, many_rows, "too_many_values"),
    "NUL bytes": (JSON_MEDIA_TYPE, lambda: b"\0" * 1000, "not_json"),
    "bad UTF-8": (JSON_MEDIA_TYPE, lambda: b'{"format":"\xed\xa0\x80"}', "not_utf8"),
    "a byte order mark": (JSON_MEDIA_TYPE, lambda: b"\xef\xbb\xbf" + json_text(form()), "byte_order_mark"),
    "UTF-16": (JSON_MEDIA_TYPE, lambda: json.dumps(form()).encode("utf-16"), "not_utf8"),
    "GB 18030": (
        JSON_MEDIA_TYPE,
        lambda: json.dumps(form(), ensure_ascii=False).encode("gb18030"),
        "not_utf8",
    ),
    "two documents": (JSON_MEDIA_TYPE, lambda: json_text(form()) * 2, "not_json"),
    "a workbook called JSON": (JSON_MEDIA_TYPE, good_workbook, "not_utf8"),
    "gzip called JSON": (JSON_MEDIA_TYPE, lambda: gzip.compress(json_text(form())), "not_utf8"),
    "JSON called a workbook": (WORKBOOK_MEDIA_TYPE, lambda: json_text(form()), "not_a_workbook"),
    "half a workbook": (WORKBOOK_MEDIA_TYPE, lambda: good_workbook()[:4000], "broken_workbook"),
    "a zip bomb": (WORKBOOK_MEDIA_TYPE, bomb, "too_much_inside"),
    "a zip in a zip": (WORKBOOK_MEDIA_TYPE, nested_bomb, "embedded_object"),
    "an old .xls": (
        WORKBOOK_MEDIA_TYPE,
        lambda: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(1000),
        "encrypted_or_xls",
    ),
    "a billion laughs": (WORKBOOK_MEDIA_TYPE, lambda: repacked(laughs), "document_type"),
    "a size that lies": (
        WORKBOOK_MEDIA_TYPE,
        lambda: with_lying_sizes(good_workbook(), SHEET, 10),
        "too_much_inside",
    ),
    "macros": (WORKBOOK_MEDIA_TYPE, lambda: added("xl/vbaProject.bin", b"x"), "macro"),
    "JSON called CSV": (CSV_MEDIA_TYPE, lambda: json_text(form()), "stray_quote"),
    "a workbook called CSV": (CSV_MEDIA_TYPE, good_workbook, "wrong_encoding"),
    "UTF-16 of a CSV": (
        CSV_MEDIA_TYPE,
        lambda: write_csv(form()).decode("utf-8-sig").encode("utf-16"),
        "wrong_encoding",
    ),
    "megabytes of quotes in a CSV": (
        CSV_MEDIA_TYPE,
        lambda: b'a,"' + b'""' * 7_000_000,
        "unterminated_quote",
    ),
    "megabytes of commas": (CSV_MEDIA_TYPE, lambda: b"," * 15_000_000, "too_many_columns"),
    "megabytes of lines": (CSV_MEDIA_TYPE, lambda: b",\n" * 7_000_000, "too_many_rows"),
    "megabytes that are no text": (
        CSV_MEDIA_TYPE,
        lambda: "姓名,\n".encode("gb18030") + b"\xff" * 15_000_000,
        "unknown_encoding",
    ),
    "no rows": (WORKBOOK_MEDIA_TYPE, lambda: write_workbook({**form(), "rows": []}), "no_rows"),
}


@pytest.mark.parametrize("name", NAUGHTY_FILES)
def test_a_naughty_file_is_refused_with_one_clear_fault(body, young_world, name):
    media_type, make, code = NAUGHTY_FILES[name]
    content = make()
    stored = everything_stored(young_world)

    started = time.process_time()
    answer = body.hand_in(content, media_type=media_type)
    seconds = time.process_time() - started

    problem = require_problem(answer, 422)
    assert [fault["code"] for fault in problem["faults"]] == [code]
    assert all(problem["faults"][0][member] for member in ("message", "remedy"))
    assert len(answer.data) < 2000
    assert seconds < MOST_SECONDS
    assert everything_stored(young_world) == stored


def test_ten_thousand_wrong_rows_are_all_told_in_bounded_time(body, young_world):
    rows = [
        row(place, id_number=resident_id(place % 999)[:-1] + "?", theory="x") for place in range(1, 10_001)
    ]
    content = json_text(form(*rows))

    started = time.process_time()
    problem = require_problem(body.hand_in(content), 422)

    assert time.process_time() - started < 2 * MOST_SECONDS
    assert len(problem["faults"]) >= 20_000
