"""What is kept from run to run: any way of parting the runs ends in the same state, and a damaged one is refused."""

import os
import signal
import subprocess
import sys
from collections import Counter

import pytest

from signing.offline.monitor.state import State, read_state
from tests.log_world import (
    LOG,
    MINUTE,
    ORIGIN,
    POLICY,
    START,
    LogPolicy,
    NoteKey,
    Register,
    SignatureKind,
    write_log,
)
from tests.vectors import world
from tests.vectors.world import DAY, HOUR, NOW


def with_wrongs() -> Register:
    """A register that did some wrong in every part of its log, and whose every leaf is in time."""
    register = Register()
    series = register.open()
    for part in range(6):
        register.issue(series, count=120)
        register.sign(f"{series}{part + 1:06}", 1)
        register.serials[series] += 1
        register.issue(series)
        register.correct(part + 10)
        register.void(f"{series}{part + 1:06}", entry=part + 30)
    return register


@pytest.mark.parametrize(
    "sizes", [(750,), (1,), (255, 256, 257), (100, 200, 300, 400, 500, 600, 700), (256, 512)]
)
def test_runs_in_parts_end_in_the_state_of_one_run(desk, sizes):
    desk.register = with_wrongs()
    leaves, before, told = desk.register.leaves, 0, []

    for size in sizes:
        # Cosigned when the last of these leaves was made.
        write_log(desk.public / "log", leaves[:size], at=START + size * MINUTE, after=before)
        told += desk.watch("--body", "S0001")[1]["findings"]
        before = size
    write_log(desk.public / "log", leaves, at=NOW - HOUR, after=before)
    told += desk.watch()[1]["findings"]
    whole = desk.state.read_bytes()
    desk.state.unlink()
    once = desk.watch()[1]["findings"]

    assert same_but_for_the_order(desk.state.read_bytes(), whole)
    assert sorted(map(str, told)) == sorted(map(str, once))
    assert Counter(item["code"] for item in once) == {
        "duplicate_number": 6, "series_gap": 6, "unlawful_change": 6
    }  # fmt: skip


def same_but_for_the_order(one: bytes, other: bytes) -> bool:
    """Findings of a hole come at the end of a run, so they stand elsewhere among the others."""
    first, second = State.from_bytes(one), State.from_bytes(other)
    lines = [sorted(str(item.to_json()) for item in state.found.kept) for state in (first, second)]
    for state in (first, second):
        state.found.kept.sort(key=lambda item: str(item.to_json()))
    return lines[0] == lines[1] and first.to_bytes() == second.to_bytes()


def test_what_was_told_is_not_told_again_and_not_forgotten(desk):
    desk.register = with_wrongs()
    desk.publish()
    first = desk.watch()[1]

    code, second = desk.watch()

    assert (code, second["findings"], second["result"]) == (0, [], "in_order")
    assert second["found_before"] == first["findings"]
    assert second["counts_before"] == first["counts"]


def test_a_state_reads_back_as_it_was_written(honest):
    honest.watch()

    data = honest.state.read_bytes()

    assert State.from_bytes(data).to_bytes() == data


def test_a_damaged_state_is_refused_wherever_it_is_damaged(honest):
    honest.watch()
    data = honest.state.read_bytes()
    damaged = [data[:size] for size in (0, 1, 17, 18, 49, 50, len(data) // 2, len(data) - 1)]
    damaged += [
        data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]
        for at in (*range(60), *range(60, len(data), len(data) // 50))
    ]
    damaged += [data + b"\0", b"certmonitor state\n" + bytes(64)]

    for content in damaged:
        honest.state.write_bytes(content)
        code, out, err = honest.run()
        assert (code, out) == (64, ""), content[:60]
        assert "certmonitor: The state is damaged" in err
        assert honest.state.read_bytes() == content


def test_a_state_of_another_log_is_refused(honest):
    honest.watch()
    other = LogPolicy(
        "other.example/log",
        (NoteKey("other.example/log", SignatureKind.LOG_ED25519, LOG.public),),
        POLICY.witnesses,
        2,
    )
    honest.state.write_bytes(State(world.ENV, "other.example/log").to_bytes())
    honest.trust(logs=(other, POLICY))

    code, out, err = honest.run()

    assert (code, out) == (64, "")
    assert "other.example/log" in err


def test_a_trust_bundle_older_than_one_that_was_used_is_refused(honest):
    honest.watch()
    honest.trust(version=6)

    code, answer = honest.watch()

    assert (code, [doubt["code"] for doubt in answer["doubts"]]) == (2, ["older_trust_bundle"])


def test_a_state_is_made_by_the_first_run_in_a_folder_of_its_own(honest):
    honest.run("--state", honest.folder / "deep" / "monitor")

    state = read_state(honest.folder / "deep" / "monitor")

    assert state is not None
    assert (state.origin, state.edge.size) == (ORIGIN, 344)
    assert list((honest.folder / "deep").iterdir()) == [honest.folder / "deep" / "monitor"]


KILLED = """
import os, signal, sys
from signing.offline.monitor import state
os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
from signing.offline.monitor.command import main
main()
"""


def test_a_run_that_is_killed_while_it_keeps_its_state_leaves_the_one_before(honest):
    honest.watch()
    before = honest.state.read_bytes()
    honest.register.issue("S000123000001263", count=5)
    honest.publish(at=NOW, witnesses=(1, 2))
    given = ["--root", honest.folder / "root.json", "--state", honest.state, "--now", NOW.isoformat()]

    killed = subprocess.run(
        [sys.executable, "-c", KILLED, *map(str, [honest.public, *given])],
        capture_output=True,
        check=False,
        cwd=os.getcwd(),
    )

    assert killed.returncode == -signal.SIGKILL
    assert honest.state.read_bytes() == before
    assert honest.watch()[1]["read_to"] == 349


def test_the_next_run_is_of_a_log_that_stood_still(honest):
    honest.watch()
    state = honest.state.read_bytes()

    code, answer = honest.watch(now=NOW + DAY)

    assert (code, answer["read_from"], answer["read_to"]) == (0, 344, 344)
    assert honest.state.read_bytes() == state
