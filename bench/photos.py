"""Photos: a body's file brought to the form that is kept, beside Pillow decoding, reducing and encoding it."""

import io
import os
from collections.abc import Sequence

from PIL import Image

from bench.comparison import Comparison, compare, cpu_rate_of, rate_of
from bench.report import Floor, Report
from registry.photo.many_photos import plain_photos
from registry.photo.measure import LARGEST_KEPT
from registry.photo.photo import Photo, plain_photo

SAMPLE = 10
"""Photos of one measurement in one process."""
BATCH = 100
"""Photos of one measurement in processes of their own: enough that their start does not count."""
REPEATS, BATCH_REPEATS = 10, 5
QUALITY = 88
FILES = (
    ("JPEG, 413 × 579", "JPEG", (413, 579)),
    ("JPEG, 1000 × 1400", "JPEG", (1000, 1400)),
    ("JPEG, 2400 × 3360", "JPEG", (2400, 3360)),
    ("PNG, 600 × 840", "PNG", (600, 840)),
)

FLOORS = (
    Floor("one photo", "1 decoding, 1 reduction, 1 encoding", "the same; 2 or 3 encodings above 100 kB"),
)
NOTES = (
    "One process in CPU time, many by the clock with their start in it.",
    "The pictures are soft noise in three channels, harder to encode than faces.",
)


def measure() -> Report:
    """Measure single photos of several kinds, and many in processes."""
    lines = [_one_by_one(name, photo_file(kind, size)) for name, kind, size in FILES]
    return Report("Photos", [*lines, _in_processes(photo_file("JPEG", (1000, 1400)))], FLOORS, NOTES)


def _one_by_one(name: str, data: bytes) -> Comparison:
    return compare(
        f"plain_photo, {name}, {len(data) / 1000:,.0f} kB",
        lambda: cpu_rate_of(lambda: _plain([data] * SAMPLE), count=SAMPLE),
        against="Pillow: open, thumbnail, save",
        baseline=lambda: cpu_rate_of(lambda: _careless([data] * SAMPLE), count=SAMPLE),
        unit="/s",
        repeats=REPEATS,
    )


def _in_processes(data: bytes) -> Comparison:
    processes = len(os.sched_getaffinity(0))
    return compare(
        f"plain_photos, {processes} processes",
        lambda: rate_of(lambda: _many([data] * BATCH), count=BATCH),
        against="plain_photo in this process",
        baseline=lambda: rate_of(lambda: _plain([data] * (BATCH // processes)), count=BATCH // processes),
        unit="/s",
        repeats=BATCH_REPEATS,
    )


def _plain(files: Sequence[bytes]) -> None:
    for data in files:
        plain_photo(data)


def _careless(files: Sequence[bytes]) -> None:
    for data in files:
        with Image.open(io.BytesIO(data)) as image:
            image.thumbnail(LARGEST_KEPT)
            image.save(io.BytesIO(), "JPEG", quality=QUALITY)


def _many(files: Sequence[bytes]) -> None:
    for _, outcome in plain_photos(enumerate(files)):
        assert isinstance(outcome, Photo)


def photo_file(kind: str, size: tuple[int, int]) -> bytes:
    """Return a picture of soft noise, different each time: harder to encode than a face."""
    grey = Image.effect_noise((size[0] // 32, size[1] // 32), 90).resize(size, Image.Resampling.BICUBIC)
    turned = (grey.transpose(way) for way in (Image.Transpose.ROTATE_180, Image.Transpose.FLIP_LEFT_RIGHT))
    target = io.BytesIO()
    Image.merge("RGB", (grey, *turned)).save(target, kind, quality=80)
    return target.getvalue()
