"""A witness killed on the way, and two that share a folder: what it once cosigned it never takes back."""

import fcntl
import os
import signal
import threading

import pytest

from keys.crash_points import CrashMode, arm
from keys.witness.state import WitnessState
from keys.witness.witness import Witness
from signing.log.note import Head, Note
from tests.instants import NOON
from tests.keys.small_register import ENVIRONMENT, ending_of


def killed_at(point, act):
    def armed():
        arm(point, CrashMode.KILL, environment=ENVIRONMENT)
        act()

    return ending_of(armed) == -signal.SIGKILL


@pytest.mark.parametrize(("point", "size"), [("witness.before_store", 5), ("witness.stored", 9)])
def test_a_killed_witness_knows_the_old_head_or_the_new_one(witness, folder, seal, log, point, size):
    witness.add_checkpoint(log.request(0, 5), now=NOON)
    body = log.request(5, 9)

    assert killed_at(point, lambda: Witness.open(folder, seal).add_checkpoint(body, now=NOON))

    after = Witness.open(folder, seal)
    assert after.state.seen(log.keys.keys).head == log.head(size)
    again = after.add_checkpoint(body, now=NOON)
    if size == 9:
        # The log is told where the witness is, and gets what it did not hear.
        assert (again.status, again.body) == (409, b"9\n")
        again = after.add_checkpoint(log.request(9, 9), now=NOON)
    assert again.status == 200


def test_a_fork_is_refused_after_a_crash_that_told_nobody(witness, folder, seal, log):
    witness.add_checkpoint(log.request(0, 5), now=NOON)
    assert killed_at(
        "witness.stored", lambda: Witness.open(folder, seal).add_checkpoint(log.request(5, 9), now=NOON)
    )
    after = Witness.open(folder, seal)

    replies = [after.add_checkpoint(log.forked_at(6).request(old, 9), now=NOON) for old in (5, 9)]

    assert [reply.status for reply in replies] == [409, 409]


@pytest.mark.parametrize("mode", [CrashMode.ERROR, CrashMode.DONE])
def test_a_state_that_can_not_be_written_lets_nothing_out(witness, log, mode):
    arm("witness.before_store", mode, environment=ENVIRONMENT)

    with pytest.raises(OSError, match="crash point"):
        witness.add_checkpoint(log.request(0, 5), now=NOON)

    assert witness.state.seen(log.keys.keys).data == b""


def cosigned_by_turns(folder, seal, requests):
    """Send requests, each once more with the size that is answered; return the heads of those cosigned."""
    witness = Witness.open(folder, seal)
    heads = []
    for make in requests:
        old = 0
        while True:
            body = make(old)
            if body is None:
                break
            reply = witness.add_checkpoint(body, now=NOON)
            if reply.status != 409:
                heads.append(Head.parse(Note.parse(body.partition(b"\n\n")[2]).text).size)
                assert reply.status == 200
                break
            old = int(reply.body)
    return heads


def test_two_processes_that_race_never_roll_it_back(witness, folder, seal, log):
    """The race of the specification: what is cosigned by both in the order of time only grows."""
    sizes = range(1, 25)
    children = []
    for first in (0, 1):
        reads, writes = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reads)
            makes = [
                lambda old, size=size: log.request(old, size) if old <= size else None
                for size in sizes[first::2]
            ]
            try:
                os.write(writes, bytes(cosigned_by_turns(folder, seal, makes)))
            finally:
                os._exit(0)
        os.close(writes)
        children.append((child, reads))

    told = []
    for child, reads in children:
        told.append(os.read(reads, 100))
        os.waitpid(child, 0)
        os.close(reads)

    assert all(list(heads) == sorted(heads) for heads in told)
    last = witness.state.seen(log.keys.keys).head
    assert last == log.head(max(max(heads, default=0) for heads in told))
    assert last.size == 24


def test_of_two_forks_that_race_one_is_cosigned(witness, folder, seal, log):
    """Each thread has a fork of its own: only one of them may ever get lines."""
    forks = [log.forked_at(2 + place) for place in range(6)]
    barrier = threading.Barrier(len(forks))
    cosigned = []

    def ask(fork):
        barrier.wait()
        reply = Witness.open(folder, seal).add_checkpoint(fork.request(0, 20), now=NOON)
        if reply.status == 200:
            cosigned.append(fork)

    threads = [threading.Thread(target=ask, args=(fork,)) for fork in forks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (winner,) = cosigned
    assert WitnessState.open(folder).seen(log.keys.keys).head == winner.head(20)


def is_locked(folder):
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def test_a_slower_request_does_not_roll_back_a_larger_tree(witness, folder, seal, log):
    """The race of the specification: A was checked and is not kept yet when B, with more leaves, comes."""

    def slow():
        arm("witness.before_store", CrashMode.HANG, environment=ENVIRONMENT, hang_seconds=1)
        assert Witness.open(folder, seal).add_checkpoint(log.request(0, 5), now=NOON).status == 200

    child = os.fork()
    if child == 0:
        try:
            slow()
        finally:
            os._exit(0)
    while not is_locked(folder):
        assert os.waitpid(child, os.WNOHANG) == (0, 0), "it held nobody up"
    later = witness.add_checkpoint(log.request(0, 9), now=NOON)
    os.waitpid(child, 0)

    assert (later.status, later.body) == (409, b"5\n")
    assert witness.state.seen(log.keys.keys).head == log.head(5)
