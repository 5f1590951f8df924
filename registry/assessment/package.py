"""The .xlsx package: is this workbook safe to open, and only then its parts (ECMA-376 part 2).

A workbook comes from outside, so no parser of workbooks sees it as it came: what they get is a new plain zip
of the few parts they need, inflated by us under limits. Refuses macros, external links, embedded objects, and
document type declarations.
"""

import io
import re
import zipfile
from collections.abc import Iterator

from registry.assessment.archive import MAX_TOTAL_BYTES, SAVE_PLAIN, inflate, modest_entries, too_much_inside
from registry.assessment.errors import ContentUnreadable

_KEPT = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/(?:workbook\.xml|_rels/workbook\.xml\.rels|sharedStrings\.xml"
    r"|styles\.xml|worksheets/[A-Za-z0-9_.-]+\.xml)",
    re.IGNORECASE,
)
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
_TYPES = "[content_types].xml"
_ENCODING = re.compile(rb"\s*<\?xml[^>]*?\sencoding\s*=\s*[\"']([^\"']*)[\"']")
_DECLARATION = re.compile(rb"<!(?!--|\[CDATA\[)")
_EXTERNAL_TARGET = re.compile(rb"TargetMode\s*=\s*[\"']\s*External", re.IGNORECASE)


def plain_package(content: bytes) -> io.BytesIO:
    """Return a new zip, uncompressed and in memory, of the parts that parsers need.

    Raises ``ContentUnreadable`` when the file is no workbook, or one that it is not wise to open.
    """
    # 1. Is it a zip, of a modest size?
    entries = modest_entries(content)
    if not any(entry.filename.lower() == _TYPES for entry in entries):
        raise _no_workbook()
    # 2. Nothing that runs, reaches out, or hides another file.
    for entry in entries:
        _require_plain_part(entry.filename.lower())
    # 3. Inflate what is XML, counting; keep what is needed.
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as package:
        for name, data in _xml_parts(content, entries):
            require_plain_xml(data, name)
            _require_plain_types(data, name.lower())
            if _KEPT.fullmatch(name):
                package.writestr(zipfile.ZipInfo(name), data)
    target.seek(0)
    return target


def _require_plain_part(name: str) -> None:
    for pattern, code, message in _REFUSED_PARTS:
        if pattern.search(name):
            raise ContentUnreadable(code, message, SAVE_PLAIN, value=name)


def _xml_parts(content: bytes, entries: list[zipfile.ZipInfo]) -> Iterator[tuple[str, bytes]]:
    left = MAX_TOTAL_BYTES
    for entry in entries:
        if entry.filename.lower().endswith((".xml", ".rels", ".vml")):
            data = inflate(content, entry)
            left -= len(data)
            if left < 0:
                raise too_much_inside()
            yield entry.filename, data


def require_plain_xml(data: bytes, name: str) -> None:
    """Refuse a document type declaration (so: entities of any kind) and encodings that could hide one."""
    text = data.removeprefix(b"\xef\xbb\xbf")
    declared = _ENCODING.match(text)
    if b"\x00" in data or (declared and declared[1].lower() not in (b"utf-8", b"us-ascii")):
        raise ContentUnreadable("not_utf8", "工作簿内部不是 UTF-8 编码", SAVE_PLAIN, value=name)
    if _DECLARATION.search(text):
        raise ContentUnreadable("document_type", "工作簿内部含有 DTD 或实体声明", SAVE_PLAIN, value=name)


def _require_plain_types(data: bytes, name: str) -> None:
    if name.endswith(".rels") and _EXTERNAL_TARGET.search(data):
        message = "工作簿含有外部链接或超链接"
        raise ContentUnreadable("external_link", message, "请断开外部链接、取消超链接后再提交", value=name)
    if name != _TYPES:
        return
    kinds = data.lower()
    if b"macroenabled" in kinds or b"vbaproject" in kinds:
        raise ContentUnreadable("macro", "工作簿含有宏", SAVE_PLAIN)
    if b"spreadsheetml.sheet.main+xml" not in kinds:
        raise _no_workbook()


def _no_workbook() -> ContentUnreadable:
    return ContentUnreadable("not_a_workbook", "这不是 .xlsx 工作簿", SAVE_PLAIN)
