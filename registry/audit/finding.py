"""What a check found: each fault with its row, and no name or ID number of a person in it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What is wrong."""

    STORAGE = "storage"
    """The database itself says that it is damaged."""
    UNREADABLE = "unreadable"
    """A row holds what its columns can not hold."""
    FORM = "form"
    """A value that is stored otherwise than the register writes it, whatever it reads as."""
    JOURNAL = "journal"
    """The journal's chain, or an event by itself."""
    COVERAGE = "coverage"
    """A row that no event vouches for as it stands, or an event whose rows are gone."""
    STATE = "state"
    """A state that is not the sum of its events."""
    NUMBER = "number"
    """Series, entries, numbers, epochs."""
    SIGNATURE = "signature"
    """A token, or the bytes that it signs."""
    REVIEW = "review"
    """A submission or the decisions on it."""
    SEALED = "sealed"
    """What is sealed, and what was read out of it."""
    SIGNER = "signer"
    """The signer's own journal."""
    PUBLIC = "public"
    """The public files, and the keys' own copies of them."""
    LOG = "log"
    """The public log: its leaves, its files, and who signed it."""


class Part(StrEnum):
    """A part of the check that needs more than the database."""

    SIGNATURES = "signatures"
    SEALED = "sealed"
    SIGNER = "signer"
    PUBLIC = "public"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: ``table`` is a table or ``file``, ``row`` its key as text or the file's path, ``what`` is in words."""

    kind: Kind
    table: str
    row: str
    what: str

    @property
    def text(self) -> str:
        """The finding in one line."""
        return f"{self.kind}: {self.table} {self.row}: {self.what}"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A part that could not be checked, and why."""

    part: Part
    why: str


@dataclass(slots=True)
class Outcome:
    """What a piece of the check, or all of it, came to; pieces are added up.

    ``counts`` is how many rows of which kind were looked at, ``signed`` the runs of entries that have a token,
    ``recorded`` the runs of entries that the signer's journal has. ``unshown`` are runs of released entries whose
    signing was lost, and ``log`` hashes of subtrees of the public log, by height and place.
    """

    findings: dict[Finding, None] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    signed: list[tuple[int, int]] = field(default_factory=list)
    recorded: list[tuple[int, int]] = field(default_factory=list)
    unshown: list[tuple[int, int]] = field(default_factory=list)
    log: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def take(self, findings: Iterable[Finding]) -> None:
        """Add findings, each once."""
        for finding in findings:
            self.findings[finding] = None

    def add(self, other: "Outcome") -> None:
        """Add another piece's outcome."""
        self.findings |= other.findings
        self.counts.update(other.counts)
        self.signed += other.signed
        self.recorded += other.recorded
        self.unshown += other.unshown
        self.log |= other.log


@dataclass(frozen=True, slots=True)
class Report:
    """The whole check. ``since_place`` is the journal's place it began behind, 0 for a full one."""

    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    counts: dict[str, int]
    since_place: int

    @property
    def clean(self) -> bool:
        """Whether nothing was found; see ``skipped`` for what was not looked at."""
        return not self.findings
