"""Single changes behind the register's back: one column, one row, two rows, one table, one public file.

Every mutation changes what is stored: one that comes to the same value is drawn again, and so is one that the database
refuses by itself. Foreign keys are not held, as they are not for whoever writes into the file.
"""

import os
import shutil
import string
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Enum,
    LargeBinary,
    String,
    Table,
    delete,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError

from registry.database.metadata import Instant
from registry.database.schema import OPERATIONAL, WORKING, metadata
from tests.instants import NOON

GARBAGE = ("CAST('neither' AS TEXT)", "X'00FF'", "3.5", "''", "CAST(X'FFFE41' AS TEXT)")
HAN = "甲乙丙丁戊己庚辛"

# The same value, or one that a careless reader takes for it, stored otherwise: expressions over a column, by its kind.
NUL, BLOB = "{c} || char(0)", "CAST({c} AS BLOB)"
OTHERWISE: dict[type[Any], tuple[str, ...]] = {
    str: (NUL, "{c} || char(0) || 'x'", BLOB),
    UUID: (
        NUL,
        BLOB,
        "upper({c})",
        "substr({c}, 1, 8) || '-' || substr({c}, 9)",
        "'urn:uuid:' || {c}",
        "'{{' || {c} || '}}'",
    ),
    bytes: ("CAST({c} AS TEXT)",),
    int: (NUL, BLOB),
    bool: (NUL, BLOB, "{c} * 2"),
    datetime: (NUL, BLOB, "replace({c}, ' ', 'T')", "{c} || '+00:00'", "replace({c}, '.000000', '')"),
    date: (NUL, BLOB, "strftime('%G-W%V-%u', {c})"),
    dict: (NUL, BLOB, "' ' || {c}", "{c} || char(10)", "replace({c}, ': ', ':')", "json_pretty({c})"),
}
# PostgreSQL keeps the spelling of JSON, and of nothing else.
OTHERWISE_POSTGRESQL = {dict: ("' ' || {c}", "{c} || chr(10)", "replace({c}, ': ', ':')")}
MINDED_WORDS = (
    "released",
    "revoked",
    "void",
    "approved",
    "office",
    "resident_id",
    "passport",
    "submitter",
    "S0002",
)


@dataclass(frozen=True, slots=True)
class Mutation:
    """What was done, in words; ``tables`` are those that it changed."""

    what: str
    table: str
    row: str = ""


class Refused(Exception):
    """The database refused it, or it would have changed nothing."""


