"""The row that says how far the log has grown, and what follows from it for acts that would go on without it."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.database.many_rows import ManyRows
from registry.journal.errors import ChainWithoutHead
from registry.journal.leaves import Told, leaf_kind
from registry.journal.tables import Event, LogHead
from registry.log.leaves import Growth

HEAD = 1

_LEAF = ManyRows.updating(Event, ("id", "leaf"))


def read_head(session: Session) -> LogHead:
    """Return the row. Raises ``ChainWithoutHead`` if it is missing: nobody may begin another log."""
    head = session.get(LogHead, HEAD)
    if head is None:
        raise ChainWithoutHead
    return head


def enter_growth(session: Session, growth: Growth, *, size: int, root: bytes, grown_root: bytes) -> bool:
    """Enter that the log has these leaves behind its first ``size``; return whether it had grown to no more.

    Compare and swap: nothing is done unless the row still says ``size`` and ``root``.
    """
    changed = session.execute(
        update(LogHead)
        .where(LogHead.id == HEAD, LogHead.size == size, LogHead.root == root)
        .values(size=size + len(growth.leaves), root=grown_root, place=growth.place)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        return False
    enter_leaves(session, [(event, size + first) for event, first in growth.first.items()])
    return True


def enter_leaves(session: Session, rows: Sequence[tuple[int, int]]) -> None:
    """Enter where the first leaf of each of these acts is: rows of event id and place."""
    _LEAF.run(session.connection(), rows)


def enter_cosigned(session: Session, size: int) -> None:
    """Enter that enough witnesses signed a checkpoint of this size."""
    session.execute(
        update(LogHead)
        .where(LogHead.id == HEAD, LogHead.cosigned < size, LogHead.size >= size)
        .values(cosigned=size)
    )


def enter_behind(session: Session, why: str) -> None:
    """Enter that this register is an older copy of itself: from now on it only reads, suspends and revokes."""
    session.execute(update(LogHead).where(LogHead.id == HEAD).values(behind=why[:300]))


def is_waiting(session: Session) -> bool:
    """Say whether the log has anything to do: an act behind its head that has a leaf, or a head that is not cosigned.

    Acts without a leaf wait for nobody: no key is opened for them, and no witness asked.
    """
    head = read_head(session)
    if head.cosigned < head.size:
        return True
    later = select(Event.act, Event.details, Event.first_entry, Event.last_entry).where(
        Event.place > head.place
    )
    rows = session.execute(later.order_by(Event.place), execution_options={"yield_per": 1000})
    with rows:
        return any(leaf_kind(Told._make(row)) is not None for row in rows)
