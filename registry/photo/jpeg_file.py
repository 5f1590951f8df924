"""A JPEG file taken apart without decoding it (ITU-T T.81 annex B), and put together without what is no picture.

Kept: tables, frame, scans, and the two headers that say what the colours mean, rewritten. Read: orientation, ICC
profile. Dropped unread: Exif, thumbnails, comments, all else, and whatever follows the image's end. Whether the
compressed data make sense is the decoder's to find out.
"""

import re
from typing import Final

from registry.photo.errors import PhotoFault, PhotoRefused
from registry.photo.kind import Kind
from registry.photo.measure import Size
from registry.photo.orientation import UPRIGHT, orientation_of
from registry.photo.stripped import Stripped

_SOI: Final = b"\xff\xd8"
_EOI, _SOS, _DHT, _DQT, _DRI, _DNL, _COM = 0xD9, 0xDA, 0xC4, 0xDB, 0xDD, 0xDC, 0xFE
_APP0, _APP1, _APP2, _APP14, _APP15 = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF
_BASELINE: Final = 0xC0
# With extended sequential and progressive ones; all have Huffman's code.
_FRAMES: Final = frozenset({_BASELINE, 0xC1, 0xC2})
_TABLES: Final = frozenset({_DHT, _DQT, _DRI})
_DROPPED: Final = frozenset({*range(_APP0, _APP15 + 1), _COM, _DNL})
# JFIF 1.01, no density, no thumbnail; as the encoder of Pillow writes it.
_PLAIN_JFIF: Final = bytes.fromhex("ffe0 0010 4a46494600 0101 00 0001 0001 00 00")
_ADOBE_LENGTH: Final = 12

MAX_SEGMENTS: Final = 2000
MAX_SCANS: Final = 64
"""Each scan passes over the whole picture; encoders write about ten."""

_FILL: Final = re.compile(rb"\xff+")
# In the data of a scan 0xFF is followed by 0x00, by a restart marker, or by a marker that ends it.
_END_OF_SCAN: Final = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")


def strip_jpeg(data: bytes) -> Stripped:
    """Return the picture of a JPEG file; raises ``PhotoRefused`` for one that is damaged, cut short, or unusual."""
    parts = _Parts(data)
    place = len(_SOI)
    for _ in range(MAX_SEGMENTS):
        marker, place = _marker(data, place)
        if marker == _EOI:
            return parts.stripped()
        place = parts.take(marker, place)
    raise PhotoRefused(PhotoFault.TOO_MUCH_INSIDE)


class _Parts:
    """What was found so far, and what of it is kept."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._kept = [_SOI]
        self._frame = 0
        self._size: Size | None = None
        self._scans = 0
        self._orientation: int | None = None
        self._profile: dict[int, bytes] = {}
        self._profile_parts = 0

    def take(self, marker: int, place: int) -> int:
        """Take the segment of a marker; return where the next marker is."""
        length = int.from_bytes(self._data[place : place + 2])
        segment = self._data[place : place + length]
        if length < 2 or len(segment) < length:
            raise PhotoRefused(PhotoFault.DAMAGED)
        content, after = segment[2:], place + length
        if marker in _TABLES:
            self._keep(marker, segment)
        elif marker in _FRAMES:
            self._take_frame(marker, content)
            self._keep(marker, segment)
        elif marker == _SOS:
            return self._take_scan(segment, after)
        elif marker in _DROPPED:
            self._read(marker, content)
        else:
            raise PhotoRefused(PhotoFault.UNUSUAL, f"JPEG 标记 {marker:02X}")
        return after

    def stripped(self) -> Stripped:
        """Return what was kept, at the end of the image."""
        if self._size is None or not self._scans:
            raise PhotoRefused(PhotoFault.DAMAGED)
        whole = sorted(self._profile) == list(range(1, self._profile_parts + 1))
        profile = b"".join(self._profile[number] for number in sorted(self._profile)) if whole else b""
        return Stripped(
            kind=Kind.JPEG,
            size=self._size,
            orientation=self._orientation or UPRIGHT,
            profile=profile or None,
            inflated_bytes=0,
            baseline=self._frame == _BASELINE and self._scans == 1,
            file=b"".join([*self._kept, b"\xff\xd9"]),
        )

    def _keep(self, marker: int, segment: bytes) -> None:
        self._kept += [bytes([0xFF, marker]), segment]

    def _take_frame(self, marker: int, content: bytes) -> None:
        if self._size is not None or len(content) < 6 or len(content) != 6 + 3 * content[5]:
            raise PhotoRefused(PhotoFault.DAMAGED)
        if content[0] != 8:
            raise PhotoRefused(PhotoFault.UNUSUAL, f"{content[0]} 位 JPEG")
        if content[5] not in (1, 3, 4):
            raise PhotoRefused(PhotoFault.UNUSUAL, f"{content[5]} 个颜色分量")
        self._frame = marker
        self._size = int.from_bytes(content[3:5]), int.from_bytes(content[1:3])

    def _take_scan(self, segment: bytes, start: int) -> int:
        end = _END_OF_SCAN.search(self._data, start)
        if self._size is None or end is None:
            raise PhotoRefused(PhotoFault.DAMAGED)
        self._scans += 1
        if self._scans > MAX_SCANS:
            raise PhotoRefused(PhotoFault.TOO_MUCH_INSIDE)
        self._keep(_SOS, segment)
        self._kept.append(self._data[start : end.start()])
        return end.start()

    def _read(self, marker: int, content: bytes) -> None:
        """Read of what is dropped the little that the picture needs."""
        if marker == _APP0 and content.startswith(b"JFIF\0") and len(self._kept) == 1:
            self._kept.append(_PLAIN_JFIF)
        elif marker == _APP14 and content.startswith(b"Adobe") and len(content) >= _ADOBE_LENGTH:
            self._keep(marker, (_ADOBE_LENGTH + 2).to_bytes(2) + content[:_ADOBE_LENGTH])
        elif marker == _APP1 and content.startswith(b"Exif\0\0") and self._orientation is None:
            self._orientation = orientation_of(content[6:])
        elif marker == _APP2 and content.startswith(b"ICC_PROFILE\0") and len(content) > 14:
            self._profile[content[12]] = content[14:]
            self._profile_parts = content[13]


def _marker(data: bytes, place: int) -> tuple[int, int]:
    """Return the marker at a place, and where its segment begins."""
    fill = _FILL.match(data, place)
    if fill is None or fill.end() >= len(data):
        raise PhotoRefused(PhotoFault.DAMAGED)
    return data[fill.end()], fill.end() + 1
