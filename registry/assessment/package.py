"""The .xlsx package: is this zip safe to open, and only then its parts (ECMA-376 part 2).

A workbook comes from outside. So it is taken apart here first, under limits, every part that anyone will read
inflated by us and counted while it inflates (what an entry says of its own size is believed by nobody); what
the parsers get is a new plain zip of the few parts they need. Refuses macros, external links, embedded
objects, encryption, document type declarations, and names that two zip readers could read in two ways.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from registry.assessment.errors import ContentUnreadable

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
_SAFE_NAME = re.compile(r"(?!/)(?!.*(?:^|/)\.\.?(?:/|$))(?!.*//)[^\x00-\x1f\\:*?\"<>|]+")
_KEPT = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/(?:workbook\.xml|_rels/workbook\.xml\.rels|sharedStrings\.xml"
    r"|styles\.xml|worksheets/[A-Za-z0-9_.-]+\.xml)",
    re.IGNORECASE,
)
_SAVE_PLAIN = "请在 Excel 或 WPS 中另存为普通的 .xlsx 工作簿"
# Parts that a sheet of results has no use for: what the name holds, code, message.
_REFUSED_PARTS = (
    (re.compile(r"vbaproject|vbadata|macrosheets/|dialogsheets/"), "macro", "工作簿含有宏"),
    (re.compile(r"externallinks/|connections\.xml|querytables/"), "external_link", "工作簿引用了外部数据"),
    (re.compile(r"embeddings/|activex/|ctrlprops/|oleobject"), "embedded_object", "工作簿嵌有其他文件或控件"),
    (
        re.compile(r"\.(?:zip|rar|7z|gz|xls[xmb]?|doc[xm]?|exe|dll|js)$"),
        "embedded_object",
        "工作簿嵌有其他文件或控件",
    ),
)
_ENCODING = re.compile(rb"\s*<\?xml[^>]*?\sencoding\s*=\s*[\"']([^\"']*)[\"']")
_DECLARATION = re.compile(rb"<!(?!--|\[CDATA\[)")
_EXTERNAL_TARGET = re.compile(rb"TargetMode\s*=\s*[\"']\s*External", re.IGNORECASE)


def plain_package(content: bytes) -> io.BytesIO:
    """Return a new zip, uncompressed and in memory, of the parts that parsers need.

    Raises ``ContentUnreadable`` when the file is no workbook, or one that it is not wise to open.
    """
    # 1. Is it a zip, and of a size that we take?
    entries = _entries(content)
    # 2. Does the directory promise something modest?
    for entry in entries:
        _require_modest(entry)
    if sum(entry.file_size for entry in entries) > MAX_TOTAL_BYTES:
        raise _bomb()
    # 3. Nothing that runs, reaches out, or hides another file.
    for entry in entries:
        _require_plain_part(entry.filename.lower())
    # 4. Inflate what is XML, counting; keep what is needed.
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as package:
        for name, data in _xml_parts(content, entries):
            require_plain_xml(data, name)
            _require_plain_types(data, name.lower())
            if _KEPT.fullmatch(name):
                package.writestr(zipfile.ZipInfo(name), data)
    target.seek(0)
    return target


def _entries(content: bytes) -> list[zipfile.ZipInfo]:
    if len(content) > MAX_BYTES:
        message = f"工作簿超过 {MAX_BYTES // 1024 // 1024} MB"
        raise ContentUnreadable("too_large", message, "请删去图片和多余的工作表，或分成几次提交")
    if content.startswith(_OLE_MAGIC):
        message = "这是旧式 .xls 文件，或是设有打开密码的工作簿"
        raise ContentUnreadable("encrypted_or_xls", message, "请取消密码，另存为 .xlsx 再提交")
    if not content.startswith(b"PK\x03\x04"):
        raise ContentUnreadable("not_a_workbook", "这不是 .xlsx 工作簿", _SAVE_PLAIN)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error):
        raise _broken() from None
    if len(entries) > MAX_ENTRIES:
        raise _bomb()
    names = [entry.filename.lower() for entry in entries]
    if len(set(names)) != len(names):
        raise _broken()
    return entries


def _require_modest(entry: zipfile.ZipInfo) -> None:
    name = entry.orig_filename
    if len(name) > MAX_NAME_CHARACTERS or not _SAFE_NAME.fullmatch(name):
        raise ContentUnreadable("unsafe_name", "工作簿内部的文件名不合规", _SAVE_PLAIN, value=name)
    if entry.flag_bits & _ENCRYPTED_FLAGS:
        raise ContentUnreadable("encrypted", "工作簿已加密", "请取消密码再提交")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _broken()
    if entry.file_size > MAX_ENTRY_BYTES:
        raise _bomb()
    if entry.file_size > max(_RATIO_FREE_BYTES, entry.compress_size * MAX_RATIO):
        raise _bomb()


def _require_plain_part(name: str) -> None:
    for pattern, code, message in _REFUSED_PARTS:
        if pattern.search(name):
            raise ContentUnreadable(code, message, _SAVE_PLAIN, value=name)


def _xml_parts(content: bytes, entries: list[zipfile.ZipInfo]) -> Iterator[tuple[str, bytes]]:
    left = MAX_TOTAL_BYTES
    for entry in entries:
        if entry.filename.lower().endswith((".xml", ".rels", ".vml")):
            data = inflate(content, entry)
            left -= len(data)
            if left < 0:
                raise _bomb()
            yield entry.filename, data


def inflate(content: bytes, entry: zipfile.ZipInfo) -> bytes:
    """Return the entry's bytes, if they are exactly as long as the directory says; never inflates more."""
    header = content[entry.header_offset : entry.header_offset + _LOCAL_HEADER.size]
    if len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
        raise _broken()
    *_, name_length, extra_length = _LOCAL_HEADER.unpack(header)
    start = entry.header_offset + _LOCAL_HEADER.size + name_length + extra_length
    packed = content[start : start + entry.compress_size]
    if len(packed) != entry.compress_size:
        raise _broken()
    data = packed
    if entry.compress_type == zipfile.ZIP_DEFLATED:
        engine = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            data = engine.decompress(packed, entry.file_size + 1)
        except zlib.error:
            raise _broken() from None
        if len(data) > entry.file_size:
            raise _bomb()
        if not engine.eof or engine.unused_data:
            raise _broken()
    if len(data) != entry.file_size or zlib.crc32(data) != entry.CRC:
        raise _broken()
    return data