class Mutator:
    """Draws mutations of one database."""

    def __init__(self, connection: Connection, random: Random) -> None:
        self.connection = connection
        self.random = random
        self.sqlite = connection.dialect.name == "sqlite"
        self.rows = {table: self._rows(table) for table in metadata().sorted_tables}
        judged = [table for table in self.rows if table.name not in OPERATIONAL | WORKING]
        self.tables = [table for table in judged if self.rows[table]]

    def _rows(self, table: Table) -> list[dict[str, Any]]:
        query = select(table).order_by(*table.primary_key.columns)
        return [dict(row) for row in self.connection.execute(query).mappings()]

    def mutate(self) -> Mutation:
        """Do one mutation, any kind on any table; small tables as often as large ones."""
        kinds: list[Callable[[Table], Mutation]] = [
            *[self.change_column] * 6, self.swap, self.delete_row, self.double_row, self.truncate,
        ]  # fmt: skip
        kinds += [self.write_otherwise] * 2
        if self.sqlite:
            kinds.append(self.write_garbage)
        while True:
            kind, table = self.random.choice(kinds), self.random.choice(self.tables)
            attempt = self.connection.begin_nested()
            try:
                mutation = kind(table)
            except (Refused, DBAPIError):
                attempt.rollback()
                continue
            attempt.commit()
            return mutation

    def change_column(self, table: Table) -> Mutation:
        """Write another value of the column's kind."""
        row, column = self._row(table), self.random.choice(list(table.columns))
        value = self._other(table, column, row[column.name])
        self._write(table, row, column, value)
        return _mutation("change", table, row, column)

    def write_garbage(self, table: Table) -> Mutation:
        """Write what no column of this kind holds; SQLite takes anything."""
        row, column = self._row(table), self.random.choice(list(table.columns))
        if column.name == "all_numbered":
            raise Refused
        garbage = self.random.choice(GARBAGE)
        self._write_raw(table, row, column, garbage)
        return _mutation(f"garbage {garbage}", table, row, column)

    def write_otherwise(self, table: Table) -> Mutation:
        """Write the same value in another form than the register's own."""
        row, column = self._row(table), self.random.choice(list(table.columns))
        expression = self.random.choice(otherwise(column, sqlite=self.sqlite) or [""])
        if not expression or row[column.name] is None:
            raise Refused
        self._write_raw(table, row, column, expression)
        return _mutation(f"otherwise {expression}", table, row, column)

    def _write_raw(self, table: Table, row: dict[str, Any], column: Column[Any], expression: str) -> None:
        """Set a column to an expression of SQL, past every type of ours."""
        keys = list(table.primary_key.columns)
        where = " AND ".join(f'"{key.name}" = :k{place}' for place, key in enumerate(keys))
        bound = [
            key.type.bind_processor(self.connection.dialect) or (lambda value: value)
            for key in table.primary_key.columns
        ]
        values = {f"k{place}": bound[place](row[key.name]) for place, key in enumerate(keys)}
        of_row = f'SELECT {self._raw(column)} FROM "{table.name}" WHERE {where}'
        before = self.connection.execute(text(of_row), values).one()
        statement = f'UPDATE "{table.name}" SET "{column.name}" = {expression} WHERE {where}'
        if self.connection.execute(text(statement), values).rowcount != 1:
            raise Refused
        # With another key it is found no more, so it was changed.
        if self.connection.execute(text(of_row), values).one_or_none() == before:
            raise Refused

    def _raw(self, column: Column[Any]) -> str:
        name = f'"{column.name}"'
        return f"typeof({name}), hex({name})" if self.sqlite else f"CAST({name} AS TEXT)"

    def swap(self, table: Table) -> Mutation:
        """Let two rows change places in one column."""
        if len(self.rows[table]) < 2:
            raise Refused
        one, other = self.random.sample(self.rows[table], 2)
        column = self.random.choice([column for column in table.columns if not column.primary_key] or [None])
        if column is None or one[column.name] == other[column.name] or column.name == "all_numbered":
            raise Refused
        if column.unique or column.name in _unique_columns(table):
            self._write(table, one, column, self._other(table, column, one[column.name]))
        self._write(table, other, column, one[column.name])
        self._write(table, one, column, other[column.name])
        return _mutation("swap", table, one, column)

    def delete_row(self, table: Table) -> Mutation:
        """Delete one row."""
        row = self._row(table)
        self.connection.execute(delete(table).where(*_is(table, row)))
        return _mutation("delete", table, row)

    def double_row(self, table: Table) -> Mutation:
        """Insert a row once more, with another key, and whatever else must be unique."""
        row = self._row(table)
        unique = _unique_columns(table) | {key.name for key in table.primary_key.columns}
        changed = {
            column.name: self._other(table, column, row[column.name])
            for column in table.columns
            if column.name in unique and row[column.name] is not None
        }
        if table.name == "event":
            # As an event comes that nobody chained yet, or as one that stands at the chain's end.
            last = max(other["place"] for other in self.rows[table])
            changed |= self.random.choice([{"place": None, "hash": None}, {"place": last + 1}])
            changed["id"] = max(other["id"] for other in self.rows[table]) + 1
        self.connection.execute(insert(table), [{**row, **changed}])
        return _mutation("double", table, row)

    def truncate(self, table: Table) -> Mutation:
        """Delete all rows; seldom, because there are few tables."""
        if self.random.random() < 0.8:
            raise Refused
        self.connection.execute(delete(table))
        return Mutation(f"truncate {table.name}", table.name)

    def _row(self, table: Table) -> dict[str, Any]:
        return self.random.choice(self.rows[table])

    def _write(self, table: Table, row: dict[str, Any], column: Column[Any], value: Any) -> None:
        self.connection.execute(update(table).where(*_is(table, row)).values({column.name: value}))

    def _other(self, table: Table, column: Column[Any], value: Any) -> Any:
        """Return another value for a column: near by, of another row, or nothing at all."""
        elsewhere = [row[column.name] for row in self.rows[table] if row[column.name] != value]
        choices: list[Any] = [self._near(column, value)]
        if elsewhere:
            choices.append(self.random.choice(elsewhere))
        if column.nullable and value is not None:
            choices.append(None)
        chosen = self.random.choice(choices)
        # The log passes by acts that have no leaf; between two that have one, it may stand anywhere.
        if (table.name, column.name) == ("log_head", "place"):
            raise Refused
        # Whether a submission is finished may be forgotten at any time: somebody looks once more, and that is all.
        if chosen == value or (column.name == "all_numbered" and value):
            raise Refused
        return chosen

    def _near(self, column: Column[Any], value: Any) -> Any:
        if isinstance(column.type, JSON):
            return self._other_details(value or {})
        if isinstance(column.type, Enum):
            return self.random.choice(list(column.type.enum_class))
        return self._other_value(value if value is not None else _something(column))

    def _other_value(self, value: Any) -> Any:
        random = self.random
        if isinstance(value, bool):
            return not value
        if isinstance(value, int):
            return random.choice(
                [value + 1, value - 1, value ^ (1 << random.randrange(12)), 0, value * 2, -value]
            )
        if isinstance(value, bytes):
            return self._other_bytes(value)
        if isinstance(value, datetime):
            return value + random.choice([1, -1]) * random.choice(
                [timedelta(microseconds=1), timedelta(days=1)]
            )
        if isinstance(value, date):
            return value + timedelta(days=random.choice([-365, -1, 1, 365]))
        if isinstance(value, UUID):
            return UUID(int=value.int ^ (1 << random.randrange(128)))
        return self._other_text(value)

    def _other_bytes(self, value: bytes) -> bytes:
        if not value:
            return b"\x00"
        place = self.random.randrange(len(value))
        flipped = bytes([value[place] ^ (1 << self.random.randrange(8))])
        return self.random.choice(
            [
                value[:place] + flipped + value[place + 1 :],
                value[:place],
                value + b"\x00",
                value[:place] + value[place + 1 :],
            ]
        )

    def _other_text(self, value: str) -> str:
        letters = string.ascii_letters + string.digits + HAN
        place = self.random.randrange(len(value) + 1)
        letter = self.random.choice(letters)
        return self.random.choice(
            [
                value[:place] + letter + value[place + 1 :],
                value[:place] + letter + value[place:],
                value[:-1],
                value + " ",
                value.upper(),
                self.random.choice(MINDED_WORDS),
            ]
        )

    def _other_details(self, value: dict[str, Any]) -> dict[str, Any]:
        if not value or self.random.random() < 0.2:
            return {**value, "more": 1}
        name = self.random.choice(sorted(value))
        rest = {key: kept for key, kept in value.items() if key != name}
        changed = value[name]
        if isinstance(changed, int | str) and self.random.random() < 0.7:
            return {**rest, name: self._other_value(changed)}
        return rest


