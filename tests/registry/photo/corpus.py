"""Files that bodies may send as photos, honest and hostile, each with its code; None for what is taken."""

import io
import random
import struct
import zipfile
from collections.abc import Callable

from PIL import Image

from registry.photo.jpeg_file import MAX_SCANS, MAX_SEGMENTS
from tests.registry.photo import pictures
from tests.registry.photo.pictures import (
    CANARY,
    TWO_INCH,
    after_start,
    chunk,
    encoded,
    exif,
    jpeg,
    png,
    png_of,
    segment,
    with_chunks,
)


def svg() -> bytes:
    return b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def gif(frames: int) -> bytes:
    image = Image.new("P", TWO_INCH)
    return encoded(image, "GIF", save_all=True, append_images=[image] * (frames - 1))


def with_bad_checksum() -> bytes:
    data = bytearray(png())
    data[len(pictures.PNG_MAGIC) + 24] ^= 1
    return bytes(data)


def with_bad_data() -> bytes:
    """Return a PNG whose checksums hold while its data can not be inflated."""
    width, height = TWO_INCH
    good = png_of(width, height, 8, 0, b"")
    return good[: len(pictures.PNG_MAGIC) + 25] + chunk(b"IDAT", CANARY * 99) + chunk(b"IEND", b"")


def zipped(data: bytes) -> bytes:
    target = io.BytesIO(data)
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("evil.html", CANARY)
    return target.getvalue()


def flat_png(size: tuple[int, int], colour: int, channels: int) -> bytes:
    width, height = size
    return png_of(width, height, 8, colour, (b"\0" + bytes(width * channels)) * height)


def transparent_palette() -> bytes:
    image = pictures.portrait().convert("P", palette=Image.Palette.ADAPTIVE, colors=64)
    return encoded(image, "PNG", transparency=bytes(range(0, 256, 4)))


def white_on_nothing() -> bytes:
    """Return a picture whose content is in what is transparent only: on white paper nothing is left."""
    image = pictures.portrait(mode="RGBA")
    image.putalpha(0)
    return encoded(image, "PNG")


def heavy(length: int) -> bytes:
    """Return a good photo of exactly so many bytes, by comments that say nothing."""
    data = jpeg()
    while length - len(data) > 65_537 + 4:
        data = after_start(data, segment(0xFE, bytes(65_533)))
    return after_start(data, segment(0xFE, bytes(length - len(data) - 4)))


def largest_progressive() -> bytes:
    image = Image.effect_noise((125, 175), 90).resize((4000, 5600), Image.Resampling.BICUBIC)
    colours = (
        image,
        image.transpose(Image.Transpose.ROTATE_180),
        image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
    )
    return encoded(Image.merge("RGB", colours), progressive=True, quality=10, subsampling=0)


def noisy_png(size: tuple[int, int], channels: int, colour: int, *chunks: bytes) -> bytes:
    """Return a large PNG that stays below a megabyte: noise above, and one colour below."""
    width, height = size
    random_row = random.Random(2)
    flat = b"\0" + b"\x20" * (width * channels)
    rows = [
        b"\0" + random_row.randbytes(width * channels) if row < height // 50 else flat
        for row in range(height)
    ]
    return png_of(width, height, 8, colour, b"".join(rows), *chunks)


