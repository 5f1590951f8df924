"""Questions a format asks of a decoded value: is it this type, in these bounds?

Each function returns the value with its type, or raises ``Malformed``. They are the CDDL of formats.md in
Python: ``integer(value, 1, 3)`` is ``1..3``. ``True`` is never taken for 1.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from signing.cbor import MAX_INTEGER, Value
from signing.errors import Malformed

MAX_DAYS: Final = 65535
MAX_SECONDS: Final = 253_402_300_799
"""9999-12-31T23:59:59Z, the last instant that every verifier's clock type can hold."""

_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)
_ENVIRONMENT: Final = re.compile(r"[a-z0-9-]{1,16}")


def integer(value: Value, low: int = 0, high: int = MAX_INTEGER) -> int:
    """Require an integer of ``low..high``."""
    if type(value) is not int or not low <= value <= high:
        raise Malformed(f"not an integer of {low}..{high}")
    return value


def octets(value: Value, low: int, high: int | None = None) -> bytes:
    """Require a byte string of ``low`` bytes, or of ``low..high`` bytes."""
    if type(value) is not bytes or not low <= len(value) <= (low if high is None else high):
        raise Malformed(f"not a byte string of {low}..{low if high is None else high} bytes")
    return value


def uuid(value: Value) -> UUID:
    """Require the 16 bytes of a UUID."""
    return _uuid_of(octets(value, 16))


def content(value: Value) -> bytes:
    """Require a byte string of any length."""
    if type(value) is not bytes:
        raise Malformed("not a byte string")
    return value


def text(value: Value) -> str:
    """Require a text string."""
    if type(value) is not str:
        raise Malformed("not a text string")
    return value


def utf8(value: Value) -> bytes:
    """Require a text string and return its UTF-8, in whose order texts stand."""
    try:
        return text(value).encode()
    except UnicodeEncodeError:
        raise Malformed("text with a surrogate") from None


def truth(value: Value) -> bool:
    """Require ``true`` or ``false``."""
    if type(value) is not bool:
        raise Malformed("not a boolean")
    return value


def array(value: Value, low: int = 0, high: int | None = None) -> list[Value]:
    """Require an array of at least ``low`` items, and at most ``high`` if that is given."""
    if type(value) is not list or len(value) < low or (high is not None and len(value) > high):
        raise Malformed("not an array of that length")
    return value


def fields(value: Value, keys: Iterable[int]) -> dict[int, Value]:
    """Require a map with exactly these keys."""
    if type(value) is not dict or value.keys() != set(keys):
        raise Malformed("not a map of these keys")
    return value


def fields_and_perhaps(value: Value, keys: Iterable[int], optional: int) -> dict[int, Value]:
    """Require a map with exactly these keys, and perhaps one more."""
    if type(value) is dict and optional in value:
        return fields(value, {*keys, optional})
    return fields(value, keys)


def environment(value: Value) -> str:
    """Require the name of an environment, ``[a-z0-9-]{1,16}``."""
    if type(value) is not str or not _ENVIRONMENT.fullmatch(value):
        raise Malformed("not the name of an environment")
    return value


def day(value: Value) -> date:
    """Require days since 1970-01-01, at most 65535."""
    if type(value) is not int or not 0 <= value <= MAX_DAYS:
        raise Malformed(f"not an integer of 0..{MAX_DAYS}")
    return date.fromordinal(_EPOCH_DAY + value)


def days(value: date) -> int:
    """Return the days since 1970-01-01 of a civil date."""
    since = value.toordinal() - _EPOCH_DAY
    if not 0 <= since <= MAX_DAYS:
        raise Malformed(f"not an integer of 0..{MAX_DAYS}")
    return since


def instant(value: Value) -> datetime:
    """Require seconds since 1970-01-01T00:00Z, before the year 10000; an aware instant in UTC."""
    return _EPOCH + integer(value, 0, MAX_SECONDS) * _SECOND


def seconds(value: datetime) -> int:
    """Return the seconds since 1970-01-01T00:00Z of an aware instant without fraction."""
    whole, rest = divmod(value - _EPOCH, _SECOND)
    if rest:
        raise Malformed("instant with a fraction of a second")
    return integer(whole, 0, MAX_SECONDS)


def ascending(values: Iterable[Any]) -> None:
    """Require strictly ascending values: in order, and none twice."""
    previous = None
    for value in values:
        if previous is not None and value <= previous:
            raise Malformed("not in ascending order")
        previous = value


@lru_cache(maxsize=64)
def _uuid_of(octets: bytes) -> UUID:
    """Return the UUID of 16 bytes; all rows of a submission name the same."""
    return UUID(bytes=octets)
