"""What a body sees of what it handed in, and of nothing else."""

from datetime import timedelta
from uuid import uuid4

import pytest

from registry.certificate.own_series import series_with_numbers
from registry.directory.profiles import load_profiles
from registry.intake.errors import NoSuchSubmission
from registry.intake.own_submissions import (
    SentBack,
    decisions_on_submission,
    rows_of_submission,
    submission_of_body,
    submissions_of_body,
)
from registry.intake.withdrawal import withdraw
from registry.jurisdiction.rules import jurisdictions
from tests.instants import NOON
from tests.registry.request_world import representative
from tests.registry.world import BODY, OTHER_BODY


def view(world, submission, issuer=BODY):
    return world.sessions.read(
        lambda session: submission_of_body(session, issuer, submission, jurisdictions())
    )


def listed(world, *, issuer=BODY, **more):
    return world.sessions.read(
        lambda session: submissions_of_body(session, issuer, jurisdictions(), **{"limit": 100, **more})
    )


def test_submissions_are_listed_the_newest_first_each_once(world):
    made = [world.submitted(now=NOON + timedelta(minutes=place // 2)) for place in range(5)]
    world.submitted(issuer=OTHER_BODY)
    found, after = [], None

    while True:
        page = listed(world, limit=2, after=after)
        found += page.items
        after = page.after
        if after is None:
            break

    assert sorted(line.id for line in found) == sorted(made)
    keys = [(line.received_at, line.id) for line in found]
    assert keys == sorted(keys, reverse=True)


def test_submissions_are_listed_by_status(world):
    waiting, approved = world.submitted(), world.reviewed()

    assert [line.id for line in listed(world, status="received").items] == [waiting]
    assert [line.id for line in listed(world, status="approved").items] == [approved]


@pytest.mark.parametrize(
    ("how_far", "progress"),
    [
        ("submitted", (3, 0, 0, 0, 0, 0, 0, 0, 0)),
        ("checked", (3, 3, 0, 0, 0, 0, 0, 0, 0)),
        ("reviewed", (3, 3, 3, 0, 0, 0, 0, 0, 0)),
        ("numbered", (3, 3, 3, 0, 3, 0, 0, 0, 0)),
    ],
)
def test_progress_counts_rows(world, how_far, progress):
    found = view(world, getattr(world, how_far)()).progress

    counts = (
        "rows",
        "id_checked",
        "reviewed",
        "returned",
        "numbered",
        "signed",
        "logged",
        "released",
        "void",
    )
    assert tuple(getattr(found, name) for name in counts) == progress


def test_progress_goes_on_to_release(world):
    submission = world.numbered()
    world.sign()
    signed = view(world, submission).progress
    world.release()
    released = view(world, submission).progress

    assert (signed.signed, signed.logged, signed.released) == (3, 0, 0)
    assert (released.signed, released.logged, released.released) == (3, 3, 3)


def test_a_submission_tells_its_statistics_and_deadlines(world):
    submission = world.checked(world.row(1), world.row(2, theory="30"), late_reason=None)

    found = view(world, submission)

    assert (found.statistics.entered, found.statistics.passed) == (2, 1)
    assert (found.submission.late, found.late_reason) == (False, None)
    assert found.submission.submit_by >= found.submission.exam_ended_on
    assert found.decide_by is None or found.decide_by > NOON.date()


def test_a_late_submission_says_by_when_it_should_have_come_and_why_it_did_not(world):
    submission = world.submitted(now=NOON + timedelta(days=200), late_reason="机房搬迁，系统停用")

    found = view(world, submission)

    assert found.submission.late
    assert found.submission.submit_by < found.submission.received_at.date()
    assert found.late_reason == "机房搬迁，系统停用"


def test_a_withdrawal_is_shown(world):
    submission = world.submitted()
    withdraw(world.sessions, representative(world), submission, "场次有误", now=NOON)

    found = view(world, submission)

    assert (found.submission.status, found.withdrawal.reason) == ("withdrawn", "场次有误")


def test_rows_are_what_was_handed_in_but_for_the_id_number(world):
    row = world.row(7, theory="86.5")
    submission = world.submitted(row)

    (found,) = world.sessions.read(
        lambda session: rows_of_submission(session, BODY, submission, limit=10)
    ).items

    assert (found.row, found.holder_name, found.name_received) == (7, row["name"], row["name"])
    assert (found.theory, found.passed, found.direction) == (865, True, row["direction"])
    assert row["id_number"] not in repr(found)


def test_a_correcting_row_names_the_number_that_it_corrects(world):
    row = world.row(1)
    (number,) = world.issued(row)
    submission = world.submitted({**row, "name": "李肆", "corrects": number, "reason": "姓名有误"})

    (found,) = world.sessions.read(
        lambda session: rows_of_submission(session, BODY, submission, limit=10)
    ).items

    assert (found.corrects, found.correction_reason) == (number, "姓名有误")


def test_pages_of_rows_follow_each_other(world):
    submission = world.submitted(*world.rows(5))
    found, after = [], 0

    while True:
        page = world.sessions.read(
            lambda session, after=after: rows_of_submission(session, BODY, submission, limit=2, after=after)
        )
        found += [row.row for row in page.items]
        if page.after is None:
            break
        (after,) = page.after

    assert found == [1, 2, 3, 4, 5]


def test_decisions_name_returned_rows_with_their_reasons_and_no_person(world):
    submission = world.checked(*world.rows(3))
    world.decide(submission, {2: "照片不符"})
    world.decide(submission, {3: "姓名不清"})

    found = world.sessions.read(lambda session: decisions_on_submission(session, BODY, submission))

    assert [(decision.step, decision.confirmed, decision.returned) for decision in found] == [
        ("province", 2, (SentBack(2, "照片不符"),)),
        ("centre", 1, (SentBack(3, "姓名不清"),)),
    ]
    for holder in world.reviewers.values():
        assert str(holder.actor.account_id) not in repr(found)


def test_another_bodys_submission_looks_like_none_at_all(world):
    theirs = world.checked(issuer=OTHER_BODY)
    questions = (
        lambda session, submission: submission_of_body(session, BODY, submission, jurisdictions()),
        lambda session, submission: rows_of_submission(session, BODY, submission, limit=10),
        lambda session, submission: decisions_on_submission(session, BODY, submission),
    )

    for question in questions:
        told = set()
        for submission in (theirs, uuid4()):
            with pytest.raises(NoSuchSubmission) as refusal:
                world.sessions.read(lambda session, s=submission, q=question: q(session, s))
            told.add(str(refusal.value).replace(str(submission), "ID"))
        assert len(told) == 1


def test_series_tell_what_was_given(world):
    numbers = world.issued(*world.rows(3, level="senior"))

    found = world.sessions.read(lambda session: series_with_numbers(session, BODY, load_profiles()))

    given = [series for series in found if series.issued]
    assert [(series.issued, series.last_number) for series in given] == [(3, numbers[-1])]
    assert {(series.year, series.province) for series in found} == {(2026, "21")}
    assert len(found) == 3
    assert all(series.is_open and f":{BODY[1:]}:" in series.key for series in found)
