"""Release: a signed entry becomes a certificate that people can hold and look up."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from keys.crash_points import reach
from registry.certificate.lifecycle import Action, Status, move_all
from registry.certificate.tables import Entry
from registry.database.sessions import Sessions
from registry.people.permission import NATIONAL, Act, Actor, require

BATCH = 1000

_BEFORE = aliased(Entry)
_WAITING = (
    select(Entry.entry, _BEFORE.entry)
    .outerjoin(
        _BEFORE, (_BEFORE.certificate_id == Entry.certificate_id) & (_BEFORE.version == Entry.version - 1)
    )
    .where(
        Entry.status == Status.SIGNED,
        (Entry.version == 1) | (_BEFORE.status == Status.RELEASED),
    )
    .order_by(Entry.entry)
    .limit(bindparam("most"))
    .with_for_update(of=Entry, skip_locked=True)
)


def release_signed(sessions: Sessions, actor: Actor, *, now: datetime) -> int:
    """Release the oldest signed entries that no other worker is at, at most ``BATCH``; return how many.

    A correcting version supersedes its predecessor in the same transaction, so nobody ever sees both as valid, or
    neither. It waits, signed, while its predecessor is suspended or revoked: a correction must not revive it, so the
    predecessor is locked and looked at again before it is superseded.
    """

    def act(session: Session) -> int:
        require(actor, Act.ISSUE, scope=NATIONAL)
        # A first version has no predecessor, whatever the outer join's type says.
        pairs: dict[int, int | None] = {
            row[0]: row[1] for row in session.connection().execute(_WAITING, {"most": BATCH})
        }
        superseded = _still_released(session, [before for before in pairs.values() if before is not None])
        released = [entry for entry, before in pairs.items() if before is None or before in superseded]
        move_all(session, actor, list(superseded), Status.RELEASED, Action.SUPERSEDE, now=now)
        move_all(session, actor, released, Status.SIGNED, Action.RELEASE, now=now)
        reach("release.before_commit")
        return len(released)

    released = sessions.run(act, idempotent=True)
    reach("release.committed")
    return released


def _still_released(session: Session, entries: Collection[int]) -> set[int]:
    """Lock these entries; return those that nobody suspended or revoked in the meantime."""
    if not entries:
        return set()
    query = select(Entry.entry).where(Entry.entry.in_(entries), Entry.status == Status.RELEASED)
    return set(session.scalars(query.order_by(Entry.entry).with_for_update()))
