"""A zip from outside, taken apart under limits: its entries, and their bytes, counted while they inflate.

What an entry says of its own size is believed by nobody. Refuses encryption, rare compressions, and names
that two zip readers could read in two ways.
"""

import io
import re
import struct
import zipfile
import zlib
from typing import cast

from registry.assessment.errors import ContentUnreadable, WorkbookBroken

MAX_BYTES = 16 * 1024 * 1024
MAX_ENTRIES = 200
MAX_NAME_CHARACTERS = 200
MAX_ENTRY_BYTES = 80 * 1024 * 1024
MAX_TOTAL_BYTES = 96 * 1024 * 1024
# Deflate can reach 1,032; sheets of real rows stay below 30. Small parts may do as they like.
MAX_RATIO = 150
_RATIO_FREE_BYTES = 1024 * 1024

_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED_FLAGS = 0x1 | 0x40 | 0x2000
_UTF8_FLAG = 0x800
_SAFE_NAME = re.compile(r"(?!/)(?!.*(?:^|/)\.\.?(?:/|$))(?!.*//)[^\x00-\x1f\\:*?\"<>|]+")
SAVE_PLAIN = "请在 Excel 或 WPS 中另存为普通的 .xlsx 工作簿"


def modest_entries(content: bytes) -> list[zipfile.ZipInfo]:
    """Return the entries of a workbook's zip, if its directory promises nothing out of measure."""
    entries = _entries(content)
    for entry in entries:
        _require_modest(entry)
        _data_start(content, entry)
    if sum(entry.file_size for entry in entries) > MAX_TOTAL_BYTES:
        raise too_much_inside()
    return entries


def _entries(content: bytes) -> list[zipfile.ZipInfo]:
    if len(content) > MAX_BYTES:
        message = f"工作簿超过 {MAX_BYTES // 1024 // 1024} MB"
        raise ContentUnreadable("too_large", message, "请删去图片和多余的工作表，或分成几次提交")
    if content.startswith(_OLE_MAGIC):
        message = "这是旧式 .xls 文件，或是设有打开密码的工作簿"
        raise ContentUnreadable("encrypted_or_xls", message, "请取消密码，另存为 .xlsx 再提交")
    if not content.startswith(b"PK\x03\x04"):
        raise ContentUnreadable("not_a_workbook", "这不是 .xlsx 工作簿", SAVE_PLAIN)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error):
        raise WorkbookBroken() from None
    if len(entries) > MAX_ENTRIES:
        raise too_much_inside()
    names = [entry.filename.lower() for entry in entries]
    if len(set(names)) != len(names):
        raise WorkbookBroken()
    return entries


def _require_modest(entry: zipfile.ZipInfo) -> None:
    name = entry.orig_filename
    if len(name) > MAX_NAME_CHARACTERS or not _SAFE_NAME.fullmatch(name):
        raise ContentUnreadable("unsafe_name", "工作簿内部的文件名不合规", SAVE_PLAIN, value=name)
    if entry.flag_bits & _ENCRYPTED_FLAGS:
        raise ContentUnreadable("encrypted", "工作簿已加密", "请取消密码再提交")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise WorkbookBroken()
    if entry.file_size > MAX_ENTRY_BYTES:
        raise too_much_inside()
    if entry.file_size > max(_RATIO_FREE_BYTES, entry.compress_size * MAX_RATIO):
        raise too_much_inside()


def inflate(content: bytes, entry: zipfile.ZipInfo) -> bytes:
    """Return the entry's bytes, if they are exactly as long as the directory says; never inflates more."""
    start = _data_start(content, entry)
    packed = content[start : start + entry.compress_size]
    if len(packed) != entry.compress_size:
        raise WorkbookBroken()
    data = packed
    if entry.compress_type == zipfile.ZIP_DEFLATED:
        engine = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            data = engine.decompress(packed, entry.file_size + 1)
        except zlib.error:
            raise WorkbookBroken() from None
        if len(data) > entry.file_size:
            raise too_much_inside()
        if not engine.eof or engine.unused_data:
            raise WorkbookBroken()
    if len(data) != entry.file_size or zlib.crc32(data) != entry.CRC:
        raise WorkbookBroken()
    return data


def _data_start(content: bytes, entry: zipfile.ZipInfo) -> int:
    """Return where the entry's bytes begin; its own header must name it as the directory does."""
    header = content[entry.header_offset : entry.header_offset + _LOCAL_HEADER.size]
    if len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
        raise WorkbookBroken()
    name_length, extra_length = cast(tuple[int, int], _LOCAL_HEADER.unpack(header)[-2:])
    name_start = entry.header_offset + _LOCAL_HEADER.size
    name = entry.orig_filename.encode("utf-8" if entry.flag_bits & _UTF8_FLAG else "cp437")
    if content[name_start : name_start + name_length] != name:
        raise WorkbookBroken()
    return name_start + name_length + extra_length


def too_much_inside() -> ContentUnreadable:
    """Say that the file is out of measure."""
    return ContentUnreadable(
        "too_much_inside", "工作簿展开后过大，或内含文件过多", "请只保留要提交的工作表，或分成几次提交"
    )
