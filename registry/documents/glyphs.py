"""Which characters a font can show.

A typesetter sets a box, or nothing, for a character its font lacks, and stays silent: on a certificate that
is a wrong name. So every text is compared with the font's own character map first. Only the map is read
(OpenType ``cmap``, subtable format 12, which covers all of Unicode); the shapes are the typesetter's.
"""

import struct
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from registry.documents.errors import FontUnusable, GlyphMissing

_FULL_UNICODE = 12


def characters(font: Path) -> frozenset[int]:
    """Return the code points that a font file has a glyph for.

    Raises ``FontUnusable`` if the file is absent, or has no full-Unicode character map.
    """
    try:
        data = font.read_bytes()
        return frozenset(_code_points(_subtable(data)))
    except OSError as error:
        raise FontUnusable(str(font), error.strerror or "can not be read") from error
    except (struct.error, LookupError) as error:
        raise FontUnusable(str(font), "no character map of format 12") from error


def require_glyphs(text: str, known: frozenset[int], *, field: str) -> None:
    """Raise ``GlyphMissing`` for the first character that would not be seen as what it is.

    Control, format and private-use characters count as missing even where a font maps them: they show
    nothing, turn the text around, or mean another character on every machine.
    """
    for character in text:
        if ord(character) not in known or unicodedata.category(character).startswith("C"):
            raise GlyphMissing(character, field=field)


def _subtable(font: bytes) -> bytes:
    """Return the format 12 subtable of ``cmap``, and what follows it."""
    (tables,) = struct.unpack_from(">H", font, 4)
    directory = struct.iter_unpack(">4sIII", font[12 : 12 + 16 * tables])
    cmap = {tag: offset for tag, _, offset, _ in directory}[b"cmap"]
    (count,) = struct.unpack_from(">H", font, cmap + 2)
    for _, _, offset in struct.iter_unpack(">HHI", font[cmap + 4 : cmap + 4 + 8 * count]):
        if struct.unpack_from(">H", font, cmap + offset) == (_FULL_UNICODE,):
            return font[cmap + offset :]
    raise LookupError("format 12")


def _code_points(subtable: bytes) -> Iterator[int]:
    """Yield the code points of the groups (first, last, first glyph) whose glyph is not 0, the empty box."""
    (groups,) = struct.unpack_from(">I", subtable, 12)
    for first, last, glyph in struct.iter_unpack(">III", subtable[16 : 16 + 12 * groups]):
        yield from range(first + (glyph == 0), last + 1)
