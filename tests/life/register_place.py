"""Where lives are lived: one register after the other at one address, each made fresh, opened anew after each crash."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import URL, Engine, event

from registry.database.engine import open_engine


class Place:
    """An address, and the way to a fresh register there.

    The engine stays the same, so that no query is compiled twice; what a crash takes are its connections.
    """

    def __init__(self, address: URL | str, make_fresh: Callable[[], None]) -> None:
        self.engine: Engine = open_engine(address)
        self._make_fresh = make_fresh
        if self.engine.dialect.name == "sqlite":
            # Durable storage is not what these tests are about, and waiting for the disk would double their time.
            event.listen(self.engine, "connect", _careless)

    def make_fresh(self) -> None:
        """Begin with a register that nobody has touched."""
        self.disconnect()
        self._make_fresh()

    def disconnect(self) -> None:
        """Take all connections away, as the end of a process does; the next one that is asked for is new."""
        self.engine.dispose()


def _careless(connection: Any, record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous = OFF")
    cursor.close()
