"""The leaves: what the register did, as the public may know it (formats.md §14).

Numbers, entries, dates, kinds of act and key ids; no name, no ID number, no reason, no ID check. The leaf of an issue
holds SHA-256 of the token: the signature in a token can not be predicted, so whoever holds the token finds its leaf,
and nobody else learns from the leaf whose it is.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import Final, NoReturn

from signing import cbor, shape
from signing.cbor import Value
from signing.errors import Malformed, UnknownVersion
from signing.number import MAX_PACKED
from signing.statement import MAX_ENTRY

VERSION: Final = 1
DIGEST_SIZE: Final = 32
MAX_LEAF: Final = 65535
"""Bytes; a bundle of the log has two bytes for the length of each."""


class LeafKind(IntEnum):
    """What a leaf tells; the second item of each."""

    ISSUE = 1
    VOID = 2
    SUSPEND = 3
    REINSTATE = 4
    REVOKE = 5
    SUPERSEDE = 6
    SERIES = 7
    KEYS = 8


CHANGES: Final = frozenset({LeafKind.SUSPEND, LeafKind.REINSTATE, LeafKind.REVOKE, LeafKind.SUPERSEDE})


@dataclass(frozen=True, slots=True)
class Issue:
    """A token was made. ``number`` is packed with its profile byte, ``digest`` is SHA-256 of the token.

    ``at`` is when it was signed, in UTC and whole seconds; ``version`` is 1, or higher for a correction of the number.
    """

    at: datetime
    entry: int
    number: bytes
    version: int
    issued_on: date
    digest: bytes

    def to_bytes(self) -> bytes:
        """Return the leaf."""
        return cbor.encode([
            VERSION, int(LeafKind.ISSUE), shape.seconds(self.at), _entry(self.entry), _number(self.number),
            shape.integer(self.version, 1), shape.days(self.issued_on), shape.octets(self.digest, DIGEST_SIZE),
        ])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Void:
    """An entry will never be a certificate. ``number`` and ``version`` are ``None`` where nobody knows them."""

    at: datetime
    entry: int
    number: bytes | None
    version: int | None

    def to_bytes(self) -> bytes:
        """Return the leaf."""
        number = None if self.number is None else _number(self.number)
        version = None if self.version is None else shape.integer(self.version, 1)
        return cbor.encode([
            VERSION, int(LeafKind.VOID), shape.seconds(self.at), _entry(self.entry), number, version
        ])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a released entry; ``kind`` is one of ``CHANGES``."""

    at: datetime
    kind: LeafKind
    entry: int

    def to_bytes(self) -> bytes:
        """Return the leaf."""
        if self.kind not in CHANGES:
            raise Malformed("not a change of a released entry")
        return cbor.encode([VERSION, int(self.kind), shape.seconds(self.at), _entry(self.entry)])


@dataclass(frozen=True, slots=True)
class SeriesOpened:
    """A series was opened. ``parts`` are the texts of every field of its numbers but the serial, in their order."""

    at: datetime
    profile: int
    parts: tuple[str, ...]

    def to_bytes(self) -> bytes:
        """Return the leaf."""
        parts = shape.array([shape.text(part) for part in self.parts], 1)
        return cbor.encode([
            VERSION, int(LeafKind.SERIES), shape.seconds(self.at), shape.integer(self.profile, 1, 255), parts
        ])  # fmt: skip


@dataclass(frozen=True, slots=True)
class KeyEvent:
    """A ceremony of the keys: which signed file came out of it (version, SHA-256), and about which keys it was."""

    at: datetime
    ceremony: str
    file: str
    version: int
    digest: bytes
    keys: tuple[bytes, ...]

    def to_bytes(self) -> bytes:
        """Return the leaf."""
        keys: list[Value] = [shape.octets(key_id, 4) for key_id in self.keys]
        return cbor.encode([
            VERSION, int(LeafKind.KEYS), shape.seconds(self.at), shape.text(self.ceremony), shape.text(self.file),
            shape.integer(self.version), shape.octets(self.digest, DIGEST_SIZE), keys,
        ])  # fmt: skip


Leaf = Issue | Void | Change | SeriesOpened | KeyEvent


def read_leaf(data: bytes) -> Leaf:
    """Return what a leaf says; ``Malformed`` unless ``to_bytes`` would write it, ``UnknownVersion`` for a later one."""
    if len(data) > MAX_LEAF:
        raise Malformed("a leaf has at most 65,535 bytes")
    items = shape.array(cbor.decode(data), 1)
    if (later := shape.integer(items[0], VERSION)) != VERSION:
        raise UnknownVersion(later)
    shape.array(items, 4)
    kind, at = _kind(items[1]), shape.instant(items[2])
    match kind, items[3:]:
        case LeafKind.ISSUE, [entry, number, version, issued_on, digest]:
            return Issue(
                at=at,
                entry=_entry(entry),
                number=_number(number),
                version=shape.integer(version, 1),
                issued_on=shape.day(issued_on),
                digest=shape.octets(digest, DIGEST_SIZE),
            )
        case LeafKind.VOID, [entry, number, version]:
            return Void(
                at=at,
                entry=_entry(entry),
                number=None if number is None else _number(number),
                version=None if version is None else shape.integer(version, 1),
            )
        case LeafKind.SERIES, [profile, parts]:
            texts = tuple(map(shape.text, shape.array(parts, 1)))
            return SeriesOpened(at=at, profile=shape.integer(profile, 1, 255), parts=texts)
        case LeafKind.KEYS, [ceremony, file, version, digest, keys]:
            return KeyEvent(
                at=at,
                ceremony=shape.text(ceremony),
                file=shape.text(file),
                version=shape.integer(version),
                digest=shape.octets(digest, DIGEST_SIZE),
                keys=tuple(shape.octets(key_id, 4) for key_id in shape.array(keys)),
            )
        case _, [entry] if kind in CHANGES:
            return Change(at=at, kind=kind, entry=_entry(entry))
    return _refuse()


def _refuse() -> NoReturn:
    raise Malformed("not a leaf of this log")


def _kind(value: Value) -> LeafKind:
    try:
        return LeafKind(shape.integer(value))
    except ValueError:
        raise Malformed("a leaf of unknown kind") from None


def _entry(value: Value) -> int:
    return shape.integer(value, 1, MAX_ENTRY)


def _number(value: Value) -> bytes:
    return shape.octets(value, 2, 1 + MAX_PACKED)