def require_plain_xml(data: bytes, name: str) -> None:
    """Refuse a document type declaration (so: entities of any kind) and encodings that could hide one."""
    text = data.removeprefix(b"\xef\xbb\xbf")
    declared = _ENCODING.match(text)
    if b"\x00" in data or (declared and declared[1].lower() not in (b"utf-8", b"us-ascii")):
        raise ContentUnreadable("not_utf8", "工作簿内部不是 UTF-8 编码", _SAVE_PLAIN, value=name)
    if _DECLARATION.search(text):
        raise ContentUnreadable("document_type", "工作簿内部含有 DTD 或实体声明", _SAVE_PLAIN, value=name)


def _require_plain_types(data: bytes, name: str) -> None:
    if name.endswith(".rels") and _EXTERNAL_TARGET.search(data):
        message = "工作簿含有外部链接或超链接"
        raise ContentUnreadable("external_link", message, "请断开外部链接、取消超链接后再提交", value=name)
    if name != "[content_types].xml":
        return
    kinds = data.lower()
    if b"macroenabled" in kinds or b"vbaproject" in kinds:
        raise ContentUnreadable("macro", "工作簿含有宏", _SAVE_PLAIN)
    if b"spreadsheetml.sheet.main+xml" not in kinds:
        raise ContentUnreadable("not_a_workbook", "这不是 .xlsx 工作簿", _SAVE_PLAIN)


def _bomb() -> ContentUnreadable:
    return ContentUnreadable(
        "too_much_inside", "工作簿展开后过大，或内含文件过多", "请只保留要提交的工作表，或分成几次提交"
    )


def _broken() -> ContentUnreadable:
    return ContentUnreadable("broken_workbook", "工作簿已损坏，无法读取", _SAVE_PLAIN)
