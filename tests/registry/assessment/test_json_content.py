"""The JSON form is read field by field, and everything that is not of it is named by row and field."""

import json

import pytest

from registry.assessment.content import OPTIONAL_COLUMNS, Column
from registry.assessment.errors import ContentUnreadable
from registry.assessment.reading import JSON_MEDIA_TYPE, read_content
from tests.registry.assessment.submissions import as_json, form, places_and_codes, read_as_json, row

COUNTS = dict.fromkeys(
    [
        "entered",
        "absent_theory",
        "absent_practice",
        "absent",
        "passed_theory",
        "passed_practice",
        "passed",
        "failed",
    ],
    3,
)

WRONG_ROWS = [
    ({"status": "approved"}, "status", "unknown_field"),
    ({"number": "S000121000002265000001"}, "number", "unknown_field"),
    ({"Name": "张三"}, "Name", "unknown_field"),
    ({"row": "1"}, "row", "wrong_type"),
    ({"row": 1.0}, "row", "wrong_type"),
    ({"row": True}, "row", "wrong_type"),
    ({"row": 10**16}, "row", "wrong_type"),
    ({"row": 10**400}, "row", "wrong_type"),
    ({"edition": "1"}, "edition", "wrong_type"),
    ({"edition": None}, "edition", "missing"),
    ({"name": 5}, "name", "wrong_type"),
    ({"name": ["张三"]}, "name", "wrong_type"),
    ({"name": {"a": 1}}, "name", "wrong_type"),
    ({"name": None}, "name", "missing"),
    ({"name": "张" * 1001}, "name", "too_long"),
    ({"name": "张\ud800"}, "name", "not_text"),
    ({"id_number": 11010519491231002}, "id_number", "wrong_type"),
    ({"id_number": 1.1010519491231e17}, "id_number", "wrong_type"),
    ({"theory": 86.5}, "theory", "wrong_type"),
    ({"theory": float("nan")}, "theory", "wrong_type"),
    ({"practice": float("inf")}, "practice", "wrong_type"),
    ({"direction": False}, "direction", "wrong_type"),
    ({"issued_on": 20261111}, "issued_on", "wrong_type"),
    ({"commitment": "是"}, "commitment", "wrong_type"),
    ({"commitment": "true"}, "commitment", "wrong_type"),
    ({"commitment": 1}, "commitment", "wrong_type"),
    ({"training_hours": "128"}, "training_hours", "wrong_type"),
    ({"training_hours": True}, "training_hours", "wrong_type"),
    ({"training_hours": 128.5}, "training_hours", "wrong_type"),
    ({"training_certificate": 17}, "training_certificate", "wrong_type"),
    ({"photo": []}, "photo", "wrong_type"),
]


@pytest.mark.parametrize(("changes", "field", "code"), WRONG_ROWS)
def test_a_wrong_shape_is_named_by_row_and_field(changes, field, code):
    document = form(row(1), row(2), row(3))
    document["rows"][1].update(changes)
    # With escapes: a lone surrogate has no UTF-8.
    content = read_content(json.dumps(document).encode(), JSON_MEDIA_TYPE)

    assert places_and_codes(content.faults) == [(2, field, code)]
    assert content.faults[0].remedy


def test_a_cell_whose_fault_is_told_is_not_there_to_be_checked_again():
    content = read_as_json(form(row(1, name=5)))

    assert Column.NAME not in content.rows[0].cells
    assert content.rows[0].cells[Column.LEVEL] == "intermediate"


def test_a_field_given_twice_in_a_row_is_named():
    text = as_json(form(row(1), row(2))).replace(b'"row": 2,', b'"row": 2, "theory": "100", ')
    content = read_content(text, JSON_MEDIA_TYPE)

    assert places_and_codes(content.faults) == [(2, "theory", "repeated_field")]


