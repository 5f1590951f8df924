"""The plain model of a register: what somebody could keep in a notebook who was told of every act.

Lists and dicts, no database, nothing of the register's own rules: what follows from what is said once more here, in
other words. ``foretelling`` turns it into what an act will come to; ``comparison`` holds it against the register.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

HOURS_IN_CHINA = timedelta(hours=8)
STEPS = ("province", "centre", "office")
LEVEL_DIGITS = {"junior": "3", "intermediate": "2", "senior": "1"}
PROVINCE = "21"
SITES = {"S0002": "000002", "S0003": "000003"}

UNRELEASED = ("numbered", "signed", "void")
GONE = ("revoked", "void", "superseded")
IN_FORCE = ("released", "suspended", "reinstated")


@dataclass
class Row:
    """One result of a file: who, in what, how it ended. ``entry`` and ``corrected`` are entries, once there are any."""

    number: int
    person: int
    name: str
    level: str
    direction: str
    passed: bool
    issued_on: date | None
    corrects: str | None = None
    corrected: int | None = None
    returned: bool = False
    entry: int | None = None

    @property
    def sitting(self) -> tuple[object, ...]:
        """What nobody may hold two certificates of."""
        return self.person, self.direction, self.level


@dataclass(frozen=True)
class File:
    """A file as a body wrote it; it may be handed in more than once, or in vain."""

    content: bytes
    issuer: str
    rows: tuple[Row, ...]


@dataclass
class Submission:
    """A file that was taken.

    ``id`` is what the receipt said; ``people`` are those who acted on it, in their order; ``decided_on`` is the day
    that the last of them wrote on his decision.
    """

    file: File
    submitter: str
    rows: list[Row]
    status: str = "received"
    id: UUID | None = None
    people: list[str] = field(default_factory=list)
    decided_on: date | None = None

    @property
    def under_review(self) -> list[Row]:
        """The rows that no step returned."""
        return [row for row in self.rows if not row.returned]

    @property
    def waiting(self) -> list[Row]:
        """The rows that wait for a number."""
        if self.status != "approved":
            return []
        return [row for row in self.under_review if row.passed and row.entry is None]


@dataclass
class Version:
    """One entry: a version of a certificate. ``recorded``: the signer's journal has it."""

    entry: int
    number: str
    version: int
    submission: Submission
    row: Row
    key_id: bytes
    issued_on: date
    status: str = "numbered"
    signed: bool = False
    recorded: bool = False


@dataclass(frozen=True)
class Epoch:
    """The block of entries of one key."""

    key_id: bytes
    first: int
    last: int
    last_on: date


class Told(NamedTuple):
    """An event as the journal must tell it; a submission stands for its subject until its id is known."""

    act: str
    about: str | Submission
    first: int | None = None
    last: int | None = None
    after: str | None = None

    @property
    def subject(self) -> str:
        """The subject as the journal writes it."""
        return self.about if isinstance(self.about, str) else f"submission:{self.about.id}"


@dataclass
class Notebook:
    """All that was done. ``recorded`` is what the signer's journal has; ``chained`` how many events have a place."""

    now: datetime
    serial_digits: int
    already_told: int
    open_series: dict[str, int] = field(default_factory=dict)
    epochs: list[Epoch] = field(default_factory=list)
    submissions: list[Submission] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    events: list[Told] = field(default_factory=list)
    recorded: set[int] = field(default_factory=set)
    chained: int = 0
    persons: int = 0

    @property
    def today(self) -> date:
        """The date in China."""
        return self.civil_date(self.now)

    @staticmethod
    def civil_date(instant: datetime) -> date:
        """Return the date in China, eight hours before Greenwich."""
        offset = instant.utcoffset() or timedelta()
        return (instant.replace(tzinfo=None) - offset + HOURS_IN_CHINA).date()

    def taken(self, file: File) -> Submission | None:
        """Return what the same file became before."""
        same = (found for found in self.submissions if found.file == file)
        return next(same, None)

    def all_rows(self) -> Iterator[tuple[Submission, Row]]:
        """Yield every row with its submission."""
        for submission in self.submissions:
            for row in submission.rows:
                yield submission, row

    def rows_that_count(self) -> Iterator[tuple[Submission, Row]]:
        """Yield every row with its submission, but for what was withdrawn."""
        return ((found, row) for found, row in self.all_rows() if found.status != "withdrawn")

    def version(self, entry: int) -> Version:
        """Return an entry."""
        return self.versions[entry - 1]

    def versions_of(self, number: str) -> list[Version]:
        """Return the versions of a certificate, the first one first."""
        return [version for version in self.versions if version.number == number]

    def held(self, number: str) -> Version | None:
        """Return the newest version that was ever released: the one that people hold."""
        released = [found for found in self.versions_of(number) if found.status not in UNRELEASED]
        return released[-1] if released else None

    def with_status(self, *statuses: str) -> list[Version]:
        """Return the entries in these statuses, by entry."""
        return [version for version in self.versions if version.status in statuses]

    def numbers(self) -> list[str]:
        """Return every number, each once, in the order they were given."""
        return list(dict.fromkeys(version.number for version in self.versions))

    def move(self, act: str, versions: Iterable[Version], after: str) -> None:
        """Move entries on, and tell it."""
        moved = list(versions)
        for version in moved:
            version.status = after
        self.tell_entries(act, [version.entry for version in moved], after)

    def tell_entries(self, act: str, entries: Iterable[int], after: str | None = None) -> None:
        """Tell an act on entries: one event for each run without a gap."""
        runs: list[list[int]] = []
        for entry in sorted(entries):
            if runs and runs[-1][1] + 1 == entry:
                runs[-1][1] = entry
            else:
                runs.append([entry, entry])
        for first, last in runs:
            about = f"entry:{first}" if first == last else f"entries:{first}-{last}"
            self.events.append(Told(act, about, first, last, after))


def series_key(issuer: str, year: int, level: str) -> str:
    """Return the key of a series."""
    category, body = issuer[0], issuer[1:]
    return f"1:{category}:{body}:{PROVINCE}:{SITES[issuer]}:{year % 100:02d}:{LEVEL_DIGITS[level]}"


def number_text(key: str, serial: int, digits: int) -> str:
    """Return a number as people read it."""
    return "".join(key.split(":")[1:]) + f"{serial:0{digits}d}"
