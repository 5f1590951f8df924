"""When to publish: after whatever changed an entry, and from time to time in any case, so that no status grows old.

What changed is told by the journal's places, which are given in the order in which others could see the acts, and by
how many acts wait for theirs; so nothing that was committed late is missed, and an act that nobody gives a place is
published once. A worker that starts publishes first: what the one before it published, nobody knows.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.database.sessions import Sessions
from registry.journal.tables import Event, JournalHead

FRESH = timedelta(hours=1)
"""A verifier takes a status for current for a day; publishing hourly leaves room for a bad night."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the journal told at one snapshot: the last place, and how many acts on entries waited for one."""

    place: int
    unplaced: int


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
        self._seen: _Seen | None = None
        self._at = now()

    def batches(self) -> Iterator[int]:
        """Publish if it is due."""
        # Read before publishing: what changes meanwhile may or may not be in it, and is published once more.
        seen, at = self._sessions.read(_look), self._now()
        if self._is_due(seen, at):
            self._publish()
            self._at = at
            self._seen = seen
            yield 1

    def _is_due(self, seen: _Seen, at: datetime) -> bool:
        before = self._seen
        if before is None or not self._at <= at < self._at + FRESH or not self._is_whole():
            return True
        # Acts lose their wait only to a place beyond ``before.place``: without such a place, more waiting is a new act.
        if seen.unplaced > before.unplaced:
            return True
        return self._sessions.read(lambda session: _placed_since(session, before.place))


def _look(session: Session) -> _Seen:
    waiting = select(func.count()).where(Event.place.is_(None), Event.first_entry.is_not(None))
    return _Seen(session.scalar(select(JournalHead.place)) or 0, session.scalar(waiting) or 0)


def _placed_since(session: Session, place: int) -> bool:
    """Say whether any act on an entry was given a place since."""
    later = select(Event.id).where(Event.place > place, Event.first_entry.is_not(None)).limit(1)
    return session.scalar(later) is not None
