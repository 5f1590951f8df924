"""Pictures for the tests: a portrait of a kind, written in every way, and ways to spoil a file of it."""

import io
import random
import re
import struct
import zlib

from PIL import Image, ImageCms, ImageDraw

CANARY = b"CANARY-31.2304N-121.4737E"
PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
TWO_INCH = (350, 490)


def portrait(size: tuple[int, int] = TWO_INCH, mode: str = "RGB") -> Image.Image:
    """Return a head on light blue; its top left corner is dark red, so that one sees which way up it is."""
    width, height = size
    image = Image.new("RGB", size, (200, 220, 245))
    draw = ImageDraw.Draw(image)
    draw.ellipse((width // 4, height // 6, width * 3 // 4, height * 2 // 3), fill=(225, 180, 150))
    draw.rectangle((width // 8, height * 3 // 4, width * 7 // 8, height), fill=(40, 60, 110))
    draw.rectangle((0, 0, width // 6, height // 8), fill=(150, 10, 10))
    return image.convert(mode)


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def jpeg(size: tuple[int, int] = TWO_INCH, mode: str = "RGB", **options: object) -> bytes:
    return encoded(portrait(size, mode), "JPEG", **options)


def png(size: tuple[int, int] = TWO_INCH, mode: str = "RGB", **options: object) -> bytes:
    return encoded(portrait(size, mode), "PNG", **options)


def noise(size: tuple[int, int]) -> Image.Image:
    return Image.frombytes("RGB", size, random.Random(1).randbytes(size[0] * size[1] * 3))


def exif(orientation: int, *, more: bytes = CANARY) -> bytes:
    """Return an Exif block that states the orientation, with more bytes after its directory."""
    directory = struct.pack(">HHHLHHL", 1, 0x0112, 3, 1, orientation, 0, 0)
    return b"Exif\0\0MM\0*" + struct.pack(">L", 8) + directory + more


def exif_bomb() -> bytes:
    """Return a directory of 5,000 tags, each of which claims all the rest of the block."""
    tags = b"".join(struct.pack(">HHLL", 0x9000 + number, 7, 65_000, 8) for number in range(5_000))
    return b"Exif\0\0MM\0*" + struct.pack(">LH", 8, 5_000) + tags


def segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2) + content


def after_start(data: bytes, *segments: bytes) -> bytes:
    """Return the JPEG with segments right after its start."""
    return data[:2] + b"".join(segments) + data[2:]


def with_frame(data: bytes, marker: int) -> bytes:
    """Return the JPEG with the marker of another kind of frame."""
    return data.replace(b"\xff\xc0", bytes([0xFF, marker]), 1)


def with_declared_size(data: bytes, width: int, height: int) -> bytes:
    """Return the JPEG whose frame declares another size."""
    place = data.index(b"\xff\xc0") + 5
    return data[:place] + struct.pack(">HH", height, width) + data[place + 4 :]


def with_scans(count: int) -> bytes:
    """Return a progressive JPEG with so many scans, by repeating its shortest."""
    data = jpeg(progressive=True)
    starts = [match.start() for match in re.finditer(rb"\xff\xda", data)]
    scans = [data[start:end] for start, end in zip(starts, [*starts[1:], len(data) - 2], strict=True)]
    return data[:-2] + min(scans, key=len) * (count - len(scans)) + b"\xff\xd9"


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">L", len(content)) + name + content + struct.pack(">L", zlib.crc32(name + content))


def with_chunks(data: bytes, *chunks: bytes) -> bytes:
    """Return the PNG with chunks right after its header."""
    place = len(PNG_MAGIC) + 25
    return data[:place] + b"".join(chunks) + data[place:]


def png_of(width: int, height: int, depth: int, colour: int, rows: bytes, *chunks: bytes) -> bytes:
    """Return a PNG put together by hand; ``rows`` begin with their filter each."""
    header = struct.pack(">LLBBBBB", width, height, depth, colour, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(rows, 9))
    return PNG_MAGIC + chunk(b"IHDR", header) + b"".join(chunks) + data + chunk(b"IEND", b"")


def deep_png(channels: int, colour: int) -> bytes:
    """Return a PNG of 16 bits: white above, black below, opaque if it has alpha."""
    width, height = TWO_INCH
    alpha = b"\xff\xff" if colour in (4, 6) else b""
    colours = channels - len(alpha) // 2
    white, black = (b"\0" + (level * colours + alpha) * width for level in (b"\xff\xff", b"\x00\x10"))
    return png_of(width, height, 16, colour, white * (height // 2) + black * (height - height // 2))


def interlaced_png() -> bytes:
    """Return an interlaced PNG (Adam7) of grey steps, put together by hand."""
    width, height = TWO_INCH
    rows = bytearray()
    for x0, y0, dx, dy in (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ):
        row = b"\0" + bytes(250 if x < width // 2 else 20 for x in range(x0, width, dx))
        rows += row * len(range(y0, height, dy))
    header = struct.pack(">LLBBBBB", width, height, 8, 0, 0, 0, 1)
    data = chunk(b"IDAT", zlib.compress(bytes(rows)))
    return PNG_MAGIC + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


def bomb(length: int = 50_000_000) -> bytes:
    """Return fifty million zeros, deflated."""
    return zlib.compress(bytes(length), 9)


def animated_png(frames: int) -> bytes:
    """Return an APNG of so many frames of one pixel beside its picture."""
    data = png()
    control = chunk(b"acTL", struct.pack(">LL", frames, 0))
    pixel = zlib.compress(b"\0\0\0\0")
    more = b"".join(
        chunk(b"fcTL", struct.pack(">LLLLLHHBB", 2 * number, 1, 1, 0, 0, 1, 1, 0, 0))
        + chunk(b"fdAT", struct.pack(">L", 2 * number + 1) + pixel)
        for number in range(frames)
    )
    return with_chunks(data, control)[:-12] + more + chunk(b"IEND", b"")


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def linear_grey_profile() -> bytes:
    """Return an ICC profile (ICC.1:2001) of grey in linear light, put together by hand."""
    white = b"XYZ \0\0\0\0" + bytes.fromhex("0000f6d6 00010000 0000d32d")
    curve = b"curv\0\0\0\0" + struct.pack(">L", 0)
    start = 128 + 4 + 2 * 12
    table = struct.pack(">L4sLL4sLL", 2, b"wtpt", start, 20, b"kTRC", start + 20, 12)
    length = start + len(white) + len(curve)
    header = struct.pack(">L4x4s4s4s4s", length, bytes.fromhex("02100000"), b"mntr", b"GRAY", b"XYZ ")
    header += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28) + white[8:] + bytes(48)
    return header + table + white + curve


def profile_segments(profile: bytes) -> list[bytes]:
    return [segment(0xE2, b"ICC_PROFILE\0\1\1" + profile)]


def lab_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


def mpo() -> bytes:
    target = io.BytesIO()
    portrait().save(target, "MPO", save_all=True, append_images=[Image.new("RGB", TWO_INCH, (1, 2, 3))])
    return target.getvalue()


def pixel_of(data: bytes, across: float, along: float) -> tuple[int, ...]:
    """Return the pixel at a place given in parts of width and height."""
    with Image.open(io.BytesIO(data)) as image:
        pixel = image.getpixel((int(across * image.width), int(along * image.height)))
    assert isinstance(pixel, tuple)
    return pixel
