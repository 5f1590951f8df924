"""Which way up: tag 0x0112 of an Exif block (JEITA CP-3451, TIFF 6.0), and nothing else of it.

A whole reader of Exif is not wanted here: each of the 65,535 tags of a hostile block may claim the whole file.
"""

import struct
from typing import Final

UPRIGHT: Final = 1
_TAG: Final = 0x0112
_SHORT: Final = 3


def orientation_of(tiff: bytes) -> int:
    """Return the orientation, 1 to 8, that a TIFF block states in its first directory; 1 if it states none."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return UPRIGHT
    try:
        (start,) = struct.unpack_from(order + "L", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, start)
        for place in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind, length, value = struct.unpack_from(order + "HHLH", tiff, place)
            if tag == _TAG:
                stated = (kind, length) == (_SHORT, 1) and 1 <= value <= 8
                return int(value) if stated else UPRIGHT
    except struct.error:
        pass
    return UPRIGHT
