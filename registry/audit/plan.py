"""Cutting the check into pieces: everything, or what later events touched."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from registry.assessment.tables import Result, Submission
from registry.audit.entry_coverage import VOUCHING
from registry.audit.reading import NOT_READABLE, require_of_row
from registry.audit.tasks import Room, Task
from registry.certificate.ceremonies import KEY_CEREMONY, CeremonyKind
from registry.certificate.issuance import BATCH
from registry.certificate.lifecycle import Action
from registry.certificate.tables import Entry, EntryCounter, Epoch
from registry.journal.tables import Event
from registry.log.remaking import WINDOW
from signing.log.tile import WIDTH

PLACES = 1000
ENTRIES = 1000
MOST_ENTRIES = 4000
MOST_MISSING = 10_000
ROWS = 1000
SUBMISSIONS = 50
PAGE = 500

Run = tuple[int, int]


def chain_tasks(since: int, until: int) -> Iterator[Task]:
    """Yield the places after ``since``, up to ``until``."""
    for first in range(since + 1, until + 1, PLACES):
        yield Task(Room.CHAIN, first, min(first + PLACES - 1, until))


def log_tasks(since: int, until: int) -> Iterator[Task]:
    """Yield the leaves of the public log from the bundle of ``since`` on, below ``until``, in whole bundles."""
    for first in range(since - since % WIDTH if since < until else until, until, WINDOW):
        yield Task(Room.LOG, first, min(first + WINDOW, until) - 1)


def last_place(session: Session) -> int:
    """Return how many places the journal gave: the last one, if there is no gap."""
    return number(session, select(func.count()).select_from(Event).where(Event.place.is_not(None)))


def waiting(session: Session) -> int:
    """Return how many events have no place yet; that is no fault."""
    return number(session, select(func.count()).select_from(Event).where(Event.place.is_(None)))


def last_entry(session: Session) -> int:
    """Return the last entry that was given or that is there, whichever is higher; never far above their count."""
    given, there = select(func.max(EntryCounter.last)), select(func.max(Entry.entry))
    count = number(session, select(func.count()).select_from(Entry))
    return min(max(number(session, given), number(session, there)), count + MOST_MISSING)


def longest_run(session: Session, last: int) -> int:
    """Return the length of the longest run of entries that an event names, never more than there are entries.

    At least a batch: so long is what a register at work may write while it is checked.
    """
    length = number(session, select(func.max(Event.last_entry - Event.first_entry + 1)))
    return max(BATCH, min(length, last))


def number(session: Session, query: Select[Any]) -> int:
    """Return the number that a query gives, 0 for anything else: SQLite keeps what it is given."""
    try:
        value = session.scalar(query)
    except NOT_READABLE as error:
        require_of_row(error)
        return 0
    return value if isinstance(value, int) else 0


def entry_tasks(session: Session, last: int) -> Iterator[Task]:
    """Yield the entries 1..last, cut where runs end that were numbered together, so that none is read twice."""
    ends = select(Event.last_entry).where(Event.act.in_(VOUCHING)).order_by(Event.last_entry).distinct()
    begin = 1
    within = ends.where(Event.last_entry.between(1, last))
    for end in session.scalars(within, execution_options={"yield_per": PAGE}):
        if end is None:
            continue
        if end - begin + 1 >= ENTRIES:
            yield from cut(begin, end)
            begin = end + 1
    yield from cut(begin, last)


def cut(first: int, last: int) -> Iterator[Task]:
    """Yield the entries first..last in pieces of at most ``MOST_ENTRIES``."""
    for begin in range(first, last + 1, MOST_ENTRIES):
        yield Task(Room.ENTRIES, begin, min(begin + MOST_ENTRIES - 1, last))


def submissions_after(session: Session, after: object) -> tuple[list[UUID], object]:
    """Return the next submissions by id, a page of them, and where the next page begins; no submission at the end.

    Pages follow each other by what is stored: ids that are stored in another form than ours would be read for ever, or
    hide the others.
    """
    stored = type_coerce(Submission.id, NullType())
    page = select(stored).order_by(stored).limit(PAGE)
    found = list(session.scalars(page if after is None else page.where(stored > after)))
    return [UUID(str(each)) for each in found], found[-1] if found else after


def submissions_told(session: Session) -> list[UUID]:
    """Return the submissions that events tell of; for when the table can not be read."""
    found: list[UUID] = []
    for subject in session.scalars(select(Event.subject).where(Event.act == "submit")):
        with suppress(ValueError):
            found.append(UUID(subject.partition(":")[2]))
    return sorted(found)


def submission_pieces(session: Session, ids: Iterable[UUID]) -> Iterator[Task]:
    """Yield these submissions in pieces of about ``ROWS`` results."""
    wanted = list(ids)
    for begin in range(0, len(wanted), PAGE):
        page = wanted[begin : begin + PAGE]
        counts = select(Result.submission_id, func.count()).where(Result.submission_id.in_(page))
        sizes = dict(session.execute(counts.group_by(Result.submission_id)).all())
        piece: list[UUID] = []
        rows = 0
        for identifier in page:
            piece.append(identifier)
            rows += sizes.get(identifier, 0)
            if rows >= ROWS or len(piece) >= SUBMISSIONS:
                yield Task(Room.SUBMISSIONS, ids=tuple(piece))
                piece, rows = [], 0
        if piece:
            yield Task(Room.SUBMISSIONS, ids=tuple(piece))


@dataclass(slots=True)
class Touched:
    """What events touched: runs of entries, those of them that were signed, and submissions."""

    runs: list[Run] = field(default_factory=list)
    signed: list[Run] = field(default_factory=list)
    submissions: dict[UUID, None] = field(default_factory=dict)

    @classmethod
    def since(cls, session: Session, place: int) -> "Touched":
        """Read what the events after a place touched, those without a place too."""
        found = cls()
        later = Event.place.is_(None) | (Event.place > place)
        query = select(Event.act, Event.subject, Event.first_entry, Event.last_entry).where(later)
        for act, subject, first, last in session.execute(query, execution_options={"yield_per": PAGE}):
            kind, _, key = subject.partition(":")
            if first is not None and last is not None:
                found.runs.append((first, last))
                if act == Action.SIGN:
                    found.signed.append((first, last))
            elif kind == "submission":
                found.submissions[UUID(key)] = None
        found.runs += _distrusted_since(session, later)
        found.runs, found.signed = joined(found.runs), joined(found.signed)
        return found

    def entry_tasks(self, last: int) -> Iterator[Task]:
        """Yield the entries that were touched."""
        for first, end in self.runs:
            yield from cut(max(first, 1), min(end, last))


def _distrusted_since(session: Session, later: ColumnElement[bool]) -> list[Run]:
    """Return the blocks of the keys that were distrusted: none of their tokens verifies by its signature alone now."""
    ceremonies = session.scalars(select(Event.details).where(later, Event.act == KEY_CEREMONY))
    named = {
        str(key_id)
        for told in ceremonies
        if told.get("ceremony") == CeremonyKind.DISTRUST
        for key_id in told.get("keys", ())
    }
    epochs = session.execute(select(Epoch.key_id, Epoch.first_entry, Epoch.last_entry))
    return [(first, last) for key_id, first, last in epochs if key_id.hex() in named]


def joined(runs: Iterable[Run]) -> list[Run]:
    """Return runs joined where they touch or overlap, ascending."""
    found: list[Run] = []
    for first, last in sorted(runs):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def overlap(runs: Iterable[Run], others: Iterable[Run]) -> list[Run]:
    """Return what lies in both; each is ascending and without overlap."""
    found: list[Run] = []
    left, right = list(runs), list(others)
    at = beside = 0
    while at < len(left) and beside < len(right):
        first, last = max(left[at][0], right[beside][0]), min(left[at][1], right[beside][1])
        if first <= last:
            found.append((first, last))
        if left[at][1] < right[beside][1]:
            at += 1
        else:
            beside += 1
    return found
