"""Which way up, out of any Exif block."""

import struct

import pytest

from registry.photo.orientation import orientation_of
from tests.registry.photo.pictures import exif, exif_bomb

EXIF = b"Exif\0\0"


def little_endian(orientation: int, kind: int = 3, count: int = 1) -> bytes:
    return b"II*\0" + struct.pack("<LHHHLH", 8, 1, 0x0112, kind, count, orientation)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_orientation_is_read_in_both_orders_of_bytes(orientation):
    assert orientation_of(exif(orientation).removeprefix(EXIF)) == orientation
    assert orientation_of(little_endian(orientation)) == orientation


UPRIGHT = {
    "nothing": b"",
    "junk": b"junk" * 99,
    "no directory": b"II*\0",
    "a directory elsewhere": b"II*\0" + struct.pack("<L", 0xFFFFFFFF),
    "a directory cut short": little_endian(6)[:-1],
    "none stated": b"II*\0" + struct.pack("<LH", 8, 0),
    "nought": little_endian(0),
    "nine": little_endian(9),
    "of another type": little_endian(6, kind=4),
    "two of them": little_endian(6, count=2),
    "a bomb": exif_bomb().removeprefix(EXIF),
}


@pytest.mark.parametrize("block", UPRIGHT.values(), ids=UPRIGHT)
def test_a_block_that_states_none_is_upright(block):
    assert orientation_of(block) == 1
