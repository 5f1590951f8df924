"""The pixels of a stripped file: decoded, reduced, turned upright, laid on white, their colours brought to sRGB.

The order keeps memory small: a JPEG is reduced while it is decoded, and whatever can be done to the small picture is
done after the large one is gone. Decoders are programs in C fed from outside: see ``decoding_process``.
"""

import io
import struct
import zlib
from functools import cache
from typing import Final

from PIL import Image, ImageCms, ImageStat

from registry.photo.errors import PhotoFault, PhotoRefused
from registry.photo.measure import LARGEST_KEPT, Size, size_kept
from registry.photo.orientation import UPRIGHT
from registry.photo.stripped import Stripped

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_WHITE: Final = 255
_LEAST_DEVIATION: Final = 2.0
"""Of 255 steps: a wall photographed in even light deviates more, an empty picture after JPEG less."""


def picture_of(stripped: Stripped) -> Image.Image:
    """Return an upright RGB picture in sRGB, not larger than ``LARGEST_KEPT``, that carries nothing but its pixels.

    Raises ``PhotoRefused``; ``MemoryError`` if the decoder finds too little memory.
    """
    # Each step is given the only reference to the picture before it, which is then freed.
    small = _upright(_reduced(_decoded(stripped)), stripped.orientation)
    picture = _in_srgb(_on_white(small), stripped.profile)
    picture.info.clear()
    return picture


def require_content(picture: Image.Image) -> None:
    """Refuse a picture of one colour."""
    if max(ImageStat.Stat(picture).stddev) < _LEAST_DEVIATION:
        raise PhotoRefused(PhotoFault.BLANK)


def _decoded(stripped: Stripped) -> Image.Image:
    try:
        with Image.open(io.BytesIO(stripped.file), formats=(stripped.kind,)) as image:
            largest = LARGEST_KEPT[::-1] if stripped.orientation >= 5 else LARGEST_KEPT
            # Only a JPEG has drafts; it is decoded to a half, a quarter or an eighth, but never below this size.
            image.draft(None, largest)
            image.load()
            return _in_whole_bytes(image)
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error):
        raise PhotoRefused(PhotoFault.UNDECODABLE) from None


def _in_whole_bytes(image: Image.Image) -> Image.Image:
    """Return the picture in a mode that can be reduced: a byte for each channel, no palette, no key colour."""
    if image.mode == "I;16":
        # Converted at once it would be cut off at 255, not scaled.
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    transparent = "transparency" in image.info
    if image.mode == "P":
        return image.convert("RGBA" if transparent else "RGB")
    if image.mode in ("1", "L"):
        return image.convert("LA" if transparent else "L")
    if image.mode == "RGB" and transparent:
        return image.convert("RGBA")
    return image


def _reduced(image: Image.Image) -> Image.Image:
    turned = image.width > image.height
    size: Size = size_kept(image.size[::-1])[::-1] if turned else size_kept(image.size)
    if size == image.size:
        return image
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    return image if orientation == UPRIGHT else image.transpose(_TURNS[orientation])


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode not in ("LA", "RGBA"):
        return image
    mode = image.mode.removesuffix("A")
    paper = Image.new(mode, image.size, (_WHITE,) * len(mode))
    paper.paste(image.convert(mode), mask=image.getchannel("A"))
    return paper


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the picture in sRGB; a profile that is junk or of another kind of colours is left out, as browsers do."""
    if profile is None:
        return image.convert("RGB")
    try:
        theirs = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, theirs, _srgb(), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image.convert("RGB")
    return converted or image.convert("RGB")


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
