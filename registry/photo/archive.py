"""An archive of photos: a zip of up to 20,000 files and 1 GiB, read from a file that need not be in memory.

Refused as a whole: what is not an honest plain zip (damaged, encrypted, names that lead out of it, entries that share
bytes). Told entry by entry: what is in the wrong place (another kind of file, a name that is no row's, two photos of a
name). Nothing is unpacked to disk, and no entry is inflated before it is asked for.
"""

import io
import re
import stat
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from registry.archive.directory import (
    LOCAL_MAGIC,
    entry_name,
    read_directory,
    require_common_compression,
    require_open,
    require_safe_name,
)
from registry.archive.errors import Problem, UnsoundArchive
from registry.archive.inflation import inflate
from registry.photo.errors import ARCHIVE_TEXTS, ArchiveRefused, PhotoFault, PhotoRefused
from registry.photo.measure import MAX_BYTES
from registry.shown_text import shown
from signing.id_check import canonical

MAX_ARCHIVE_BYTES: Final = 1024 * 1024 * 1024
MAX_ENTRIES: Final = 20_000
MAX_INFLATED_BYTES: Final = 2 * MAX_ARCHIVE_BYTES
"""Photos are compressed already: a zip of them inflates to little more than its own length."""

_PHOTO_NAME: Final = re.compile(r"(?P<stem>.+)\.(?:jpe?g|png)", re.IGNORECASE)
_STEM: Final = re.compile(r"[0-9A-Z]{1,20}")
# What macOS and Windows put beside the files that were meant.
_LITTER: Final = re.compile(
    r"(?:.*/)?(?:__MACOSX/.*|\.DS_Store|\._.*|Thumbs\.db|desktop\.ini)", re.IGNORECASE
)
_UNIX: Final = 3
_DEFLATE_MARGIN: Final = 1024
"""What deflate adds at most to a megabyte that it can not compress: five bytes for each 16 KiB."""


@dataclass(frozen=True, slots=True)
class PhotoEntry:
    """One photo in the archive. ``name`` is safe to show; ``stem`` is its last part without extension, canonical."""

    stem: str
    name: str
    info: zipfile.ZipInfo


@dataclass(frozen=True, slots=True)
class RefusedEntry:
    """An entry that is no photo of a row: ``name`` is safe to show, ``message`` and ``remedy`` are Chinese."""

    name: str
    code: str
    message: str
    remedy: str


class PhotoArchive:
    """What is in an archive of photos; ``litter`` are the names of what was passed over, safe to show.

    The file must be seekable, and stay open as long as entries are asked for. For one thread.
    """

    def __init__(self, file: BinaryIO) -> None:
        """Read the directory. Raises ``ArchiveRefused``."""
        self._file = file
        self.litter: list[str] = []
        self.refused: list[RefusedEntry] = []
        self._entries: list[PhotoEntry] = []
        # 1. Is it a zip, and short enough?
        _require_zip(file)
        # 2. Is its directory sound, and every entry of it?
        try:
            named = list(_sound_entries(file))
        except UnsoundArchive as fault:
            raise _refusal(fault) from None
        # 3. Which entries are photos, and named for a row?
        lasts = Counter(_last(name) for name, _ in named if not _LITTER.fullmatch(name))
        for name, info in named:
            self._sort_out(name, info, is_twice=lasts[_last(name)] > 1)

    def names(self) -> list[tuple[str, PhotoEntry]]:
        """Return the photos by the stem of their name, in the order of the archive."""
        return [(entry.stem, entry) for entry in self._entries]

    def open(self, entry: PhotoEntry) -> bytes:
        """Return the photo's file, at most ``MAX_BYTES``; raises ``PhotoRefused`` if it can not be taken out whole."""
        try:
            return inflate(self._file, entry.info)
        except UnsoundArchive:
            raise PhotoRefused(PhotoFault.ENTRY_BROKEN) from None

    def _sort_out(self, name: str, info: zipfile.ZipInfo, *, is_twice: bool) -> None:
        if _LITTER.fullmatch(name):
            self.litter.append(shown(name))
            return
        try:
            self._entries.append(_photo_entry(name, info, is_twice=is_twice))
        except PhotoRefused as refusal:
            told = RefusedEntry(shown(name), refusal.code, refusal.message, refusal.remedy)
            self.refused.append(told)


def _require_zip(file: BinaryIO) -> None:
    if file.seek(0, io.SEEK_END) > MAX_ARCHIVE_BYTES:
        raise ArchiveRefused("archive_too_large", "压缩包超过 1 GB", "请分成几个压缩包")
    file.seek(0)
    head = file.read(8)
    if head.startswith((b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b")):
        raise ArchiveRefused("archive_other_format", "这是 RAR、7z 或 gz 压缩包", "请改用 .zip 格式压缩")
    if not head.startswith(LOCAL_MAGIC):
        raise ArchiveRefused("archive_not_a_zip", "这不是 .zip 压缩包", "请把照片压缩为 .zip 再提交")


def _sound_entries(file: BinaryIO) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    """Yield the entries that are files, with their names. Raises ``UnsoundArchive``."""
    inflated = 0
    for info in read_directory(file, max_entries=MAX_ENTRIES):
        # Only letters and digits of ASCII can name a row, and they are the same in every encoding of names.
        name = entry_name(info)
        require_safe_name(name.removesuffix("/"))
        require_open(info)
        inflated += info.file_size
        if inflated > MAX_INFLATED_BYTES:
            raise UnsoundArchive(Problem.TOO_MUCH)
        if not name.endswith("/"):
            yield name, info


def _last(name: str) -> str:
    return name.rpartition("/")[2].lower()


def _photo_entry(name: str, info: zipfile.ZipInfo, *, is_twice: bool) -> PhotoEntry:
    """Return the entry as a photo of a row, or refuse it; its bytes are not looked at."""
    match = _PHOTO_NAME.fullmatch(name.rpartition("/")[2])
    mode = info.external_attr >> 16 if info.create_system == _UNIX else 0
    if match is None or (stat.S_IFMT(mode) not in (0, stat.S_IFREG)):
        raise PhotoRefused(PhotoFault.NOT_A_PHOTO)
    stem = canonical(match["stem"])
    if not _STEM.fullmatch(stem):
        raise PhotoRefused(PhotoFault.UNUSABLE_NAME)
    if is_twice:
        raise PhotoRefused(PhotoFault.NAME_TWICE)
    if info.file_size == 0:
        raise PhotoRefused(PhotoFault.EMPTY)
    if info.file_size > MAX_BYTES:
        raise PhotoRefused(PhotoFault.TOO_LARGE)
    try:
        require_common_compression(info)
    except UnsoundArchive:
        raise PhotoRefused(PhotoFault.RARE_COMPRESSION) from None
    if info.compress_size > info.file_size + _DEFLATE_MARGIN:
        raise PhotoRefused(PhotoFault.ENTRY_BROKEN)
    return PhotoEntry(stem, shown(name), info)


def _refusal(fault: UnsoundArchive) -> ArchiveRefused:
    # A rare compression is told entry by entry, so it has no text here.
    code, message, remedy = ARCHIVE_TEXTS[fault.problem]
    return ArchiveRefused(code, message, remedy, value=shown(fault.name))
