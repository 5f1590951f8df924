"""Whoever changes a row in the database after it was confirmed is found out, whatever column he changes."""

from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, update

from registry.assessment.status import SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.certificate.tables import Certificate, Entry, Series
from registry.people.errors import NotPermitted
from registry.people.tables import EnrolledKey
from registry.review.errors import DecisionOutOfDate, NotConfirmed, NotEvidence
from registry.review.tables import SignedDecision
from signing.evidence import Step
from tests.instants import NOON
from tests.registry.world import BODY, holder_key

RESULT_COLUMNS = {
    "row": 9,
    "holder_name": "王五",
    "edition": 2,
    "occupation": 2021010,
    "direction": None,
    "level": 3,
    "theory": 1000,
    "practice": 601,
    "issued_on": date(2026, 11, 21),
    "corrects": 1,
    "blinding": bytes(16),
    "id_check": 4095,
    "photo": bytes(32),
}
SUBMISSION_COLUMNS = {
    "issuer": "S0001",
    "site_code": "000009",
    "province": "33",
    "exam_ended_on": date(2026, 11, 7),
}
# Of somebody who was absent, and has no point either way.
ABSENCES = {"absent_theory": True, "absent_practice": False}
# What is not a fact that reviewers confirm: how it was written down, and what became of it.
NOT_COVERED = {
    "id",
    "submission_id",
    "name_received",
    "id_type",
    "sealed_id_number",
    "id_match",
    "passed",
    "correction_reason",
    "returned_at_step",
    "training_certificate",
    "training_hours",
}
CHANGES = {
    **{f"result.{column}": (Result, {column: value}) for column, value in RESULT_COLUMNS.items()},
    **{f"submission.{column}": (Submission, {column: value}) for column, value in SUBMISSION_COLUMNS.items()},
}
IMPOSSIBLE = {
    "passed against the scores": {"passed": False},
    "a score above the highest": {"theory": 1001},
    "no level": {"level": 4},
    "no ID check": {"id_check": None},
    "an ID check of 13 bits": {"id_check": 4096},
    "no name": {"holder_name": ""},
    "a short blinding": {"blinding": bytes(15)},
    "a short photo": {"photo": bytes(31)},
    "absent and passed": {"absent_theory": True},
    "absent with points": {"absent_practice": True, "passed": False},
    "no edition": {"edition": 0},
}


@contextmanager
def tampered(world, submission, table, values):
    """Change a column of the submission, or of its second row, behind the register's back; then undo it."""
    mine = (Submission.id if table is Submission else Result.submission_id) == submission
    query = select(table).where(mine) if table is Submission else select(table).where(mine, Result.row == 2)
    (row,) = world.all(query)
    before = {column: getattr(row, column) for column in values}
    world.tamper(update(table).where(table.id == row.id).values(values))
    try:
        yield
    finally:
        world.tamper(update(table).where(table.id == row.id).values(before))


def test_every_column_is_either_covered_by_the_evidence_or_named_as_not():
    assert set(RESULT_COLUMNS) | set(ABSENCES) | NOT_COVERED == {
        column.name for column in Result.__table__.columns
    }


def test_any_covered_column_changed_after_signing_makes_the_decision_stale(world, subtests):
    submission = world.checked()
    signed = world.decision(submission)

    for name, change in CHANGES.items():
        # In another province, the reviewer is told that he may not decide there.
        error = NotPermitted if name == "submission.province" else DecisionOutOfDate
        with subtests.test(name), tampered(world, submission, *change):
            with pytest.raises(error):
                world.record(signed)
            assert world.count(SignedDecision) == (0,)
    world.record(signed)


def test_any_covered_column_changed_after_the_approval_stops_the_numbering(world, subtests):
    submission = world.reviewed()

    for name, change in CHANGES.items():
        with subtests.test(name), tampered(world, submission, *change):
            with pytest.raises(NotConfirmed):
                world.number(submission)
            assert world.count(Entry, Certificate) == (0, 0)
    assert world.number(submission) == 3


@pytest.mark.parametrize("column", ABSENCES)
def test_an_absence_that_was_changed_makes_the_decision_stale_and_stops_the_numbering(world, column):
    def rows():
        return world.row(1), world.row(2, theory="0", practice="absent")

    waiting, approved = world.checked(*rows()), world.reviewed(*rows())
    signed, values = world.decision(waiting), {column: ABSENCES[column]}

    with tampered(world, waiting, Result, values), pytest.raises(DecisionOutOfDate):
        world.record(signed)
    with tampered(world, approved, Result, values), pytest.raises(NotConfirmed):
        world.number(approved)
    world.record(signed)
    assert world.number(approved) == 1


