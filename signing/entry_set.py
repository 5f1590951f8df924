"""A set of entries in a few bits more than it can be told in (formats.md §7).

Rice coding of the gaps between entries, in blocks that each have their own parameter, so that thousands of revoked
entries far apart and thousands of unreleased ones in a row both cost about what they must. The rule that gives the
parameter makes the coding canonical, and bounds the unary runs: a decoder's work is a small multiple of the bytes it
was given, and of the count, which is bounded before room is made.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from signing import shape
from signing.cbor import Value
from signing.errors import Malformed

MAX_ENTRY: Final = 2**32 - 1
MAX_ENTRIES: Final = 2**23
"""In all sets of one file together: eight in a hundred of a hundred million certificates. However they lie, they take
less than the 16 MiB that a file may have."""

BLOCK: Final = 128
_PARAMETER_BITS: Final = 5


def to_values(sets: Collection[Collection[int]]) -> list[Value]:
    """Return the CBOR value of each set of one file: how many entries, and their gaps.

    Raises ``Malformed`` for more than ``MAX_ENTRIES`` entries in all, or one outside ``1..MAX_ENTRY``.
    """
    _require_room(map(len, sets))
    ordered = [sorted(entries) for entries in sets]
    if any(entries and not 1 <= entries[0] <= entries[-1] <= MAX_ENTRY for entries in ordered):
        raise Malformed("an entry outside 1..4294967295")
    return [[len(entries), _encode(entries)] for entries in ordered]


def from_values(values: Sequence[Value]) -> tuple[frozenset[int], ...]:
    """Read the sets of one file; ``Malformed`` unless ``to_values`` would write them."""
    shaped = [shape.array(value, 2, 2) for value in values]
    coded = [(shape.integer(count), shape.content(gaps)) for count, gaps in shaped]
    _require_room(count for count, _ in coded)
    return tuple(frozenset(_decode(count, gaps)) for count, gaps in coded)


def rice_parameter(gaps: Sequence[int]) -> int:
    """Return the smallest k for which the sum of ⌈⌊gap / 2^k⌋ / 2⌉ is at most the number of gaps.

    No k makes the block shorter: this sum is what the quotients lose from k to k + 1, where every gap gains a bit.
    """
    count = len(gaps)
    # With 2^k at most a quarter of the mean the sum is above the count, so the search may begin there.
    k = max(0, (sum(gaps) // count).bit_length() - 2)
    while sum([(gap >> k) + 1 >> 1 for gap in gaps]) > count:
        k += 1
    return k


def _require_room(counts: Iterable[int]) -> None:
    if sum(counts) > MAX_ENTRIES:
        raise Malformed("more entries than a file may hold")


def _encode(ordered: Sequence[int]) -> bytes:
    text = "".join(map(_block_text, _blocks_of_gaps(ordered)))
    size = -(-len(text) // 8)
    return int(text.ljust(8 * size, "0") or "0", 2).to_bytes(size, "big")


def _blocks_of_gaps(ordered: Sequence[int]) -> Iterator[list[int]]:
    previous = 0
    rest = iter(ordered)
    while block := list(islice(rest, BLOCK)):
        yield [entry - before - 1 for before, entry in zip([previous, *block], block, strict=False)]
        previous = block[-1]


def _block_text(gaps: Sequence[int]) -> str:
    """Return the bits of a block as text: its parameter, and each gap as a quotient in unary and a remainder."""
    k = rice_parameter(gaps)
    unit = 1 << k
    # The one that ends the unary quotient stands before the remainder's bits as the digit of 2^k.
    coded = ["0" * (gap >> k) + f"{unit | gap & unit - 1:b}" for gap in gaps]
    return f"{k:0{_PARAMETER_BITS}b}" + "".join(coded)


def _decode(count: int, content: bytes) -> list[int]:
    entries: list[int] = []
    at = entry = 0
    for first in range(0, count, BLOCK):
        gaps, at = _read_block(content, at, min(BLOCK, count - first))
        for gap in gaps:
            entry += gap + 1
            entries.append(entry)
    if entry > MAX_ENTRY:
        raise Malformed("an entry beyond 4294967295")
    if len(content) != -(-at // 8) or (at % 8 and content[-1] & 0xFF >> at % 8):
        raise Malformed("bits after the last entry")
    return entries


def _read_block(content: bytes, at: int, count: int) -> tuple[list[int], int]:
    """Return the gaps of the block that begins at a bit, and the bit after it."""
    head = _bits(content, at, _PARAMETER_BITS)
    k = int(head, 2) if len(head) == _PARAMETER_BITS else -1
    if k < 0:
        raise Malformed("set ends within a block")
    at += _PARAMETER_BITS
    # The rule of the parameter leaves the quotients two bits for each gap at the most.
    bits = _bits(content, at, count * (k + 3))
    gaps: list[int] = []
    end = 0
    for _ in range(count):
        one = bits.find("1", end)
        quotient, end = one - end, one + 1 + k
        if one < 0 or end > len(bits):
            raise Malformed("set ends within a gap, or a gap too long for its block")
        gaps.append((quotient - 1 << k) + int(bits[one:end], 2))
    if k != rice_parameter(gaps):
        raise Malformed("a block with another parameter than the rule gives")
    return gaps, at + end


def _bits(content: bytes, at: int, count: int) -> str:
    """Return up to ``count`` bits from a place as text, fewer only at the end of the content."""
    first, last = at // 8, -(-(at + count) // 8)
    window = content[first:last]
    text = f"{int.from_bytes(window, 'big'):0{8 * len(window)}b}" if window else ""
    return text[at % 8 : at % 8 + count]
