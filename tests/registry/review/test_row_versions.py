"""Submissions that were confirmed before rows named the photo stay provable, and lend nothing to those after."""

from contextlib import contextmanager

import pytest
from sqlalchemy import select, update

from registry.assessment.tables import Result, Submission
from registry.review.confirmation import require_confirmed
from registry.review.errors import DecisionOutOfDate, NotConfirmed
from registry.review.rows import SUBMISSION, StoredSubmission, leaf_of, stored_results
from signing.evidence import Step
from signing.merkle import tree_hash
from signing.row import FIRST_VERSION, VERSION, Row
from tests.registry.world import ENVIRONMENT


@pytest.fixture
def earlier(monkeypatch):
    """The register as it was before: whoever decides confirms rows of version 1."""

    @contextmanager
    def time():
        with monkeypatch.context() as patch:
            patch.setattr("registry.review.under_review.VERSION", FIRST_VERSION)
            yield

    return time


def checked(world):
    """Return a submission that waits for the province; two of its three rows name photos, as those of a draft do."""
    submission = world.checked(world.row(1), world.row(2, theory="absent"), world.row(3))
    its = update(Result).where(Result.submission_id == submission)
    world.tamper(*(its.where(Result.row == row).values(photo=bytes([row]) * 32) for row in (1, 3)))
    return submission


def reviewed(world):
    submission = checked(world)
    for _ in Step:
        world.decide(submission)
    return submission


def digest_in(world, submission, version):
    def digest(session):
        head = session.execute(select(*SUBMISSION).where(Submission.id == submission)).one()
        rows = [result for result in stored_results(session, submission) if result.returned_at_step is None]
        return tree_hash([leaf_of(StoredSubmission._make(head), row, version) for row in rows])

    return world.sessions.read(digest)


def versions_confirmed(world, submission):
    def confirmed(session):
        head = session.execute(select(*SUBMISSION).where(Submission.id == submission)).one()
        results = stored_results(session, submission)
        return require_confirmed(session, StoredSubmission._make(head), results, environment=ENVIRONMENT)

    return {Row.from_bytes(leaf).version for leaf in world.sessions.read(confirmed).leaves.values()}


def confirmed(world, submission):
    return world.decide(submission).confirmed


def issued(world, submission):
    """Number, sign and release; return how many were released."""
    world.number(submission)
    world.sign()
    return world.release()


def test_a_decision_is_over_rows_that_name_photo_and_absence(world):
    submission = checked(world)
    signed = world.decision(submission, rows_digest=digest_in(world, submission, VERSION))

    assert world.record(signed).confirmed == 3


def test_rows_of_version_1_are_not_confirmed_any_more(world):
    submission = checked(world)
    signed = world.decision(submission, rows_digest=digest_in(world, submission, FIRST_VERSION))

    with pytest.raises(DecisionOutOfDate):
        world.record(signed)


def test_what_three_people_confirmed_earlier_is_issued(world, earlier):
    submission = checked(world)
    with earlier():
        for _ in Step:
            world.decide(submission)

    assert issued(world, submission) == 2


@pytest.mark.parametrize("returned", [{}, {3: "照片不符"}], ids=["nothing returned", "a row returned"])
def test_what_the_province_confirmed_earlier_goes_on_as_it_was_begun(world, earlier, returned):
    submission = checked(world)
    with earlier():
        world.decide(submission)
    other = world.decision(submission, rows_digest=digest_in(world, submission, VERSION))
    with pytest.raises(DecisionOutOfDate):
        world.record(other)

    world.decide(submission, returned)
    world.decide(submission)

    assert issued(world, submission) == 2 - len(returned)


def test_rows_that_the_centre_returned_leave_the_version_to_be_told(world):
    submission = checked(world)
    world.decide(submission, {2: "缺考"})
    world.decide(submission, {3: "照片不符"})

    assert confirmed(world, submission) == 1
    assert issued(world, submission) == 1


def test_an_earlier_submission_says_nothing_of_photos_but_everything_it_said(world, earlier):
    submission = checked(world)
    with earlier():
        for _ in Step:
            world.decide(submission)
    world.tamper(update(Result).where(Result.row == 1).values(practice=999))

    with pytest.raises(NotConfirmed, match="confirms other rows"):
        world.number(submission)


@pytest.mark.parametrize(
    "values", [{"photo": None}, {"photo": bytes(32)}, {"absent_theory": True, "theory": 0, "passed": False}]
)
def test_a_later_submission_does_not_fall_back_to_what_version_1_left_out(world, values):
    submission = reviewed(world)
    world.tamper(update(Result).where(Result.row == 1).values(values))

    with pytest.raises(NotConfirmed, match="confirms other rows"):
        world.number(submission)


def test_the_signer_is_shown_rows_in_the_version_that_was_confirmed(world, earlier):
    old, new = checked(world), reviewed(world)
    with earlier():
        for _ in Step:
            world.decide(old)

    assert [versions_confirmed(world, submission) for submission in (old, new)] == [
        {FIRST_VERSION},
        {VERSION},
    ]