def test_what_no_result_can_say_is_neither_decided_nor_numbered(world, subtests):
    waiting, approved = world.checked(), world.reviewed()
    signed = world.decision(waiting)

    for name, values in IMPOSSIBLE.items():
        with subtests.test(name), tampered(world, waiting, Result, values):
            with pytest.raises(NotEvidence) as refusal:
                world.record(signed)
            assert refusal.value.row == 2
        with subtests.test(name), tampered(world, approved, Result, values), pytest.raises(NotConfirmed):
            world.number(approved)
    assert world.number(approved) == 3


def inserted(world, submission):
    other = world.checked(world.row(7))
    world.tamper(update(Result).where(Result.submission_id == other).values(submission_id=submission))


def deleted(world, submission):
    world.tamper(delete(Result).where(Result.submission_id == submission, Result.row == 2))


def returned_afterwards(world, submission):
    world.tamper(update(Result).where(Result.row == 2).values(returned_at_step=Step.OFFICE))


def approved_by_hand(world, submission):
    world.tamper(delete(SignedDecision).where(SignedDecision.step == Step.OFFICE))


def decided_by_one_person_for_two(world, submission):
    account = world.reviewers[Step.CENTRE].actor.account_id
    key = EnrolledKey.key_id == world.reviewers[Step.OFFICE].key.key_id
    world.tamper(update(EnrolledKey).where(key).values(account_id=account))


def decided_by_whoever_handed_in(world, submission):
    account = world.bodies[BODY].actor.account_id
    key = EnrolledKey.key_id == world.reviewers[Step.PROVINCE].key.key_id
    world.tamper(update(EnrolledKey).where(key).values(account_id=account))


def signed_by_a_key_revoked_before(world, submission):
    key = EnrolledKey.key_id == world.reviewers[Step.CENTRE].key.key_id
    world.tamper(update(EnrolledKey).where(key).values(revoked_at=NOON - timedelta(seconds=1)))


def signed_by_a_key_for_submissions(world, submission):
    key = EnrolledKey.key_id == world.reviewers[Step.CENTRE].key.key_id
    world.tamper(update(EnrolledKey).where(key).values(purpose="submission"))


def with_a_public_key_put_in_place(world, submission):
    key = EnrolledKey.key_id == world.reviewers[Step.OFFICE].key.key_id
    world.tamper(update(EnrolledKey).where(key).values(public=holder_key("attacker").public))


def with_the_decision_of_another_submission(world, submission):
    other = world.reviewed(*world.rows(3))
    step = SignedDecision.step == Step.OFFICE
    theirs = SignedDecision.submission_id == other
    (foreign,) = world.all(select(SignedDecision.signed).where(step, theirs))
    mine = SignedDecision.submission_id == submission
    world.tamper(update(SignedDecision).where(step, mine).values(signed=foreign))


@pytest.mark.parametrize(
    "change",
    [
        inserted,
        deleted,
        returned_afterwards,
        approved_by_hand,
        decided_by_one_person_for_two,
        decided_by_whoever_handed_in,
        signed_by_a_key_revoked_before,
        signed_by_a_key_for_submissions,
        with_a_public_key_put_in_place,
        with_the_decision_of_another_submission,
    ],
)
def test_rows_and_decisions_that_do_not_fit_are_not_numbered(world, change):
    submission = world.reviewed()
    change(world, submission)

    with pytest.raises(NotConfirmed):
        world.number(submission)

    assert world.count(Entry, Certificate) == (0, 0)
    assert set(world.all(select(Series.issued))) == {0}


def test_a_submission_called_approved_without_any_decision_is_not_numbered(world):
    submission = world.checked()
    world.tamper(update(Submission).values(status=SubmissionStatus.APPROVED))

    with pytest.raises(NotConfirmed, match="province is missing"):
        world.number(submission)


def test_a_key_that_was_revoked_after_it_signed_still_counts(world):
    submission = world.reviewed()
    world.tamper(update(EnrolledKey).values(revoked_at=NOON + timedelta(seconds=1)))

    assert world.number(submission) == 3


def test_returned_rows_do_not_disturb_the_rest(world):
    submission = world.checked(*world.rows(4))
    world.decide(submission, {1: "甲"})
    world.decide(submission, {4: "乙"})
    world.decide(submission)

    assert world.number(submission) == 2
