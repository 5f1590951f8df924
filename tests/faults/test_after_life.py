"""Corrections, revocations and voided numbers, interrupted or twice at once: one fate for each certificate."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from keys.crash_points import CrashMode, arm
from registry.certificate.errors import UnlawfulTransition
from registry.journal.tables import Event
from tests.faults.judging import fixed, require_kept, require_whole
from tests.faults.theatre import PATIENCE_SECONDS, revoke_number, void_entry
from tests.registry.world import ENVIRONMENT

KILL, ERROR, HANG = CrashMode.KILL, CrashMode.ERROR, CrashMode.HANG


def correction(row, number):
    return {**row, "name": "李肆", "corrects": number, "reason": "姓名有误"}


@pytest.fixture
def row(world):
    return world.row(1)


@pytest.fixture
def number(world, row):
    """The number of a released certificate, which is entry 1."""
    return world.issued(row)[0]


def acts(world, *wanted):
    return world.all(select(Event.act).where(Event.act.in_(wanted)).order_by(Event.id))


@pytest.mark.parametrize("mode", [KILL, ERROR])
@pytest.mark.parametrize(
    ("point", "statuses"),
    [
        ("release.before_commit", ["released", "signed"]),
        ("release.committed", ["superseded", "released"]),
    ],
)
def test_a_correction_takes_the_place_of_the_old_version_or_neither_moves(
    theatre, row, number, mode, point, statuses
):
    world = theatre.world
    world.numbered(correction(row, number))
    world.sign()
    before = fixed(world)

    theatre.trip(mode, point, lambda world: world.release())

    assert world.statuses() == statuses
    require_whole(world)
    world.release()
    assert world.statuses() == ["superseded", "released"]
    assert acts(world, "supersede", "release") == ["release", "supersede", "release"]
    require_whole(world)
    require_kept(world, before)


@pytest.mark.parametrize("mode", [KILL, ERROR])
def test_an_interrupted_revocation_is_none(theatre, row, number, mode):
    world = theatre.world

    theatre.trip(mode, "revoke.before_commit", lambda world: revoke_number(world, number))

    assert world.statuses() == ["released"]
    assert acts(world, "revoke") == []
    revoke_number(world, number)
    assert world.statuses() == ["revoked"]
    require_whole(world)
    # The person may pass anew.
    assert len(world.issued({**row, "theory": "90.0"})) == 1
    require_whole(world)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("mode", [KILL, ERROR])
def test_an_interrupted_voiding_is_none_and_a_voided_number_stays_used(theatre, number, mode, signed):
    world = theatre.world
    submission = world.numbered()
    if signed:
        world.sign()
    stood = world.statuses()

    theatre.trip(mode, "void.before_commit", lambda world: void_entry(world, 3))

    assert world.statuses() == stood
    void_entry(world, 3)
    assert world.number(submission) == 0
    world.sign()
    assert world.release() == 2
    assert world.statuses() == ["released", "released", "void", "released"]
    assert world.issued(world.row(1))[0].endswith("000005")
    require_whole(world)


def test_a_certificate_that_is_revoked_twice_at_the_same_moment_is_revoked_once(theatre, number, hang):
    world = theatre.world
    arm("revoke.before_commit", HANG, environment=ENVIRONMENT)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(revoke_number, world, number)
        hang.await_begun()
        second = pool.submit(revoke_number, world, number)
        hang.let_go()

        first.result(PATIENCE_SECONDS)
        with pytest.raises(UnlawfulTransition):
            second.result(PATIENCE_SECONDS)

    assert world.statuses() == ["revoked"]
    assert acts(world, "revoke") == ["revoke"]
    require_whole(world)


def test_a_revocation_that_meets_a_releasing_correction_falls_on_one_of_them(theatre, row, number, hang):
    world = theatre.world
    world.numbered(correction(row, number))
    world.sign()
    arm("release.before_commit", HANG, environment=ENVIRONMENT)
    with ThreadPoolExecutor(2) as pool:
        releasing = pool.submit(world.release)
        hang.await_begun()
        revoking = pool.submit(revoke_number, world, number)
        hang.let_go()
        assert releasing.result(PATIENCE_SECONDS) == 1
        refused = revoking.exception(PATIENCE_SECONDS)

    # What people hold by then is the correction. Whoever saw the old version is told that it was superseded.
    if refused is None:
        assert world.statuses() == ["superseded", "revoked"]
    else:
        assert isinstance(refused, UnlawfulTransition)
        assert world.statuses() == ["superseded", "released"]
        revoke_number(world, number)
        assert world.statuses() == ["superseded", "revoked"]
    require_whole(world)
