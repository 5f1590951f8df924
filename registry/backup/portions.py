"""The tables that a backup keeps, read in a lasting order and cut into portions at lasting places.

Where a portion ends is decided by the keys of its rows alone (and, seldom, by its size). So a row that is added or
changed disturbs one portion, and all others are word for word those of the backup before.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from zlib import crc32

from alembic.migration import MigrationContext
from sqlalchemy import Column, String, Table, collate, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from registry.backup.row_text import RowText

# Random keys would put new rows between all the old ones; these keys keep together what came together.
READING_ORDER: Final[Mapping[str, tuple[str, ...]]] = {
    "certificate": ("series_key", "serial"),
    "result": ("submission_id", "row"),
}

USUAL_ROWS: Final = 1000
MOST_ROWS: Final = 4000
MOST_BYTES: Final = 4 << 20

# Rows in memory at once. A submission carries the whole file that was handed in, a draft's files come in large parts.
_FETCHED: Final = 500
_FETCHED_WITH_FILES: Final = 4
_FILES: Final = frozenset({"sealed_content", "sealed"})


@dataclass(frozen=True, slots=True)
class Portion:
    """Some rows of one table as text."""

    rows: int
    plain: bytes


def revision_of(session: Session) -> str:
    """Return the revision of the schema that the session works on."""
    return MigrationContext.configure(session.connection()).get_current_revision() or ""


def portions(session: Session, table: Table) -> Iterator[Portion]:
    """Yield all rows of a table as the session sees them, in portions; none for an empty table."""
    order = _order(table)
    places = [list(table.columns).index(column) for column in order]
    text = RowText(table)
    lines, size = [text.header], 0
    fetched = _FETCHED_WITH_FILES if _FILES & set(table.columns.keys()) else _FETCHED
    query = select(*table.columns).order_by(*(_bytewise(session, column) for column in order))
    with session.execute(query, execution_options={"yield_per": fetched}) as rows:
        for row in rows:
            line = text.write(row)
            lines.append(line)
            size += len(line)
            if _ends([row[place] for place in places]) or len(lines) > MOST_ROWS or size >= MOST_BYTES:
                yield Portion(len(lines) - 1, b"".join(lines))
                lines, size = [text.header], 0
    if len(lines) > 1:
        yield Portion(len(lines) - 1, b"".join(lines))


def _order(table: Table) -> list[Column[Any]]:
    named = READING_ORDER.get(table.name)
    return [table.columns[name] for name in named] if named else list(table.primary_key.columns)


def _bytewise(session: Session, column: Column[Any]) -> ColumnElement[Any]:
    # PostgreSQL sorts text by the customs of a country unless it is told not to.
    if isinstance(column.type, String) and session.get_bind().dialect.name == "postgresql":
        return collate(column, "C")
    return column


def _ends(key: list[Any]) -> bool:
    return crc32(repr(key).encode()) % USUAL_ROWS == 0
