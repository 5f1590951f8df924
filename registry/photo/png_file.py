"""A PNG file taken apart without decoding it (PNG third edition, 5), and put together without what is no picture.

Kept: IHDR, PLTE, tRNS, IDAT (as one chunk), IEND. Read: orientation (eXIf), ICC profile (iCCP, inflated under a
limit). Dropped without being inflated: texts, all else, and whatever follows IEND. Refuses moving pictures (acTL).
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from registry.photo.errors import PhotoFault, PhotoRefused
from registry.photo.kind import Kind
from registry.photo.orientation import UPRIGHT, orientation_of
from registry.photo.stripped import Stripped

_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
_HEADER: Final = struct.Struct(">LLBBBBB")
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS: Final = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_PALETTE: Final = 3
_MAX_PROFILE_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Header:
    """What IHDR declares."""

    width: int
    height: int
    depth: int
    colour: int

    @property
    def inflated_bytes(self) -> int:
        """How many bytes the data inflate to; interlacing adds a little."""
        return self.height * (1 + -(-self.width * self.depth * _CHANNELS[self.colour] // 8))


@dataclass(slots=True)
class _Parts:
    """What was found so far."""

    header: _Header
    kept: list[bytes]
    data: list[bytes] = field(default_factory=list)
    orientation: int = UPRIGHT
    profile: bytes | None = None


def strip_png(data: bytes) -> Stripped:
    """Return the picture of a PNG file; raises ``PhotoRefused`` for one that is damaged, cut short, or moving."""
    chunks = _chunks(data)
    name, content = next(chunks)
    if name != b"IHDR":
        raise PhotoRefused(PhotoFault.DAMAGED)
    parts = _Parts(_header(content), [_MAGIC, _chunk(b"IHDR", content)])
    for name, content in chunks:
        if name == b"IEND":
            return _stripped(parts)
        _take(parts, name, content)
    raise PhotoRefused(PhotoFault.DAMAGED)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and content of each chunk whose checksum holds."""
    place = len(_MAGIC)
    while True:
        length = int.from_bytes(data[place : place + 4])
        chunk = data[place + 4 : place + 8 + length]
        checksum = data[place + 8 + length : place + 12 + length]
        if len(checksum) != 4 or zlib.crc32(chunk) != int.from_bytes(checksum):
            raise PhotoRefused(PhotoFault.DAMAGED)
        yield chunk[:4], chunk[4:]
        place += 12 + length


def _header(content: bytes) -> _Header:
    if len(content) != _HEADER.size:
        raise PhotoRefused(PhotoFault.DAMAGED)
    width, height, depth, colour, compression, filtering, interlace = _HEADER.unpack(content)
    if depth not in _DEPTHS.get(colour, ()) or compression or filtering or interlace > 1:
        raise PhotoRefused(PhotoFault.DAMAGED)
    return _Header(width, height, depth, colour)


def _take(parts: _Parts, name: bytes, content: bytes) -> None:
    match name:
        case b"IDAT":
            parts.data.append(content)
        case b"PLTE":
            parts.kept.append(_chunk(name, content))
        case b"tRNS" if _is_understood(parts.header):
            parts.kept.append(_chunk(name, content))
        case b"iCCP":
            parts.profile = _profile(content)
        case b"eXIf":
            parts.orientation = orientation_of(content)
        case b"acTL" | b"fcTL" | b"fdAT":
            raise PhotoRefused(PhotoFault.MOVING)
        case _ if not name[0] & 0x20:
            # A critical chunk that nobody knows: without it the picture is another one.
            raise PhotoRefused(PhotoFault.DAMAGED)


def _is_understood(header: _Header) -> bool:
    """Tell whether the decoder understands the transparency of such a picture; it misreads that of other depths.

    Where it is left out, the colour that should be transparent is seen as it is.
    """
    return header.colour == _PALETTE or header.depth == 8


def _profile(content: bytes) -> bytes | None:
    """Return the inflated profile; ``None`` for one that is damaged or longer than any that a photo needs."""
    _, _, packed = content.partition(b"\0")
    engine = zlib.decompressobj()
    try:
        profile = engine.decompress(packed[1:], _MAX_PROFILE_BYTES)
    except zlib.error:
        return None
    return (profile or None) if engine.eof else None


def _stripped(parts: _Parts) -> Stripped:
    header, data = parts.header, b"".join(parts.data)
    if not data:
        raise PhotoRefused(PhotoFault.DAMAGED)
    return Stripped(
        kind=Kind.PNG,
        size=(header.width, header.height),
        orientation=parts.orientation,
        profile=parts.profile,
        inflated_bytes=header.inflated_bytes,
        baseline=False,
        file=b"".join([*parts.kept, _chunk(b"IDAT", data), _chunk(b"IEND", b"")]),
    )


def _chunk(name: bytes, content: bytes) -> bytes:
    chunk = name + content
    return len(content).to_bytes(4) + chunk + zlib.crc32(chunk).to_bytes(4)
