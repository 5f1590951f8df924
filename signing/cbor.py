"""Deterministic CBOR for our grammar and nothing more (RFC 8949 §4.2.1, formats.md §1).

The decoder accepts exactly what the encoder would write. It checks this while it reads: shortest arguments,
definite lengths, map keys ascending in their encoding, valid UTF-8, nothing after the item. It refuses
floats, tags other than 18, other simple values, integers beyond 2^53 - 1, keys that are not integers,
more than eight levels (every array, map and tag is a level), and more than a million items, before it makes
room for them.

What a decoded value means, and whether it has the shape that a CDDL asks for, is not decided here: see
``shape``.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from signing.errors import Malformed

MAX_INTEGER: Final = 2**53 - 1
MAX_DEPTH: Final = 8
MAX_ITEMS: Final = 1_000_000
"""In all, at every level; keys and values of a map are items, and so are arrays, maps and tags themselves."""

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG = range(7)
_SIMPLE: Final[dict[int, bool | None]] = {0xF4: False, 0xF5: True, 0xF6: None}


class Tagged(NamedTuple):
    """A tagged item; the only tag in use is 18, COSE_Sign1."""

    tag: int
    value: "Value"


Value: TypeAlias = "int | bytes | str | Sequence[Value] | Mapping[int, Value] | Tagged | None"


def encode(value: Value) -> bytes:
    """Return the one encoding of a value; lists and tuples are arrays, dicts are maps in any order.

    Raises ``Malformed`` for a value outside the grammar.
    """
    return _encode(value, MAX_DEPTH, _Purse(1))


def decode(data: bytes) -> Value:
    """Return the value of exactly one item; arrays come out as lists.

    Raises ``Malformed`` for anything that ``encode`` would not have written.
    """
    try:
        value, end = _item(data, 0, MAX_DEPTH, _Purse(1))
    except IndexError:
        raise Malformed("CBOR ends early") from None
    if end != len(data):
        raise Malformed("bytes after the CBOR item")
    return value


def head(major: int, argument: int) -> bytes:
    """Return the head of an item: its major type (0 to 6) and argument in the shortest form."""
    if argument < 24:
        return _ONE_BYTE[major << 5 | argument]
    if argument < 0x100:
        return bytes((major << 5 | 24, argument))
    if argument < 0x10000:
        return (major << 21 | 25 << 16 | argument).to_bytes(3, "big")
    if argument < 0x100000000:
        return (major << 37 | 26 << 32 | argument).to_bytes(5, "big")
    return (major << 69 | 27 << 64 | argument).to_bytes(9, "big")


def byte_string(content: bytes) -> bytes:
    """Return the encoding of a byte string."""
    return head(_BYTES, len(content)) + content


class _Purse:
    """The items that may still come."""

    __slots__ = ("_left",)

    def __init__(self, spent: int) -> None:
        self._left = MAX_ITEMS - spent

    def spend(self, items: int) -> None:
        self._left -= items
        if self._left < 0:
            raise Malformed("more than a million CBOR items")


# --- encoding ---


_ONE_BYTE: Final = tuple(bytes((octet,)) for octet in range(256))


def _encode(value: Value, room: int, purse: _Purse) -> bytes:
    kind = type(value)
    if kind is int:
        if 0 <= value < 24:  # type: ignore[operator]
            return _ONE_BYTE[value]  # type: ignore[index]
        return _encode_integer(value)  # type: ignore[arg-type]
    writer = _WRITERS.get(kind)
    if writer is None:
        raise Malformed(f"{kind.__name__} is outside our CBOR")
    return writer(value, room, purse)


def _encode_integer(value: int) -> bytes:
    if 0 <= value <= MAX_INTEGER:
        return head(_UNSIGNED, value)
    if -MAX_INTEGER <= value < 0:
        return head(_NEGATIVE, -1 - value)
    raise Malformed("integer beyond 2^53 - 1")


def _encode_text(value: str, room: int, purse: _Purse) -> bytes:
    try:
        content = value.encode()
    except UnicodeEncodeError:
        raise Malformed("text with a surrogate") from None
    return head(_TEXT, len(content)) + content


def _encode_array(value: Sequence[Value], room: int, purse: _Purse) -> bytes:
    if not room:
        raise Malformed("CBOR nested too deep")
    purse.spend(len(value))
    return head(_ARRAY, len(value)) + b"".join([_encode(item, room - 1, purse) for item in value])


def _encode_map(value: Mapping[int, Value], room: int, purse: _Purse) -> bytes:
    if not room:
        raise Malformed("CBOR nested too deep")
    if any(type(key) is not int for key in value):
        raise Malformed("map key is not an integer")
    purse.spend(2 * len(value))
    pairs = sorted((_encode_integer(key), _encode(item, room - 1, purse)) for key, item in value.items())
    return head(_MAP, len(pairs)) + b"".join([key + item for key, item in pairs])


def _encode_tagged(value: Tagged, room: int, purse: _Purse) -> bytes:
    if not room:
        raise Malformed("CBOR nested too deep")
    if value.tag != 18:
        raise Malformed("tag other than 18")
    purse.spend(1)
    return b"\xd2" + _encode(value.value, room - 1, purse)


_WRITERS: Final[dict[type, Callable[..., bytes]]] = {
    bytes: lambda value, room, purse: byte_string(value),
    str: _encode_text,
    bool: lambda value, room, purse: b"\xf5" if value else b"\xf4",
    type(None): lambda value, room, purse: b"\xf6",
    list: _encode_array,
    tuple: _encode_array,
    dict: _encode_map,
    Tagged: _encode_tagged,
}


# --- decoding ---
# Each reader takes (data, place after the head, argument, levels left, items left) and returns (value, place
# after the item). Reading beyond the end is an IndexError, or a slice that comes out short.


def _item(data: bytes, at: int, room: int, purse: _Purse) -> tuple[Value, int]:
    first = data[at]
    if first < 24:
        return first, at + 1
    if first >= 0xE0:
        if first not in _SIMPLE:
            raise Malformed("float or unknown simple value")
        return _SIMPLE[first], at + 1
    argument = first & 31
    if argument < 24:
        return _READERS[first >> 5](data, at + 1, argument, room, purse)
    if argument == 24:
        argument = data[at + 1]
        if argument < 24:
            raise Malformed("argument not in the shortest form")
        return _READERS[first >> 5](data, at + 2, argument, room, purse)
    argument, at = _long_argument(data, at + 1, argument)
    return _READERS[first >> 5](data, at, argument, room, purse)


def _long_argument(data: bytes, at: int, info: int) -> tuple[int, int]:
    if info > 27:
        raise Malformed("indefinite length or reserved head")
    size = 1 << (info - 24)
    content = data[at : at + size]
    if len(content) != size:
        raise Malformed("CBOR ends early")
    argument = int.from_bytes(content, "big")
    if argument >> (4 * size) == 0:
        raise Malformed("argument not in the shortest form")
    return argument, at + size


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
    if end > len(data):
        raise Malformed("CBOR ends early")
    return data[at:end], end


def _read_text(data: bytes, at: int, argument: int, room: int, purse: _Purse) -> tuple[str, int]:
    end = at + argument
    if end > len(data):
        raise Malformed("CBOR ends early")
    try:
        return data[at:end].decode(), end
    except UnicodeDecodeError:
        raise Malformed("text is not UTF-8") from None


def _read_array(data: bytes, at: int, argument: int, room: int, purse: _Purse) -> tuple[list[Value], int]:
    if not room:
        raise Malformed("CBOR nested too deep")
    items: list[Value] = []
    append, room = items.append, room - 1
    purse.spend(argument)
    for _ in range(argument):
        first = data[at]
        if first < 24:  # a small number, the most frequent item: no call for it
            append(first)
            at += 1
            continue
        value, at = _item(data, at, room, purse)
        append(value)
    return items, at


def _read_map(data: bytes, at: int, argument: int, room: int, purse: _Purse) -> tuple[dict[int, Value], int]:
    if not room:
        raise Malformed("CBOR nested too deep")
    items: dict[int, Value] = {}
    previous = b""
    purse.spend(2 * argument)
    for _ in range(argument):
        start = at
        key, at = _item(data, at, 0, purse)
        if type(key) is not int:
            raise Malformed("map key is not an integer")
        encoded = data[start:at]
        if encoded <= previous:
            raise Malformed("map keys not ascending")
        previous = encoded
        items[key], at = _item(data, at, room - 1, purse)
    return items, at


def _read_tag(data: bytes, at: int, argument: int, room: int, purse: _Purse) -> tuple[Tagged, int]:
    if argument != 18:
        raise Malformed("tag other than 18")
    if not room:
        raise Malformed("CBOR nested too deep")
    purse.spend(1)
    value, at = _item(data, at, room - 1, purse)
    return Tagged(18, value), at


_READERS: Final[tuple[Callable[[bytes, int, int, int, _Purse], tuple[Value, int]], ...]] = (
    _read_unsigned,
    _read_negative,
    _read_bytes,
    _read_text,
    _read_array,
    _read_map,
    _read_tag,
)