class FileMutator:
    """Draws mutations of a public folder; ``older`` holds an earlier version of each file."""

    def __init__(self, public_dir: Path, older: Path, random: Random) -> None:
        self.public_dir = public_dir
        self.older = older
        self.random = random
        self.files = sorted(path for path in public_dir.rglob("*") if path.is_file())

    def mutate(self) -> Mutation:
        """Do one mutation."""
        while True:
            with suppress(Refused):
                return self._mutate()

    def _mutate(self) -> Mutation:
        path = self.random.choice(self.files)
        kinds = [
            self.flip, self.flip, self.cut, self.lengthen, self.remove, self.age, self.mix, self.add,
            self.link, self.link_beside, self.pipe, self.pipe_beside, self.folder,
        ]  # fmt: skip
        kind = self.random.choice(kinds)
        kind(path)
        return Mutation(f"{kind.__name__} {path.relative_to(self.public_dir)}", "file", str(path))

    def flip(self, path: Path) -> None:
        data = bytearray(path.read_bytes())
        data[self.random.randrange(len(data))] ^= 1 << self.random.randrange(8)
        path.write_bytes(bytes(data))

    def cut(self, path: Path) -> None:
        data = path.read_bytes()
        path.write_bytes(data[: self.random.randrange(len(data))])

    def lengthen(self, path: Path) -> None:
        path.write_bytes(path.read_bytes() + self.random.randbytes(self.random.randint(1, 9)))

    def remove(self, path: Path) -> None:
        if _is_of_an_earlier_head(path):
            raise Refused
        path.unlink()

    def age(self, path: Path) -> None:
        older = self.older / path.relative_to(self.public_dir)
        if not older.exists() or older.read_bytes() == path.read_bytes():
            raise Refused
        shutil.copyfile(older, path)

    def mix(self, path: Path) -> None:
        other = self.random.choice([file for file in self.files if file != path])
        shutil.copyfile(other, path)

    def add(self, path: Path) -> None:
        path.with_name(f"{self.random.randrange(1000)}.cbor").write_bytes(path.read_bytes())

    def link(self, path: Path) -> None:
        """Let a link to the very same bytes, somewhere else, take the file's place."""
        elsewhere = self.older.with_name("elsewhere")
        shutil.copyfile(path, elsewhere)
        path.unlink()
        path.symlink_to(elsewhere)

    def link_beside(self, path: Path) -> None:
        path.with_name(f"{self.random.randrange(1000)}.cbor").symlink_to(path.name)

    def pipe(self, path: Path) -> None:
        path.unlink()
        os.mkfifo(path)

    def pipe_beside(self, path: Path) -> None:
        os.mkfifo(path.with_name(f"{self.random.randrange(1000)}.cbor"))

    def folder(self, path: Path) -> None:
        if _is_of_an_earlier_head(path):
            raise Refused
        path.unlink()
        path.mkdir()


