"""The head of a CBOR item, both ways: its major type and one argument, a number or a length (RFC 8949 §3).

The argument has one form, the shortest (§4.2.1). What major types and arguments are in use is for ``cbor``.
"""

from struct import Struct
from typing import Final

from signing.errors import Malformed

UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG = range(7)

LONG_ARGUMENTS: Final = {
    24: (Struct(">B").unpack_from, 1, 24),
    25: (Struct(">H").unpack_from, 2, 0x100),
    26: (Struct(">I").unpack_from, 4, 0x10000),
    27: (Struct(">Q").unpack_from, 8, 0x100000000),
}
"""How an argument is read that is not in the first byte, by the low five bits there: what unpacks it, its size in
bytes, and the least that has no shorter form."""

TWO_BYTES, FOUR_BYTES, EIGHT_BYTES = (Struct(form).pack for form in (">BH", ">BI", ">BQ"))
"""Pack a first byte and an argument."""

SHORT: Final = tuple(
    [bytes((major << 5 | n,)) if n < 24 else bytes((major << 5 | 24, n)) for n in range(256)]
    for major in range(7)
)
"""The heads with an argument below 256, by major type and argument: all that most items need."""


def head(major: int, argument: int) -> bytes:
    """Return the head of an item: its major type (0 to 6) and argument in the shortest form."""
    if argument < 0x100:
        return SHORT[major][argument]
    if argument < 0x10000:
        return TWO_BYTES(major << 5 | 25, argument)
    if argument < 0x100000000:
        return FOUR_BYTES(major << 5 | 26, argument)
    return EIGHT_BYTES(major << 5 | 27, argument)


def read_argument(data: bytes, at: int) -> tuple[int, int]:
    """Return the argument of the head that begins at this place, and the place after it.

    Raises ``Malformed``, and ``IndexError`` or ``struct.error`` where the data ends early.
    """
    info = data[at] & 31
    if info < 24:
        return info, at + 1
    if info > 27:
        raise Malformed("indefinite length or reserved head")
    unpack, size, least = LONG_ARGUMENTS[info]
    (argument,) = unpack(data, at + 1)
    if argument < least:
        raise Malformed("argument not in the shortest form")
    return argument, at + 1 + size
