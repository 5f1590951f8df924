"""The public log's turn: acts get their place in the journal and their leaves, and witnesses sign the head.

In a register whose trust bundle names no log there is nothing to do.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from registry.database.sessions import Sessions
from registry.log.growth import PublicLog
from registry.log.head import is_waiting
from registry.work.chaining import chain_all


def log_all(
    sessions: Sessions,
    log: Callable[[], PublicLog | None],
    *,
    now: Callable[[], datetime],
    is_shown: Callable[[], bool] = lambda: True,
) -> Iterator[int]:
    """Yield how many leaves each head brought before the witnesses, while any act waits for the log.

    ``log`` opens the log, ``None`` if there is none; it is asked once, and only if something waits, or if the log's
    public checkpoint is not where it should be (``is_shown``).
    """
    for _ in chain_all(sessions):
        pass
    opened = log() if sessions.read(is_waiting) or not is_shown() else None
    if opened is None:
        return
    while count := opened.grow(now=now):
        yield count
