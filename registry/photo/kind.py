"""What kind of file is this, by its first bytes? Only to choose the reader, and to name to the clerk what it is not."""

from enum import StrEnum
from typing import Final

from registry.photo.errors import PhotoFault, PhotoRefused


class Kind(StrEnum):
    """The two formats that are read, as Pillow names them."""

    JPEG = "JPEG"
    PNG = "PNG"


_READ: Final = ((b"\xff\xd8\xff", Kind.JPEG), (b"\x89PNG\r\n\x1a\n", Kind.PNG))
_NAMED: Final = (
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"\0\0\0\x0cjP  \r\n", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP"),
    (b"8BPS", "Photoshop"),
    (b"\0\0\x01\0", "ICO"),
    (b"\x8aMNG", "MNG"),
)
_BRANDS: Final = {b"avif": "AVIF", b"avis": "AVIF"}
_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})


def kind_of(data: bytes) -> Kind:
    """Return the kind of a file; refuse what is neither JPEG nor PNG."""
    if not data:
        raise PhotoRefused(PhotoFault.EMPTY)
    for magic, kind in _READ:
        if data.startswith(magic):
            return kind
    raise PhotoRefused(PhotoFault.OTHER_FORMAT, _name_of(data))


def _name_of(data: bytes) -> str:
    for magic, name in _NAMED:
        if data.startswith(magic):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if data[4:8] == b"ftyp":
        return "HEIC" if data[8:12] in _HEIC_BRANDS else _BRANDS.get(data[8:12], "MP4")
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"<"):
        return "SVG" if b"<svg" in head else "HTML 或 XML"
    return "未知格式"
