"""Release: a signed entry becomes a certificate that people can hold and look up."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from registry.certificate.lifecycle import Action, Status, move_all
from registry.certificate.tables import Entry
from registry.database.sessions import Sessions
from registry.people.permission import NATIONAL, Act, Actor, require

BATCH = 1000


def release_signed(sessions: Sessions, actor: Actor, *, now: datetime) -> int:
    """Release the oldest signed entries, at most ``BATCH``; return how many.

    A correcting version supersedes its predecessor in the same transaction, so nobody ever sees both as valid, or
    neither. It waits, signed, while its predecessor is suspended or revoked: a correction must not revive it, so the
    predecessor is locked and looked at again before it is superseded.
    """

    def act(session: Session) -> int:
        require(actor, Act.ISSUE, scope=NATIONAL)
        predecessor = aliased(Entry)
        waiting = (
            select(Entry, predecessor.entry)
            .outerjoin(
                predecessor,
                (predecessor.certificate_id == Entry.certificate_id)
                & (predecessor.version == Entry.version - 1),
            )
            .where(
                Entry.status == Status.SIGNED,
                (Entry.version == 1) | (predecessor.status == Status.RELEASED),
            )
            .order_by(Entry.entry)
            .limit(BATCH)
            .with_for_update(of=Entry)
        )
        # A first version has no predecessor, whatever the outer join's type says.
        pairs: dict[Entry, int | None] = {row[0]: row[1] for row in session.execute(waiting)}
        superseded = _still_released(session, [before for before in pairs.values() if before is not None])
        lawful = {None, *(before.entry for before in superseded)}
        released = [entry for entry, before in pairs.items() if before in lawful]
        move_all(session, actor, superseded, Action.SUPERSEDE, now=now)
        move_all(session, actor, released, Action.RELEASE, now=now)
        return len(released)

    return sessions.run(act, idempotent=True)


def _still_released(session: Session, entries: Sequence[int]) -> Sequence[Entry]:
    """Lock these entries; return those that nobody suspended or revoked in the meantime."""
    if not entries:
        return ()
    query = select(Entry).where(Entry.entry.in_(entries), Entry.status == Status.RELEASED)
    return session.scalars(query.order_by(Entry.entry).with_for_update()).all()
