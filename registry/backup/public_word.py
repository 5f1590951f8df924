"""What the public was told, and the register must not take back: a restored register follows the newest status file.

Verifiers remember. What was released stays released, what was voided, revoked or superseded stays so. Only between
*released* and *suspended*, where both ways are lawful, does it matter which of the two is younger, the backup or the
status; in doubt the entry is suspended. One that is *reinstated* in the backup was suspended for the public: it stays
what it is unless a younger status tells more. What lost leaves of the public log told (``registry.log.lost_word``) was
followed before, and is of an age that nobody knows.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.backup.errors import StatusContradicts
from registry.backup.manifest import Manifest
from registry.backup.outside import public_state
from registry.certificate.lifecycle import FINAL, SHOWN_SUSPENDED, UNRELEASED, Status
from registry.certificate.tables import Entry
from registry.journal.leaves import BY_LOG
from registry.log.lost_word import LostWord, move_told
from registry.people.permission import Actor
from signing.status import Status as PublicStatus

ACT: Final = "restore"

IN_DOUBT: Final = timedelta(minutes=10)
"""No act takes as long from its date to its commit."""


class Age(StrEnum):
    """How old a status is beside a backup."""

    OLDER = "older"
    BESIDE = "beside"
    NEWER = "newer"


@dataclass(frozen=True, slots=True)
class PublicWord:
    """A status, and how old it is beside the backup that is restored.

    ``settled`` are the entries that followed lost leaves, ``lifted`` those whose suspension was lifted in them.
    """

    status: PublicStatus
    age: Age
    settled: Collection[int] = ()
    lifted: Collection[int] = ()

    @classmethod
    def beside(cls, status: PublicStatus, manifest: Manifest, *, newest_at: datetime | None) -> "PublicWord":
        """Return the word of a status on the entries of this backup. A status tells its time in whole seconds.

        ``newest_at`` is when the last act of its rows was done, ``None`` if there is none: what counts is how old the
        rows are, not on which day somebody made a backup of them. An act may be seen some time after it was dated.
        """
        acted_at = manifest.made_at if newest_at is None else min(newest_at, manifest.made_at)
        if status.made_at > min(manifest.ended_at, acted_at + IN_DOUBT):
            return cls(status, Age.NEWER)
        older = status.made_at < acted_at.replace(microsecond=0)
        return cls(status, Age.OLDER if older else Age.BESIDE)

    def after(self, log: LostWord | None) -> "PublicWord":
        """Return the same word as it is read after what lost leaves tell."""
        return self if log is None else replace(self, settled=log.told.keys(), lifted=log.lifted)

    def knows(self, entry: int, after: Status) -> str:
        """Return who told that an entry is what it is from now on, as the event says it."""
        return BY_LOG if after is Status.RELEASED and entry in self.lifted else "public"

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
        age = Age.BESIDE if entry in self.settled and self.age is Age.NEWER else self.age
        if public is Status.SUSPENDED:
            younger = age is Age.OLDER and stored in (Status.RELEASED, Status.REINSTATED)
            return stored if younger else Status.SUSPENDED
        if stored in SHOWN_SUSPENDED and age is not Age.NEWER:
            return stored
        return Status.RELEASED


def follow_public(
    session: Session, actor: Actor, word: PublicWord, *, now: datetime
) -> dict[tuple[Status, Status], list[int]]:
    """Move the entries of the backup to what the public was told; return the entries by status before and after.

    One event for each run of entries with the same move. Raises ``StatusContradicts``.
    """
    moves: dict[tuple[Status, Status, str], list[int]] = defaultdict(list)
    stored = select(Entry.entry, Entry.status).where(Entry.entry <= word.status.size).order_by(Entry.entry)
    with session.execute(stored, execution_options={"yield_per": 1000}) as rows:
        for entry, status in rows:
            before = Status(status)
            after = word.followed(entry, before)
            if after is not before:
                moves[before, after, word.knows(entry, after)].append(entry)
    moved: dict[tuple[Status, Status], list[int]] = defaultdict(list)
    for (before, after, known), entries in moves.items():
        move_told(session, actor, entries, before, after, known=known, now=now)
        moved[before, after] += entries
    return dict(moved)