def _is_of_an_earlier_head(path: Path) -> bool:
    """Say whether a tile of the log may be gone: whoever asks for one takes the fuller one beside it."""
    if path.parent.suffix != ".p":
        return False
    return path != max(path.parent.iterdir(), key=lambda tile: int(tile.name))


def otherwise(column: Column[Any], *, sqlite: bool) -> list[str]:
    """Return the expressions that store a column's value otherwise."""
    kind = dict if isinstance(column.type, JSON) else datetime if isinstance(column.type, Instant) else None
    kind = kind or (str if isinstance(column.type, String) else column.type.python_type)
    if sqlite:
        return [each.format(c=f'"{column.name}"') for each in OTHERWISE[kind]]
    name = f'CAST("{column.name}" AS TEXT)'
    return [f"CAST({each.format(c=name)} AS JSON)" for each in OTHERWISE_POSTGRESQL.get(kind, ())]


def _is(table: Table, row: dict[str, Any]) -> list[Any]:
    return [key == row[key.name] for key in table.primary_key.columns]


def _unique_columns(table: Table) -> set[str]:
    found = {column.name for column in table.columns if column.unique}
    for constraint in table.constraints:
        if type(constraint).__name__ == "UniqueConstraint":
            # One other value in a key of several is enough, and the last one belongs to nothing else.
            found.add(list(constraint.columns)[-1].name)
    return found


def _something(column: Column[Any]) -> Any:
    """Return a value of the column's kind, for one that has none."""
    if isinstance(column.type, LargeBinary):
        return bytes(32)
    if isinstance(column.type, Instant):
        return NOON
    kind = column.type.python_type
    if kind is date:
        return date(2026, 11, 20)
    return {UUID: UUID(int=1), str: "province", int: 1, bool: False}[kind]


def _mutation(kind: str, table: Table, row: dict[str, Any], column: Column[Any] | None = None) -> Mutation:
    key = "/".join(_key_text(row[part.name]) for part in table.primary_key.columns)
    name = f"{kind} {table.name}" + (f".{column.name}" if column is not None else "") + f" of {key}"
    return Mutation(name, table.name, key)


def _key_text(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
