"""Work is found by state alone: which approved submissions still lack numbers."""

from datetime import timedelta

from registry.certificate.approved import unfinished_submissions
from tests.instants import NOON


def unfinished(world):
    return world.sessions.read(unfinished_submissions)


def test_only_approved_submissions_with_passed_rows_are_waiting_the_oldest_first(world):
    young = world.reviewed(now=NOON + timedelta(seconds=2))
    old = world.reviewed(now=NOON + timedelta(seconds=1))
    world.checked()
    world.reviewed(*world.rows(2, theory="1"))
    returned = world.checked(world.row(1), world.row(2, theory="1"))
    world.decide(returned, {1: "证件不符"})
    world.decide(returned)
    world.decide(returned)

    assert unfinished(world) == [old, young]


def test_a_submission_is_finished_when_its_last_row_has_a_number(young_world):
    young_world.open_epoch(1, 2)
    submission = young_world.reviewed(*young_world.rows(3))
    young_world.open_epoch(3, 9)
    assert unfinished(young_world) == [submission]

    young_world.number(submission)

    assert unfinished(young_world) == []
