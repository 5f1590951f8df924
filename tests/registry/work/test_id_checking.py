"""ID checks in turn: what does not open is told and keeps nobody waiting."""

import pytest
from sqlalchemy import select, update

from registry.assessment.status import SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.work import id_checking
from registry.work.id_checking import IdChecking
from tests.instants import NOON
from tests.registry.staff_site import installation_of
from tests.registry.world import SALT


@pytest.fixture
def checking(world, tmp_path) -> IdChecking:
    installation = installation_of(world, tmp_path, world.personal)
    return IdChecking(installation, salt=lambda: SALT, now=lambda: NOON)


def exchange(world, submission, sealed):
    """Let the first row of a submission hold other sealed bytes; return those that it held."""
    row = (Result.submission_id == submission, Result.row == 1)
    (before,) = world.all(select(Result.sealed_id_number).where(*row))
    world.tamper(update(Result).where(*row).values(sealed_id_number=sealed))
    return before


def status(world, submission):
    return world.all(select(Submission.status).where(Submission.id == submission))[0]


@pytest.mark.parametrize("broken", [1, 3])
def test_rows_that_do_not_open_keep_no_other_submission_waiting(world, checking, monkeypatch, broken):
    monkeypatch.setattr(id_checking, "CHUNKS_IN_TURN", 2)
    sealed = [world.submitted() for _ in range(broken)]
    for submission in sealed:
        exchange(world, submission, b"damaged")
    lawful = world.submitted()

    assert sum(checking.batches()) == 3

    assert status(world, lawful) == SubmissionStatus.PROVINCE
    assert {status(world, submission) for submission in sealed} == {SubmissionStatus.RECEIVED}
    told = checking.left_behind()
    assert len(told) == broken
    assert all(any(str(submission) in text for text in told) for submission in sealed)
    assert "SealBroken" in told[0]


def test_what_opens_again_is_told_no_longer(world, checking):
    submission = world.submitted()
    before = exchange(world, submission, b"damaged")
    assert sum(checking.batches()) == 0
    assert len(checking.left_behind()) == 1
    exchange(world, submission, before)

    assert sum(checking.batches()) == 3
    assert checking.left_behind() == []


def test_what_waits_no_longer_is_told_no_longer(world, checking):
    submission = world.submitted()
    exchange(world, submission, b"damaged")
    assert sum(checking.batches()) == 0
    world.tamper(update(Submission).where(Submission.id == submission).values(status="returned"))

    assert list(checking.batches()) == []
    assert checking.left_behind() == []
