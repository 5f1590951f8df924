"""What the database is asked, statement by statement."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event


@contextmanager
def counted(engine: Engine | type[Engine]) -> Iterator[list[str]]:
    """Yield the list of the statements that are executed meanwhile; the class ``Engine`` stands for every engine."""
    statements: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def require_unread(statements: list[str]) -> None:
    """Return if submissions were read, and none with the file that was handed in, else fail."""
    read = [text for text in statements if "FROM submission" in text]
    assert read
    assert not any("sealed_content" in text for text in read)
