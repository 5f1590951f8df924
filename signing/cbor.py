"""Deterministic CBOR for our grammar and nothing more (RFC 8949 §4.2.1, formats.md §1).

The decoder accepts exactly what the encoder would write. It checks this while it reads: shortest arguments,
definite lengths, map keys ascending in their encoding, valid UTF-8, nothing after the item. It refuses
floats, tags other than 18, other simple values, integers beyond 2^53 - 1, keys that are not integers,
more than eight levels (every array, map and tag is a level), and more than a million items, before it makes
room for them.

What a decoded value means, and whether it has the shape that a CDDL asks for, is not decided here: see
``shape``.

Arrays of numbers, bytes and texts are nearly all there is, and every certificate is written and read several
times: so their loops treat the frequent items without a call for each, and everything else in functions.
"""

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from signing.cbor_head import (
    ARRAY,
    BYTES,
    LONG_ARGUMENTS,
    MAP,
    NEGATIVE,
    SHORT,
    TEXT,
    TWO_BYTES,
    UNSIGNED,
    head,
    read_argument,
)
from signing.errors import Malformed

MAX_INTEGER: Final = 2**53 - 1
MAX_DEPTH: Final = 8
MAX_ITEMS: Final = 1_000_000
"""In all, at every level; keys and values of a map are items, and so are arrays, maps and tags themselves."""

_SIMPLE: Final[dict[int, bool | None]] = {0xF4: False, 0xF5: True, 0xF6: None}

_UNSIGNED_HEADS, _BYTES_HEADS, _TEXT_HEADS = SHORT[UNSIGNED], SHORT[BYTES], SHORT[TEXT]


class Tagged(NamedTuple):
    """A tagged item; the only tag in use is 18, COSE_Sign1."""

    tag: int
    value: "Value"


Value: TypeAlias = "int | bytes | str | Sequence[Value] | Mapping[int, Value] | Tagged | None"


def encode(value: Value) -> bytes:
    """Return the one encoding of a value; lists and tuples are arrays, dicts are maps in any order.

    Raises ``Malformed`` for a value outside the grammar.
    """
    parts: list[bytes] = []
    try:
        _write_items((value,), MAX_DEPTH, _Purse(MAX_ITEMS - 1), parts)
    except UnicodeEncodeError:
        raise Malformed("text with a surrogate") from None
    return b"".join(parts)


def decode(data: bytes) -> Value:
    """Return the value of exactly one item; arrays come out as lists.

    Raises ``Malformed`` for anything that ``encode`` would not have written.
    """
    if not isinstance(data, bytes | bytearray | memoryview):
        # Out of a database that somebody wrote into.
        raise Malformed("not bytes")
    try:
        value, end = _read_item(data, 0, MAX_DEPTH, _Purse(MAX_ITEMS - 1))
    except (IndexError, struct.error):
        raise Malformed("CBOR ends early") from None
    except UnicodeDecodeError:
        raise Malformed("text is not UTF-8") from None
    if end != len(data):
        raise Malformed("CBOR ends early" if end > len(data) else "bytes after the CBOR item")
    return value


def byte_string(content: bytes) -> bytes:
    """Return the encoding of a byte string."""
    return head(BYTES, len(content)) + content


class _Purse:
    """The items that may still come."""

    __slots__ = ("_left",)

    def __init__(self, left: int) -> None:
        self._left = left

    def spend(self, items: int) -> None:
        self._left -= items
        if self._left < 0:
            raise Malformed("more than a million CBOR items")


# --- encoding ---
# Everything is written to the end of one list of parts.


def _write_items(items: Iterable[Any], room: int, purse: _Purse, parts: list[bytes]) -> None:
    append = parts.append
    for item in items:
        kind = type(item)
        if kind is int:
            if 0 <= item < 0x100:
                append(_UNSIGNED_HEADS[item])
            elif 0x100 <= item < 0x10000:
                append(TWO_BYTES(0x19, item))
            else:
                append(_integer(item))
        elif kind is bytes:
            size = len(item)
            append(_BYTES_HEADS[size] if size < 0x100 else head(BYTES, size))
            append(item)
        elif kind is str:
            content = item.encode()
            size = len(content)
            append(_TEXT_HEADS[size] if size < 0x100 else head(TEXT, size))
            append(content)
        elif item is None:
            append(b"\xf6")
        elif kind is bool:
            append(b"\xf5" if item else b"\xf4")
        else:
            _write_container(item, room, purse, parts)


def _integer(value: int) -> bytes:
    if 0 <= value <= MAX_INTEGER:
        return head(UNSIGNED, value)
    if -MAX_INTEGER <= value < 0:
        return head(NEGATIVE, -1 - value)
    raise Malformed("integer beyond 2^53 - 1")


def _write_container(value: Any, room: int, purse: _Purse, parts: list[bytes]) -> None:
    writer = _WRITERS.get(type(value))
    if writer is None:
        raise Malformed(f"{type(value).__name__} is outside our CBOR")
    if not room:
        raise Malformed("CBOR nested too deep")
    writer(value, room - 1, purse, parts)


