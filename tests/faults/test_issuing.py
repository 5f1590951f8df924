"""Numbering, signing and release, killed or failed at every point: nothing is lost, given twice, or made anew."""

import pytest

from keys.crash_points import CrashMode
from tests.faults.judging import fixed, require_kept, require_whole

KILL, ERROR, DONE = CrashMode.KILL, CrashMode.ERROR, CrashMode.DONE
MODES = (KILL, ERROR)

ACTS = {
    "number": lambda world, submission: world.number(submission),
    "sign": lambda world, _: world.sign(),
    "release": lambda world, _: world.release(),
}

# Where the act is interrupted, how, and where its entries stand then: None before they are.
NUMBERING = {"number.before_commit": None, "number.committed": "numbered"}
SIGNING = {
    "sign.before_journal": "numbered",
    "journal.write": "numbered",
    "journal.fsync": "numbered",
    "sign.journalled": "numbered",
    "sign.signed": "numbered",
    "sign.assembled": "numbered",
    "sign.before_commit": "numbered",
    "sign.stored": "signed",
}
RELEASE = {"release.before_commit": "signed", "release.committed": "released"}
# Points around an act of the disk: it may fail although it was done.
AROUND = ("journal.write", "journal.fsync")


def table():
    """Yield each act, point and mode, with the status that must be found afterwards."""
    for act, points in (("number", NUMBERING), ("sign", SIGNING), ("release", RELEASE)):
        for point, found in points.items():
            for mode in (*MODES, DONE) if point in AROUND else MODES:
                yield pytest.param(act, point, mode, found, id=f"{point}-{mode}")


def brought_to(world, act):
    """Return a submission of three that waits for this act, beside two certificates that are out."""
    world.issued(*world.rows(2))
    submission = world.reviewed(*world.rows(3))
    if act != "number":
        world.number(submission)
    if act == "release":
        world.sign()
    return submission


@pytest.mark.parametrize(("act", "point", "mode", "found"), list(table()))
def test_an_interrupted_act_is_done_or_not_and_the_next_run_finishes_it(theatre, act, point, mode, found):
    world = theatre.world
    submission = brought_to(world, act)
    before = fixed(world)

    theatre.trip(mode, point, lambda world: ACTS[act](world, submission))

    require_whole(world)
    require_kept(world, before)
    assert world.statuses() == ["released"] * 2 + ([found] * 3 if found else [])
    left = fixed(world)
    finished = world.number(submission), world.sign(), world.release()
    assert finished == expected_rest(found)
    require_whole(world)
    require_kept(world, left)
    assert world.statuses() == ["released"] * 5
    assert (world.number(submission), world.sign(), world.release()) == (0, 0, 0)


def expected_rest(found):
    """Return how many the next run has to number, sign and release."""
    numbered, signed = found is not None, found in ("signed", "released")
    return (0 if numbered else 3, 0 if signed else 3, 0 if found == "released" else 3)


def test_the_numbers_of_a_killed_numbering_go_to_whoever_comes_next(theatre):
    world = theatre.world
    submission = brought_to(world, "number")
    theatre.trip(KILL, "number.before_commit", lambda world: world.number(submission))

    (number,) = world.issued(world.row(1))
    world.number(submission)

    assert number.endswith("000003")
    assert [text[-6:] for text in world.numbers(submission)] == ["000004", "000005", "000006"]
    require_whole(world)
