"""ID checks in turn: what does not open is told and keeps nobody waiting."""

import pytest
from sqlalchemy import select, text, update

from registry.assessment.status import SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.database.sessions import Sessions
from registry.work import id_checking
from registry.work.id_checking import IdChecking
from tests.instants import NOON
from tests.registry.staff_site import installation_of
from tests.registry.world import SALT, World


@pytest.fixture
def checking(world, tmp_path) -> IdChecking:
    installation = installation_of(world, tmp_path, world.personal)
    return IdChecking(installation, salt=lambda: SALT, now=lambda: NOON)


@pytest.fixture
def sqlite_world(sqlite_register, tmp_path, quick_id_checks) -> World:
    """A register on SQLite alone: PostgreSQL holds its columns to their types."""
    return World(Sessions(sqlite_register()), tmp_path)


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


@pytest.mark.parametrize(
    "odd", ["id_type = x'00'", "id_type = 'card'", "sealed_id_number = 'text'", "id = 'nobody'"]
)
def test_a_row_with_what_intake_never_stored_keeps_no_other_submission_waiting(sqlite_world, tmp_path, odd):
    attacked, lawful = sqlite_world.submitted(), sqlite_world.submitted()
    where = f"submission_id = '{attacked.hex}' AND row = 2"
    sqlite_world.tamper(text(f"UPDATE result SET {odd} WHERE {where}"))
    checking = IdChecking(
        installation_of(sqlite_world, tmp_path, sqlite_world.personal), salt=lambda: SALT, now=lambda: NOON
    )

    assert sum(checking.batches()) == 3

    assert status(sqlite_world, lawful) == SubmissionStatus.PROVINCE
    assert status(sqlite_world, attacked) == SubmissionStatus.RECEIVED
    (told,) = checking.left_behind()
    assert "RowNotReadable" in told


def test_a_date_of_another_kind_does_not_matter_to_an_id_check(sqlite_world, tmp_path):
    submission = sqlite_world.submitted()
    for planted in ("result SET issued_on = 'garbage'", "submission SET exam_ended_on = 7"):
        sqlite_world.tamper(text(f"UPDATE {planted}"))

    assert sqlite_world.compute_id_checks(submission) == 3

    assert status(sqlite_world, submission) == SubmissionStatus.PROVINCE


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