def _write_array(value: Sequence[Value], room: int, purse: _Purse, parts: list[bytes]) -> None:
    purse.spend(len(value))
    parts.append(head(ARRAY, len(value)))
    _write_items(value, room, purse, parts)


def _write_map(value: Mapping[int, Value], room: int, purse: _Purse, parts: list[bytes]) -> None:
    if any(type(key) is not int for key in value):
        raise Malformed("map key is not an integer")
    purse.spend(2 * len(value))
    parts.append(head(MAP, len(value)))
    for key, item in sorted((_integer(key), item) for key, item in value.items()):
        parts.append(key)
        _write_items((item,), room, purse, parts)


def _write_tagged(value: Tagged, room: int, purse: _Purse, parts: list[bytes]) -> None:
    if value.tag != 18:
        raise Malformed("tag other than 18")
    purse.spend(1)
    parts.append(b"\xd2")
    _write_items((value.value,), room, purse, parts)


_WRITERS: Final[Mapping[type, Callable[[Any, int, _Purse, list[bytes]], None]]] = {
    list: _write_array,
    tuple: _write_array,
    dict: _write_map,
    Tagged: _write_tagged,
}


# --- decoding ---
# Each reader returns what it read and the place after it. Reading beyond the end is an IndexError or a
# struct.error. Content that is cut short leaves the place beyond the end, and there ``decode`` finds it: no reader
# comes back from there.


def _read_items(data: bytes, at: int, count: int, room: int, purse: _Purse) -> tuple[list[Value], int]:
    items: list[Value] = []
    append = items.append
    for _ in range(count):
        first = data[at]
        if first < 0x18:
            at += 1
            append(first)
        elif 0x40 <= first < 0x58:
            start, at = at + 1, at + first - 0x3F
            append(data[start:at])
        elif 0x60 <= first < 0x78:
            start, at = at + 1, at + first - 0x5F
            append(data[start:at].decode())
        elif first < 0x1C:
            unpack, size, least = LONG_ARGUMENTS[first]
            (argument,) = unpack(data, at + 1)
            if not least <= argument <= MAX_INTEGER:
                raise Malformed("integer not in the shortest form, or beyond 2^53 - 1")
            at += 1 + size
            append(argument)
        else:
            value, at = _read_item(data, at, room, purse)
            append(value)
    return items, at


def _read_item(data: bytes, at: int, room: int, purse: _Purse) -> tuple[Value, int]:
    first = data[at]
    if first >= 0xE0:
        if first not in _SIMPLE:
            raise Malformed("float or unknown simple value")
        return _SIMPLE[first], at + 1
    argument, at = read_argument(data, at)
    return _READERS[first >> 5](data, at, argument, room, purse)


def _read_unsigned(data: bytes, at: int, argument: int, room: int, purse: _Purse) -> tuple[int, int]:
    if argument > MAX_INTEGER:
        raise Malformed("integer beyond 2^53 - 1")
    return argument, at


def _read_negative(data: bytes, at: int, argument: int, room: int, purse: _Purse) -> tuple[int, int]:
    if argument >= MAX_INTEGER:
        raise Malformed("integer beyond 2^53 - 1")
    return -1 - argument, at


def _read_bytes(data: bytes, at: int, argument: int, room: int, purse: _Purse) -> tuple[bytes, int]:
    end = at + argument
    return data[at:end], end


def _read_text(data: bytes, at: int, argument: int, room: int, purse: _Purse) -> tuple[str, int]:
    end = at + argument
    return data[at:end].decode(), end


def _read_array(data: bytes, at: int, argument: int, room: int, purse: _Purse) -> tuple[list[Value], int]:
    if not room:
        raise Malformed("CBOR nested too deep")
    purse.spend(argument)
    return _read_items(data, at, argument, room - 1, purse)


def _read_map(data: bytes, at: int, argument: int, room: int, purse: _Purse) -> tuple[dict[int, Value], int]:
    if not room:
        raise Malformed("CBOR nested too deep")
    items: dict[int, Value] = {}
    previous = b""
    purse.spend(2 * argument)
    for _ in range(argument):
        start = at
        key, at = _read_item(data, at, 0, purse)
        if type(key) is not int:
            raise Malformed("map key is not an integer")
        encoded = data[start:at]
        if encoded <= previous:
            raise Malformed("map keys not ascending")
        previous = encoded
        items[key], at = _read_item(data, at, room - 1, purse)
    return items, at


def _read_tag(data: bytes, at: int, argument: int, room: int, purse: _Purse) -> tuple[Tagged, int]:
    if argument != 18:
        raise Malformed("tag other than 18")
    if not room:
        raise Malformed("CBOR nested too deep")
    purse.spend(1)
    value, at = _read_item(data, at, room - 1, purse)
    return Tagged(18, value), at


_Reader: TypeAlias = Callable[[bytes, int, int, int, _Purse], tuple[Value, int]]
_NUMBERS_AND_STRINGS: Final[Sequence[_Reader]] = (_read_unsigned, _read_negative, _read_bytes, _read_text)
_READERS: Final[Sequence[_Reader]] = (*_NUMBERS_AND_STRINGS, _read_array, _read_map, _read_tag)
