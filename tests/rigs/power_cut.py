"""Cut the power at random instants, and look whether what was acknowledged is still there.

A writer works on an ext4 file system that lives in a file; the file lies on btrfs. Sharing the file's blocks gives,
in one instant, a copy of what the *disk* holds: what is only in the cache of the ext4 (written, not yet synced) is
not in it, just as it would not be after a cut. The copy is mounted (the journal is replayed), the database opened
(it recovers), and everything must be there that the writer had acknowledged before the copy was taken. A process that
is merely killed can not show this: the cache of the operating system survives it.

What this disk does not do: lie about a sync, forget what it has in a cache of its own, or write half a sector.

A workload is a module with three functions: ``prepare(folder)`` makes the data, ``main(folder, *options)`` works until
it is killed and writes a line to standard output for each thing *after* it is committed, ``survivors(folder)``
recovers and returns the lines it can account for, or raises ``ValueError``. ``python -m MODULE FOLDER OPTION…`` runs
``main``. Every few cuts the writer dies too, and a new one goes on with the disk that was cut.

    python -m tests.rigs.power_cut --cuts 500
    python -m tests.rigs.power_cut --cuts 50 --option normal      # must lose
"""

import argparse
import contextlib
import importlib
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, cast

from tests.rigs import mounts

DISK, CUT = "disk", "cut"

# Copies share their blocks, so the outer one needs room for what changes only.
DISK_MEGABYTES, OUTER_MEGABYTES = 128, 1024
CUTS_PER_LIFE = 10
LONGEST_PAUSE_SECONDS = 0.5
FIRST_WORD_SECONDS = 60.0
PIPE_BYTES = 65_536
MILLISECONDS = 1_000


class Workload(Protocol):
    """The module that is put on the rig."""

    def prepare(self, folder: Path) -> None: ...
    def survivors(self, folder: Path) -> set[str]: ...


class WriterDied(Exception):
    """The workload ended by itself; it should work until it is killed."""


@dataclass(frozen=True, slots=True)
class Loss:
    """A cut after which something acknowledged was not there, or what was there was in disorder."""

    cut: int
    missing: int
    disorder: str = ""


@dataclass(slots=True)
class Report:
    """What a run found. ``acknowledged`` counts everything that was acknowledged before the last cut."""

    cuts: int = 0
    acknowledged: int = 0
    losses: list[Loss] = field(default_factory=list)
    seconds: float = 0.0


class _Writer:
    """A running workload, and what it has acknowledged; the pipe's end is ours, outside the rig."""

    def __init__(self, module: str, folder: Path, options: tuple[str, ...], heard: set[str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, str(folder), *options], stdout=subprocess.PIPE, bufsize=0
        )
        self._pipe = self._process.stdout.fileno()
        # select() knows no descriptor from 1,024 on.
        self._poll = select.poll()
        self._poll.register(self._pipe, select.POLLIN)
        self._rest = b""
        self._heard = heard

    def hear_first(self) -> None:
        """Wait until it says something: it has opened its database, and works."""
        if not self._read(FIRST_WORD_SECONDS):
            raise WriterDied("it says nothing")

    def hear_for(self, seconds: float) -> None:
        """Take what it says within that time, and then everything that it has said by now."""
        deadline = time.monotonic() + seconds
        while self._read(max(0.0, deadline - time.monotonic())):
            if time.monotonic() > deadline:
                break
        # One read takes all that the pipe can hold.
        self._read(0)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Stand still meanwhile, so that the writer and what looks after it do not fight for the machine."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def _read(self, patience: float) -> bool:
        if not self._poll.poll(patience * MILLISECONDS):
            return False
        said = os.read(self._pipe, PIPE_BYTES)
        if not said:
            raise WriterDied(self._process.wait())
        *lines, self._rest = (self._rest + said).split(b"\n")
        self._heard.update(line.decode() for line in lines)
        return True

    def die(self) -> None:
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerCut:
    """The rig: which workload, with which options, and whose chance decides when the power fails."""

    module: str
    options: tuple[str, ...] = ()
    chance: random.Random = field(default_factory=random.Random)

    def run(self, *, cuts: int, stop_at_loss: bool = False) -> Report:
        """Cut the power so many times at random instants; return what was lost.

        Needs root, loop devices and tools (``mounts.why_not``); takes about half a second for each cut.
        Raises ``WriterDied``.
        """
        began = time.monotonic()
        workload = cast(Workload, importlib.import_module(self.module))
        with _bench() as bench:
            with bench.mounted(DISK) as folder:
                workload.prepare(folder)
            run = _Run(rig=self, workload=workload, bench=bench)
            while run.report.cuts < cuts and not (stop_at_loss and run.report.losses):
                run.live(cuts=min(CUTS_PER_LIFE, cuts - run.report.cuts))
        run.report.seconds = time.monotonic() - began
        return run.report


