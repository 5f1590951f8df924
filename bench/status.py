"""The status file: its size beside the entropy of its sets, the time to make and read it, and a refresh by delta."""

import math
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

from bench.browser import times_in_chromium
from bench.report import Figures, Report
from registry.publication.public_files import STATUS, read_public_file, write_public_file
from registry.publication.status_deltas import deltas_there, write_deltas
from signing import cose
from signing.cose import Envelope
from signing.status import Status
from signing.status_delta import apply, delta_name

MILLION = 10**6
CASES = ((MILLION, 0.001), (MILLION, 0.01), (100 * MILLION, 0.001), (100 * MILLION, 0.01))
LIVES = {
    # entries and revocations of a year, in a register of 100 million entries
    "80,000 entries, 80 revoked": (80_000, 80),
    "5,000,000 entries, 100,000 revoked": (5_000_000, 100_000),
}
REFRESH_HEAD = ("a year", "away", "fetched", "whole file", "apply and read", "read whole", "Node")
START = datetime(2026, 11, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
REPEATS = 5
DECODER = Path(__file__).with_name("status_decode.mjs")
NONE: frozenset[int] = frozenset()


def measure() -> Report:
    """Measure size and times of status files, and of refreshing one."""
    sizes = [size_row(entries, share) for entries, share in CASES]
    refreshes: list[tuple[str, ...]] = []
    written: list[str] = []
    for name, life in LIVES.items():
        with TemporaryDirectory() as folder:
            history = live(Path(folder), *life)
            refreshes += refresh_rows(name, Path(folder), history)
            written.append(f"A publication, {name} a year: {written_note(Path(folder), history[-1])}")
    head = ("entries", "revoked", "file", "floor", "ratio", "write", "read", "Node", "Chromium")
    return Report(
        "Status file",
        [],
        figures=(
            Figures(head, sizes),
            Figures(
                ("a year", "away", "fetched", "whole file", "apply and read", "read whole", "Node"), refreshes
            ),
        ),
        notes=(
            f"Middle of {REPEATS} in CPU time; Chromium the least of {REPEATS} by its clock, after one more.",
            "The floor is the entropy of as many entries without a pattern: log2 of the ways to choose them.",
            *written,
        ),
    )


def size_row(entries: int, share: float) -> tuple[str, ...]:
    """Return the figures of a status with this share of its entries revoked, without a pattern."""
    count = int(entries * share)
    status = make_status(START, entries, frozenset(Random(1).sample(range(1, entries + 1), count)))
    payload = status.to_payload()
    floor = choices_bits(entries, count) / 8
    return (
        f"{entries:,}",
        f"{count:,}",
        f"{len(file_of(status)):,} B",
        f"{floor:,.0f} B",
        f"{len(file_of(status)) / floor:.3f}",
        milliseconds(cpu_seconds(status.to_payload)),
        milliseconds(cpu_seconds(lambda: Status.from_payload(payload))),
        in_node(payload),
        in_chromium(payload),
    )


def choices_bits(entries: int, count: int) -> float:
    """Return log2 of the number of ways to choose so many of the entries."""
    ways = math.lgamma(entries + 1) - math.lgamma(count + 1) - math.lgamma(entries - count + 1)
    return ways / math.log(2)


def refresh_rows(name: str, folder: Path, history: list[Status]) -> Iterator[tuple[str, ...]]:
    """Yield what a verifier fetches that was away for an hour, a day, a week."""
    present = history[-1]
    whole = file_of(present)
    for away in (HOUR, 24 * HOUR, 168 * HOUR):
        held = min(history, key=lambda status: abs(present.made_at - away - status.made_at))
        data = read_public_file(folder, delta_name(held.made_at, present.made_at) or "") or b""
        if apply(data, held) != whole:
            raise AssertionError("the delta does not make the present file")
        yield (
            name,
            f"{(present.made_at - held.made_at) // HOUR} h",
            f"{len(data):,} B",
            f"{len(whole):,} B",
            milliseconds(cpu_seconds(lambda data=data, held=held: read(apply(data, held)))),
            milliseconds(cpu_seconds(lambda: read(whole))),
            in_node(held.to_payload(), data),
        )


def written_note(folder: Path, last: Status) -> str:
    """Say what one publication writes beside the status file."""
    names = deltas_there(folder)
    sizes = [len(read_public_file(folder, name) or b"") for name in names]
    following = replace(last, version=last.version + 1)
    signed = file_of(following)
    by_clock, in_cpu = time.perf_counter(), time.process_time()
    write_deltas(folder, signed, following, last)
    by_clock, in_cpu = time.perf_counter() - by_clock, time.process_time() - in_cpu
    return (
        f"{len(sizes)} deltas of {min(sizes):,} to {max(sizes):,} bytes, {sum(sizes):,} in all beside a status of "
        f"{len(signed):,}, in {in_cpu * 1000:,.0f} ms of CPU time, {by_clock * 1000:,.0f} ms by the clock."
    )


def live(folder: Path, entries: int, revoked: int) -> list[Status]:
    """Publish eight days: twice a day, hourly in the last seven hours; return the statuses."""
    random, history = Random(2), []
    status = make_status(START, 100 * MILLION, frozenset(random.sample(range(1, 100 * MILLION), 100_000)))
    at = [hour for hour in range(193) if hour % 12 == 0 or hour > 185]
    for before, hour in zip([0, *at], at, strict=False):
        new = entries * (hour - before) // 8766
        newly = random.sample(
            range(1, status.size), round(revoked * hour / 8766) - round(revoked * before / 8766)
        )
        made_at = START + hour * HOUR
        last = status
        status = replace(
            status,
            version=int(made_at.timestamp()),
            made_at=made_at,
            size=status.size + new,
            # What came since the last publication is on its way; what was on its way is out.
            unreleased=frozenset(range(status.size + 1, status.size + new + 1)),
            revoked=status.revoked | set(newly),
        )
        signed = file_of(status)
        write_deltas(folder, signed, status, last)
        write_public_file(folder, STATUS, signed)
        history.append(status)
    return history


def make_status(made_at: datetime, size: int, revoked: frozenset[int]) -> Status:
    """Return a status in which only revoked entries stand."""
    return Status("bench", int(made_at.timestamp()), made_at, size, 1, NONE, NONE, revoked, NONE, NONE)


def file_of(status: Status) -> bytes:
    """Return the file with a signature of zeros, which is as long as any."""
    return cose.assemble(key_id=bytes(4), payload=status.to_payload(), signature=bytes(64))


def read(data: bytes) -> Status:
    """Read a file without asking for its signature."""
    return Status.from_payload(Envelope.from_bytes(data).payload or b"")


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU time of some work: the middle of several."""
    times = []
    for _ in range(REPEATS):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return median(times)


def in_node(*content: bytes) -> str:
    """Return how long the page's verifier takes in Node to read a payload, or to apply a delta to one and read that."""
    node = shutil.which("node")
    if node is None:
        return "–"
    with TemporaryDirectory() as folder:
        files = [Path(folder) / str(place) for place in range(len(content))]
        for file, data in zip(files, content, strict=True):
            file.write_bytes(data)
        command = [node, str(DECODER), str(REPEATS), *map(str, files)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return milliseconds(median(map(float, done.stdout.split())) / 1000)


def in_chromium(payload: bytes) -> str:
    """Return how long the page's verifier takes in Chromium to read a payload, where there is one."""
    times = times_in_chromium(payload, REPEATS)
    return milliseconds(min(times) / 1000) if times else "–"


def milliseconds(seconds: float) -> str:
    """Return a time as people read it."""
    return f"{seconds * 1000:,.1f} ms"
