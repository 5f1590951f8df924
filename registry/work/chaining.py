"""The sequencer's turn: gives events their place and hash while any has none."""

from collections.abc import Iterator

from registry.database.sessions import Sessions
from registry.journal.sequencer import chain_events
from registry.work.backlog import any_event_unchained


def chain_all(sessions: Sessions) -> Iterator[int]:
    """Yield how many events each batch gave their place. Takes no lock if there is nothing to do."""
    while sessions.read(any_event_unchained):
        count = chain_events(sessions)
        if not count:
            return
        yield count
