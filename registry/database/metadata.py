"""The ground of every table: one declarative base, names for constraints, and portable column types.

The types are chosen so that the same annotation means the same on SQLite and on PostgreSQL. Rows have no
behaviour: no listeners, no ``save``, no defaults that decide.
"""

import enum
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Dialect, Enum, Integer, LargeBinary, MetaData, String, TypeDecorator, Uuid
from sqlalchemy import DateTime as SqlDateTime
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeEngine

# Every constraint has a name of its own, so that a later migration can drop it on both databases.
NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class NaiveInstant(ValueError):
    """An instant without a time zone was offered to the store."""

    def __init__(self, instant: datetime) -> None:
        super().__init__(f"{instant.isoformat()} has no time zone, so it names no instant")
        self.instant = instant


class Instant(TypeDecorator[datetime]):
    """An instant, to the microsecond. In and out: an aware datetime; out always in UTC.

    PostgreSQL keeps it as ``timestamptz``. SQLite has no zones: it keeps the UTC wall clock as text, which
    sorts as the instants do. A naive datetime is refused with ``NaiveInstant`` (wrapped by SQLAlchemy in
    a ``StatementError``): guessing its zone would be wrong by eight hours half of the time.
    """

    impl = SqlDateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """Return what converts instants on their way in; all rows of one act have the same, which is converted once."""
        convert = super().bind_processor(dialect)
        return None if convert is None else lru_cache(maxsize=16)(convert)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise NaiveInstant(value)
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _values(closed_set: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in closed_set]


# Text with the member's value, never a type of the database: a new member must not need a migration.
CLOSED_SET = Enum(enum.StrEnum, native_enum=False, length=40, validate_strings=True, values_callable=_values)

# An entry may reach 2^32 - 1, more than PostgreSQL's INTEGER holds. SQLite's INTEGER holds it, and only
# a column of exactly that name can be its row id.
WHOLE_NUMBER = BigInteger().with_variant(Integer(), "sqlite")

# Marks a column that later acts change. All others are written once, and the event of the act that wrote them vouches
# for them (``registry.journal.row_digest``).
CHANGES = {"changes": True}


def came_later(before: Any) -> dict[str, Any]:
    """Mark a column that came with a later migration; ``before`` is what it holds in rows from before.

    The digest of a row leaves such a value out, so that the events of old rows still vouch for them.
    """
    return {"before": before}


COLUMN_TYPES: dict[Any, TypeEngine[Any]] = {
    bytes: LargeBinary(),
    datetime: Instant(),
    enum.StrEnum: CLOSED_SET,
    int: WHOLE_NUMBER,
    str: String(),
    UUID: Uuid(),
}


class Base(DeclarativeBase):
    """What every table derives from."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = COLUMN_TYPES
