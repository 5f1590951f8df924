"""Entries whose key can be trusted no longer, and whose certificates nobody holds yet: their numbers are void, their
results wait for new ones.

A number is never given twice, and a token by a distrusted key is worth nothing. So what was numbered or signed and not
released is voided, and its result is set free: the ordinary road numbers it again, under the next key. The event
``free_result`` says which result it was, because the row does not any more.

A correction is another matter: the signer knows it as its number's last entry and would refuse the next one, which
names the version that people hold. One whose token is in the honest list (``alarm``) is kept, and released when its
turn comes; any other is void for good, and its certificate can only be revoked and issued anew.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from registry.assessment.tables import Result, Submission
from registry.certificate.lifecycle import UNRELEASED, Action, Reason, Status, move_all
from registry.certificate.tables import Entry
from registry.journal.record import record_entries
from registry.people.permission import NATIONAL, Act, Actor, require

FREE_RESULT: Final = "free_result"

_WAITING = (
    select(Entry.entry, Entry.version, Entry.status, Entry.result_id, Result.submission_id)
    .outerjoin(Result, Result.id == Entry.result_id)
    .where(Entry.key_id == bindparam("key"), Entry.status.in_(UNRELEASED))
    .order_by(Entry.entry)
)
_FREE = (
    update(Entry.__table__)  # type: ignore[arg-type]
    .where(Entry.entry == bindparam("void"))
    .values(result_id=None)
)


class _Waiting(NamedTuple):
    entry: int
    version: int | None
    status: str
    result_id: UUID | None
    submission_id: UUID | None


@dataclass(frozen=True, slots=True)
class Abandonment:
    """What becomes of the entries of one key that were not released, each list by ascending entry.

    ``numbered_anew`` are void and their results free; ``lost`` are void corrections; ``kept`` are corrections that stay
    signed.
    """

    numbered_anew: tuple[int, ...]
    lost: tuple[int, ...]
    kept: tuple[int, ...]


def plan_abandonment(session: Session, key_id: bytes, *, honest: Collection[int]) -> Abandonment:
    """Return what ``abandon`` would do now; changes nothing."""
    return _sorted(_rows(session, key_id, lock=False), honest)


def abandon(
    session: Session,
    actor: Actor,
    key_id: bytes,
    *,
    honest: Collection[int],
    now: datetime,
    statuses: Collection[Status] = UNRELEASED,
) -> Abandonment:
    """Void what of this key was not released, in the caller's transaction; again, it finds nothing more to do.

    ``honest`` are the entries whose tokens will be in the honest list; ``statuses`` may leave out what is signed, where
    the key's signatures are still good. Raises ``NotPermitted``.
    """
    require(actor, Act.VOID, scope=NATIONAL)
    rows = [row for row in _rows(session, key_id, lock=True) if row.status in statuses]
    done = _sorted(rows, honest)
    void = {*done.numbered_anew, *done.lost}
    for status in UNRELEASED:
        moved = [row.entry for row in rows if row.status == status and row.entry in void]
        move_all(session, actor, moved, status, Action.VOID, reason=Reason.KEY_DISTRUSTED, now=now)
    free = set(done.numbered_anew)
    _free(session, actor, [row for row in rows if row.entry in free], now=now)
    return done


def _rows(session: Session, key_id: bytes, *, lock: bool) -> list[_Waiting]:
    query = _WAITING.with_for_update(of=Entry) if lock else _WAITING
    return [_Waiting._make(row) for row in session.execute(query, {"key": key_id})]


def _sorted(rows: Sequence[_Waiting], honest: Collection[int]) -> Abandonment:
    corrections = [row for row in rows if row.version is None or row.version > 1]
    kept = {row.entry for row in corrections if row.status == Status.SIGNED and row.entry in honest}
    lost = {row.entry for row in corrections} - kept
    return Abandonment(
        tuple(row.entry for row in rows if row.entry not in kept | lost),
        tuple(sorted(lost)),
        tuple(sorted(kept)),
    )


def _free(session: Session, actor: Actor, rows: Sequence[_Waiting], *, now: datetime) -> None:
    """Set results free, with an event for each, and let their submissions be looked through again."""
    free = [row for row in rows if row.result_id is not None]
    if not free:
        return
    changes: list[dict[str, Any]] = [{"void": row.entry} for row in free]
    session.connection().execute(_FREE, changes)
    for row in free:
        record_entries(
            session, FREE_RESULT, [row.entry], at=now, by=actor.account_id, result=str(row.result_id)
        )
    submissions = {row.submission_id for row in free}
    session.execute(update(Submission).where(Submission.id.in_(submissions)).values(all_numbered=False))
