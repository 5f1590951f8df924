"""Find the certificate's QR in a picture.

The one part of ``certverify`` that needs more than the standard library: ``pillow`` opens the picture and
``zxing-cpp`` reads its codes. What they read is text to be verified, never an address to be opened.
"""

import importlib.util
import io
import re
import struct
import warnings
import zlib

from signing.offline.errors import ImageNotReadable, ImagesNotSupported

MAX_PIXELS = 60_000_000
MAX_SIDE = 32_767
"""Far beyond any camera, and within what ``zxing-cpp`` takes."""

_FRAGMENT = re.compile(r"[^#]*#([0-9]+)")


def fragments_in(picture: bytes) -> set[str]:
    """Return the digits of every different QR in a PNG or JPEG that could be a certificate's.

    Raises ``ImagesNotSupported`` where the libraries are missing, ``ImageNotReadable`` for what is no such
    picture.
    """
    if importlib.util.find_spec("zxingcpp") is None or importlib.util.find_spec("PIL") is None:
        raise ImagesNotSupported
    matches = (_FRAGMENT.fullmatch(text.strip()) for text in _texts(picture))
    return {match[1] for match in matches if match}


def _texts(picture: bytes) -> list[str]:
    import zxingcpp
    from PIL import Image

    file = io.BytesIO(picture)
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(file, formats=("PNG", "JPEG")) as image:
            if max(image.size) > MAX_SIDE or image.width * image.height > MAX_PIXELS:
                raise ImageNotReadable(f"{image.width} × {image.height}")
            grey = image.convert("L")
    except (
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        struct.error,
        zlib.error,
        Image.DecompressionBombError,
    ):
        raise ImageNotReadable from None
    try:
        # QR alone: in the dots of a large QR the reader sometimes sees a short bar code of another kind.
        only_qr = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
        found = zxingcpp.read_barcodes(grey, formats=only_qr)
        return [barcode.text for barcode in found]
    except (ValueError, RuntimeError):
        raise ImageNotReadable(f"{grey.width} × {grey.height}") from None
