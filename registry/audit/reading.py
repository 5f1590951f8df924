"""Reading rows that may be damaged: what can not be read is a finding, and not the end of the check.

A fault of the moment (a connection lost, a lock) is not the row's, and goes up to whoever runs the transaction again.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from keys.errors import KeysError
from registry.audit.finding import Finding, Kind
from registry.database.faults import fault_of
from registry.errors import RegistryError
from signing.errors import SigningError

T = TypeVar("T")

# What comes of a value that its column can not hold, or that no rule can read.
NOT_READABLE = (
    ValueError,
    RecursionError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    SQLAlchemyError,
    RegistryError,
    SigningError,
    KeysError,
)


def whole(pieces: Callable[[], Iterable[Finding]]) -> tuple[list[Finding], Exception | None]:
    """Return what was found, and the error that a row's content made, ``None`` if all could be read."""
    found: list[Finding] = []
    try:
        found.extend(pieces())
    except NOT_READABLE as error:
        require_of_row(error)
        return found, error
    return found, None


def guarded(table: str, row: str, pieces: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """Return what was found; one more finding if something could not be read."""
    found, error = whole(pieces)
    if error is not None:
        found.append(unreadable(table, row, error))
    return found


def unreadable(table: str, row: str, error: Exception) -> Finding:
    """Return the finding for an error; its text is left out, for it may repeat what the row says."""
    return Finding(Kind.UNREADABLE, table, row, f"can not be read as it stands ({type(error).__name__})")


def unreadable_rows(session: Session, table: Table, where: ColumnElement[bool]) -> Iterator[Finding]:
    """Yield each value that its column can not hold, by row and column."""
    key = tuple(table.primary_key.columns)
    for column in table.columns:
        if _reads(session, (column,), where):
            continue
        for row in _keys(session, key, where):
            its = [part == value for part, value in zip(key, row, strict=True)]
            for condition in its[1:]:
                its[0] &= condition
            if not _reads(session, (column,), its[0]):
                name = "/".join(map(str, row))
                what = f"{column.name} is not what a column of its kind holds"
                yield Finding(Kind.UNREADABLE, table.name, name, what)


def _keys(session: Session, key: tuple[Any, ...], where: ColumnElement[bool]) -> list[Any]:
    try:
        return list(session.execute(select(*key).where(where)))
    except NOT_READABLE as error:
        require_of_row(error)
        return []


def _reads(session: Session, columns: tuple[Any, ...], where: ColumnElement[bool]) -> bool:
    try:
        session.execute(select(*columns).where(where)).all()
    except NOT_READABLE as error:
        require_of_row(error)
        return False
    return True


def require_of_row(error: Exception) -> None:
    """Raise a fault of the moment; return for one that a row's content made."""
    if isinstance(error, DBAPIError) and fault_of(error) is not None:
        raise error
