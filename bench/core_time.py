"""Core time of issuing: what one certificate costs the processors, whoever spends it and however busy the machine is.

Counted are this process, the pool's signing processes, and the server of the database with all its backends and
writers. Waiting for the disk is not counted. The floor is a signature and its verification by the bare library, which
every certificate needs.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import process_time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from bench.filling import ROWS
from bench.issuing import AIM_PER_SECOND, BATCHES, Issuing
from bench.registers import DATABASES, Register, open_register
from bench.report import Floor, Report

ROUNDS = 5
CORES = 2
SAMPLE, REPEATS = 200, 15
MICRO = 1e6


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of core time: this process, the signing processes, the database's server (none for SQLite)."""

    own: float
    signing: float
    server: float

    def __sub__(self, before: "Spent") -> "Spent":
        """Return what was spent since."""
        return Spent(self.own - before.own, self.signing - before.signing, self.server - before.server)

    @property
    def total(self) -> float:
        """Of all together."""
        return self.own + self.signing + self.server

    def per_certificate(self, certificates: int) -> str:
        """Say in whole microseconds who spent how much on each of so many certificates."""
        parts = {"this process": self.own, "signing processes": self.signing, "server": self.server}
        shares = [f"{who} {spent / certificates * MICRO:.0f}" for who, spent in parts.items() if spent]
        return f"{self.total / certificates * MICRO:.0f} µs: {', '.join(shares)}"


def measure() -> Report:
    """Measure the three steps one after the other, and whole runs of the line, on each database."""
    floors: list[Floor] = []
    notes: list[str] = []
    for database in DATABASES:
        with open_register(database) as register:
            register.open_epochs(entries=(ROUNDS + 1) * (BATCHES + 1) * ROWS)
            _measure(register, floors, notes)
    return Report("Core time of issuing", [], floors, notes)


def _measure(register: Register, floors: list[Floor], notes: list[str]) -> None:
    meter, database = _Meter(register), register.database
    sign, verify = _bare()
    crypto = f"{sign + verify:.0f} µs: a signature and its verification"
    for step, spent in meter.steps().items():
        least = crypto if step == "sign" else "–"
        floors.append(Floor(f"{step} one of {ROWS:,}, {database}", least, spent.per_certificate(ROWS)))
    line, certificates = meter.line(), BATCHES * ROWS
    floors.append(Floor(f"all of it, in the line, {database}", crypto, line.per_certificate(certificates)))
    notes.append(_reach(database, line, certificates))


class _Meter:
    """One register whose issuing is metered; the least of several rounds counts, after one that warms up."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._issuing = Issuing(register)
        self._postmaster = _postmaster(register)

    def steps(self) -> dict[str, Spent]:
        """Return what each step spent on one batch."""
        rounds = [
            {step.name: self._during(step.act) for step in self._issuing.steps()} for _ in range(ROUNDS + 1)
        ]
        return {name: _least([each[name] for each in rounds[1:]]) for name in rounds[0]}

    def line(self) -> Spent:
        """Return what the line spent on five batches in a row."""
        return _least([self._line() for _ in range(ROUNDS)])

    def _line(self) -> Spent:
        waiting = self._issuing.approved([ROWS] * BATCHES)
        return self._during(lambda: self._issuing.issue(waiting))

    def _during(self, act: Callable[[], object]) -> Spent:
        before = self._spent()
        act()
        return self._spent() - before

    def _spent(self) -> Spent:
        signing = sum(map(_core_seconds, self._register.desk.custody.pool.process_ids()))
        server = _family_seconds(self._postmaster) if self._postmaster else 0.0
        return Spent(process_time(), signing, server)


def _least(spent: list[Spent]) -> Spent:
    """Return the round that took least: what else the machine does can only add, through its caches and clocks."""
    return min(spent, key=lambda each: each.total)


def _reach(database: str, line: Spent, certificates: int) -> str:
    """Say how many certificates a second so much core time allows, where nothing else is waited for."""
    # This process computes on one core at a time, the two threads of its line included.
    rate = min(certificates * CORES / line.total, certificates / line.own)
    met = "within" if rate >= AIM_PER_SECOND else "MISSES"
    return (
        f"{database}: {CORES} cores can do {rate:,.0f}/s by core time; {met} the aim of {AIM_PER_SECOND:,}/s."
    )


def _bare() -> tuple[float, float]:
    """Return the microseconds of a signature and of its verification by the bare library: the best of several."""
    private, data = Ed25519PrivateKey.generate(), bytes(130)
    public, signature = private.public_key(), private.sign(data)

    def best(act: Callable[[], object]) -> float:
        return min(_seconds(act) for _ in range(REPEATS)) / SAMPLE * MICRO

    return best(lambda: private.sign(data)), best(lambda: public.verify(signature, data))


def _seconds(act: Callable[[], object]) -> float:
    started = process_time()
    for _ in range(SAMPLE):
        act()
    return process_time() - started


def _postmaster(register: Register) -> int | None:
    """Return the process whose children are the server; ``None`` where the database has no server."""
    if register.database == "SQLite":
        return None
    backend: int = register.sessions.read(lambda session: session.scalar(text("SELECT pg_backend_pid()")))
    # The second field is the program's name in brackets and may hold spaces.
    return int(Path(f"/proc/{backend}/stat").read_text("utf-8").rpartition(")")[2].split()[1])


def _family_seconds(process: int) -> float:
    """Return the core time of a process and its children, the ended ones that it waited for included (``proc(5)``)."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text("ascii")
    fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    ended = (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
    return ended + sum(map(_core_seconds, [process, *map(int, children.split())]))


def _core_seconds(process: int) -> float:
    """Return the core time of a process so far (``schedstat``, nanoseconds); 0 for one that has just ended."""
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text("ascii").split()[0]) / 1e9
    except FileNotFoundError:
        return 0.0
