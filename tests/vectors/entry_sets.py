"""Entry sets in their one coding (formats.md §7), and the ways to be refused; written bit by bit, by no encoder."""

LAWFUL: dict[str, tuple[list[int], int, str]] = {
    "empty": ([], 0, ""),
    "the first entry": ([1], 1, "00000 1"),
    "one entry": ([206], 1, "00111 01 1001101"),
    "a run": ([1, 2, 3], 3, "00000 1 1 1"),
    "a whole block": (list(range(1, 129)), 128, "00000" + "1" * 128),
    "a block and one more": (list(range(1, 130)), 129, "00000" + "1" * 128 + "00000 1"),
    "two blocks of different parameters": (
        [*range(1, 129), 1129],
        129,
        "00000" + "1" * 128 + "01001 01 111101000",
    ),
    "gaps of both kinds": ([5, 300, 301], 3, "00110 1 000100 00001 100110 1 000000"),
    "quotients at their bound": ([3, 4], 2, "00000 001 1"),
    "a tie between two parameters": ([2, 4], 2, "00000 01 01"),
    "the last entry there can be": ([4294967295], 1, "11111 01" + "1" * 30 + "0"),
}
"""Name → entries, how many, and the bits without the zeros that fill the last byte."""

REFUSED: dict[str, tuple[int, str]] = {
    "no bits for one entry": (1, ""),
    "only a parameter": (1, "00000"),
    "ends within a quotient": (2, "00000 1 00"),
    "ends within a remainder": (1, "00111 01 1"),
    "one entry more than told": (2, "00000 1 1 1 00000 00001"),
    "one entry less than told": (9, "00000 111"),
    "a byte more": (1, "00000 1 00 00000000"),
    "a bit set in the filling": (1, "00000 1 01"),
    "an empty set with a byte": (0, "00000000"),
    "a parameter too large by one": (1, "00001 1 0"),
    "a parameter much too large": (1, "11111 1" + "0" * 31),
    "a parameter too large in a tie": (2, "00001 1 1 1 1"),
    "a parameter too small": (1, "00000 0001"),
    "a parameter too small in the second block": (129, "00000" + "1" * 128 + "00000 0001"),
    "a unary run of 400 zeros": (1, "00000" + "0" * 400 + "1"),
    "a unary run without end": (1, "00000" + "0" * 8000),
    "a unary run at the largest parameter": (1, "11111" + "0" * 200 + "1" + "0" * 31),
    "an entry beyond 4294967295": (1, "11111 01" + "1" * 31),
    "entries that add up beyond 4294967295": (2, "11111 1" + "1" * 31 + "1" + "1" * 31),
    "more entries than bits": (8_388_608, "00000 1"),
    "more entries than a file may hold": (8_388_609, "00000 1"),
    "a count beyond every number": (2**53 - 1, "00000 1"),
}
"""Name → how many entries it tells, and the bits."""


def packed(bits: str) -> bytes:
    """Return bits as bytes, the last one filled with zeros."""
    digits = bits.replace(" ", "")
    size = -(-len(digits) // 8)
    return int(digits.ljust(8 * size, "0") or "0", 2).to_bytes(size, "big")
