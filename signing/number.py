"""Certificate numbers: a numbering profile as data, and a number packed into few bytes (formats.md §4).

A profile says what a number looks like and where its parts are. It knows nothing of series or of who may have
which number: numbers are given by the register, not here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from signing import shape
from signing.cbor import Value
from signing.errors import Malformed, NumberMisfit

MAX_PACKED: Final = 11
"""Bytes after the profile byte; a statement holds 12 in all, so that no token is longer than 288."""


@dataclass(frozen=True, slots=True)
class Field:
    """One part of a number: ``width`` characters of ``alphabet``, distinct characters, lowest first."""

    name: str
    width: int
    alphabet: str

    def __post_init__(self) -> None:
        """Refuse a field that can not be a digit of a number."""
        shape.integer(self.width, 1, 16)
        if not shape.text(self.alphabet) or len(set(self.alphabet)) != len(self.alphabet):
            raise Malformed("alphabet is not a string of distinct characters")

    @property
    def radix(self) -> int:
        """How many values the field can have."""
        radix: int = len(self.alphabet) ** self.width
        return radix

    def value(self, text: str) -> int:
        """Return the value of the field's text; ``ValueError`` for a character outside the alphabet."""
        value, base = 0, len(self.alphabet)
        for character in text:
            value = value * base + self.alphabet.index(character)
        return value

    def text(self, value: int) -> str:
        """Return the field's text of a value below its radix."""
        characters = []
        for _ in range(self.width):
            value, digit = divmod(value, len(self.alphabet))
            characters.append(self.alphabet[digit])
        return "".join(reversed(characters))


@dataclass(frozen=True, slots=True)
class Profile:
    """A numbering profile of the trust bundle.

    ``status`` is ``confirmed`` or ``assumed``; ``issuer`` lists the places of the fields that name the
    issuer, 0 first; ``level`` is the place of the level field or ``None`` if the number names no level.
    """

    code: int
    id: str
    status: str
    issuer: tuple[int, ...]
    level: int | None
    fields: tuple[Field, ...]
    size: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse a profile whose places or sizes do not fit; find the packed size."""
        shape.integer(self.code, 1, 255)
        places = range(len(self.fields))
        named = self.issuer if self.level is None else (*self.issuer, self.level)
        if any(place not in places for place in named):
            raise Malformed("profile names a field that it does not have")
        largest = 1
        for part in self.fields:
            largest *= part.radix
        object.__setattr__(self, "size", max(1, ((largest - 1).bit_length() + 7) // 8))
        if not self.fields or self.size > MAX_PACKED:
            raise Malformed("profile has no fields, or numbers too long")
        if len({part.name for part in self.fields}) != len(self.fields):
            raise Malformed("two fields of one name")

    def parse(self, text: str) -> dict[str, str]:
        """Split a number into its fields' texts; ``NumberMisfit`` if it is not of this profile."""
        parts, at = {}, 0
        for part in self.fields:
            piece = text[at : at + part.width]
            if len(piece) != part.width or not set(piece) <= set(part.alphabet):
                raise NumberMisfit(self.id, text)
            parts[part.name] = piece
            at += part.width
        if at != len(text):
            raise NumberMisfit(self.id, text)
        return parts

    def format(self, parts: Mapping[str, str]) -> str:
        """Join the fields' texts to a number; ``NumberMisfit`` if one is missing, unknown or does not fit."""
        text = "".join(parts.get(part.name, "") for part in self.fields)
        if self.parse(text) != dict(parts):
            raise NumberMisfit(self.id, text)
        return text

    def pack(self, text: str) -> bytes:
        """Return profile byte and packed number; ``NumberMisfit`` if the number is not of this profile."""
        parts = self.parse(text)
        packed = 0
        for part in self.fields:
            packed = packed * part.radix + part.value(parts[part.name])
        return bytes((self.code,)) + packed.to_bytes(self.size, "big")

    def unpack(self, number: bytes) -> str:
        """Return the text of a packed number; ``NumberMisfit`` if it is not of this profile."""
        if len(number) != 1 + self.size or number[0] != self.code:
            raise NumberMisfit(self.id, number.hex())
        rest = int.from_bytes(number[1:], "big")
        texts = []
        for part in reversed(self.fields):
            rest, value = divmod(rest, part.radix)
            texts.append(part.text(value))
        if rest:
            raise NumberMisfit(self.id, number.hex())
        return "".join(reversed(texts))

    def issuer_key(self, text: str) -> str:
        """Return the text of the issuer fields, one after the other (``S0001``)."""
        parts = list(self.parse(text).values())
        return "".join(parts[place] for place in self.issuer)

    def to_value(self) -> Value:
        """Return the profile as an item of ``trust-keys``."""
        fields: list[Value] = [[part.name, part.width, part.alphabet] for part in self.fields]
        return [self.code, self.id, str(self.status), list(self.issuer), self.level, fields]

    @classmethod
    def from_value(cls, value: Value) -> "Profile":
        """Read an item of ``trust-keys``."""
        code, id_, status, issuer, level, fields = shape.array(value, 6, 6)
        return cls(
            code=shape.integer(code),
            id=shape.text(id_),
            status=shape.text(status),
            issuer=tuple(shape.integer(place) for place in shape.array(issuer)),
            level=None if level is None else shape.integer(level),
            fields=_read_fields(shape.array(fields, 1)),
        )


def shown(number: bytes, profiles: Mapping[int, Profile]) -> str:
    """Return the number as people read it, or ``CODE:HEX`` (decimal, lower case) if no profile holds it."""
    profile = profiles.get(number[0])
    if profile is not None:
        try:
            return profile.unpack(number)
        except NumberMisfit:
            pass
    return f"{number[0]}:{number[1:].hex()}"


def issuer_key(number: bytes, profiles: Mapping[int, Profile]) -> tuple[int, str] | None:
    """Return the key under which ``trust/names`` lists the issuer; ``None`` if no profile holds the number."""
    profile = profiles.get(number[0])
    if profile is None:
        return None
    try:
        return profile.code, profile.issuer_key(profile.unpack(number))
    except NumberMisfit:
        return None


def _read_fields(values: Sequence[Value]) -> tuple[Field, ...]:
    fields = []
    for value in values:
        name, width, alphabet = shape.array(value, 3, 3)
        fields.append(Field(shape.text(name), shape.integer(width), shape.text(alphabet)))
    return tuple(fields)
