"""Queries whose rows hold what their columns declare, row by row: SQLite keeps whatever it is given, in any column.

A text where a day should be, octets where a text should be: the conversion raises over it, and a whole batch would
fail for one row that somebody wrote behind the register's back. Here that row alone comes out as ``OddRow``, for its
reader to refuse by name. Whether a value is *spelled* as the register spells it, the full check asks, and nobody here.
PostgreSQL holds its columns to their types, so its rows are taken as they come.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from types import NoneType
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    Dialect,
    Integer,
    LargeBinary,
    Select,
    String,
    Uuid,
    case,
    cast,
    func,
    type_coerce,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType, TypeEngine

from registry.database.metadata import Instant
from registry.database.sessions import Sessions

# A number among octets asks for as many zeros.
UNREADABLE: Final = (TypeError, ValueError, AttributeError, ArithmeticError, MemoryError)
# A text that is no UTF-8 is the driver's own error, and has no code. After any other the transaction may be gone.
NO_UTF_8: Final = "Could not decode to UTF-8"
SQLITE: Final = "sqlite"

Run = Callable[[Select[*tuple[Any, ...]], Mapping[str, Any]], Sequence[Any]]


class _Form(NamedTuple):
    """What a column's values are in Python, and as what SQLite stores them."""

    kind: type
    storage: str


# The first type that a column's is an instance of decides: a kind stands before its family.
_FORMS: Final[tuple[tuple[type[TypeEngine[Any]], _Form], ...]] = (
    (Boolean, _Form(bool, "integer")),
    (Integer, _Form(int, "integer")),
    (LargeBinary, _Form(bytes, "blob")),
    (Uuid, _Form(UUID, "text")),
    (Instant, _Form(datetime, "text")),
    (Date, _Form(date, "text")),
    (String, _Form(str, "text")),
)


@dataclass(frozen=True, slots=True)
class OddRow:
    """A row with a value of another type than its column's; ``values`` has ``None`` in the place of each of these.

    ``column`` is the name of the first of them.
    """

    values: tuple[Any, ...]
    column: str


class TypedQuery:
    """A query that is made once; each reading gives its rows in their order, and ``OddRow`` for those that are odd."""

    def __init__(self, query: Select[*tuple[Any, ...]]) -> None:
        """Take a query of columns. Raises ``TypeError`` for one of a type whose form is not known."""
        self.query = query
        self._columns = tuple(query.selected_columns)
        self._forms = tuple(_form_of(column) for column in self._columns)
        self._sound: set[tuple[type, ...]] = set()

    def read(self, session: Session, parameters: Mapping[str, Any]) -> Sequence[Any]:
        """Run it in a transaction."""
        return self._read(
            lambda query, given: session.connection().execute(query, given).all(),
            parameters,
            session.get_bind().dialect,
        )

    def read_alone(self, sessions: Sessions, parameters: Mapping[str, Any]) -> Sequence[Any]:
        """Run it by itself (``Sessions.rows``)."""
        return self._read(sessions.rows, parameters, sessions.dialect)

    def _read(self, run: Run, parameters: Mapping[str, Any], dialect: Dialect) -> Sequence[Any]:
        if dialect.name != SQLITE:
            return run(self.query, parameters)
        rows = _converted_by_driver(lambda: run(self.query, parameters))
        if rows is not None and all(map(self._is_sound, {tuple(map(type, row)) for row in rows})):
            return rows
        return [self._decoded(row, dialect) for row in run(self._as_stored, parameters)]

    def _is_sound(self, types: tuple[type, ...]) -> bool:
        if types not in self._sound:
            pairs = zip(types, self._forms, strict=True)
            if not all(found in (form.kind, NoneType) for found, form in pairs):
                return False
            self._sound.add(types)
        return True

    @cached_property
    def _as_stored(self) -> Select[*tuple[Any, ...]]:
        """The same query for what is stored: of each column the storage class and the value, texts as octets."""
        stored = [part for column in self._columns for part in _stored(column)]
        return self.query.with_only_columns(*stored, maintain_column_froms=True)

    def _decoded(self, row: Sequence[Any], dialect: Dialect) -> tuple[Any, ...] | OddRow:
        values: list[Any] = []
        odd: list[str] = []
        for place, (column, form) in enumerate(zip(self._columns, self._forms, strict=True)):
            storage, value = row[2 * place : 2 * place + 2]
            try:
                values.append(_converted(storage, value, form, column.type, dialect))
            except UNREADABLE:
                values.append(None)
                odd.append(str(getattr(column, "name", "") or "a value"))
        return OddRow(tuple(values), odd[0]) if odd else tuple(values)


def _converted_by_driver(run: Callable[[], Sequence[Any]]) -> Sequence[Any] | None:
    """Return the rows as the driver and the column types make them, ``None`` if one of them can not be made."""
    try:
        return run()
    except UNREADABLE:
        return None
    except OperationalError as error:
        if NO_UTF_8 in str(error.orig):
            return None
        raise


def _form_of(column: ColumnElement[Any]) -> _Form:
    for kind, form in _FORMS:
        if isinstance(column.type, kind):
            return form
    raise TypeError(f"no form is known for a column of the kind {column.type!r}")


def _stored(column: ColumnElement[Any]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    raw: ColumnElement[Any] = type_coerce(column, NullType())
    storage = func.typeof(raw)
    octets: ColumnElement[Any] = type_coerce(cast(raw, LargeBinary()), NullType())
    return storage, type_coerce(case((storage == "text", octets), else_=raw), NullType())


def _converted(storage: str, value: Any, form: _Form, kind: TypeEngine[Any], dialect: Dialect) -> Any:
    """Return a stored value as the column's type has it. Raises one of ``UNREADABLE``."""
    if storage == "null":
        return None
    if storage != form.storage:
        raise TypeError(storage)
    stored = value.decode() if storage == "text" else value
    convert = kind.dialect_impl(dialect).result_processor(dialect, None)
    converted = stored if convert is None else convert(stored)
    if type(converted) is not form.kind:
        raise TypeError(type(converted))
    return converted
