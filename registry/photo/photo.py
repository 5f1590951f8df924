"""A holder's photo: from the file that a body sent to the one form that the register keeps.

Kept is a baseline JPEG of sRGB pixels without Exif, profile, comment or thumbnail. No decoder sees the file as it came:
it is taken apart first, and what is not the picture falls away. Not done here: whether it shows the holder, or a face.
"""

import hashlib
import io
from dataclasses import dataclass
from typing import Final

from PIL import Image

from registry.photo.errors import PhotoFault, PhotoRefused
from registry.photo.jpeg_file import strip_jpeg
from registry.photo.kind import Kind, kind_of
from registry.photo.measure import (
    LARGEST_KEPT,
    MAX_BYTES,
    require_measure,
    require_modest,
    require_proportionate,
)
from registry.photo.orientation import UPRIGHT
from registry.photo.picture import picture_of, require_content
from registry.photo.png_file import strip_png

_STRIP: Final = {Kind.JPEG: strip_jpeg, Kind.PNG: strip_png}
_QUALITIES: Final = (88, 80, 70)
"""The first that keeps within ``TYPICAL_BYTES``, else the last."""
TYPICAL_BYTES: Final = 100_000


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as it is kept; ``digest`` is the SHA-256 of ``jpeg``, sizes are in pixels."""

    jpeg: bytes
    width: int
    height: int
    digest: bytes


def plain_photo(data: bytes) -> Photo:
    """Return the photo in a JPEG or PNG file, read anew into the form that is kept. Raises ``PhotoRefused``.

    Which bytes a picture becomes depends on the version of the encoder; the same file gives the same bytes under the
    same version.
    """
    # 1. Is it short enough to be looked at, and one of the two kinds?
    require_modest(data)
    kind = kind_of(data)
    # 2. Take it apart: the picture, which way up it is, what its colours mean; all else falls away.
    stripped = _STRIP[kind](data)
    # 3. Is it, before anything is decoded, of a photo's measure?
    require_measure(stripped.size_seen)
    require_proportionate(stripped.inflated_bytes, len(stripped.file))
    # 4. Decode it, upright and small.
    picture = picture_of(stripped)
    # 5. Is anything to be seen?
    require_content(picture)
    # 6. Write it anew.
    return photo_of(_jpeg(picture))


def photo_of(jpeg: bytes) -> Photo:
    """Return the photo that these bytes are, if they have the form that is kept; else ``PhotoRefused``.

    The form: taken apart and put together they are the same bytes, of a baseline JPEG in one scan, upright, within the
    measure. Asked of everything that a decoder gave back.
    """
    stripped = strip_jpeg(jpeg)
    width, height = stripped.size
    require_measure(stripped.size)
    plain = stripped.file == jpeg and stripped.baseline and stripped.orientation == UPRIGHT
    if not plain or len(jpeg) > MAX_BYTES or width > LARGEST_KEPT[0] or height > LARGEST_KEPT[1]:
        raise PhotoRefused(PhotoFault.UNDECODABLE)
    return Photo(jpeg, width, height, hashlib.sha256(jpeg).digest())


def _jpeg(picture: Image.Image) -> bytes:
    jpeg = b""
    for quality in _QUALITIES:
        target = io.BytesIO()
        picture.save(target, "JPEG", quality=quality, subsampling="4:2:0")
        jpeg = target.getvalue()
        if len(jpeg) <= TYPICAL_BYTES:
            break
    return jpeg
