"""Issuing: number, sign and release a batch, beside the barest transaction that could give out as many numbers.

The baseline raises one counter and inserts one row of a token's size for each certificate, in one transaction of the
same database: no review looked at, no key, no event, no second or third transaction. It is what the disk and the
driver ask for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from statistics import median

from bench.bare_counter import BareCounter
from bench.comparison import Comparison, compare, rate_of
from bench.filling import ROWS, add_approved, person
from bench.registers import DATABASES, Register, open_register
from bench.report import Floor, Report
from bench.statements import counted
from registry.certificate.issuance import number_approved
from registry.certificate.release import release_signed
from registry.certificate.signature import sign_numbered
from registry.directory.profiles import load_profiles

REPEATS = 7

# What no program could save, if the bytes must be on disk before the key is used: numbering reads the rows, raises a
# series and the entry, and inserts certificates, entries and events; signing and release each read, update and record.
FLOORS = {
    "number": "6 statements, 1 commit",
    "sign": "3 statements, 1 commit",
    "release": "3 statements, 1 commit",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One of the three steps of a batch."""

    name: str
    act: Callable[[], int]


def measure() -> Report:
    """Measure whole batches on each database."""
    comparisons, floors, notes = [], [], []
    for database in DATABASES:
        with open_register(database) as register:
            batches = Batches(register)
            floors += batches.count_statements()
            comparisons.append(batches.compare())
            notes.append(batches.pace())
    notes.append(
        f"Batches of {ROWS:,} results of one body; the floor counts no statement that only asks for review."
    )
    return Report("Issuing", comparisons, floors, notes)


class Batches:
    """Fresh approved submissions of one register, issued one after the other."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._bare = BareCounter(register.url)
        self._starts = count(0, ROWS)
        self._rates: dict[str, list[float]] = {}

    def compare(self) -> Comparison:
        """Measure batches against the bare counter's."""
        return compare(
            f"number, sign, release on {self._register.database}",
            self._issue_batch,
            against="bare counter and insert",
            baseline=lambda: rate_of(lambda: self._bare.take(ROWS), count=ROWS),
            unit="/s",
            repeats=REPEATS,
        )

    def count_statements(self) -> list[Floor]:
        """Issue one batch and say what SQL each step sent."""
        floors = []
        for step in self._approved_batch():
            with counted() as sent:
                step.act()
            floors.append(
                Floor(f"{step.name} {ROWS:,} on {self._register.database}", FLOORS[step.name], str(sent))
            )
        return floors

    def pace(self) -> str:
        """Say how fast each step was by itself."""
        paces = [f"{name} {median(rates):,.0f}" for name, rates in self._rates.items()]
        return f"{self._register.database}, each step by itself, certificates/s: {', '.join(paces)}."

    def _issue_batch(self) -> float:
        """Issue one batch; return certificates per second. Handing in and review are not counted."""
        steps = self._approved_batch()
        rates = [rate_of(step.act, count=ROWS) for step in steps]
        for step, rate in zip(steps, rates, strict=True):
            self._rates.setdefault(step.name, []).append(rate)
        return 1 / sum(1 / rate for rate in rates)

    def _approved_batch(self) -> list[Step]:
        register, desk = self._register, self._register.desk
        now, sessions, actor = desk.now(), register.sessions, desk.actor
        start = next(self._starts)
        people = [person(serial) for serial in range(start, start + ROWS)]
        submission_id = add_approved(register, people, now=now)
        profile, environment = desk.installation.profiles.issuing, desk.settings.environment
        signers = desk.custody.certificate_signers()

        def number() -> int:
            return number_approved(sessions, actor, submission_id, profile, environment=environment, now=now)

        return [
            Step("number", number),
            Step("sign", lambda: sign_numbered(sessions, actor, signers, load_profiles(), now=now)),
            Step("release", lambda: release_signed(sessions, actor, now=now)),
        ]
