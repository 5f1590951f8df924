"""The bytes of one entry of a zip, counted while they inflate: what it says of its own size is believed by nobody."""

import zipfile
import zlib
from typing import BinaryIO, cast

from registry.archive.directory import LOCAL_HEADER, LOCAL_MAGIC, raw_name
from registry.archive.errors import Problem, UnsoundArchive


def inflate(file: BinaryIO, entry: zipfile.ZipInfo) -> bytes:
    """Return the entry's bytes, if they are exactly as long as the directory says; never inflates more.

    ``entry`` must have passed ``require_open`` and ``require_common_compression``, and the caller's limits on
    ``compress_size`` and ``file_size``: so much is held in memory. Raises ``UnsoundArchive``.
    """
    file.seek(data_start(file, entry))
    data = packed = file.read(entry.compress_size)
    if len(packed) != entry.compress_size:
        raise UnsoundArchive(Problem.BROKEN, entry.filename)
    if entry.compress_type == zipfile.ZIP_DEFLATED:
        data = _inflated(packed, entry)
    if len(data) != entry.file_size or zlib.crc32(data) != entry.CRC:
        raise UnsoundArchive(Problem.BROKEN, entry.filename)
    return data


def _inflated(packed: bytes, entry: zipfile.ZipInfo) -> bytes:
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        data = engine.decompress(packed, entry.file_size + 1)
    except zlib.error:
        raise UnsoundArchive(Problem.BROKEN, entry.filename) from None
    if len(data) > entry.file_size:
        raise UnsoundArchive(Problem.TOO_MUCH, entry.filename)
    if not engine.eof or engine.unused_data:
        raise UnsoundArchive(Problem.BROKEN, entry.filename)
    return data


def data_start(file: BinaryIO, entry: zipfile.ZipInfo) -> int:
    """Return where the entry's bytes begin; its own header must name it as the directory does."""
    file.seek(entry.header_offset)
    name = raw_name(entry)
    header = file.read(LOCAL_HEADER.size + len(name))
    if len(header) < LOCAL_HEADER.size or not header.startswith(LOCAL_MAGIC):
        raise UnsoundArchive(Problem.BROKEN, entry.filename)
    name_length, extra_length = cast(tuple[int, int], LOCAL_HEADER.unpack_from(header)[-2:])
    if name_length != len(name) or not header.endswith(name):
        raise UnsoundArchive(Problem.BROKEN, entry.filename)
    return entry.header_offset + LOCAL_HEADER.size + name_length + extra_length
