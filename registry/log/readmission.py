"""Lost leaves readmitted: a register that was put back from an older copy knows all leaves of its log again.

In one transaction, and in this order:

1. What waits gets its place in the journal's chain; of it, acts whose leaves are the first of the lost ones have them
   already: they are entered there, and not told twice.
2. Every other lost leaf is kept as the log has it, at its place.
3. The row of the log's head says what the log says, and no longer that the register is behind.
4. The register's entries follow what these leaves tell (``lost_word``).

Entries that the leaves name and no row knows are not made here: that is a restore's work, and until then nothing is
numbered.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import chain, islice
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.certificate.numbering import COUNTER_ID
from registry.certificate.tables import EntryCounter
from registry.civil_time import civil_date
from registry.database.many_rows import ManyRows
from registry.directory.profiles import Profiles
from registry.journal.record import record
from registry.journal.sequencer import chain_waiting
from registry.journal.tables import Event, LogHead, LostLeaf
from registry.log.errors import LeavesUnproven
from registry.log.head import HEAD, enter_leaves, read_head
from registry.log.leaves import EVENTS, Acted, growth_of
from registry.log.lost_leaves import LostLeaves
from registry.log.lost_word import LostWord
from registry.people.permission import NATIONAL, Act, Actor, require
from signing.merkle import Frontier

ACT: Final = "log_readmit"
BATCH: Final = 1000
HELD: Final = (
    "the public log knows entries up to {entry}, this database up to {last} (found on {day}); "
    "see `certreg restore` and `certreg state-highest`"
)

_KEEP = ManyRows.inserting(LostLeaf, ("place", "leaf"))


@dataclass(slots=True)
class Readmitted:
    """What was done: places ``first..end-1`` were readmitted, ``adopted`` of them as leaves of acts that are there.

    ``word`` is what the others tell.
    """

    first: int
    end: int
    adopted: int = 0
    word: LostWord = field(default_factory=LostWord)


def readmit(
    session: Session, actor: Actor, profiles: Profiles, lost: LostLeaves, edge: Frontier, *, now: datetime
) -> Readmitted:
    """Let the register know these leaves; ``edge`` is that of its own tree, remade of its rows (``edge_of``).

    Its entries do not follow yet. Durable with the caller's commit, with one event that vouches for the leaves that
    are kept. Raises ``LeavesMissing``, ``LeavesUnproven``, ``LeafUnknown`` or ``NotPermitted``.
    """
    require(actor, Act.VOID, scope=NATIONAL)
    chain_waiting(session)
    # The lock keeps others from letting the log grow meanwhile.
    head = session.scalars(select(LogHead).where(LogHead.id == HEAD).with_for_update()).one()
    if (head.size, head.root) != (lost.start, edge.root):
        raise LeavesUnproven(lost.start)
    edge = edge.copy()
    leaves = lost.proven(edge)
    done = Readmitted(lost.start, lost.end)
    place, rest = _adopt(session, profiles, head.place, leaves, done)
    digest = _keep(session, rest, done)
    session.execute(
        update(LogHead)
        .where(LogHead.id == HEAD)
        .values(
            place=place,
            size=lost.end,
            root=edge.root,
            cosigned=max(head.cosigned, min(lost.cosigned, lost.end)),
            behind=None,
        )
    )
    session.expire(head)
    _record(session, actor, done, edge.root, digest, now=now)
    return done


def clear_behind(session: Session, actor: Actor, *, now: datetime) -> Readmitted:
    """Enter that nobody knows more than this register: what made it read-only is over."""
    require(actor, Act.VOID, scope=NATIONAL)
    head = read_head(session)
    done = Readmitted(head.size, head.size)
    session.execute(update(LogHead).where(LogHead.id == HEAD).values(behind=None))
    _record(session, actor, done, head.root, None, now=now)
    return done


def hold_numbering(session: Session, actor: Actor, highest: int, *, now: datetime) -> str | None:
    """Hold numbering if the log knows entries that the register does not; return why it is held, ``None`` if not."""
    counter = session.get(EntryCounter, COUNTER_ID, with_for_update=True)
    if counter is None or highest <= counter.last:
        return None if counter is None else counter.held_because
    counter.held_because = HELD.format(entry=highest, last=counter.last, day=civil_date(now))
    record(session, "hold_numbering", "register", at=now, by=actor.account_id)
    return counter.held_because


def digest_of_lost(rows: Iterator[tuple[int, bytes]]) -> bytes:
    """Return what the event of a readmission vouches for: SHA-256 over place (8 bytes), length (2) and leaf of each."""
    digest = sha256()
    for place, leaf in rows:
        digest.update(place.to_bytes(8) + len(leaf).to_bytes(2) + leaf)
    return digest.digest()


def _adopt(
    session: Session, profiles: Profiles, place: int, leaves: Iterator[bytes], done: Readmitted
) -> tuple[int, Iterator[bytes]]:
    """Enter where the leaves of acts behind the head are, as long as they are the next ones of the lost.

    Returns the last place in the journal that was passed, and the leaves that are left.
    """
    rows: list[tuple[int, int]] = []
    for event in _behind(session, place):
        made = growth_of(session, profiles, [event], place=event.place).leaves
        found = list(islice(leaves, len(made)))
        if found != list(made):
            leaves = chain(found, leaves)
            break
        if made:
            rows.append((event.id, done.first + done.adopted))
            done.adopted += len(made)
        place = event.place
    enter_leaves(session, rows)
    return place, leaves


def _behind(session: Session, place: int) -> Iterator[Acted]:
    """Yield the acts behind a place of the journal, in their order; those without a leaf too."""
    while True:
        query = select(*EVENTS).where(Event.place > place).order_by(Event.place).limit(BATCH)
        events = [Acted._make(row) for row in session.execute(query)]
        yield from events
        if len(events) < BATCH:
            return
        place = events[-1].place


def _keep(session: Session, leaves: Iterator[bytes], done: Readmitted) -> bytes | None:
    """Keep leaves from the first that was not adopted on, and hear them; return the digest over them."""

    def kept() -> Iterator[tuple[int, bytes]]:
        at = done.first + done.adopted
        while batch := list(islice(leaves, BATCH)):
            rows = list(enumerate(batch, at))
            _KEEP.run(session.connection(), rows)
            for place, leaf in rows:
                done.word.hear(place, leaf)
            yield from rows
            at += len(rows)

    digest = digest_of_lost(kept())
    return digest if done.first + done.adopted < done.end else None


def _record(
    session: Session, actor: Actor, done: Readmitted, root: bytes, digest: bytes | None, *, now: datetime
) -> None:
    told: dict[str, Any] = {
        "first": done.first,
        "adopted": done.adopted,
        "lost": done.end - done.first - done.adopted,
        "root": root.hex(),
    }
    record(session, ACT, "register", at=now, by=actor.account_id, digest=digest, **told)
