"""One digest over the rows that an act wrote, so that its event vouches for them.

Each value becomes a letter for its kind and a form that says where it ends, so that no two rows share their bytes:
``i2026;`` is a number, ``s4:2026`` a text (or ``b4:…`` octets) with its length in bytes, ``u`` 16 bytes of a UUID,
``d739577;`` a date as its day (1 is 0001-01-01), ``t…;`` an instant in microseconds from 1970 (UTC), ``l0`` and ``l1``
the two truths, ``n`` nothing; before each row stands ``r12:``, the number of its values. Both databases give the same
bytes. Columns that later acts change (``CHANGES`` in the tables) are left out: they are the sum of their events.

A column that came with a later migration (``came_later``) is left out of a row where it holds what rows from before it
hold, and otherwise stands behind all others, its name before its value. So no migration changes what an old event
vouches for, and whoever changes such a value, to or from that one, changes the digest.
"""

import enum
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache, partial
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from registry.database.metadata import Base

Value = None | bool | int | str | bytes | UUID | date | datetime

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def digest_rows(rows: Iterable[Sequence[Value]]) -> bytes:
    """Return the 32-byte SHA-256 over rows, in the order given; each begins with the number of its values.

    Raises ``KeyError`` for a value of a kind that no column has, and ``TypeError`` for an instant without zone.
    """
    parts: list[bytes] = []
    for row in rows:
        parts.append(b"r%d:" % len(row))
        parts += [_WRITE[type(value)](value) for value in row]
    return sha256(b"".join(parts)).digest()


@cache
def columns_written_once(table: type[Base]) -> tuple[str, ...]:
    """Return the names of the first columns that no later act changes, in the table's order."""
    return tuple(
        column.name
        for column in table.__table__.columns
        if not column.info.get("changes") and "before" not in column.info
    )


@cache
def columns_that_came_later(table: type[Base]) -> tuple[tuple[str, Value], ...]:
    """Return the names of the columns that a later migration brought, each with what rows from before hold in it."""
    return tuple(
        (column.name, column.info["before"]) for column in table.__table__.columns if "before" in column.info
    )


def values_of(table: type[Base], rows: Iterable[Any]) -> Iterator[list[Value]]:
    """Yield the values that are written once of each row: a stored one, or the mapping that is to be inserted."""
    names, later = columns_written_once(table), columns_that_came_later(table)
    for row in rows:
        read = row.__getitem__ if isinstance(row, dict) else partial(getattr, row)
        values = [read(name) for name in names]
        for name, before in later:
            value = read(name)
            if value != before:
                values += [name, value]
        yield values


@lru_cache(maxsize=256)
def _instant(value: datetime) -> bytes:
    return b"t%d;" % ((value - _EPOCH) // _MICROSECOND)


def _text(value: str) -> bytes:
    content = value.encode()
    return b"s%d:%b" % (len(content), content)


class _Writers(dict[type, Callable[[Any], bytes]]):
    """The writer of each kind; members of closed sets are written as their values."""

    def __missing__(self, kind: type) -> Callable[[Any], bytes]:
        if issubclass(kind, enum.StrEnum):
            return self[str]
        if issubclass(kind, enum.IntEnum):
            return self[int]
        raise KeyError(kind)


_WRITE: Final = _Writers(
    {
        type(None): lambda _: b"n",
        bool: lambda value: b"l1" if value else b"l0",
        int: lambda value: b"i%d;" % value,
        str: _text,
        bytes: lambda value: b"b%d:%b" % (len(value), value),
        UUID: lambda value: b"u%b" % value.bytes,
        date: lambda value: b"d%d;" % value.toordinal(),
        datetime: _instant,
    }
)
