"""ID checks: computed in the background, found by state, gone on with after a crash."""

import pytest
from sqlalchemy import select, update

from registry.assessment.status import SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.intake import id_checks
from registry.intake.id_checks import compute_id_checks, submissions_awaiting_id_checks
from registry.personal_data import SealBroken, Sealer
from registry.review.errors import NotAwaited
from signing.id_check import IdType, id_check
from tests.instants import NOON
from tests.registry.world import SALT, World


class PowerCut(Exception):
    """The machine stops."""


def computed(world):
    return world.all(select(Result.id_check).order_by(Result.row))


def status(world, submission):
    return world.sessions.read(lambda session: session.get_one(Submission, submission)).status


def test_the_check_is_the_one_that_a_verifier_computes(sessions, tmp_path):
    world = World(sessions, tmp_path)
    row = world.row(1)
    submission = world.submitted(row)

    assert world.compute_id_checks(submission) == 1

    assert computed(world) == [id_check(SALT, IdType.RESIDENT_ID, row["id_number"])]
    assert status(world, submission) == SubmissionStatus.PROVINCE


def test_nobody_reviews_before_all_checks_are_there(world):
    submission = world.submitted()

    with pytest.raises(NotAwaited):
        world.decision(submission)

    world.compute_id_checks(submission)
    world.decision(submission)


def test_a_crash_between_two_chunks_is_gone_on_with(world, monkeypatch):
    monkeypatch.setattr(id_checks, "CHUNK", 2)
    submission = world.submitted(*world.rows(5))
    told = []

    def progress(count):
        told.append(count)
        if len(told) == 2:
            raise PowerCut

    with pytest.raises(PowerCut):
        compute_id_checks(
            world.sessions, world.personal.sealer, SALT, submission, now=NOON, progress=progress
        )
    half = computed(world)
    assert [check is None for check in half] == [False, False, False, False, True]
    assert status(world, submission) == SubmissionStatus.RECEIVED
    assert world.sessions.read(submissions_awaiting_id_checks) == [submission]

    assert world.compute_id_checks(submission) == 1

    assert computed(world)[:4] == half[:4]
    assert None not in computed(world)
    assert status(world, submission) == SubmissionStatus.PROVINCE


def test_a_crash_before_the_review_begins_is_gone_on_with(world):
    submission = world.submitted()
    world.compute_id_checks(submission)
    world.tamper(update(Submission).values(status=SubmissionStatus.RECEIVED))

    assert world.compute_id_checks(submission) == 0

    assert status(world, submission) == SubmissionStatus.PROVINCE


def test_computing_again_moves_no_submission_back(world):
    submission = world.checked()
    world.decide(submission)

    assert world.compute_id_checks(submission) == 0

    assert status(world, submission) == SubmissionStatus.CENTRE


def test_the_oldest_submission_is_first_in_line(world):
    submissions = [world.submitted(world.row(1)) for _ in range(3)]
    world.compute_id_checks(submissions[1])

    waiting = world.sessions.read(submissions_awaiting_id_checks)

    assert set(waiting) == {submissions[0], submissions[2]}


def test_with_another_data_key_nothing_is_computed(world):
    submission = world.submitted()

    with pytest.raises(SealBroken):
        compute_id_checks(
            world.sessions, Sealer(bytes(32)), SALT, submission, now=NOON, progress=lambda count: None
        )

    assert computed(world) == [None, None, None]


def test_a_sealed_number_that_was_moved_to_another_row_does_not_open(world):
    submission = world.submitted()
    first, second, _ = world.all(select(Result).order_by(Result.row))
    moved = update(Result).where(Result.id == second.id).values(sealed_id_number=first.sealed_id_number)
    world.tamper(moved)

    with pytest.raises(SealBroken) as refusal:
        world.compute_id_checks(submission)

    assert refusal.value.place == f"result:{second.id}"
