"""Numbering in turn: small beside large, held back beside lawful."""

from datetime import timedelta

import pytest
from sqlalchemy import delete

from registry.assessment.tables import Submission
from registry.certificate.errors import SeriesNotOpen
from registry.certificate.numbering import Scope
from registry.certificate.tables import Series
from registry.work import numbering
from registry.work.issuing import Issuing
from registry.work.numbering import Numbering
from signing.statement import Level
from tests.instants import NOON
from tests.registry.staff_site import installation_of
from tests.registry.work.conftest import Clock
from tests.registry.world import BODY, OTHER_BODY, PROFILE, PROVINCE, SITES

SENIOR = Scope(BODY, PROVINCE, SITES[BODY], 2026, Level.SENIOR).key(PROFILE)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuing(world, tmp_path, clock) -> Issuing:
    return Issuing(
        installation_of(world, tmp_path),
        lambda: world.registrar,
        signers=lambda: world.signers,
        trust=lambda: world.trust,
        known_entries=lambda: {},
        now=clock.now,
    )


@pytest.fixture
def small_batches(monkeypatch):
    """Let a batch be three rows, for numbering and for who comes next."""
    monkeypatch.setattr("registry.certificate.issuance.BATCH", 3)
    monkeypatch.setattr(numbering, "BATCH", 3)


def numbers_in(world, submission):
    return len(world.numbers(submission))


def test_a_small_submission_waits_for_one_batch_of_a_large_one(world, small_batches, issuing):
    large = world.reviewed(*world.rows(8))
    small = world.reviewed(*world.rows(2), now=NOON + timedelta(seconds=1))

    turn = issuing.number()
    assert next(turn) == 3
    assert (numbers_in(world, large), numbers_in(world, small)) == (3, 0)
    assert next(turn) == 2
    assert numbers_in(world, small) == 2
    assert list(turn) == []
    assert list(issuing.number()) == [3]
    assert list(issuing.number()) == [2]
    assert list(issuing.number()) == []


def test_small_submissions_share_a_batch(world, issuing):
    for _ in range(5):
        world.reviewed(*world.rows(2))

    assert list(issuing.number()) == [10]


def test_a_turn_ends_so_that_the_signer_has_its_own(world, small_batches, issuing, monkeypatch):
    monkeypatch.setattr(numbering, "BATCHES_IN_TURN", 2)
    for _ in range(5):
        world.reviewed(*world.rows(3))

    assert [list(issuing.number()) for _ in range(4)] == [[3, 3], [3, 3], [3], []]


def test_what_one_submission_lacks_keeps_no_other_waiting(world, issuing):
    lawful = world.reviewed(*world.rows(2))
    held_back = world.reviewed(world.row(1, level="senior"))
    world.tamper(delete(Series).where(Series.key == SENIOR))
    later = world.reviewed(*world.rows(2))

    assert sum(issuing.number()) == 4
    assert list(issuing.held_back) == [held_back]
    assert isinstance(issuing.held_back[held_back], SeriesNotOpen)
    assert (numbers_in(world, lawful), numbers_in(world, later)) == (2, 2)

    world.open_series(BODY, Level.SENIOR)
    assert list(issuing.number()) == [1]
    assert issuing.held_back == {}


def test_a_clock_that_was_set_back_keeps_only_what_was_decided_later_waiting(world, clock, issuing):
    early = world.checked(world.row(1))
    while world.sessions.read(lambda session: session.get_one(Submission, early).status) != "approved":
        world.record(world.decision(early, now=NOON - timedelta(hours=20)), now=NOON - timedelta(hours=20))
    late = world.reviewed(*world.rows(2))
    clock.seconds = -13 * 3600

    assert list(issuing.number()) == [1]
    assert list(issuing.held_back) == [late]
    assert "the office decided on 2026-11-20, and the clock here says 2026-11-19" in str(
        issuing.held_back[late]
    )

    clock.seconds = 0
    assert list(issuing.number()) == [2]
    assert issuing.held_back == {}


def test_many_that_are_held_back_keep_the_lawful_one_waiting_for_no_round(world, small_batches, issuing):
    for _ in range(12):
        world.reviewed(world.row(1, level="senior"))
    world.tamper(delete(Series).where(Series.key == SENIOR))
    lawful = world.reviewed(world.row(1), issuer=OTHER_BODY)

    assert list(issuing.number()) == [1]
    assert numbers_in(world, lawful) == 1
    assert len(issuing.held_back) == 12


def test_whoever_names_submissions_gets_those_alone(world):
    chosen, other = world.reviewed(), world.reviewed()
    numbers = Numbering(world.sessions, lambda group: sum(map(world.number, group)))

    assert list(numbers.turn([chosen])) == [3]
    assert numbers_in(world, other) == 0


def test_what_another_worker_finished_is_forgotten(world, small_batches, issuing):
    submission = world.reviewed(*world.rows(5))
    turn = issuing.number()
    assert next(turn) == 3
    turn.close()
    assert list(issuing._memory.confirmed) == [submission]
    assert world.number(submission) == 2
    world.number(submission)

    assert list(issuing.number()) == []
    assert issuing._memory.confirmed == {}


def test_refusals_are_kept_without_the_frames_they_came_through(world, issuing):
    world.reviewed(world.row(1, level="senior"))
    world.tamper(delete(Series).where(Series.key == SENIOR))

    list(issuing.number())

    (refusal,) = issuing.held_back.values()
    assert (refusal.__traceback__, refusal.__context__, refusal.__cause__) == (None, None, None)
