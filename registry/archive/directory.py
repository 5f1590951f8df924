"""The directory of a zip from outside (APPNOTE.TXT 4.3), read only if it is short, plain and in its place.

What the directory says of sizes is believed by nobody: it bounds what ``inflation`` may do. Refuses what two readers
could read in two ways: bytes before the zip, names given twice, entries that share bytes. Zip64 is refused too: what
comes here is far below the 4 GiB and 65,535 entries from which it is needed.
"""

import io
import re
import string
import struct
import zipfile
from collections.abc import Iterable
from itertools import pairwise
from typing import BinaryIO, Final

from registry.archive.errors import Problem, UnsoundArchive

MAX_NAME_CHARACTERS: Final = 200
LOCAL_HEADER: Final = struct.Struct("<4s5H3L2H")
LOCAL_MAGIC: Final = b"PK\x03\x04"
_END: Final = struct.Struct("<4s4H2LH")
_END_MAGIC: Final = b"PK\x05\x06"
_ZIP64_LOCATOR: Final = struct.Struct("<4sLQL")
_ZIP64_LOCATOR_MAGIC: Final = b"PK\x06\x07"
_MAX_COMMENT: Final = 1 << 16
_MAX_DIRECTORY_ENTRY: Final = 1024
_ENCRYPTED_FLAGS: Final = 0x1 | 0x40 | 0x2000
_LOWER: Final = {ord(letter): letter.lower() for letter in string.ascii_uppercase}
_SAFE_NAME: Final = re.compile(r"(?!/)(?!.*(?:^|/)\.\.?(?:/|$))(?!.*//)[^\x00-\x1f\\:*?\"<>|]+")


def read_directory(file: BinaryIO, *, max_entries: int) -> list[zipfile.ZipInfo]:
    """Return the entries in the order of the directory. Raises ``UnsoundArchive``."""
    # 1. Is the directory where its end says, and short enough to be read?
    directory_start = _directory_start(file, max_entries)
    # 2. Can it be read?
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error):
        raise UnsoundArchive(Problem.BROKEN) from None
    if len(entries) > max_entries:
        raise UnsoundArchive(Problem.TOO_MANY)
    # 3. Is every name given once, on systems too that do not tell capitals apart?
    names = {_folded(entry) for entry in entries}
    if len(names) != len(entries):
        raise UnsoundArchive(Problem.BROKEN)
    # 4. Has every entry its own bytes?
    _require_apart(entries, directory_start)
    return entries


def entry_name(entry: zipfile.ZipInfo) -> str:
    """Return the entry's name: UTF-8 where it says so or is, else GBK, as Windows in Chinese writes it."""
    return _decoded(entry) or raw_name(entry).decode("utf-8", "replace")


def _decoded(entry: zipfile.ZipInfo) -> str | None:
    raw = raw_name(entry)
    for encoding in ("utf-8", "gbk"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _folded(entry: zipfile.ZipInfo) -> str | bytes:
    """Return what two names have in common that differ in capitals of ASCII alone.

    No byte is folded: the second of a Chinese character in GBK may be that of a letter. Nor is any other letter: what
    looks like one may be Chinese whose encoding was guessed wrong. A name in no encoding is what its bytes are.
    """
    name = _decoded(entry)
    return raw_name(entry) if name is None else name.translate(_LOWER)


def require_safe_name(name: str) -> None:
    """Refuse a name that is absolute, climbs, or holds what no file's name should."""
    if len(name) > MAX_NAME_CHARACTERS or not _SAFE_NAME.fullmatch(name):
        raise UnsoundArchive(Problem.UNSAFE_NAME, name)


def require_open(entry: zipfile.ZipInfo) -> None:
    """Refuse an entry that is encrypted."""
    if entry.flag_bits & _ENCRYPTED_FLAGS:
        raise UnsoundArchive(Problem.ENCRYPTED, entry.filename)


def require_common_compression(entry: zipfile.ZipInfo) -> None:
    """Refuse an entry that is neither stored nor deflated."""
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UnsoundArchive(Problem.RARE_COMPRESSION, entry.filename)


def _directory_start(file: BinaryIO, max_entries: int) -> int:
    """Return where the directory starts, found in the one way that ``zipfile`` finds it too."""
    length = file.seek(0, io.SEEK_END)
    tail_start = max(0, length - _END.size - _MAX_COMMENT)
    file.seek(tail_start)
    tail = file.read(length - tail_start)
    place = len(tail) - _END.size
    if not (tail[place:].startswith(_END_MAGIC) and tail.endswith(b"\0\0")):
        place = tail.rfind(_END_MAGIC)
    if place < 0 or len(tail) < place + _END.size:
        raise UnsoundArchive(Problem.BROKEN)
    count, size, start, comment_length = _END.unpack_from(tail, place)[4:8]
    if count > max_entries or size > max_entries * _MAX_DIRECTORY_ENTRY:
        raise UnsoundArchive(Problem.TOO_MANY)
    locator = tail[max(0, place - _ZIP64_LOCATOR.size) : place]
    in_place = start + size == tail_start + place and place + _END.size + comment_length == len(tail)
    if not in_place or locator.startswith(_ZIP64_LOCATOR_MAGIC):
        raise UnsoundArchive(Problem.BROKEN)
    return int(start)


def _require_apart(entries: Iterable[zipfile.ZipInfo], directory_start: int) -> None:
    """Refuse entries that share bytes, as a bomb of a few kilobytes does that inflates to terabytes."""
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    starts = [entry.header_offset for entry in ordered] + [directory_start]
    for entry, (start, end) in zip(ordered, pairwise(starts), strict=True):
        if start + LOCAL_HEADER.size + len(raw_name(entry)) + entry.compress_size > end:
            raise UnsoundArchive(Problem.BROKEN)


def raw_name(entry: zipfile.ZipInfo) -> bytes:
    """Return the bytes of the entry's name: UTF-8 if it says so, else in whatever encoding its writer used."""
    return entry.orig_filename.encode("utf-8" if entry.flag_bits & 0x800 else "cp437")
