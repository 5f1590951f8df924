"""What lost leaves tell of entries and series, and the register's rows do not know: the rows follow.

A leaf is what the public was told, so nobody becomes valid again by a restore: what was suspended, revoked, superseded
or voided becomes so, the reason unknown. One way alone is not gone: a suspension that was lifted stays, until a
registrar lifts it again, because a restore can not tell whether anybody was told.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from registry.certificate.lifecycle import FINAL, MOVE_RUN, UNRELEASED, Status
from registry.certificate.tables import Entry
from registry.journal.leaves import BY_LOG, RESTORE
from registry.journal.record import record_entries, runs_of
from registry.journal.tables import LostLeaf
from registry.log.errors import LeafContradicts, LeafUnknown
from registry.people.permission import Actor
from signing.errors import SigningError
from signing.log.leaf import Change, Issue, KeyEvent, Leaf, LeafKind, SeriesOpened, Void, read_leaf

BECOMES: Final[Mapping[LeafKind, Status]] = {
    LeafKind.SUSPEND: Status.SUSPENDED,
    LeafKind.REVOKE: Status.REVOKED,
    LeafKind.SUPERSEDE: Status.SUPERSEDED,
}
BATCH: Final = 1000

_CORRECTION = aliased(Entry)


@dataclass(slots=True)
class LostWord:
    """What leaves tell, taken together in their order.

    ``told`` is what each entry is in the end, if it is nothing that holds; ``lifted`` are those whose last leaf lifts a
    suspension. ``issued`` are the entries that were signed, ``numbers`` all packed numbers that are named, ``opened``
    the keys of series. ``highest`` is the highest entry that is named, 0 for none.
    """

    told: dict[int, Status] = field(default_factory=dict)
    lifted: set[int] = field(default_factory=set)
    issued: set[int] = field(default_factory=set)
    numbers: set[bytes] = field(default_factory=set)
    opened: set[str] = field(default_factory=set)
    highest: int = 0
    counts: Counter[LeafKind] = field(default_factory=Counter)

    @classmethod
    def kept(cls, session: Session) -> "LostWord":
        """Return what all lost leaves tell that the register keeps. Raises ``LeafUnknown``."""
        word = cls()
        rows = select(LostLeaf.place, LostLeaf.leaf).order_by(LostLeaf.place)
        for place, leaf in session.execute(rows, execution_options={"yield_per": BATCH}):
            word.hear(place, leaf)
        return word

    def above(self, last: int) -> "LostWord":
        """Return what they tell of entries above ``last``; of numbers and series, all that they tell."""
        told = {entry: status for entry, status in self.told.items() if entry > last}
        lifted, issued = ({entry for entry in each if entry > last} for each in (self.lifted, self.issued))
        return replace(self, told=told, lifted=lifted, issued=issued)

    def hear(self, place: int, data: bytes) -> None:
        """Hear the leaf at a place; raises ``LeafUnknown`` for one that can not be read."""
        leaf = lost_leaf(place, data)
        self.counts[kind_of(leaf)] += 1
        if isinstance(leaf, Issue | Void | Change):
            self.highest = max(self.highest, leaf.entry)
        if isinstance(leaf, SeriesOpened):
            self.opened.add(":".join([str(leaf.profile), *leaf.parts]))
        elif isinstance(leaf, Issue):
            self.issued.add(leaf.entry)
            self.numbers.add(leaf.number)
        elif isinstance(leaf, Void):
            self.told[leaf.entry] = Status.VOID
            self.numbers |= set() if leaf.number is None else {leaf.number}
        elif isinstance(leaf, Change):
            self._change(leaf)

    def _change(self, leaf: Change) -> None:
        if leaf.kind is LeafKind.REINSTATE:
            self.told.pop(leaf.entry, None)
            self.lifted.add(leaf.entry)
            return
        self.told[leaf.entry] = BECOMES[leaf.kind]
        self.lifted.discard(leaf.entry)

    def followed(self, entry: int, stored: Status) -> Status:
        """Return the status that an entry of the register has from now on; raises ``LeafContradicts``."""
        told = self.told.get(entry)
        # 1. Nothing told, or nothing new.
        if told is None or told is stored:
            return stored
        # 2. What is final here stays so. A restore that did not know the leaf may have voided what had been released;
        # anything else that is final can not have become something else that is.
        if stored in FINAL:
            if told in FINAL and stored is not Status.VOID:
                raise LeafContradicts(entry, stored, told)
            return stored
        # 3. A released entry is never void.
        if told is Status.VOID and stored not in UNRELEASED:
            raise LeafContradicts(entry, stored, told)
        return told


@dataclass(slots=True)
class Followed:
    """What became of the register's entries: those that moved, by status before and after.

    ``still_suspended`` are suspended here, and the log told that their suspension was lifted.
    """

    moved: dict[tuple[Status, Status], list[int]]
    still_suspended: list[int]


def follow_log(session: Session, actor: Actor, word: LostWord, *, now: datetime) -> Followed:
    """Move the entries of the register to what lost leaves tell; one event for each run with the same move.

    What the log has told already has no second leaf. A correction whose predecessor was superseded was released then.
    Raises ``LeafContradicts``.
    """
    moved: dict[tuple[Status, Status], list[int]] = defaultdict(list)
    still: list[int] = []
    for entry, before in _stored(session, word.told.keys() | word.lifted):
        after = word.followed(entry, before)
        if after is not before:
            moved[before, after].append(entry)
        elif before is Status.SUSPENDED and entry in word.lifted:
            still.append(entry)
    superseded = [entry for (_, after), run in moved.items() if after is Status.SUPERSEDED for entry in run]
    for entry, before in _corrections(session, superseded):
        if entry not in word.told:
            moved[before, Status.RELEASED].append(entry)
    for (before, after), entries in moved.items():
        entries.sort()
        move_told(session, actor, entries, before, after, known=BY_LOG, now=now)
    return Followed(dict(moved), still)


def stay_suspended(session: Session, actor: Actor, entries: Iterable[int], *, now: datetime) -> None:
    """Tell that these stay suspended, of those that still are: the log, which told otherwise, will tell it again."""
    suspended = [entry for entry, status in _stored(session, entries) if status is Status.SUSPENDED]
    move_told(session, actor, suspended, Status.SUSPENDED, Status.SUSPENDED, known="backup", now=now)


def move_told(
    session: Session,
    actor: Actor,
    entries: list[int],
    before: Status,
    after: Status,
    *,
    known: str,
    now: datetime,
) -> None:
    """Move entries, ascending, by what ``known`` told; with an event for each run of them."""
    runs = [{"first": first, "last": last, "after": after, "now": now} for first, last in runs_of(entries)]
    if runs:
        session.execute(MOVE_RUN, runs)
    told: dict[str, Any] = {"before": before, "after": after, "known": known}
    record_entries(session, RESTORE, entries, at=now, by=actor.account_id, **told)


def lost_leaf(place: int, data: bytes) -> Leaf:
    """Return what the leaf at a place says; raises ``LeafUnknown``."""
    try:
        return read_leaf(data)
    except SigningError as fault:
        raise LeafUnknown(f"leaf {place} of the public log can not be read: {fault}") from None


def kind_of(leaf: Leaf) -> LeafKind:
    """Return the kind of a leaf."""
    if isinstance(leaf, Change):
        return leaf.kind
    kinds = {
        Issue: LeafKind.ISSUE,
        Void: LeafKind.VOID,
        SeriesOpened: LeafKind.SERIES,
        KeyEvent: LeafKind.KEYS,
    }
    return kinds[type(leaf)]


def _stored(session: Session, entries: Iterable[int]) -> Iterator[tuple[int, Status]]:
    """Yield those of these entries that the register has, with their statuses, locked."""
    wanted = iter(sorted(entries))
    while batch := list(islice(wanted, BATCH)):
        rows = select(Entry.entry, Entry.status).where(Entry.entry.in_(batch)).order_by(Entry.entry)
        for entry, status in session.execute(rows.with_for_update()).all():
            yield entry, Status(status)


def _corrections(session: Session, superseded: list[int]) -> Iterator[tuple[int, Status]]:
    """Yield the next versions of these entries that the register does not know to be released."""
    for start in range(0, len(superseded), BATCH):
        rows = (
            select(_CORRECTION.entry, _CORRECTION.status)
            .join(Entry, Entry.certificate_id == _CORRECTION.certificate_id)
            .where(Entry.entry.in_(superseded[start : start + BATCH]))
            .where(_CORRECTION.version == Entry.version + 1, _CORRECTION.status.in_(UNRELEASED))
        )
        for entry, status in session.execute(rows).all():
            yield entry, Status(status)
