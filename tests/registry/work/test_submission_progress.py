"""How far a submission has come: counts, place, and a guess only where there is a ground for one."""

from datetime import timedelta

import pytest

from registry.assessment.tables import Submission
from registry.certificate import lifecycle
from registry.certificate.lifecycle import Reason
from registry.certificate.release import release_signed
from registry.work import submission_progress as room
from registry.work.submission_progress import (
    IdCheckProgress,
    release_rate,
    submission_progress,
)
from tests.instants import NOON
from tests.registry.world import World

SECOND = timedelta(seconds=1)


def came(world: World, submission, now=NOON):
    return world.sessions.read(lambda session: submission_progress(session, submission, now=now))


@pytest.fixture
def releasing(world, monkeypatch) -> World:
    """A register in which four certificates were released in the last two seconds, two of them each second."""
    monkeypatch.setattr("registry.certificate.release.BATCH", 2)
    world.numbered(*world.rows(6))
    world.sign()
    for second in range(3):
        release_signed(world.sessions, world.registrar, world.trust, now=NOON + second * SECOND)
    return world


def test_a_submission_waits_for_its_id_checks_behind_earlier_ones(world):
    world.submitted()
    later = world.submitted(*world.rows(5), now=NOON + SECOND)

    assert came(world, later) == IdCheckProgress(rows=5, done=0, place=2)


def test_who_waits_for_a_person_has_no_progress(world):
    assert came(world, world.checked()) is None


def test_there_is_no_progress_of_a_submission_that_is_not_there(world):
    assert came(world, world.registrar.account_id) is None


def test_the_counts_follow_the_road(world):
    first = world.reviewed(*world.rows(2), world.row(3, theory="1"))
    world.reviewed(*world.rows(2), now=NOON + SECOND)

    found = came(world, first)
    assert (found.rows, found.numbered, found.signed, found.released, found.place) == (2, 0, 0, 0, 1)
    world.number(first)
    found = came(world, first)
    assert (found.numbered, found.signed, found.released, found.place) == (2, 0, 0, None)
    world.sign()
    assert (came(world, first).signed, came(world, first).released) == (2, 0)
    world.release()
    found = came(world, first)
    assert (found.numbered, found.signed, found.released, found.remaining) == (2, 2, 2, None)
    assert found.is_finished


def test_what_became_of_certificates_later_does_not_undo_their_release(world):
    submission = world.numbered(*world.rows(3))
    world.sessions.run(
        lambda session: lifecycle.void(session, world.registrar, 3, Reason.ISSUED_IN_ERROR, now=NOON)
    )
    world.sign()
    world.release()
    number = world.numbers(submission)[0]
    world.sessions.run(
        lambda session: lifecycle.revoke(session, world.registrar, number, Reason.EXAM_FRAUD, now=NOON)
    )

    found = came(world, submission)

    assert (found.rows, found.numbered, found.released, found.void) == (3, 3, 2, 1)
    assert found.is_finished


def test_the_rate_is_that_of_the_last_releases(releasing):
    read = releasing.sessions.read

    assert read(lambda session: release_rate(session, now=NOON + 2 * SECOND)) == 2
    assert read(lambda session: release_rate(session, now=NOON + timedelta(minutes=5))) is None


def test_a_pause_between_two_releases_is_no_part_of_the_rate(releasing):
    world = releasing
    world.numbered(*world.rows(4))
    world.sign()
    later = NOON + timedelta(hours=1)
    release_signed(world.sessions, world.registrar, world.trust, now=later)
    assert world.sessions.read(lambda session: release_rate(session, now=later)) is None
    release_signed(world.sessions, world.registrar, world.trust, now=later + SECOND)
    assert world.sessions.read(lambda session: release_rate(session, now=later + SECOND)) == 2


def test_the_guess_counts_the_own_rows_and_a_batch_of_each_that_came_before(releasing):
    first = releasing.reviewed(*releasing.rows(6))
    second = releasing.reviewed(*releasing.rows(2), now=NOON + SECOND)

    found = came(releasing, second, now=NOON + 2 * SECOND)

    assert found.place == 2
    assert found.remaining == 4 * SECOND
    assert came(releasing, first, now=NOON + 2 * SECOND).remaining == 3 * SECOND


def test_without_a_rate_there_is_no_guess(world):
    assert came(world, world.reviewed()).remaining is None


def test_who_waits_longer_than_the_queue_explains_is_given_no_guess(releasing):
    held_up = releasing.reviewed()
    later = NOON + timedelta(hours=1)
    world = releasing
    world.numbered(*world.rows(4))
    world.sign()
    for second in range(2):
        release_signed(world.sessions, world.registrar, world.trust, now=later + second * SECOND)

    assert came(world, held_up, now=later + SECOND).remaining is None


def test_a_look_counts_no_more_rows_than_it_may_however_long_the_queue(releasing, monkeypatch):
    for second in range(3):
        releasing.reviewed(*releasing.rows(2), now=NOON + second * SECOND)
    own = releasing.reviewed(*releasing.rows(2), now=NOON + 3 * SECOND)
    monkeypatch.setattr(room, "MOST_COUNTED", 2)

    found = came(releasing, own, now=NOON + 2 * SECOND)

    def counted(session):
        return room._rows_before(session, session.get(Submission, own))

    assert sum(releasing.sessions.read(counted)) == 2
    assert found.place == 4
    # Three before it: what was counted of the first of them stands for the others, too.
    assert found.remaining in {4 * SECOND, 2.5 * SECOND}
