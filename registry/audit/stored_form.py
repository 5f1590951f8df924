"""The stored form of every value of the evidence: the one that the register's own writer would have written.

SQLite keeps whatever it is given, in any column: a text with a tail behind a NUL, a UUID in upper case or with hyphens,
an octet string where a text should be, the truth as 2. Some of that reads as the value that was meant and is another
one to the next index, comparison or program. PostgreSQL holds its columns to their types, all but the spelling of JSON.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Date,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    Uuid,
    and_,
    cast,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from registry.audit.finding import Finding, Kind
from registry.database.metadata import Instant
from registry.database.schema import evidence_tables

DAY: Final = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
INSTANT: Final = f"{DAY} [0-9][0-9]:[0-9][0-9]:[0-9][0-9].{'[0-9]' * 6}"
NO_HEX: Final = "*[^0-9a-f]*"
HEX: Final = re.compile("[0-9a-f]{32}")
UUID_SIZE, DAY_SIZE, INSTANT_SIZE = 32, 10, 26


def form_faults(session: Session) -> Iterator[Finding]:
    """Yield each value that is stored in another form, by row and column; SQLite alone can have any."""
    if session.get_bind().dialect.name != "sqlite":
        return
    for table in evidence_tables():
        columns = list(table.columns)
        right = [or_(column.is_(None), form_of(column)) for column in columns]
        key = [part for column in table.primary_key.columns for part in _stored(column)]
        query = select(*key, *right).where(~and_(*right))
        for row in session.execute(query):
            name = _name(table, row[: len(key)])
            for column, is_right in zip(columns, row[len(key) :], strict=True):
                if not is_right:
                    yield _finding(table, name, column)


def form_of(column: Column[Any]) -> ColumnElement[bool]:
    """Return the condition under which SQLite holds a value of this column as the register writes it."""
    raw, kind = type_coerce(column, String), column.type
    storage = func.typeof(raw)
    # A NUL ends a text for some of SQLite's functions and not for others, so sizes are in octets.
    match kind:
        case Boolean():
            return and_(storage == "integer", type_coerce(column, Integer).in_((0, 1)))
        case Integer():
            return storage == "integer"
        case LargeBinary():
            return storage == "blob"
        case Uuid():
            return and_(_sized(raw, UUID_SIZE), func.length(raw) == UUID_SIZE, func.glob(NO_HEX, raw) == 0)
        case Instant():
            return and_(_sized(raw, INSTANT_SIZE), func.glob(INSTANT, raw) == 1)
        case Date():
            return and_(_sized(raw, DAY_SIZE), func.glob(DAY, raw) == 1)
        case String() | JSON():
            return and_(storage == "text", func.instr(raw, func.char(0)) == 0)
    raise TypeError(f"no form is known for a column of the kind {kind!r}")


def spelling_faults(session: Session) -> Iterator[Finding]:
    """Yield each JSON that is spelled otherwise than ours: spaces, escapes, a name twice. Members have no order."""
    for table in evidence_tables():
        for column in (column for column in table.columns if isinstance(column.type, JSON)):
            (key,) = table.primary_key.columns
            query = select(key, cast(column, Text)).where(column.is_not(None))
            for row, text in session.execute(query, execution_options={"yield_per": 1000}):
                if not _is_ours(text):
                    yield _finding(table, str(row), column)


def _sized(raw: ColumnElement[str], octets: int) -> ColumnElement[bool]:
    return and_(func.typeof(raw) == "text", func.octet_length(raw) == octets)


def _is_ours(text: str) -> bool:
    try:
        return json.dumps(json.loads(text)) == text
    except (ValueError, RecursionError):
        return False


def _stored(column: Column[Any]) -> tuple[ColumnElement[str], ColumnElement[str]]:
    """Return storage class and octets (in hex) of a part of a key, which may be anything itself."""
    raw = type_coerce(column, String)
    return func.typeof(raw), func.hex(raw)


def _name(table: Table, key: Any) -> str:
    parts = []
    for column, storage, octets in zip(table.primary_key.columns, key[::2], key[1::2], strict=True):
        text = bytes.fromhex(octets).decode("utf-8", "backslashreplace")
        if storage == "blob":
            text = octets.lower()
        elif isinstance(column.type, Uuid) and HEX.fullmatch(text):
            text = str(UUID(text))
        parts.append("".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in text))
    return "/".join(parts)


def _finding(table: Table, row: str, column: Column[Any]) -> Finding:
    what = f"{column.name} is stored in another form than the register writes"
    return Finding(Kind.FORM, table.name, row, what)
