"""The statement: what a certificate says, in codes and not in names (formats.md §3).

A statement is a value; that somebody signed it is shown by ``token`` alone.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import lru_cache
from typing import Final

from signing import cbor, shape
from signing.errors import Malformed, UnknownVersion

VERSION: Final = 1
MAX_ENTRY: Final = 4294967295
MAX_NAME_BYTES: Final = 168
MAX_ID_CHECK: Final = 4095

_CODE: Final = re.compile(r"([0-9])-([0-9]{2})-([0-9]{2})-([0-9]{2})")


class Level(IntEnum):
    """The grade: 初级, 中级, 高级."""

    JUNIOR = 1
    INTERMEDIATE = 2
    SENIOR = 3


@dataclass(frozen=True, slots=True)
class Occupation:
    """A code of the 职业分类大典 together with its edition (1 = 2015 with 2019-2021, 2 = 2022).

    ``code`` is the code without hyphens as a number of seven digits.
    """

    edition: int
    code: int

    def __post_init__(self) -> None:
        """Refuse what the grammar can not hold."""
        if type(self.edition) is not int or not 1 <= self.edition <= 255:
            raise Malformed("edition is not 1..255")
        if type(self.code) is not int or not 0 <= self.code <= 9999999:
            raise Malformed("occupation code is not 0..9999999")

    @property
    def text(self) -> str:
        """The code as printed, ``2-02-10-11``."""
        digits = f"{self.code:07d}"
        return f"{digits[0]}-{digits[1:3]}-{digits[3:5]}-{digits[5:7]}"

    @classmethod
    def parse(cls, text: str, *, edition: int) -> "Occupation":
        """Read a code as printed; ``Malformed`` if it is not ``D-DD-DD-DD``."""
        match = _CODE.fullmatch(text)
        if match is None:
            raise Malformed("not an occupation code")
        return cls(edition, int("".join(match.groups())))


@dataclass(frozen=True, slots=True)
class Statement:
    """One version of one certificate.

    ``number`` is packed with its profile byte (``number.Profile``); ``direction`` is ``None`` for an
    occupation without directions; ``issued_on`` is the civil date 发证日期. A value outside the grammar
    raises ``Malformed``, a date outside it when the statement is written.
    """

    entry: int
    number: bytes
    holder_name: str
    id_check: int
    occupation: Occupation
    direction: int | None
    level: Level
    issued_on: date

    def __post_init__(self) -> None:
        """Refuse what the grammar can not hold."""
        if type(self.entry) is not int or not 1 <= self.entry <= MAX_ENTRY:
            raise Malformed("entry is not 1..4294967295")
        if type(self.number) is not bytes or not 2 <= len(self.number) <= 12:
            raise Malformed("number is not 2..12 bytes")
        if type(self.id_check) is not int or not 0 <= self.id_check <= MAX_ID_CHECK:
            raise Malformed("id check is not 0..4095")
        direction = self.direction
        if direction is not None and (type(direction) is not int or not 1 <= direction <= 255):
            raise Malformed("direction is not 1..255")
        require_name(self.holder_name)

    def to_bytes(self) -> bytes:
        """Return the payload of the token."""
        occupation = self.occupation
        return cbor.encode([
            VERSION,
            self.entry,
            self.number,
            self.holder_name,
            self.id_check,
            [occupation.edition, occupation.code],
            self.direction,
            int(self.level),
            shape.days(self.issued_on),
        ])  # fmt: skip

    @classmethod
    def from_bytes(cls, data: bytes) -> "Statement":
        """Read a payload; ``UnknownVersion`` or ``Malformed`` if it is not a statement of version 1."""
        require_known_version(data)
        items = cbor.decode(data)
        if type(items) is not list or len(items) != 9:
            raise Malformed("not the nine items of a statement")
        version, entry, number, name, id_check, occupation, direction, level, issued_on = items
        shape.integer(version, VERSION, VERSION)
        return cls(
            entry,
            number,
            name,
            id_check,
            read_occupation(occupation),
            direction,
            read_level(level),
            shape.day(issued_on),
        )


def require_known_version(payload: bytes) -> None:
    """Raise ``UnknownVersion`` if an array of 1 to 23 items begins with a version 0..23 other than ours."""
    if payload[1:2] != b"\x01" and len(payload) > 1 and 0x81 <= payload[0] <= 0x97 and payload[1] <= 0x17:
        raise UnknownVersion(payload[1])


def require_name(name: str) -> None:
    """Refuse a holder's name that is not 1 to 168 bytes of UTF-8."""
    size = len(shape.utf8(name))
    if not 1 <= size <= MAX_NAME_BYTES:
        raise Malformed("name is not 1..168 bytes of UTF-8")


def read_occupation(value: cbor.Value) -> Occupation:
    """Read ``[edition, code]``."""
    edition, code = shape.array(value, 2, 2)
    return occupation_of(shape.integer(edition), shape.integer(code))


def occupation_of(edition: int, code: int) -> Occupation:
    """Return an occupation as the constructor does; those in use are few, and each is made once."""
    # True would pass for the 1 that is remembered.
    if type(edition) is int and type(code) is int:
        return _remembered(edition, code)
    return Occupation(edition, code)


def read_level(value: cbor.Value) -> Level:
    """Read a level 1..3."""
    if type(value) is not int or value not in _LEVELS:
        raise Malformed("level is not 1..3")
    return _LEVELS[value]


_remembered: Final = lru_cache(maxsize=4096)(Occupation)


_LEVELS: Final = {level.value: level for level in Level}
