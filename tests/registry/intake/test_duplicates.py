"""One person holds one certificate of an occupation, direction and level."""

import pytest
from sqlalchemy import select

from registry.assessment.errors import SubmissionRefused
from registry.assessment.tables import Result, Submission
from registry.certificate.lifecycle import Reason, revoke, suspend, void
from tests.instants import NOON
from tests.registry.world import BODY, OTHER_BODY


def refused(world, *rows, **changes):
    """Hand in and return the faults; nothing of it may be stored."""
    before = world.count(Submission, Result)
    with pytest.raises(SubmissionRefused) as refusal:
        world.submitted(*rows, **changes)
    assert world.count(Submission, Result) == before
    return [(fault.row, fault.column, fault.code) for fault in refusal.value.faults]


def another_writing(row):
    """The same row in a file with other bytes."""
    return {**row, "theory": "99.5"}


@pytest.mark.parametrize("issuer", [BODY, OTHER_BODY])
def test_a_person_who_passed_is_not_taken_twice_by_whichever_body(world, issuer):
    row = world.row(1)
    world.submitted(row)

    again = refused(world, world.row(4), another_writing({**row, "row": 9}), issuer=issuer)

    assert again == [(2, "id_number", "already_passed")]


def test_every_repeated_row_is_told(world):
    rows = world.rows(3)
    world.submitted(*rows)

    assert [fault[0] for fault in refused(world, *map(another_writing, rows))] == [1, 2, 3]


CHANGES = [
    {"level": "senior"},
    {"level": "junior"},
    {"direction": "大数据处理"},
    {"occupation": "2-02-10-10", "direction": "物联网嵌入式开发"},
    {"id_type": "passport", "id_number": "E12345678"},
    {"theory": "59.9"},
]


def test_another_sitting_or_person_or_a_failed_result_is_no_repetition(world, subtests):
    row = world.row(1)
    world.submitted(row)

    for change in CHANGES:
        with subtests.test(**change):
            world.submitted({**row, **change})


def test_whoever_failed_may_come_again(world):
    row = world.row(1, theory="12")
    world.submitted(row)

    world.submitted(another_writing(row))


def test_a_returned_row_may_come_again_but_a_confirmed_one_may_not(world):
    rows = world.rows(2)
    submission = world.checked(*rows)
    world.decide(submission, {2: "成绩表不清楚"})

    assert refused(world, *map(another_writing, rows)) == [(1, "id_number", "already_passed")]
    world.submitted(another_writing(rows[1]))


def test_whoever_was_certified_may_not_come_again_until_it_is_revoked(world):
    row = world.row(1)
    (number,) = world.issued(row)
    assert refused(world, another_writing(row))
    world.sessions.run(
        lambda session: suspend(session, world.registrar, number, Reason.UNDER_INVESTIGATION, now=NOON)
    )
    assert refused(world, another_writing(row))

    world.sessions.run(lambda session: revoke(session, world.registrar, number, Reason.EXAM_FRAUD, now=NOON))

    (second,) = world.issued(another_writing(row))
    assert second != number


def test_whoevers_number_was_voided_may_come_again(world):
    row = world.row(1)
    world.numbered(row)
    world.sessions.run(lambda session: void(session, world.registrar, 1, Reason.ISSUED_IN_ERROR, now=NOON))

    world.submitted(another_writing(row))


def test_a_corrected_certificate_counts_as_its_newest_version_does(world):
    row = world.row(1)
    (number,) = world.issued(row)
    corrected = {**another_writing(row), "corrects": number, "reason": "成绩登记有误"}
    world.issued(corrected)
    third = {**row, "theory": "77"}
    assert refused(world, third)

    world.sessions.run(lambda session: revoke(session, world.registrar, number, Reason.EXAM_FRAUD, now=NOON))

    world.submitted(third)


def test_a_correction_can_not_give_a_certificate_to_somebody_who_has_one(world):
    first, second = world.rows(2)
    numbers = world.issued(first, second)
    person = {"name": second["name"], "id_number": second["id_number"]}
    correction = {**first, **person, "corrects": numbers[0], "reason": "证件号码有误"}

    assert refused(world, correction) == [(1, "id_number", "already_passed")]


def test_many_rows_are_asked_for_in_several_queries(world, monkeypatch):
    monkeypatch.setattr("registry.intake.duplicates.CHUNK", 2)
    rows = world.rows(5)
    world.submitted(*rows)

    assert len(refused(world, *map(another_writing, rows))) == 5
    assert world.all(select(Result.row).order_by(Result.row)) == [1, 2, 3, 4, 5]
