"""The demo's photos: drawn heads of nobody, two inches at 300 dpi, in an archive as a body hands it in."""

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

_SIZE: Final = (413, 579)
_BACKGROUND, _COAT = (225, 234, 244), (70, 84, 110)


def write_photos(path: Path, rows: Iterable[int]) -> None:
    """Write an archive with a photo for each of these rows, named after the row."""
    with zipfile.ZipFile(path, "w") as archive:
        for row in rows:
            archive.writestr(f"{row}.jpg", _photo(row))


def _photo(row: int) -> bytes:
    """Return a face that differs from row to row in its colour alone."""
    picture = Image.new("RGB", _SIZE, _BACKGROUND)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((40, 400, 373, 760), fill=_COAT)
    draw.ellipse((120, 120, 293, 360), fill=(245 - row % 60, 215 - row % 40, 190 - row % 50))
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=85)
    return content.getvalue()