@dataclass(frozen=True, slots=True)
class _Bench:
    """A folder whose files can share their blocks, and a place to mount them."""

    images: Path
    places: Path

    def mounted(self, name: str) -> contextlib.AbstractContextManager[Path]:
        return mounts.mounted(self.images / name, self.places / name)


@dataclass(slots=True, kw_only=True)
class _Run:
    rig: PowerCut
    workload: Workload
    bench: _Bench
    report: Report = field(default_factory=Report)
    heard: set[str] = field(default_factory=set)

    def live(self, *, cuts: int) -> None:
        """Let one writer work through some cuts; afterwards the disk is what the last of them left."""
        acknowledged: frozenset[str] = frozenset()
        with self.bench.mounted(DISK) as folder:
            writer = _Writer(self.rig.module, folder, self.rig.options, self.heard)
            try:
                writer.hear_first()
                for _ in range(cuts):
                    writer.hear_for(self.rig.chance.uniform(0, LONGEST_PAUSE_SECONDS))
                    # Whatever it has said by now must survive; what it says from now on need not.
                    acknowledged = frozenset(self.heard)
                    (self.bench.images / CUT).unlink(missing_ok=True)
                    mounts.clone(self.bench.images / DISK, self.bench.images / CUT)
                    with writer.held():
                        self._examine(acknowledged)
            finally:
                writer.die()
        os.replace(self.bench.images / CUT, self.bench.images / DISK)
        # What it said after the last cut is not on this disk, and the next writer says it again.
        self.heard.intersection_update(acknowledged)

    def _examine(self, acknowledged: frozenset[str]) -> None:
        self.report.cuts += 1
        self.report.acknowledged = len(acknowledged)
        with self.bench.mounted(CUT) as folder:
            try:
                missing = acknowledged - self.workload.survivors(folder)
            except ValueError as disorder:
                self.report.losses.append(Loss(self.report.cuts, 0, str(disorder)))
                return
        if missing:
            self.report.losses.append(Loss(self.report.cuts, len(missing)))


@contextlib.contextmanager
def _bench() -> Iterator[_Bench]:
    """Yield a btrfs with an empty ext4 in the file ``disk``; afterwards all is unmounted and removed."""
    # In memory if possible: a sync then costs little, and means the same to what lies on it.
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(
        prefix="certreg-power-", dir=memory if memory.is_dir() else None
    ) as made:
        outer = Path(made) / "outer.img"
        mounts.make_file_system("btrfs", outer, megabytes=OUTER_MEGABYTES)
        with mounts.mounted(outer, Path(made) / "outer") as images:
            mounts.make_file_system("ext4", images / DISK, megabytes=DISK_MEGABYTES)
            yield _Bench(images, Path(made))


def main() -> int:
    """Run the rig as a program; the exit status is 1 if anything was lost, 2 if it can not run here."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cuts", type=int, default=50)
    parser.add_argument("--workload", default="tests.rigs.counting_workload", metavar="MODULE")
    parser.add_argument("--option", action="append", default=[], help="passed to the workload")
    parser.add_argument("--seed", type=int, default=None)
    chosen = parser.parse_args()
    reason = mounts.why_not()
    if reason:
        print(reason, file=sys.stderr)
        return 2
    rig = PowerCut(module=chosen.workload, options=tuple(chosen.option), chance=random.Random(chosen.seed))
    report = rig.run(cuts=chosen.cuts)
    print(
        f"{report.cuts} cuts in {report.seconds:.0f} s, {report.acknowledged} acknowledged, "
        f"{len(report.losses)} cuts with a loss"
    )
    for loss in report.losses:
        print(f"  cut {loss.cut}: {loss.missing} lost {loss.disorder}")
    return 1 if report.losses else 0


if __name__ == "__main__":
    sys.exit(main())
