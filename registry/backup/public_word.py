"""What the public was told, and the register must not take back: a restored register follows the newest status file.

Verifiers remember. What was released stays released, what was voided, revoked or superseded stays so. Only between
*released* and *suspended*, where both ways are lawful, does it matter which of the two is younger, the backup or the
status; in doubt the entry is suspended. One that is *reinstated* in the backup was suspended for the public: it stays
what it is unless a younger status tells more.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from registry.backup.errors import StatusContradicts
from registry.backup.manifest import Manifest
from registry.backup.outside import public_state
from registry.certificate.lifecycle import SHOWN_SUSPENDED, Status
from registry.certificate.tables import Entry
from registry.journal.record import record_entries, runs_of
from registry.people.permission import Actor
from signing.status import Status as PublicStatus

ACT: Final = "restore"

UNRELEASED: Final = (Status.NUMBERED, Status.SIGNED)
FINAL: Final = (Status.VOID, Status.REVOKED, Status.SUPERSEDED)

_MOVE_RUN = (
    update(Entry.__table__)  # type: ignore[arg-type]
    .where(Entry.entry.between(bindparam("first"), bindparam("last")))
    .values(status=bindparam("after"), changed_at=bindparam("now"))
)


class Age(StrEnum):
    """How old a status is beside a backup."""

    OLDER = "older"
    BESIDE = "beside"
    NEWER = "newer"


@dataclass(frozen=True, slots=True)
class PublicWord:
    """A status, and how old it is beside the backup that is restored."""

    status: PublicStatus
    age: Age

    @classmethod
    def beside(cls, status: PublicStatus, manifest: Manifest) -> "PublicWord":
        """Return the word of a status on the entries of this backup. A status tells its time in whole seconds."""
        if status.made_at > manifest.ended_at:
            return cls(status, Age.NEWER)
        older = status.made_at < manifest.made_at.replace(microsecond=0)
        return cls(status, Age.OLDER if older else Age.BESIDE)

    def followed(self, entry: int, stored: Status) -> Status:
        """Return the status that an entry of the backup has from now on; raises ``StatusContradicts``."""
        public = public_state(self.status, entry)
        # 1. Nothing public: the backup is all there is.
        if public is None or public is Status.NUMBERED:
            return stored
        # 2. Final here: it stays, unless the public was told something else that is final, or that it was released.
        if stored in FINAL:
            if public is not stored and (stored is Status.VOID or public in FINAL):
                raise StatusContradicts(entry, stored, public)
            return stored
        # 3. Final there: it becomes so, unless it was released here and voided there.
        if public is Status.VOID and stored not in UNRELEASED:
            raise StatusContradicts(entry, stored, public)
        if public in FINAL:
            return public
        # 4. Released there, perhaps suspended: the younger one tells, in doubt the suspension.
        if public is Status.SUSPENDED:
            younger = self.age is Age.OLDER and stored in (Status.RELEASED, Status.REINSTATED)
            return stored if younger else Status.SUSPENDED
        if stored in SHOWN_SUSPENDED and self.age is not Age.NEWER:
            return stored
        return Status.RELEASED


def follow_public(
    session: Session, actor: Actor, word: PublicWord, *, now: datetime
) -> dict[tuple[Status, Status], list[int]]:
    """Move the entries of the backup to what the public was told; return the entries by status before and after.

    One event for each run of entries with the same move. Raises ``StatusContradicts``.
    """
    moves: dict[tuple[Status, Status], list[int]] = defaultdict(list)
    stored = select(Entry.entry, Entry.status).where(Entry.entry <= word.status.size).order_by(Entry.entry)
    with session.execute(stored, execution_options={"yield_per": 1000}) as rows:
        for entry, status in rows:
            before = Status(status)
            after = word.followed(entry, before)
            if after is not before:
                moves[before, after].append(entry)
    for (before, after), entries in moves.items():
        runs = [
            {"first": first, "last": last, "after": after, "now": now} for first, last in runs_of(entries)
        ]
        session.execute(_MOVE_RUN, runs)
        told: dict[str, Any] = {"before": before, "after": after, "known": "public"}
        record_entries(session, ACT, entries, at=now, by=actor.account_id, **told)
    return dict(moves)
