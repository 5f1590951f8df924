"""Release: a signed entry becomes a certificate that people can hold and look up."""

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
    neither. It waits, signed, while its predecessor is suspended or revoked: a correction must not revive it.
    """

    def act(session: Session) -> int:
        require(actor, Act.ISSUE, scope=NATIONAL)
        predecessor = aliased(Entry)
        waiting = (
            select(Entry, predecessor)
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
        pairs: list[tuple[Entry, Entry | None]] = [(row[0], row[1]) for row in session.execute(waiting)]
        move_all(session, actor, [before for _, before in pairs if before is not None], Action.SUPERSEDE, now=now)
        move_all(session, actor, [entry for entry, _ in pairs], Action.RELEASE, now=now)
        return len(pairs)

    return sessions.run(act, idempotent=True)
