"""GB 18030 is read where all its editions agree; elsewhere nothing is guessed."""

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.assessment.gb18030 import DISPUTED, MAX_MARKS, Marks, TooManyMarks, decode_gb18030, decode_utf8

READINGS = Path(__file__).with_name("gb18030_readings.csv")
CODECS = ("python_3_11", "glibc_2_36", "icu_78_2")
# What all codecs agree on, as Python 3.11 reads it: SHA-256 over the two-byte codes and the four-byte ones of the basic
# plane, each with its character. Another digest says that this Python has another table.
AGREED = "ab0f82bd8b168b5bc02faaed784dcab17392ae05b37dd98b4b51b452cbac4f34"


def readings() -> dict[bytes, dict[str, str]]:
    with READINGS.open(encoding="ascii", newline="") as file:
        return {bytes.fromhex(row["bytes"]): row for row in csv.DictReader(file)}


def sequences() -> Iterator[bytes]:
    trails = [*range(0x40, 0x7F), *range(0x80, 0xFF)]
    for lead in range(0x81, 0xFF):
        yield from (bytes([lead, trail]) for trail in trails)
    for first in range(0x81, 0x85):
        for second in range(0x30, 0x3A):
            for third in range(0x81, 0xFF):
                yield from (bytes([first, second, third, fourth]) for fourth in range(0x30, 0x3A))


def python_reads(sequence: bytes) -> str | None:
    try:
        text = sequence.decode("gb18030")
    except UnicodeDecodeError:
        return None
    return text if len(text) == 1 else None


def test_the_sequences_in_dispute_are_those_that_codecs_were_seen_to_read_differently():
    assert readings().keys() == DISPUTED.keys()
    for sequence, row in readings().items():
        read = {chr(int(row[codec], 16)) for codec in CODECS if row[codec]}
        assert read <= set(DISPUTED[sequence])
        assert len({row[codec] for codec in CODECS}) > 1


def test_eighteen_pairs_were_swapped_in_2022_and_one_in_2005_and_seven_are_read_twice():
    assert sum(len(sequence) == 4 for sequence in DISPUTED) == 18 + 1
    assert len(DISPUTED) == 2 * (18 + 1) + 6 + 1


@pytest.mark.parametrize("sequence", DISPUTED, ids=lambda sequence: sequence.hex())
def test_a_sequence_in_dispute_is_marked_and_what_stands_beside_it_is_read(sequence):
    marks = Marks()
    text = decode_gb18030("张".encode("gb18030") + sequence + "三,".encode("gb18030"), marks)

    assert (text[0], text[2:]) == ("张", "三,")
    assert marks.found_in(text) == [sequence]
    assert marks.shown(text) == f"张[{sequence.hex(' ').upper()}]三,"


def test_everything_else_is_read_as_the_codecs_agree():
    digest = hashlib.sha256()
    for sequence in sequences():
        if sequence not in DISPUTED:
            digest.update(sequence + (python_reads(sequence) or "").encode("utf-8", "surrogatepass"))

    assert digest.hexdigest() == AGREED


def test_a_sequence_is_read_if_and_only_if_it_is_one_character_of_public_use_and_in_no_dispute():
    for sequence in sequences():
        marks = Marks()
        text = decode_gb18030(sequence, marks)
        character = python_reads(sequence)
        sure = character is not None and not "\ue000" <= character <= "\uf8ff" and sequence not in DISPUTED
        assert (text == character and not marks.unread) == sure, sequence.hex()


@pytest.mark.parametrize(
    "character", ["€", "䶮", "㐀", "龥", "·", "𬱖", "\U0002a6df", "\U00031350", "é", "ӣ"]
)
def test_characters_of_every_plane_are_read(character):
    marks = Marks()

    assert decode_gb18030(f"a{character}b".encode("gb18030"), marks) == f"a{character}b"
    assert marks.unread == []


@pytest.mark.parametrize(
    ("content", "unread"),
    [
        (b"a\x80b", [b"\x80"]),
        (b"a\xffb", [b"\xff"]),
        (b"a\xb0", [b"\xb0"]),
        (b"\xb0,\xa1\xa1", [b"\xb0"]),
        (b"\x81\x30\x81", [b"\x81"]),
        (b"\x84\x31\xa5\x30", [b"\x84\x31\xa5\x30"]),
        (b"\xe3\x32\x9a\x36", [b"\xe3\x32\x9a\x36"]),
        (b"\xfe\x39\xfe\x39", [b"\xfe\x39\xfe\x39"]),
        (b"\xaa\xa1\xaa\xa1", [b"\xaa\xa1"]),
        (
            "\U000f0000\U0010ffff".encode("gb18030"),
            ["\U000f0000".encode("gb18030"), "\U0010ffff".encode("gb18030")],
        ),
    ],
)
def test_what_is_no_character_or_of_private_use_is_marked(content, unread):
    marks = Marks()
    text = decode_gb18030(content, marks)

    assert marks.unread == unread
    assert set(marks.found_in(text)) == set(unread)


def test_damaged_utf8_is_marked_where_it_is_damaged():
    marks = Marks()
    text = decode_utf8(
        "张".encode() + b"\xff" + "三".encode()[:2] + b",\xed\xa0\x80" + "\ue000".encode(), marks
    )

    assert text[0] == "张"
    assert text.count(",") == 1
    assert b"".join(marks.found_in(text)) == b"\xff\xe4\xb8\xed\xa0\x80\xee\x80\x80"


def test_a_file_of_nothing_readable_is_given_up():
    for decode in (decode_gb18030, decode_utf8):
        with pytest.raises(TooManyMarks):
            decode(b"\xff" * 16 * (MAX_MARKS + 1), Marks())
