"""GB 18030 bytes to text, with a mark for every byte sequence that does not say for certain which character it is.

The standard has had three editions. In the last one 18 characters (vertical punctuation, eight Han characters) moved
from private use to code points of their own, by swapping two-byte with four-byte codes; one (ḿ) had moved in 2005; six
are of private use still, and have another code besides. Codecs follow one edition or another: Python's that of 2000,
glibc's and browsers' a later one, each with changes of its own. A clerk's file does not say which wrote it, and 龴 in a
name must not become an empty box. So those sequences are never read, nor is anything of private use (自造字), nor what
is no GB 18030 at all: each becomes a *mark*, and the reader tells where it stands.

Sources: GB 18030-2000, -2005 and -2022 as summed up in issues 22, 27, 312 and pull request 336 of WHATWG Encoding
(after Unicode L2/23-003R); and a comparison of all 1,122,916 sequences as Python 3.11, glibc 2.36 and ICU 78.2 read
them, which differ in these only (``tests/registry/assessment/gb18030_readings.csv``).
"""

import re
from dataclasses import dataclass, field

MAX_MARKS = 10_000
_FIRST_MARK = 0xF0000
_MARK = re.compile("[\U000f0000-\U000fffff]")
_PRIVATE_USE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
# Python puts these in the place of bytes that are no UTF-8, when asked to.
_DAMAGED = re.compile("[\udc80-\udcff]{1,4}|[\ue000-\uf8ff\U000f0000-\U0010ffff]")

# Two-byte code, its code point of private use in 2000 and 2005, the character in 2022, and the four-byte code that had
# the character before: the swapped pairs.
_SWAPPED = """
A6D9 E78D FE10 84318236, A6DA E78E FE12 84318238, A6DB E78F FE11 84318237, A6DC E790 FE13 84318239
A6DD E791 FE14 84318330, A6DE E792 FE15 84318331, A6DF E793 FE16 84318332, A6EC E794 FE17 84318333
A6ED E795 FE18 84318334, A6F3 E796 FE19 84318335
FE59 E81E 9FB4 82359037, FE61 E826 9FB5 82359038, FE66 E82B 9FB6 82359039, FE67 E82C 9FB7 82359130
FE6D E832 9FB8 82359131, FE7E E843 9FB9 82359132, FE90 E854 9FBA 82359133, FEA0 E864 9FBB 82359134
A8BC E7C7 1E3F 8135F437
"""
# Two-byte code, its code point of private use, and what some codecs read instead: six characters of extension B that
# have a code of their own besides, and a blank.
_READ_TWICE = """
FE51 E816 20087, FE52 E817 20089, FE53 E818 200CC, FE6C E831 215D7, FE76 E83B 2298F, FE91 E855 241FE
A3A0 E5E5 3000
"""


def _rows(table: str) -> list[list[str]]:
    return [row.split() for row in table.replace("\n", ",").split(",") if row.strip()]


def _disputed() -> dict[bytes, tuple[str, str]]:
    readings: dict[bytes, tuple[str, str]] = {}
    for two, private, character, *four in _rows(_SWAPPED + _READ_TWICE):
        pair = chr(int(private, 16)), chr(int(character, 16))
        for code in (two, *four):
            readings[bytes.fromhex(code)] = pair
    return readings


DISPUTED: dict[bytes, tuple[str, str]] = _disputed()
"""Each sequence that editions or codecs read in two ways: a code point of private use, and a character."""

_TRAIL = rb"[\x40-\x7e\x80-\xfe]"
_QUAD = (
    rb"(?:[\x81-\x83][0-9][\x81-\xfe][0-9]|\x840[\x81-\xfe][0-9]|\x841[\x81-\xa4][0-9]"
    rb"|[\x90-\xe2][0-9][\x81-\xfe][0-9]|\xe3[01][\x81-\xfe][0-9]|\xe32[\x81-\x99][0-9]|\xe32\x9a[0-5])"
)
_UNIT = re.compile(rb"[\x81-\xfe]%s|[\x81-\xfe][0-9][\x81-\xfe][0-9]|[\x00-\xff]" % _TRAIL, re.DOTALL)
_CLEAR = re.compile(
    rb"(?:[\x00-\x7f]++|[\xb0-\xf7]%s|(?!%s)(?:[\x81-\xfe]%s|%s))*+"
    % (_TRAIL, b"|".join(map(re.escape, DISPUTED)), _TRAIL, _QUAD),
    re.DOTALL,
)


class TooManyMarks(Exception):
    """So much of it can not be read that it is hardly text of this encoding."""


@dataclass(slots=True)
class Marks:
    """What could not be read: each different byte sequence is one character of private use in the text."""

    unread: list[bytes] = field(default_factory=list)
    _known: dict[bytes, str] = field(default_factory=dict)
    _count: int = 0

    def mark(self, unit: bytes) -> str:
        """Return the character that stands for these bytes; raises ``TooManyMarks``."""
        self._count += 1
        if self._count > MAX_MARKS:
            raise TooManyMarks
        if unit not in self._known:
            self._known[unit] = chr(_FIRST_MARK + len(self.unread))
            self.unread.append(unit)
        return self._known[unit]

    def found_in(self, text: str) -> list[bytes]:
        """Return the sequences that are marked in a text, in its order."""
        return [self.unread[ord(mark) - _FIRST_MARK] for mark in _MARK.findall(text)]

    def shown(self, text: str) -> str:
        """Return the text with the bytes in hex in place of the marks."""
        return _MARK.sub(lambda mark: f"[{hex_of(self.unread[ord(mark[0]) - _FIRST_MARK])}]", text)


def hex_of(unit: bytes) -> str:
    """Return bytes as people read them: FE 59."""
    return unit.hex(" ").upper()


def decode_gb18030(content: bytes, marks: Marks) -> str:
    """Return the text, with marks for what is not certain; raises ``TooManyMarks``. Time is linear."""
    pieces: list[str] = []
    place = 0
    while place < len(content):
        clear = _CLEAR.match(content, place)
        end = place if clear is None else clear.end()
        pieces.append(_without_private_use(content[place:end].decode("gb18030"), marks))
        place = end
        if unit := _UNIT.match(content, place):
            pieces.append(marks.mark(unit[0]))
            place = unit.end()
    return "".join(pieces)


def decode_utf8(content: bytes, marks: Marks) -> str:
    """Return the text of damaged UTF-8, with marks for what is none and for private use."""
    text = content.decode("utf-8", "surrogateescape")
    return _DAMAGED.sub(lambda found: marks.mark(found[0].encode("utf-8", "surrogateescape")), text)


def _without_private_use(text: str, marks: Marks) -> str:
    """Return the text with marks for its characters of private use."""
    return _PRIVATE_USE.sub(lambda found: marks.mark(found[0].encode("gb18030")), text)
