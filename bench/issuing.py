"""Issuing end to end: number, sign, store, log, witness, release; in batches of 1,000, and one certificate at a time.

The baseline raises one counter and inserts one row of a token's size for each certificate, in one transaction of the
same database and driver: no review looked at, no key, no event, no second or third transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from uuid import UUID

from bench.bare_counter import BareCounter
from bench.comparison import Comparison, compare, rate_of
from bench.filling import ROWS, add_approved, person
from bench.registers import DATABASES, Register, open_register
from bench.report import Floor, Report
from bench.statements import counted
from registry.certificate.issuance import Memory, number_approved
from registry.certificate.line import Line, Workshop
from registry.certificate.release import release_signed
from registry.certificate.signature import sign_numbered
from registry.directory.profiles import load_profiles
from registry.operator.log_keeping import show_in_log

REPEATS = 5
BATCHES = 5
SINGLES = 100
AIM_PER_SECOND = 5_000
AIM_SINGLE = 0.3

# What no program could save, if the bytes must be on disk before the key is used: numbering reads the submission, its
# rows, its decisions and who took them, finds the epoch, raises a series and the entry, and inserts certificates,
# entries and an event; signing reads, updates and records; release does the same. The log reads head and events, gives
# these their place in the journal, reads the tokens, and enters the head before and after the witness.
FLOORS = {
    "number": "10 statements, 1 commit",
    "sign": "3 statements, 1 commit",
    "log": "5 statements, 3 commits",
    "release": "3 statements, 1 commit",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One of the three steps of a batch."""

    name: str
    act: Callable[[], int]


def measure() -> Report:
    """Measure batches and single certificates on each database."""
    comparisons, floors, notes = [], [], []
    for database in DATABASES:
        with open_register(database) as register:
            issuing = Issuing(register)
            floors += issuing.count_statements()
            comparisons += [issuing.batches(), issuing.singles(), issuing.alone()]
            notes.append(issuing.aim_in_words(comparisons[-3]))
    return Report("Issuing", comparisons, floors, notes)


class Issuing:
    """Fresh approved submissions of one register, issued one after the other."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self._bare = BareCounter(register.url)
        self._people = map(person, count())
        desk = register.desk
        self._workshop = Workshop(
            register.sessions,
            desk.actor,
            desk.custody.certificate_signers(),
            load_profiles(),
            desk.settings.environment,
            desk.custody.trust,
            show_in_log=self.show_in_log,
        )

    def show_in_log(self) -> None:
        """Bring what was signed into the public log and before its witness."""
        desk = self.register.desk
        show_in_log(desk.installation, desk.custody, now=desk.now)

    def batches(self) -> Comparison:
        """Measure large submissions against the bare counter's batches of the same size."""
        return self._compare(f"batches of {ROWS:,}, {BATCHES} in a row", [ROWS] * BATCHES, ROWS, None)

    def singles(self) -> Comparison:
        """Measure submissions of one row, all waiting at once, against bare transactions of one row."""
        return self._compare("single certificates, many waiting", [1] * SINGLES, 1, AIM_SINGLE)

    def alone(self) -> Comparison:
        """Measure submissions of one row, each from approval to release before the next, against the same."""

        def issue() -> None:
            for submission_id in waiting:
                self.issue([submission_id])

        def rate() -> float:
            waiting[:] = self.approved([1] * SINGLES)
            return rate_of(issue, count=SINGLES)

        waiting: list[UUID] = []
        return compare(
            f"{self.register.database}: single certificates, one after the other",
            rate,
            against="bare counter and insert",
            baseline=lambda: self._bare_rate(SINGLES, 1),
            unit="/s",
            repeats=REPEATS,
            aim=AIM_SINGLE,
        )

    def count_statements(self) -> list[Floor]:
        """Issue one batch and say what SQL each step sent."""
        floors = []
        for step in self.steps():
            with counted() as sent:
                step.act()
            name = f"{step.name} {ROWS:,} on {self.register.database}"
            floors.append(Floor(name, FLOORS[step.name], str(sent)))
        return floors

    def aim_in_words(self, batches: Comparison) -> str:
        """Say whether batches come up to the aim, which is a rate and no ratio."""
        met = "met" if batches.ours_rate >= AIM_PER_SECOND else "MISSED"
        rate = f"{batches.ours_rate:,.0f}"
        return f"{self.register.database}, batches: {rate} certificates/s, aim {AIM_PER_SECOND:,}: {met}."

    def _compare(self, claim: str, sizes: list[int], bare: int, aim: float | None) -> Comparison:
        def ours() -> float:
            waiting = self.approved(sizes)
            return rate_of(lambda: self.issue(waiting), count=sum(sizes))

        return compare(
            f"{self.register.database}: {claim}",
            ours,
            against="bare counter and insert",
            baseline=lambda: self._bare_rate(len(sizes), bare),
            unit="/s",
            repeats=REPEATS,
            aim=aim,
        )

    def _bare_rate(self, times: int, rows: int) -> float:
        def take() -> None:
            for _ in range(times):
                self._bare.take(rows)

        return rate_of(take, count=times * rows)

    def approved(self, sizes: list[int]) -> list[UUID]:
        """Return new approved submissions of so many rows each. Handing in and review are not counted."""
        now = self.register.desk.now()
        return [add_approved(self.register, list(islice(self._people, size)), now=now) for size in sizes]

    def issue(self, waiting: list[UUID]) -> None:
        """Issue these submissions as `certreg issue` does: signing goes on while the next batch is numbered."""
        with Line(self._workshop, now=self.register.desk.now, progress=lambda _: None) as line:
            while line.number(waiting):
                pass

    def steps(self) -> list[Step]:
        """Return the steps of one new batch, one after the other, with the memory that a worker has."""
        shop, now, memory = self._workshop, self.register.desk.now(), Memory()
        (submission_id,) = self.approved([ROWS])
        sessions, actor, profiles, environment = shop.sessions, shop.actor, shop.profiles, shop.environment
        return [
            Step(
                "number",
                lambda: number_approved(
                    sessions,
                    actor,
                    submission_id,
                    profiles.issuing,
                    environment=environment,
                    now=now,
                    memory=memory,
                ),
            ),
            Step(
                "sign",
                lambda: sign_numbered(
                    sessions, actor, shop.signers, profiles, environment=environment, now=now, memory=memory
                ),
            ),
            Step("log", lambda: self.show_in_log() or ROWS),
            Step("release", lambda: release_signed(sessions, actor, shop.trust, now=now, memory=memory)),
        ]


def memory(certificates: int) -> Report:
    """Issue so many certificates in one process, and note its resident memory on the way."""
    notes = []
    for database in DATABASES:
        with open_register(database) as register:
            register.open_epochs(entries=certificates)
            issuing, done, marks = Issuing(register), 0, []
            while done < certificates:
                issuing.issue(issuing.approved([ROWS]))
                done += ROWS
                if done in (ROWS, 10 * ROWS, certificates):
                    marks.append(f"{done:,}: {_resident_mib():.0f} MiB")
            notes.append(f"{database}, resident memory after {', '.join(marks)}.")
    return Report("Memory of issuing", [], (), notes)


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4096 / 2**20
