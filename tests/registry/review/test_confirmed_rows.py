"""Whoever changes a row in the database after it was confirmed is found out, whatever column he changes."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, update

from registry.assessment.status import SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.certificate.tables import Certificate, Entry, Series
from registry.people.tables import EnrolledKey
from registry.review.errors import DecisionOutOfDate, NotConfirmed, NotEvidence
from registry.review.tables import SignedDecision
from signing.evidence import Step
from tests.instants import NOON
from tests.registry.world import BODY, ROLES, World, holder_key

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
}
SUBMISSION_COLUMNS = {
    "issuer": "S0001",
    "site_code": "000009",
    "province": "33",
    "exam_ended_on": date(2026, 11, 7),
}
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
    "no edition": {"edition": 0},
}


@pytest.fixture
def tampered(world, subtests):
    """Return a walk through the changes: each is made, looked at in a subtest, and undone."""

    def walk(submission, changes, row=2):
        for name, (table, values) in changes.items():
            found = table.id == submission if table is Submission else Result.row == row
            (before,) = world.all_rows(table, found, values)
            world.tamper(update(table).where(found).values(values))
            with subtests.test(name):
                yield name
            again = Result.row == values["row"] if "row" in values else found
            world.tamper(update(table).where(again).values(before))

    return walk


@pytest.fixture(autouse=True)
def a_look_at_columns(monkeypatch):
    def all_rows(world, table, found, values):
        columns = [getattr(table, column) for column in values]
        from sqlalchemy import select

        rows = world.sessions.read(lambda session: session.execute(select(*columns).where(found)).all())
        return [dict(zip(values, row, strict=True)) for row in rows]

    monkeypatch.setattr(World, "all_rows", all_rows, raising=False)


def test_every_column_is_either_covered_by_the_evidence_or_named_as_not(world):
    assert set(RESULT_COLUMNS) | NOT_COVERED == {column.name for column in Result.__table__.columns}


def test_any_covered_column_changed_after_signing_makes_the_decision_stale(world, tampered):
    submission = world.checked()
    signed = world.decision(submission)

    for name in tampered(submission, CHANGES):
        error = (DecisionOutOfDate, Exception) if name == "submission.province" else DecisionOutOfDate
        with pytest.raises(error):
            world.record(signed)
        assert world.count(SignedDecision) == (0,)
    world.record(signed)


def test_any_covered_column_changed_after_the_approval_stops_the_numbering(world, tampered):
    submission = world.reviewed()

    for _ in tampered(submission, CHANGES):
        with pytest.raises(NotConfirmed):
            world.number(submission)
        assert world.count(Entry, Certificate) == (0, 0)
    assert world.number(submission) == 3


def test_what_no_result_can_say_is_neither_decided_nor_numbered(world, tampered):
    waiting, approved = world.checked(), world.reviewed()

    changes = {name: (Result, values) for name, values in IMPOSSIBLE.items()}
    signed = world.decision(waiting)
    for _ in tampered(waiting, changes):
        with pytest.raises(NotEvidence) as refusal:
            world.record(signed)
        assert refusal.value.row == 2
        with pytest.raises(NotConfirmed):
            world.number(approved)
    assert world.number(approved) == 3


def inserted(world, submission):
    world.tamper(
        update(Result).where(Result.submission_id == world.checked(world.row(7))).values(submission_id=submission)
    )


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
    (foreign,) = world.all(
        __import__("sqlalchemy").select(SignedDecision.signed).where(step, SignedDecision.submission_id == other)
    )
    world.tamper(
        update(SignedDecision).where(step, SignedDecision.submission_id == submission).values(signed=foreign)
    )


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
    assert {series.issued for series in world.all(__import__("sqlalchemy").select(Series))} == {0}


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
    assert ROLES
    assert uuid4()
