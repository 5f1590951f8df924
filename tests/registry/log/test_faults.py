"""Whatever happens to the one who lets the log grow: one history, no leaf lost, nothing released too early.

Each step is failed, failed-but-done and killed; then, in the recovery, a second fault comes at each step again.
"""

import errno
import os
import signal
from contextlib import suppress

import pytest

from keys import crash_points
from keys.crash_points import CrashMode
from keys.errors import KeysError
from registry.errors import RegistryError
from signing.log.leaf import Issue
from signing.merkle import tree_hash
from tests.registry.log.logged_world import LoggedWorld
from tests.registry.world import ENVIRONMENT

STEPS = (
    "log.staged",
    "log.tile",
    "log.written",
    "log.entered",
    "witness.before_store",
    "witness.stored",
    "log.cosigned",
    "log.checkpoint",
    "log.public",
)
FAULTS = (RegistryError, KeysError, OSError)


@pytest.fixture(autouse=True)
def nothing_armed():
    yield
    crash_points.disarm()


def arm(name: str, mode: CrashMode, *, on_hit: int = 1) -> None:
    crash_points.arm(
        name, mode, environment=ENVIRONMENT, on_hit=on_hit, error=OSError(errno.EIO, "the disk failed")
    )


def grow_failing(logged: LoggedWorld) -> None:
    """Let the log grow once, whatever comes of it."""
    logged.chain()
    with suppress(FAULTS):
        logged.log().grow(now=logged.clock.now)


def require_nothing_early(logged: LoggedWorld) -> None:
    """What is released has its leaf in a public checkpoint that the witness signed, and no other leaf is there."""
    logged.world.release()
    released = {entry.entry for entry in logged.world.entries() if entry.status == "released"}
    public = logged.files.checkpoint()
    shown = {leaf.entry for leaf in logged.told() if isinstance(leaf, Issue)} if public else set()
    assert released <= shown


def require_whole(logged: LoggedWorld, heads: list[bytes]) -> None:
    """All that was signed is told once, in one history with every head that was ever seen."""
    logged.grow()
    logged.world.release()
    leaves = logged.public_leaves()
    assert [leaf.entry for leaf in logged.told() if isinstance(leaf, Issue)] == [
        entry.entry for entry in logged.world.entries()
    ]
    assert set(logged.world.statuses()) == {"released"}
    for seen in heads:
        head = logged.policy.open(seen).head
        assert tree_hash(leaves[: head.size]) == head.root
    assert logged.checkpoint().head.root == tree_hash(leaves)
    assert len(leaves) == logged.head().size == logged.head().cosigned


def seen(logged: LoggedWorld) -> list[bytes]:
    """Return every head that the log has signed so far, as its memory and the public tree have it."""
    found = [logged.memory.last(logged.policy.keys).note, logged.files.checkpoint()]
    return [data for data in found if data is not None]


@pytest.mark.parametrize("mode", [CrashMode.ERROR, CrashMode.DONE])
@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_fails_is_done_again(logged, step, mode):
    logged.signed(2)
    logged.grow()
    logged.signed(2)
    arm(step, mode)

    grow_failing(logged)
    heads = seen(logged)
    require_nothing_early(logged)

    require_whole(logged, heads)


@pytest.mark.parametrize("second", STEPS)
@pytest.mark.parametrize("first", STEPS)
def test_a_second_fault_in_the_recovery_changes_nothing(logged, first, second):
    logged.signed(3)
    arm(first, CrashMode.ERROR)
    grow_failing(logged)
    heads = seen(logged)
    arm(second, CrashMode.ERROR)

    grow_failing(logged)
    heads += seen(logged)
    require_nothing_early(logged)

    require_whole(logged, heads)


@pytest.mark.parametrize("hit", range(1, 7))
def test_every_file_may_be_the_one_that_fails(logged, hit):
    logged.signed(2)
    arm("log.tile", CrashMode.ERROR, on_hit=hit)
    grow_failing(logged)
    heads = seen(logged)

    require_nothing_early(logged)

    require_whole(logged, heads)


@pytest.mark.parametrize("step", STEPS)
def test_who_is_killed_is_followed_by_another(logged, step):
    logged.signed(3)
    logged.chain()
    arm(step, CrashMode.KILL)
    logged.world.sessions.close()

    child = os.fork()
    if not child:
        logged.log().grow(now=logged.clock.now)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    crash_points.disarm()
    heads = seen(logged)

    assert os.WTERMSIG(status) == signal.SIGKILL
    require_nothing_early(logged)
    require_whole(logged, heads)
