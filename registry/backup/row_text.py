"""Rows as lines of text: the same for the same row, whatever database it came from.

A chunk begins with the name of its table and columns; then each row is one JSON array in the columns' order. Bytes
are base64, UUIDs 32 hex digits, dates ISO 8601, instants microseconds since 1970-01-01T00:00Z. The columns say what a
value is, so no value carries its kind.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Date, LargeBinary, Table, Uuid

from registry.database.metadata import Instant

Convert = Callable[[Any], Any]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

# Kinds that JSON does not have, each with the way out and the way back.
_KINDS: Final[Mapping[type, tuple[Convert, Convert]]] = {
    LargeBinary: (lambda value: b64encode(value).decode("ascii"), b64decode),
    Uuid: (lambda value: value.hex, UUID),
    Instant: (
        lambda value: (value - _EPOCH) // _MICROSECOND,
        lambda value: _EPOCH + value * _MICROSECOND,
    ),
    Date: (lambda value: value.isoformat(), date.fromisoformat),
}

# ``sort_keys``: what an event tells has no order of its own.
_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


class RowText:
    """The lines of one table."""

    def __init__(self, table: Table) -> None:
        self.columns: Final = [column.name for column in table.columns]
        self.header: Final = f"{_to_json([table.name, *self.columns])}\n".encode()
        kinds = [_KINDS.get(type(column.type)) for column in table.columns]
        self._out: Final = [(place, kind[0]) for place, kind in enumerate(kinds) if kind]
        self._back: Final = [(place, kind[1]) for place, kind in enumerate(kinds) if kind]

    def write(self, row: Sequence[Any]) -> bytes:
        """Return the line of a row, its line feed included."""
        values = list(row)
        for place, convert in self._out:
            if values[place] is not None:
                values[place] = convert(values[place])
        return f"{_to_json(values)}\n".encode()

    def read(self, plain: bytes) -> list[dict[str, Any]]:
        """Return the rows of a chunk, by column; ``ValueError`` for a chunk of another table or shape."""
        header, _, lines = plain.partition(b"\n")
        if header + b"\n" != self.header:
            raise ValueError("another table or other columns")
        return [self._row(json.loads(line)) for line in lines.splitlines()]

    def _row(self, values: list[Any]) -> dict[str, Any]:
        for place, convert in self._back:
            if values[place] is not None:
                values[place] = convert(values[place])
        return dict(zip(self.columns, values, strict=True))
