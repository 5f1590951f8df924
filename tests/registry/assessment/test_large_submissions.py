"""A year's worth of rows is checked while one waits, right or wrong."""

import time

from registry.assessment.fault import MAX_FAULTS
from tests.registry.assessment.submissions import (
    checked,
    faults_of,
    form,
    places_and_codes,
    read_as_json,
    read_as_workbook,
    resident_id,
    row,
)

LEVELS = ("junior", "intermediate", "senior")
DIRECTIONS = ("大数据分析", "大数据处理", "大数据管理", None)


def many_rows(count):
    """Return rows of people who each sit for everything the body may assess, so that none repeats another."""
    sittings = [(level, direction) for level in LEVELS for direction in DIRECTIONS]
    for number in range(count):
        person, sitting = divmod(number, len(sittings))
        level, direction = sittings[sitting]
        identity = {"name": f"张三{chr(0x4E00 + person)}", "id_number": resident_id(person)}
        yield row(number + 1, level=level, direction=direction, **identity)


def test_ten_thousand_rows_are_checked_in_seconds():
    content = read_as_json(form(*many_rows(10_000)))
    before = time.process_time()
    submission = checked(content)

    assert len(submission.rows) == 10_000
    assert time.process_time() - before < 5


def test_three_thousand_rows_of_a_workbook_are_read_in_seconds():
    document = form(*many_rows(3_000))
    before = time.process_time()
    submission = checked(read_as_workbook(document))

    assert submission == checked(read_as_json(document))
    assert time.process_time() - before < 10


def test_ten_thousand_wrong_rows_are_all_told():
    rows = [{**good, "theory": "101"} for good in many_rows(10_000)]

    faults = faults_of(read_as_json(form(*rows)))

    assert places_and_codes(faults) == [
        (number, "theory", "score_out_of_range") for number in range(1, 10_001)
    ]


def test_more_faults_than_anyone_reads_are_counted():
    rows = [{**good, "theory": "x", "practice": "x", "edition": 9} for good in many_rows(10_000)]

    faults = faults_of(read_as_json(form(*rows)))

    assert len(faults) == MAX_FAULTS + 1
    assert faults[-1].code == "more_faults"