def test_a_field_given_twice_in_the_head_is_named():
    text = as_json(form(row(1))).replace(b'"site":', b'"site": "000001", "site":')

    assert places_and_codes(read_content(text, JSON_MEDIA_TYPE).faults) == [(None, "site", "repeated_field")]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"late": False}, "late", "unknown_field"),
        ({"province": 21}, "province", "wrong_type"),
        ({"exam_ended_on": None}, "exam_ended_on", "missing"),
        ({"issuer": ""}, None, None),
        ({"late_reason": 5}, "late_reason", "wrong_type"),
        ({"statistics": None, "draft": None, "replaces": None}, None, None),
        ({"statistics": [3]}, "statistics", "not_an_object"),
        ({"statistics": "3"}, "statistics", "not_an_object"),
        ({"statistics": {**COUNTS, "rate": 1}}, "statistics.rate", "unknown_field"),
        ({"statistics": {**COUNTS, "passed": "3"}}, "statistics.passed", "wrong_type"),
        ({"statistics": {**COUNTS, "passed": True}}, "statistics.passed", "wrong_type"),
        ({"statistics": {**COUNTS, "passed": 1.5}}, "statistics.passed", "wrong_type"),
        ({"statistics": {**COUNTS, "passed": None}}, "statistics.passed", "wrong_type"),
        ({"draft": "1"}, "draft", "not_a_uuid"),
        ({"draft": "0190C0DE-0000-7000-8000-00000000ABCD"}, "draft", "not_a_uuid"),
        ({"draft": "{0190c0de-0000-7000-8000-00000000abcd}"}, "draft", "not_a_uuid"),
        ({"draft": 1}, "draft", "not_a_uuid"),
        ({"replaces": "1"}, "replaces", "not_a_uuid"),
    ],
)
def test_a_wrong_head_is_named_by_field(changes, field, code):
    faults = read_as_json(form(**changes)).faults

    assert places_and_codes(faults) == ([] if code is None else [(None, field, code)])


def test_counts_that_are_left_out_or_given_twice_are_named():
    short = {name: count for name, count in COUNTS.items() if name != "failed"}
    twice = as_json(form(statistics=COUNTS)).replace(b'"failed": 3', b'"failed": 3, "failed": 4')

    assert places_and_codes(read_as_json(form(statistics=short)).faults) == [
        (None, "statistics.failed", "missing")
    ]
    assert places_and_codes(read_content(twice, JSON_MEDIA_TYPE).faults) == [
        (None, "statistics.failed", "repeated_field")
    ]


def test_what_may_be_empty_may_be_left_out():
    short = {name: value for name, value in row(1).items() if name not in OPTIONAL_COLUMNS}
    assert set(row(1)) - set(short) == OPTIONAL_COLUMNS - {"late_reason"}

    assert read_as_json(form(short)).faults == ()


def test_what_must_be_given_may_not_be_left_out():
    short = {name: value for name, value in row(1).items() if name != "id_type"}

    assert places_and_codes(read_as_json(form(short)).faults) == [(1, "id_type", "missing")]


def test_a_row_that_is_no_object_is_named():
    content = read_as_json(form(row(1), "row", row(3), None, [1]))

    assert places_and_codes(content.faults) == [
        (2, None, "not_an_object"),
        (4, None, "not_an_object"),
        (5, None, "not_an_object"),
    ]


def test_a_flood_of_unknown_names_is_not_told_one_by_one():
    content = read_as_json(form(row(1, **{f"field{number}": 1 for number in range(1000)})))

    assert len(content.faults) == 20


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ([], "not_an_object"),
        (None, "not_an_object"),
        ("certreg-submission/1", "not_an_object"),
        ({}, "unknown_format"),
        ({"format": "certreg-submission/2", "rows": []}, "unknown_format"),
        ({"format": ["certreg-submission/1"], "rows": []}, "unknown_format"),
        ({"format": "certreg-submission/1"}, "no_rows"),
        ({"format": "certreg-submission/1", "rows": {}}, "no_rows"),
        ({"format": "certreg-submission/1", "rows": [0] * 100_001}, "too_many_rows"),
    ],
)
def test_what_is_not_the_form_is_refused_as_a_whole(document, code):
    with pytest.raises(ContentUnreadable) as refusal:
        read_as_json(document)

    assert refusal.value.code == code
