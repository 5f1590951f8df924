"""The end of an epoch: its key numbers nothing more, and what no key may number any more is passed over.

Opening one is ``numbering.open_epoch``. The row of an epoch keeps the block that it was opened with; how far the block
was used, the event of its closing says, and the trust bundle is narrowed to it.

Lock order as in numbering: epoch, then the entry counter, last of all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from registry.certificate.coverage import numbered_digest
from registry.certificate.errors import EpochUnfinished, UnknownEpoch
from registry.certificate.lifecycle import Status
from registry.certificate.numbering import COUNTER_ID
from registry.certificate.tables import Entry, EntryCounter, Epoch
from registry.journal.record import record, record_entries
from registry.people.permission import NATIONAL, Act, Actor, require

CLOSE_EPOCH: Final = "close_epoch"
PASS_OVER: Final = "pass_over"
BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class EpochUse:
    """How far an epoch's block was used.

    ``given`` entries of it have numbers, ``last_given`` is the last of them (one before the block if there is none);
    ``unsigned`` of them wait for their signatures, the first of these is ``first_unsigned`` (0 if there is none).
    """

    key_id: bytes
    first_entry: int
    last_entry: int
    last_given: int
    unsigned: int
    first_unsigned: int
    closed_at: datetime | None

    @property
    def given(self) -> int:
        """How many entries of the block were given."""
        return self.last_given - self.first_entry + 1

    @property
    def left(self) -> int:
        """How many entries of the block were not given."""
        return self.last_entry - self.last_given


def epoch_use(session: Session, key_id: bytes) -> EpochUse:
    """Return how far the epoch of a key was used. Raises ``UnknownEpoch``."""
    epoch = session.get(Epoch, key_id)
    if epoch is None:
        raise UnknownEpoch(key_id)
    # The next epoch may begin inside this one's block, which was narrowed since; so the counter tells nothing.
    within = Entry.entry.between(epoch.first_entry, epoch.last_entry) & (Entry.key_id == key_id)
    last = session.scalar(select(func.max(Entry.entry)).where(within))
    waiting = select(func.count(), func.min(Entry.entry)).where(
        Entry.key_id == key_id, Entry.status == Status.NUMBERED
    )
    unsigned, first = session.execute(waiting).one()
    return EpochUse(
        key_id,
        epoch.first_entry,
        epoch.last_entry,
        epoch.first_entry - 1 if last is None else last,
        unsigned,
        first or 0,
        epoch.closed_at,
    )


def close_epoch(session: Session, actor: Actor, key_id: bytes, *, now: datetime) -> EpochUse:
    """Let the key number nothing more, for ever; one that is closed stays as it is. Returns how far it was used.

    Whoever numbers with it at this moment is either done before, or finds it closed and plans anew
    (``numbering.take_entries``). Raises ``UnknownEpoch``, ``EpochUnfinished`` or ``NotPermitted``.
    """
    require(actor, Act.CLOSE_EPOCH, scope=NATIONAL)
    epoch = session.get(Epoch, key_id, with_for_update=True)
    if epoch is None:
        raise UnknownEpoch(key_id)
    session.get(EntryCounter, COUNTER_ID, with_for_update=True)
    use = epoch_use(session, key_id)
    if use.unsigned:
        raise EpochUnfinished(key_id, use.unsigned, use.first_unsigned)
    if epoch.closed_at is None:
        epoch.closed_at = now
        subject, last = f"epoch:{key_id.hex()}", use.last_given
        record(session, CLOSE_EPOCH, subject, at=now, by=actor.account_id, last_given=last)
        session.flush()
    return use


def pass_over(session: Session, actor: Actor, *, on: date, now: datetime) -> int:
    """Void the next entries if closed epochs alone could have signed them, up to the next open block; return how many.

    They were given to nobody and have no number: only so are entries dense, and no key is ever given a block that
    another one had. Nothing is done, and 0 returned, unless an epoch that may sign on this day begins right behind.
    """
    counter = session.get(EntryCounter, COUNTER_ID, with_for_update=True)
    if counter is None:
        return 0
    first = counter.last + 1
    epochs = session.scalars(select(Epoch).order_by(Epoch.first_entry)).all()
    ahead = [each for each in epochs if each.closed_at is None and each.last_entry >= first]
    if not ahead or ahead[0].first_entry <= first or ahead[0].last_on < on:
        return 0
    last = ahead[0].first_entry - 1
    owners = [_owner(epochs, entry) for entry in range(first, last + 1)]
    if None in owners:
        return 0
    require(actor, Act.ISSUE, scope=NATIONAL)
    rows = [_row(entry, owner, now) for entry, owner in enumerate(owners, first)]
    for start in range(0, len(rows), BATCH):
        _insert(session, actor, rows[start : start + BATCH], now=now)
    counter.last = last
    session.flush()
    return len(rows)


def _owner(epochs: Sequence[Epoch], entry: int) -> bytes | None:
    """Return the key of the closed epoch that an entry lies in, ``None`` if there is none."""
    for epoch in epochs:
        if epoch.closed_at is not None and epoch.first_entry <= entry <= epoch.last_entry:
            return epoch.key_id
    return None


def _row(entry: int, key_id: bytes | None, now: datetime) -> dict[str, Any]:
    nothing = dict.fromkeys(("certificate_id", "version", "result_id", "to_be_signed", "token"))
    return {
        **nothing,
        "entry": entry,
        "key_id": key_id,
        "status": Status.VOID,
        "numbered_at": now,
        "changed_at": now,
    }


def _insert(session: Session, actor: Actor, rows: list[dict[str, Any]], *, now: datetime) -> None:
    session.execute(insert(Entry.__table__), rows)  # type: ignore[arg-type]
    digest = numbered_digest([], rows)
    passed = [row["entry"] for row in rows]
    record_entries(session, PASS_OVER, passed, at=now, by=actor.account_id, digest=digest, after=Status.VOID)
