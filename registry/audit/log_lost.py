"""Lost leaves that a register readmitted: vouched for, and told by no act a second time that was not in them.

And entries whose signing was lost with a database: released, they have their leaf among these.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.audit.entry_rows import Held
from registry.audit.events import IN_ORDER, LOG_READMIT, STORED, Stored
from registry.audit.finding import Finding, Kind
from registry.audit.log_seen import row_if_sound
from registry.certificate.ceremonies import KEY_CEREMONY
from registry.certificate.lifecycle import WAS_RELEASED, Action, Status
from registry.certificate.tables import Entry
from registry.journal.leaves import BY_LOG, OPEN_SERIES, RESTORE
from registry.journal.record import runs_of
from registry.journal.tables import Event, LostLeaf
from registry.log.lost_word import BECOMES, lost_leaf
from registry.log.readmission import digest_of_lost
from signing.log.leaf import Change, Issue, SeriesOpened, Void

FOUND_LOG = "found_log"
PAGE = 1000


def lost_faults(session: Session, *, has_log: bool) -> Iterator[Finding]:
    """Yield what is wrong with the lost leaves, with the events that vouch for them, and with acts that they told."""
    if not has_log:
        for place in session.scalars(select(LostLeaf.place).order_by(LostLeaf.place)):
            yield Finding(Kind.LOG, "lost_leaf", str(place), "the trust bundle names no public log")
        return
    yield from _vouching_faults(session)
    told = _acts_told_by_the_log(session)
    if told:
        yield from _told_faults(session, told)


def _vouching_faults(session: Session) -> Iterator[Finding]:
    """Each readmission vouches for the leaves that it kept, and every lost leaf is one of them."""
    kept = 0
    readmitted = select(*STORED).where(Event.act == LOG_READMIT).order_by(*IN_ORDER)
    for event in map(Stored._make, session.execute(readmitted).all()):
        first, adopted, lost = (event.details.get(name) for name in ("first", "adopted", "lost"))
        if not (isinstance(first, int) and isinstance(adopted, int) and isinstance(lost, int)):
            yield Finding(Kind.LOG, "event", event.key, "it does not say what it readmitted")
            continue
        begin = first + adopted
        rows = _rows(session, begin, begin + lost)
        kept += lost
        if (digest_of_lost(rows) if lost else None) != event.digest:
            what = f"the leaves from {begin} on are not what event {event.key} vouches for"
            yield Finding(Kind.LOG, "lost_leaf", str(begin), what)
    count = session.scalar(select(func.count()).select_from(LostLeaf))
    if count != kept:
        what = f"there are {count} rows, and {kept} leaves were readmitted"
        yield Finding(Kind.LOG, "lost_leaf", "*", what)


def _rows(session: Session, first: int, end: int) -> Iterator[tuple[int, bytes]]:
    query = select(LostLeaf.place, LostLeaf.leaf).where(LostLeaf.place >= first, LostLeaf.place < end)
    rows = session.execute(query.order_by(LostLeaf.place), execution_options={"yield_per": PAGE})
    yield from ((row.place, row.leaf) for row in rows)


def _acts_told_by_the_log(session: Session) -> list[Stored]:
    """Return the acts that say that the log told them, and have no leaf for it."""
    query = select(*STORED).where(Event.act.in_((RESTORE, OPEN_SERIES))).order_by(*IN_ORDER)
    events = map(Stored._make, session.execute(query, execution_options={"yield_per": PAGE}))
    return [event for event in events if event.details.get("known") == BY_LOG]


def _told_faults(session: Session, acts: Iterable[Stored]) -> Iterator[Finding]:
    told: defaultdict[str, set[object]] = defaultdict(set)
    for place, data in _rows(session, 0, 1 << 62):
        leaf = lost_leaf(place, data)
        if isinstance(leaf, SeriesOpened):
            told[OPEN_SERIES].add("series:" + ":".join([str(leaf.profile), *leaf.parts]))
        elif isinstance(leaf, Void):
            told[Status.VOID].add(leaf.entry)
        elif isinstance(leaf, Change) and leaf.kind in BECOMES:
            told[BECOMES[leaf.kind]].add(leaf.entry)
    for event in acts:
        named: Iterable[object] = [event.subject]
        if event.act == RESTORE:
            named = range(event.first_entry or 0, (event.last_entry or -1) + 1)
        # What is released by it was never told in a leaf of its own.
        after = OPEN_SERIES if event.act == OPEN_SERIES else str(event.details.get("after"))
        if after != Status.RELEASED and not told[after].issuperset(named):
            what = "it says that the public log told it, and no lost leaf does"
            yield Finding(Kind.LOG, "event", event.key, what)


@dataclass(slots=True)
class _Leaves:
    """What acts tell of the leaves of released entries, by entry; a leaf is ``None`` where the act has none yet.

    ``signed`` is the leaf of the signing, ``lifted`` of the last act that lifted a suspension, ``since`` the last event
    that released it; ``again`` are releases out of *reinstated*: entry, leaf of what lifted the suspension, event.
    """

    signed: dict[int, int | None] = field(default_factory=dict)
    lifted: dict[int, int | None] = field(default_factory=dict)
    since: dict[int, int] = field(default_factory=dict)
    again: list[tuple[int, int | None, int]] = field(default_factory=list)

    @classmethod
    def of(cls, events: Iterable[Stored], released: Collection[int]) -> "_Leaves":
        """Read events in their order."""
        told = cls()
        for event in events:
            first = event.first_entry or 0
            run = [entry for entry in range(first, (event.last_entry or -1) + 1) if entry in released]
            if event.act in (Action.SIGN, Action.REINSTATE):
                leaves = told.signed if event.act == Action.SIGN else told.lifted
                leaves |= {entry: None if event.leaf is None else event.leaf + entry - first for entry in run}
            elif event.act in (Action.RELEASE, RESTORE):
                told.since |= dict.fromkeys(run, event.id)
            if event.act == Action.RELEASE and event.details.get("before") == Status.REINSTATED:
                told.again += [(entry, told.lifted.get(entry), event.id) for entry in run]
        return told


def uncosigned(
    session: Session, rows: Sequence[Held], events: Iterable[Stored]
) -> tuple[list[Finding], list[tuple[int, int]]]:
    """Return the released entries whose leaf is not cosigned, and runs of those whose signing was lost.

    The leaf of their signing, and of each lifted suspension that they were released from. Released before the log was
    begun, they may still wait for it.
    """
    row = row_if_sound(session)
    if row is None:
        return [], []
    cosigned, began = row.cosigned, _began(session)
    released = {held.entry for held in rows if held.status in WAS_RELEASED}
    leaves = _Leaves.of(events, released)

    def waits(leaf: int | None, event: int) -> bool:
        return event >= began if leaf is None else leaf >= cosigned

    findings = []
    for entry, leaf in sorted(leaves.signed.items()):
        if waits(leaf, leaves.since.get(entry, 0)):
            what = "it is released, and its leaf is not in a cosigned checkpoint of the public log"
            findings.append(Finding(Kind.LOG, "entry", str(entry), what))
    for entry in sorted({entry for entry, leaf, event in leaves.again if waits(leaf, event)}):
        what = "its suspension was lifted, and the leaf of that is not in a cosigned checkpoint of the public log"
        findings.append(Finding(Kind.LOG, "entry", str(entry), what))
    unknown = sorted(entry for entry in released - leaves.signed.keys() if leaves.since.get(entry, 0) > began)
    return findings, runs_of(unknown)


def _began(session: Session) -> int:
    """Return the event that a register went on with a public log from, 0 for one that began with it."""
    ceremonies = session.execute(select(Event.id, Event.details).where(Event.act == KEY_CEREMONY))
    return max((event for event, told in ceremonies if told.get("ceremony") == FOUND_LOG), default=0)


def unshown_faults(session: Session, entries: Collection[int]) -> Iterator[Finding]:
    """Yield those of these entries whose token no lost leaf names that is cosigned."""
    row = row_if_sound(session)
    digests = _digests(session, sorted(entries))
    wanted = set(entries)
    for place, data in _rows(session, 0, 0 if row is None else row.cosigned):
        leaf = lost_leaf(place, data)
        if isinstance(leaf, Issue) and leaf.entry in wanted and digests[leaf.entry] in (None, leaf.digest):
            wanted.discard(leaf.entry)
    for entry in sorted(wanted):
        what = "it is released, and no cosigned leaf of the public log is its token's"
        yield Finding(Kind.LOG, "entry", str(entry), what)


def _digests(session: Session, entries: Sequence[int]) -> dict[int, bytes | None]:
    found: dict[int, Any] = dict.fromkeys(entries)
    for start in range(0, len(entries), PAGE):
        query = select(Entry.entry, Entry.token).where(Entry.entry.in_(entries[start : start + PAGE]))
        for entry, token in session.execute(query):
            found[entry] = None if token is None else sha256(token).digest()
    return found
