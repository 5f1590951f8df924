"""The files that an SQLite register consists of, seen to be the same ones for as long as we write.

The log (``-wal``) and its index (``-shm``) are as much the register as the file beside them, and SQLite does not look
whether somebody takes them away under it: it goes on in a file that has no name any more, and its commits vanish
with it. If the index is taken away, the next program makes a new one, and the two no longer see each other's locks:
both would give the same number. So each writer looks, when it begins and again before it commits, whether the names
still belong to the files that are open; if not, ``StorageDamaged``.

Not found here: files that were exchanged while nobody had them open. A log that is missing or cut off gives an
older, sound register; that it is behind is known only by what lies elsewhere (the signer's journal, the public files).
"""

import os
import threading
from pathlib import Path

from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from registry.database.errors import StorageDamaged

SUFFIXES = ("", "-wal", "-shm")

# Device and inode: what a name stands for.
Identity = tuple[int, int]


class SideFiles:
    """What the names of a register's files stood for when this program opened it.

    SQLite removes log and index with the last connection; whoever opens the register next makes new ones. So the
    identities are taken anew by the first connection of all that are open together.
    """

    def __init__(self, file: Path) -> None:
        self._names = [f"{file}{suffix}" for suffix in SUFFIXES]
        self._lock = threading.Lock()
        self._open: set[int] = set()
        self._known: list[Identity | None] = []

    def opened(self, connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        """Take note of a connection that has its files open by now."""
        with self._lock:
            if not self._open:
                self._known = self._found()
            self._open.add(id(connection))

    def closed(self, connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        """Forget a connection that is about to be closed."""
        with self._lock:
            self._open.discard(id(connection))

    def require_same(self) -> None:
        """Raise ``StorageDamaged`` unless each name still stands for the file that is open."""
        for name, known, found in zip(self._names, self._known, self._found(), strict=True):
            if found is None or found != known:
                raise StorageDamaged(f"{Path(name).name} was taken away or exchanged while it was in use")

    def _found(self) -> list[Identity | None]:
        return [_identity(name) for name in self._names]


def _identity(name: str) -> Identity | None:
    try:
        found = os.stat(name)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
