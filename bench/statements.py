"""Counting the SQL that an act sends: statements as the driver gets them, and the rows of those sent for many rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event

# What the store says of itself, not of the register.
HOUSEKEEPING = ("PRAGMA", "BEGIN")


@dataclass(slots=True)
class Sent:
    """The statements of an act, in their order, and how often it committed."""

    statements: list[str] = field(default_factory=list)
    commits: int = 0

    def __str__(self) -> str:
        """Return the counts in words."""
        return f"{_counted(len(self.statements), 'statement')}, {_counted(self.commits, 'commit')}"


@contextmanager
def counted() -> Iterator[Sent]:
    """Collect what any engine of this process sends meanwhile."""
    sent = Sent()

    def execute(_connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(HOUSEKEEPING):
            sent.statements.append(statement)

    def commit(_connection: Connection) -> None:
        sent.commits += 1

    event.listen(Engine, "before_cursor_execute", execute)
    event.listen(Engine, "commit", commit)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", execute)
        event.remove(Engine, "commit", commit)


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
