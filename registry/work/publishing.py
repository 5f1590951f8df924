"""When to publish: after whatever changed an entry, and from time to time in any case, so that no status grows old.

What changed is told by the journal's places, which are given in the order in which others could see the acts; so
nothing that was committed late is missed. A worker that starts publishes first: what the one before it published,
nobody knows.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.database.sessions import Sessions
from registry.journal.tables import Event, JournalHead

FRESH = timedelta(hours=1)
"""A verifier takes a status for current for a day; publishing hourly leaves room for a bad night."""


class Publishing:
    """Publication by one worker.

    ``publish`` writes the public files anew; ``is_whole`` says whether those that are there are all, and the trust
    bundle among them is the present one.
    """

    def __init__(
        self,
        sessions: Sessions,
        *,
        publish: Callable[[], object],
        is_whole: Callable[[], bool],
        now: Callable[[], datetime],
    ) -> None:
        self._sessions = sessions
        self._publish = publish
        self._is_whole = is_whole
        self._now = now
        self._place: int | None = None
        self._at = now()

    def batches(self) -> Iterator[int]:
        """Publish if it is due."""
        # Read before publishing: what changes meanwhile may or may not be in it, and is published once more.
        place, at = self._sessions.read(_last_place), self._now()
        if self._is_due(at):
            self._publish()
            self._at = at
            self._place = place
            yield 1

    def _is_due(self, at: datetime) -> bool:
        seen = self._place
        if seen is None or not self._at <= at < self._at + FRESH or not self._is_whole():
            return True
        return self._sessions.read(lambda session: _changed_since(session, seen))


def _last_place(session: Session) -> int:
    return session.scalar(select(JournalHead.place)) or 0


def _changed_since(session: Session, place: int) -> bool:
    """Say whether any entry was acted on since; what has no place yet counts as new."""
    later = (Event.place > place) | Event.place.is_(None)
    return session.scalar(select(Event.id).where(later, Event.first_entry.is_not(None)).limit(1)) is not None
