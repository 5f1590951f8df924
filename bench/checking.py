"""``certreg check`` on a register of many certificates: how long, at which rate, with how much memory.

The register is filled by its own functions; everything is checked, on all cores, as the operator's command does it.
"""

import argparse
import os
import resource
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.comparison import Comparison
from bench.filling import ROWS, fill, person
from bench.registers import DATABASES, Register, open_register
from bench.report import Report, machine, render
from registry.audit.check import Check
from registry.audit.evidence import open_evidence
from registry.audit.finding import Report as Findings
from registry.audit.processes import Address, many_hands
from registry.foundation.charter import read_charter
from registry.journal.sequencer import chain_events
from registry.operator import ceremony
from registry.operator.public_tree import publish
from registry.operator.restored_check import places_of

CERTIFICATES = 100_000
MILLION = 1_000_000
AIM_SECONDS = 300.0
AIM_CORES = 2
KIB = 1024


@dataclass(slots=True)
class Memory:
    """The greatest resident memory that each process of a family was seen with, in bytes, by process id."""

    greatest: dict[int, int] = field(default_factory=dict)

    @contextmanager
    def watched(self, *, every_seconds: float = 0.2) -> Iterator[None]:
        """Look at this process and its children until the block ends."""
        done = threading.Event()

        def watch() -> None:
            while not done.wait(every_seconds):
                for process in (os.getpid(), *_children(os.getpid())):
                    self.greatest[process] = max(self.greatest.get(process, 0), _resident(process))

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    @property
    def text(self) -> str:
        """The greatest of each, greatest first, in MB."""
        return ", ".join(f"{size / 1e6:.0f} MB" for size in sorted(self.greatest.values(), reverse=True))


@dataclass(frozen=True, slots=True)
class Checked:
    """One check: seconds of the clock, seconds of all cores, memory, and what it found."""

    seconds: float
    cpu_seconds: float
    memory: Memory
    findings: Findings


def measure(certificates: int = CERTIFICATES, database: str = "SQLite") -> Report:
    """Fill a register and check it with as many processes as there are cores."""
    # One epoch is enough; how epochs follow each other is not the question here.
    usual, ceremony.EPOCH_ENTRIES = ceremony.EPOCH_ENTRIES, certificates
    with open_register(database) as register:
        ceremony.EPOCH_ENTRIES = usual
        started = time.perf_counter()
        _fill(register, certificates)
        filling = time.perf_counter() - started
        checked = _check(register, processes=os.cpu_count() or 1)
    return _report(database, certificates, filling, checked)


def main(arguments: list[str]) -> int:
    """``python -m bench.checking [--certificates N] [--database NAME]``."""
    parser = argparse.ArgumentParser(prog="python -m bench.checking")
    parser.add_argument("--certificates", type=int, default=CERTIFICATES)
    parser.add_argument("--database", choices=DATABASES, default=DATABASES[0])
    chosen = parser.parse_args(arguments)
    print(f"Full check. {machine()}")
    print(render(measure(chosen.certificates, chosen.database)))
    return 0


def _fill(register: Register, certificates: int) -> None:
    now = register.desk.now()
    for start in range(0, certificates, ROWS):
        people = [person(serial) for serial in range(start, min(start + ROWS, certificates))]
        for _ in fill(register, people, now=now):
            pass
    while chain_events(register.sessions):
        pass
    publish(register.desk.installation, register.desk.custody, now=register.desk.now())


def _check(register: Register, *, processes: int) -> Checked:
    desk, sessions, memory = register.desk, register.sessions, Memory()
    places = places_of(desk.custody)
    evidence = open_evidence(places, sessions.read(read_charter))
    before, started = _cpu_seconds(), time.perf_counter()
    with (
        memory.watched(),
        many_hands(Address(register.url, desk.settings.limits), places, processes=processes) as hands,
    ):
        report, _ = Check(sessions, evidence, hands, places).run()
    return Checked(time.perf_counter() - started, _cpu_seconds() - before, memory, report)


def _report(database: str, certificates: int, filling: float, checked: Checked) -> Report:
    if (
        checked.findings.findings
        or checked.findings.skipped
        or checked.findings.counts["tokens"] != certificates
    ):
        raise RuntimeError(f"an honest register was found at fault: {checked.findings}")
    rate, cores = certificates / checked.seconds, os.cpu_count() or 1
    per_certificate = checked.cpu_seconds / certificates
    projected = MILLION * per_certificate / AIM_CORES
    met = "met" if projected <= AIM_SECONDS else "MISSED"
    counts = ", ".join(f"{name} {count:,}" for name, count in checked.findings.counts.items())
    notes = [
        f"{certificates:,} certificates on {database}, {cores} processes: {checked.seconds:.1f} s, {rate:,.0f}/s; "
        f"{per_certificate * 1e6:.0f} core-µs for each; filled in {filling:.0f} s.",
        f"1,000,000 on {AIM_CORES} cores, by core time: {projected:.0f} s (aim: ≤ {AIM_SECONDS:.0f} s, {met}).",
        f"Greatest memory of each process: {checked.memory.text}.",
        f"Looked at: {counts}.",
    ]
    nothing: tuple[Comparison, ...] = ()
    return Report(f"Full check, {database}", nothing, notes=notes)


def _cpu_seconds() -> float:
    """Return the CPU time of this process and of the children that have ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _children(process: int) -> list[int]:
    try:
        text = Path(f"/proc/{process}/task/{process}/children").read_text("ascii")
    except OSError:
        return []
    return [int(child) for child in text.split()]


def _resident(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/status").read_text("ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * KIB for line in lines if line.startswith("VmRSS")), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
