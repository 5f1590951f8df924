"""Sending rows back: each with its reason, alone, while the rest goes on."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from registry.assessment.status import SubmissionStatus
from registry.assessment.tables import Result
from registry.review.decision import prepare_decision
from registry.review.errors import DecisionOutOfDate, NoSuchRow
from registry.review.tables import ReturnedRow, SignedDecision
from signing.cose import Kind
from signing.evidence import Step
from tests.instants import NOON
from tests.registry.world import ENVIRONMENT


def returned_rows(world):
    rows = world.all(select(Result).where(Result.returned_at_step.is_not(None)).order_by(Result.row))
    return {row.row: row.returned_at_step for row in rows}


def test_a_row_is_returned_alone_with_its_reason(world):
    submission = world.checked(*world.rows(4))

    done = world.decide(submission, {2: "照片与证件不符"})

    assert (done.confirmed, done.returned, done.status) == (3, 1, SubmissionStatus.CENTRE)
    assert returned_rows(world) == {2: Step.PROVINCE}
    (kept,) = world.all(select(ReturnedRow))
    assert (kept.row, kept.reason) == (2, "照片与证件不符")


def test_each_step_may_return_what_the_steps_before_left(world):
    submission = world.checked(*world.rows(5))

    world.decide(submission, {2: "甲"})
    world.decide(submission, {4: "乙", 1: "丙"})
    done = world.decide(submission, {5: "丁"})

    assert (done.confirmed, done.status) == (1, SubmissionStatus.APPROVED)
    assert returned_rows(world) == {1: Step.CENTRE, 2: Step.PROVINCE, 4: Step.CENTRE, 5: Step.OFFICE}
    assert world.all(select(SignedDecision.rows).order_by(SignedDecision.rows)) == [1, 2, 4]


def test_a_submission_all_of_whose_rows_are_returned_is_returned(world):
    submission = world.checked()
    world.decide(submission, {2: "甲"})

    done = world.decide(submission, {1: "乙", 3: "丙"})

    assert (done.confirmed, done.status) == (0, SubmissionStatus.RETURNED)


def test_a_row_that_is_not_under_review_can_not_be_returned(world):
    submission = world.checked()
    world.decide(submission, {2: "甲"})

    for rows in ({2: "再退"}, {4: "没有"}, {1: "有", 0: "没有", 99: "没有"}):
        with pytest.raises(NoSuchRow) as refusal:
            world.decision(submission, rows)
        assert set(refusal.value.rows) == set(rows) - {1, 3}


def test_a_signed_decision_that_returns_an_unknown_row_is_refused(world):
    submission = world.checked()
    prepared = world.sessions.read(lambda session: prepare_decision(session, submission, {2: "甲"}, now=NOON))
    signed = world.reviewers[Step.PROVINCE].key.sign_claim(
        replace(prepared, returned=(2, 9)).to_bytes(),
        kind=Kind.DECISION,
        environment=ENVIRONMENT,
        detached=False,
    )

    with pytest.raises(NoSuchRow):
        world.record(signed, {2: "甲", 9: "乙"})


REASONS = {
    "none": {},
    "one missing": {2: "甲"},
    "of another row": {1: "甲", 2: "乙", 3: "丙"},
    "an empty one": {2: "甲", 3: ""},
    "one of blanks": {2: "甲", 3: " \u3000\n"},
}


def test_every_returned_row_needs_a_reason_and_no_other_row_has_one(world, subtests):
    submission = world.checked()
    signed = world.decision(submission, {2: "甲", 3: "乙"})

    for name, reasons in REASONS.items():
        with subtests.test(name):
            with pytest.raises(DecisionOutOfDate, match="reason"):
                world.record(signed, reasons)
            assert world.count(ReturnedRow) == (0,)
    world.record(signed, {2: "甲", 3: "乙"})


def test_a_returned_row_is_not_numbered(world):
    submission = world.checked(*world.rows(3))
    world.decide(submission)
    world.decide(submission, {2: "甲"})
    world.decide(submission)

    assert world.number(submission) == 2
    rows = select(Result.row).where(Result.returned_at_step.is_(None)).order_by(Result.row)
    assert world.all(rows) == [1, 3]
