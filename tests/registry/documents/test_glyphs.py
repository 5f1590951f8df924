"""What a font can show is read from the font itself."""

import struct

import pytest

from registry.documents.certificate import FONT
from registry.documents.errors import FontUnusable, GlyphMissing
from registry.documents.glyphs import characters, require_glyphs


def font_with(groups: list[tuple[int, int, int]], *, form: int = 12, tag: bytes = b"cmap") -> bytes:
    """The smallest file with a character map: one table, one subtable."""
    subtable = struct.pack(">HHIII", form, 0, 16 + 12 * len(groups), 0, len(groups))
    subtable += b"".join(struct.pack(">III", *group) for group in groups)
    cmap = struct.pack(">HHHHI", 0, 1, 3, 10, 12) + subtable
    return struct.pack(">IHHHH", 0x00010000, 1, 0, 0, 0) + struct.pack(">4sIII", tag, 0, 28, len(cmap)) + cmap


def test_the_shipped_font_has_the_unified_ideographs_and_the_rare_names():
    known = characters(FONT)

    assert set(range(0x4E00, 0xA000)) <= known
    assert {ord(character) for character in "䶮𬭸·AZaz09X—年月日"} <= known


def test_it_reads_the_groups_of_the_character_map(tmp_path):
    font = tmp_path / "font.ttf"
    font.write_bytes(font_with([(0x41, 0x43, 7), (0x2CB78, 0x2CB78, 9)]))

    assert characters(font) == {0x41, 0x42, 0x43, 0x2CB78}


def test_a_character_mapped_to_the_empty_box_is_not_there(tmp_path):
    font = tmp_path / "font.ttf"
    font.write_bytes(font_with([(0x41, 0x43, 0)]))

    assert characters(font) == {0x42, 0x43}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no font at all, but long enough to have a count of tables",
        font_with([(0x41, 0x43, 1)], form=4),
        font_with([(0x41, 0x43, 1)], tag=b"glyf"),
        font_with([(0x41, 0x43, 1)])[:40],
    ],
)
def test_a_file_without_a_full_character_map_is_refused(tmp_path, content):
    font = tmp_path / "font.ttf"
    font.write_bytes(content)

    with pytest.raises(FontUnusable) as refused:
        characters(font)
    assert refused.value.path == str(font)


def test_an_absent_font_is_refused(tmp_path):
    with pytest.raises(FontUnusable):
        characters(tmp_path / "absent.ttf")


def test_the_first_missing_character_is_named():
    with pytest.raises(GlyphMissing) as refused:
        require_glyphs("AB𠀉C", frozenset(map(ord, "AB")), field="holder_name")

    assert refused.value.character == "𠀉"


def test_a_text_of_known_characters_passes():
    require_glyphs("ABBA", frozenset(map(ord, "AB")), field="holder_name")
