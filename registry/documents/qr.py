"""The QR symbol of a token's text, and its renderings as SVG and PNG.

The symbol follows docs/formats.md section 10 and ISO/IEC 18004: one byte segment for the prefix up to and
including ``#``, one numeric segment for the digits, error correction level M, the smallest version that holds
them. The segments are passed by hand: the encoder does not split a text so by itself, and one byte segment
for all would need twice the area.

Every rendering includes the quiet zone. A module is always a whole number of dots: modules of 3.99 dots come
out as 3 or 4, and a scanner sees a grid that is none. What the text says is not looked at here; that is the
duty of ``signing.link``.
"""

import io
import re
from dataclasses import dataclass

from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from qrcode.exceptions import DataOverflowError
from qrcode.main import QRCode
from qrcode.util import MODE_8BIT_BYTE, MODE_NUMBER, QRData

from registry.documents.errors import NotQrText, TooSmall

QUIET_ZONE = 4
MM_PER_INCH = 25.4

_QR_TEXT = re.compile(r"([!-\"$-~]{1,200}#)([1-9][0-9]*)")
_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg"{size} viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
    '<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{dark}"/></svg>\n'
)
# Level 9 of zlib makes the compressor, not the symbol, the slow part, and saves a handful of bytes.
_PNG_COMPRESSION = 6


@dataclass(frozen=True, slots=True)
class QrMatrix:
    """A symbol without its quiet zone: ``modules[row][column]``, true for dark, 17 + 4·version to a side."""

    version: int
    modules: tuple[tuple[bool, ...], ...]

    @property
    def side(self) -> int:
        """Count the modules of a side with the quiet zone on both ends."""
        return len(self.modules) + 2 * QUIET_ZONE


def qr_matrix(text: str) -> QrMatrix:
    """Encode a QR text (``PREFIX#DIGITS``, ASCII) as the smallest symbol of level M.

    Raises ``NotQrText`` if the text has another form or is longer than a symbol holds.
    """
    form = _QR_TEXT.fullmatch(text)
    if form is None:
        raise NotQrText("it must be a printable ASCII prefix ending in '#', then digits")
    prefix, digits = form.groups()
    code: QRCode[object] = QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(QRData(prefix.encode("ascii"), mode=MODE_8BIT_BYTE, check_data=False))
    code.add_data(QRData(digits.encode("ascii"), mode=MODE_NUMBER, check_data=False))
    try:
        code.make(fit=True)
    except (DataOverflowError, ValueError) as error:  # ValueError: the encoder has tried version 41
        raise NotQrText("it is longer than a symbol holds") from error
    return QrMatrix(code.version, tuple(tuple(bool(dark) for dark in row) for row in code.modules))


def largest_whole_dots(matrix: QrMatrix, *, dpi: int, within_mm: float) -> int:
    """Return the most whole dots per module with which the symbol, quiet zone included, fits ``within_mm``.

    Widths count in tenths of a millimetre, which is finer than paper keeps: 228 dots at 300 dpi are 19.304 mm
    and lie within 19.3. Raises ``TooSmall`` if not even one dot fits.
    """
    dots = int((within_mm + 0.05) / MM_PER_INCH * dpi / matrix.side)
    if dots < 1:
        raise TooSmall(modules=matrix.side, dpi=dpi, within_mm=within_mm)
    return dots


def printed_mm(matrix: QrMatrix, *, dpi: int, dots_per_module: int) -> float:
    """Return the printed width in millimetres, quiet zone included."""
    return matrix.side * dots_per_module / dpi * MM_PER_INCH


def qr_png(matrix: QrMatrix, *, dpi: int, dots_per_module: int) -> bytes:
    """Render as a one-bit PNG that carries its resolution (pHYs), so that it prints at ``printed_mm``."""
    image = Image.new("L", (matrix.side, matrix.side), 255)
    dots = bytes(0 if dark else 255 for row in matrix.modules for dark in row)
    inner = len(matrix.modules)
    image.paste(Image.frombytes("L", (inner, inner), dots), (QUIET_ZONE, QUIET_ZONE))
    width = matrix.side * dots_per_module
    sharp = image.convert("1", dither=Image.Dither.NONE).resize((width, width), Image.Resampling.NEAREST)
    png = io.BytesIO()
    sharp.save(png, "PNG", dpi=(dpi, dpi), compress_level=_PNG_COMPRESSION)
    return png.getvalue()


def qr_svg(matrix: QrMatrix, *, width_mm: float | None = None) -> bytes:
    """Render as an SVG document: white ground, one path, one unit per module.

    ``width_mm`` is the printed width, quiet zone included; None leaves the size to the page that shows it.
    """
    side = matrix.side
    size = "" if width_mm is None else f' width="{width_mm:g}mm" height="{width_mm:g}mm"'
    dark = "".join(_runs(row, y) for y, row in enumerate(matrix.modules, start=QUIET_ZONE))
    return _SVG.format(size=size, side=side, dark=dark).encode("ascii")


def _runs(row: tuple[bool, ...], y: int) -> str:
    """Draw a row's dark runs, each as one rectangle."""
    runs: list[str] = []
    start: int | None = None
    for x, dark in enumerate((*row, False), start=QUIET_ZONE):
        if dark and start is None:
            start = x
        if not dark and start is not None:
            runs.append(f"M{start} {y}h{x - start}v1H{start}z")
            start = None
    return "".join(runs)
