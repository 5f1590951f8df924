"""How large a photo may be, and what shape it has.

The sample certificate (附件4) asks for a photo, in words that the scan has damaged, probably 二寸免冠照片, and states
no size. 35 × 49 mm is what two inches usually mean on Chinese documents. How many pixels that is, is custom and stands
in no text of the programme: 413 × 579 at 300 dpi. The least that is taken, 295 × 413, is what a one-inch photo of the
same proportion (25 × 35 mm) has at 300 dpi; what is kept is at most twice that on each side, 50 × 70 mm at 300 dpi.
"""

from typing import Final

from registry.photo.errors import PhotoFault, PhotoRefused

Size = tuple[int, int]
"""Width and height in pixels."""

MAX_BYTES: Final = 1_048_576
SMALLEST: Final[Size] = (295, 413)
LARGEST: Final[Size] = (4000, 5600)
LARGEST_KEPT: Final[Size] = (590, 826)
_PROPORTION: Final = (35, 49)
_TOLERANCE_PERCENT: Final = 3

MAX_RATIO: Final = 60
"""The pixels of photos take two to four times the bytes of their PNG, those of drawings up to some thirty times."""
_RATIO_FREE_BYTES: Final = 8 * 1024 * 1024


def require_measure(size: Size) -> None:
    """Refuse a picture, as it is looked at, that is too small, too large or no two-inch photo in shape."""
    (width, height), seen = size, f"{size[0]} × {size[1]}"
    if width > LARGEST[0] or height > LARGEST[1]:
        raise PhotoRefused(PhotoFault.TOO_MANY_PIXELS, seen)
    if width < SMALLEST[0] or height < SMALLEST[1]:
        raise PhotoRefused(PhotoFault.TOO_FEW_PIXELS, seen)
    across, along = width * _PROPORTION[1], height * _PROPORTION[0]
    if abs(across - along) * 100 > along * _TOLERANCE_PERCENT:
        raise PhotoRefused(PhotoFault.WRONG_PROPORTION, seen)


def require_modest(data: bytes) -> None:
    """Refuse a file that is too long to be looked at."""
    if len(data) > MAX_BYTES:
        raise PhotoRefused(PhotoFault.TOO_LARGE)


def size_kept(size: Size) -> Size:
    """Return the size to which a picture is reduced; one that is small enough stays as it is."""
    scale = min(1.0, LARGEST_KEPT[0] / size[0], LARGEST_KEPT[1] / size[1])
    return round(size[0] * scale), round(size[1] * scale)


def require_proportionate(inflated_bytes: int, file_bytes: int) -> None:
    """Refuse a file that inflates to far more than any photo of its length does."""
    if inflated_bytes > max(_RATIO_FREE_BYTES, MAX_RATIO * file_bytes):
        raise PhotoRefused(PhotoFault.TOO_MUCH_INSIDE)