Make = Callable[[], bytes]
CORPUS: dict[str, tuple[Make, str | None]] = {
    # What bodies send.
    "a JPEG": (jpeg, None),
    "a PNG": (png, None),
    "the least size": (lambda: jpeg((295, 413)), None),
    "the largest size": (largest_progressive, None),
    "exactly a megabyte": (lambda: heavy(1_048_576), None),
    "a grey JPEG": (lambda: jpeg(mode="L"), None),
    "a grey PNG": (lambda: png(mode="L"), None),
    "a progressive JPEG": (lambda: jpeg(progressive=True), None),
    "a JPEG without subsampling": (lambda: jpeg(subsampling=0), None),
    "a JPEG with restart markers": (lambda: jpeg(restart_marker_rows=1), None),
    "a JPEG that keeps RGB": (lambda: jpeg(keep_rgb=True), None),
    "a CMYK JPEG with Adobe's marker": (lambda: jpeg(mode="CMYK"), None),
    "a PNG of two colours": (lambda: png(mode="1"), None),
    "a PNG with a palette": (lambda: png(mode="P"), None),
    "a palette with transparency": (transparent_palette, None),
    "a PNG with alpha": (lambda: png(mode="RGBA"), None),
    "grey with alpha": (lambda: png(mode="LA"), None),
    "a key colour": (lambda: encoded(pictures.portrait(), "PNG", transparency=(200, 220, 245)), None),
    "16 bits of grey": (lambda: pictures.deep_png(1, 0), None),
    "16 bits of colour": (lambda: pictures.deep_png(3, 2), None),
    "16 bits with alpha": (lambda: pictures.deep_png(4, 6), None),
    "16 bits of grey with alpha": (lambda: pictures.deep_png(2, 4), None),
    "an interlaced PNG": (pictures.interlaced_png, None),
    "a profile": (lambda: jpeg(icc_profile=pictures.srgb_profile()), None),
    "a profile in a PNG": (lambda: png(icc_profile=pictures.srgb_profile()), None),
    "the first picture of an MPO": (pictures.mpo, None),
    "scans as many as there may be": (lambda: pictures.with_scans(MAX_SCANS), None),
    # Nobody can tell that these are not whole; what is missing is black or grey, as in every viewer.
    "a PNG of too few rows": (lambda: png_of(350, 490, 8, 0, (b"\0" + b"\x90" * 350) * 100), None),
    "a JPEG whose scan is cut short": (lambda: jpeg(quality=95)[:-3000] + b"\xff\xd9", None),
    # What falls away unread.
    "Exif with GPS": (lambda: jpeg(exif=exif(1)), None),
    "an Exif bomb": (lambda: after_start(jpeg(), segment(0xE1, pictures.exif_bomb())), None),
    "Exif that is junk": (lambda: after_start(jpeg(), segment(0xE1, b"Exif\0\0" + CANARY)), None),
    "a profile that is junk": (lambda: jpeg(icc_profile=CANARY * 100), None),
    "a profile of other colours": (lambda: jpeg(icc_profile=pictures.lab_profile()), None),
    "a comment": (lambda: jpeg(comment=CANARY), None),
    "text in a PNG": (lambda: with_chunks(png(), chunk(b"tEXt", b"Author\0" + CANARY)), None),
    "a bomb in zTXt": (lambda: with_chunks(png(), chunk(b"zTXt", b"a\0\0" + pictures.bomb())), None),
    "a bomb in iTXt": (lambda: with_chunks(png(), chunk(b"iTXt", b"a\0\1\0\0\0" + pictures.bomb())), None),
    "a bomb in iCCP": (lambda: with_chunks(png(), chunk(b"iCCP", b"a\0\0" + pictures.bomb())), None),
    "a profile that does not inflate": (lambda: with_chunks(png(), chunk(b"iCCP", b"a\0\0" + CANARY)), None),
    "half a profile": (lambda: after_start(jpeg(), segment(0xE2, b"ICC_PROFILE\0\1\2" + CANARY)), None),
    "a private chunk": (lambda: with_chunks(png(), chunk(b"caNa", CANARY)), None),
    "a PDF behind a JPEG": (lambda: jpeg() + b"%PDF-1.7\n" + CANARY, None),
    "a zip behind a JPEG": (lambda: zipped(jpeg()), None),
    "a zip behind a PNG": (lambda: zipped(png()), None),
    "a script in a comment": (lambda: jpeg(comment=b"<script>" + CANARY + b"</script>"), None),
    # Other formats, by name.
    "nothing": (bytes, "photo_empty"),
    "a text": (lambda: b"row,name\n1,x\n", "photo_other_format"),
    "a GIF": (lambda: gif(1), "photo_other_format"),
    "a GIF of many frames": (lambda: gif(1000), "photo_other_format"),
    "a BMP": (lambda: encoded(pictures.portrait(), "BMP"), "photo_other_format"),
    "a TIFF": (lambda: encoded(pictures.portrait(), "TIFF"), "photo_other_format"),
    "a WebP": (lambda: encoded(pictures.portrait(), "WEBP"), "photo_other_format"),
    "a JPEG 2000": (lambda: encoded(pictures.portrait(), "JPEG2000"), "photo_other_format"),
    "an AVIF": (lambda: encoded(pictures.portrait(), "AVIF"), "photo_other_format"),
    "a HEIC": (lambda: b"\0\0\0\x18ftypheic" + bytes(99), "photo_other_format"),
    "an SVG": (svg, "photo_other_format"),
    "a PDF before a JPEG": (lambda: b"%PDF-1.7\n" + jpeg(), "photo_other_format"),
    "a zip": (lambda: b"PK\x03\x04" + bytes(99), "photo_other_format"),
    # Out of measure.
    "a megabyte and a byte": (lambda: heavy(1_048_577), "photo_too_large"),
    "a pixel too narrow": (lambda: jpeg((294, 413)), "photo_too_few_pixels"),
    "a pixel too low": (lambda: jpeg((295, 412)), "photo_too_few_pixels"),
    "a pixel too wide": (lambda: pictures.with_declared_size(jpeg(), 4001, 5600), "photo_too_many_pixels"),
    "one pixel wide": (lambda: flat_png((1, 65_500), 0, 1), "photo_too_many_pixels"),
    "a vast PNG": (lambda: png_of(20_000, 20_000, 8, 2, b"\0"), "photo_too_many_pixels"),
    "a vast JPEG": (
        lambda: pictures.with_declared_size(jpeg(), 65_535, 65_535),
        "photo_too_many_pixels",
    ),
    "no height": (lambda: pictures.with_declared_size(jpeg(), 350, 0), "photo_too_few_pixels"),
    "a square": (lambda: jpeg((500, 500)), "photo_wrong_proportion"),
    "lying down": (lambda: jpeg((700, 500)), "photo_wrong_proportion"),
    "turned to lie down": (lambda: jpeg(exif=exif(6), size=(500, 700)), "photo_wrong_proportion"),
    "a PNG that inflates to far more": (lambda: flat_png((4000, 5600), 2, 3), "photo_too_much_inside"),
    "too many scans": (lambda: pictures.with_scans(MAX_SCANS + 1), "photo_too_much_inside"),
    "too many segments": (
        lambda: after_start(jpeg(), segment(0xFE, b"") * MAX_SEGMENTS),
        "photo_too_much_inside",
    ),
    # Damaged, cut short, unusual.
    "half a JPEG": (lambda: jpeg()[:4000], "photo_damaged"),
    "a JPEG without its end": (lambda: jpeg()[:-2], "photo_damaged"),
    "a JPEG of three bytes": (lambda: b"\xff\xd8\xff", "photo_damaged"),
    "a JPEG without a scan": (lambda: b"\xff\xd8\xff\xd9", "photo_damaged"),
    "junk between segments": (lambda: jpeg()[:20] + b"junk" + jpeg()[20:], "photo_damaged"),
    "two frames": (lambda: jpeg().replace(b"\xff\xda", jpeg()[158:177] + b"\xff\xda", 1), "photo_damaged"),
    "arithmetic coding": (lambda: pictures.with_frame(jpeg(), 0xC9), "photo_unusual"),
    "a lossless JPEG": (lambda: pictures.with_frame(jpeg(), 0xC3), "photo_unusual"),
    "12 bits": (lambda: jpeg().replace(b"\xff\xc0\0\x11\x08", b"\xff\xc0\0\x11\x0c"), "photo_unusual"),
    "half a PNG": (lambda: png()[: len(png()) // 2], "photo_damaged"),
    "a PNG without its end": (lambda: png()[:-12], "photo_damaged"),
    "only the magic of a PNG": (lambda: pictures.PNG_MAGIC, "photo_damaged"),
    "a bad checksum": (with_bad_checksum, "photo_damaged"),
    "a PNG that does not begin with its header": (
        lambda: pictures.PNG_MAGIC + chunk(b"IDAT", b"") + png()[8:],
        "photo_damaged",
    ),
    "a header that is too long": (lambda: pictures.PNG_MAGIC + chunk(b"IHDR", bytes(14)), "photo_damaged"),
    "a frame cut short": (lambda: b"\xff\xd8" + segment(0xC0, b"\x08\0\1") + b"\xff\xd9", "photo_damaged"),
    "two colours in a frame": (
        lambda: b"\xff\xd8" + segment(0xC0, b"\x08\1\1\1\1\2" + bytes(6)) + b"\xff\xd9",
        "photo_unusual",
    ),
    "a scan before its frame": (lambda: b"\xff\xd8" + segment(0xDA, b"") + b"\xff\xd9", "photo_damaged"),
    "an unknown critical chunk": (lambda: with_chunks(png(), chunk(b"CaNa", b"")), "photo_damaged"),
    "a PNG without data": (lambda: png_of(350, 490, 8, 0, b"")[:33] + chunk(b"IEND", b""), "photo_damaged"),
    "a depth that there is not": (lambda: png_of(350, 490, 3, 0, b""), "photo_damaged"),
    "data that do not inflate": (with_bad_data, "photo_undecodable"),
    "tables of nothing": (lambda: after_start(jpeg(), segment(0xC4, bytes(99))), "photo_undecodable"),
    "an APNG of ten thousand frames": (lambda: pictures.animated_png(10_000), "photo_moving"),
    # Large, but a photo's: what memory and time are bounded by.
    "the largest with a palette": (
        lambda: noisy_png((4000, 5600), 1, 3, chunk(b"PLTE", bytes(range(256)) * 3), chunk(b"tRNS", b"\x80")),
        None,
    ),
    "large with alpha": (lambda: noisy_png((2000, 2800), 4, 6), None),
    "large with a key colour": (
        lambda: noisy_png((2400, 3360), 3, 2, chunk(b"tRNS", struct.pack(">HHH", 1, 2, 3))),
        None,
    ),
    # Nothing to be seen.
    "all white": (lambda: encoded(Image.new("RGB", TWO_INCH, "white")), "photo_blank"),
    "all grey, of a PNG": (lambda: encoded(Image.new("L", TWO_INCH, 90), "PNG"), "photo_blank"),
    "all transparent": (white_on_nothing, "photo_blank"),
}
