"""Release: a signed entry becomes a certificate that people can hold and look up."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from keys.crash_points import reach
from registry.certificate.lifecycle import Action, Status, move_all
from registry.certificate.tables import Entry
from registry.database.sessions import Sessions
from registry.people.permission import NATIONAL, Act, Actor, require

BATCH = 1000


class _Version(NamedTuple):
    """One version of a certificate."""

    entry: int
    certificate_id: UUID
    version: int

    @property
    def follows(self) -> tuple[UUID, int]:
        """The version before it."""
        return self.certificate_id, self.version - 1


# The status of the version before, looked up for each correction: a join may read all entries there are.
_BEFORE = aliased(Entry)
_STATUS_BEFORE = (
    select(_BEFORE.status)
    .where(_BEFORE.certificate_id == Entry.certificate_id, _BEFORE.version == Entry.version - 1)
    .scalar_subquery()
)
_WAITING = (
    select(Entry.entry, Entry.certificate_id, Entry.version)
    .where(
        Entry.status == Status.SIGNED,
        (Entry.version == 1) | (_STATUS_BEFORE == Status.RELEASED),
    )
    .order_by(Entry.entry)
    .limit(bindparam("most"))
    .with_for_update(of=Entry, skip_locked=True)
)
_RELEASED = (
    select(Entry.entry, Entry.certificate_id, Entry.version)
    .where(
        Entry.certificate_id.in_(bindparam("certificates", expanding=True)), Entry.status == Status.RELEASED
    )
    .order_by(Entry.entry)
    .with_for_update()
)


def release_signed(sessions: Sessions, actor: Actor, *, now: datetime) -> int:
    """Release the oldest signed entries that no other worker is at, at most ``BATCH``; return how many.

    A correcting version supersedes its predecessor in the same transaction, so nobody ever sees both as valid, or
    neither. It waits, signed, while its predecessor is suspended or revoked: a correction must not revive it, so the
    predecessor is locked and looked at again before it is superseded.
    """

    def act(session: Session) -> int:
        require(actor, Act.ISSUE, scope=NATIONAL)
        found = session.connection().execute(_WAITING, {"most": BATCH})
        waiting = [_Version._make(row) for row in found.all()]
        before = _still_released(session, [item for item in waiting if item.version > 1])
        released = [item.entry for item in waiting if item.version == 1 or item.follows in before]
        superseded = [before[item.follows] for item in waiting if item.follows in before]
        move_all(session, actor, superseded, Status.RELEASED, Action.SUPERSEDE, now=now)
        move_all(session, actor, released, Status.SIGNED, Action.RELEASE, now=now)
        reach("release.before_commit")
        return len(released)

    released = sessions.run(act, idempotent=True)
    reach("release.committed")
    return released


def _still_released(session: Session, corrections: Sequence[_Version]) -> dict[tuple[UUID, int], int]:
    """Lock the released versions of these certificates; return their entries by certificate and version.

    One that somebody suspended or revoked in the meantime is not among them.
    """
    if not corrections:
        return {}
    wanted = {"certificates": [item.certificate_id for item in corrections]}
    found = [_Version._make(row) for row in session.connection().execute(_RELEASED, wanted)]
    return {(item.certificate_id, item.version): item.entry for item in found}
