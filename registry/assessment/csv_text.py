"""The bytes of a CSV to text: which encoding is it? Decided by what the file itself proves, never by a guess.

Valid UTF-8 is UTF-8, with its byte order mark or without. What is none is GB 18030 if its first line, read so, has
headings of ours: no text in another encoding has them by chance. The same proof makes it damaged UTF-8. What can not
be read stays in the text as marks (``gb18030``), so that a fault can name row and column.
"""

import codecs
from collections.abc import Callable

from registry.assessment.content import MAX_FILE_BYTES
from registry.assessment.errors import ContentUnreadable
from registry.assessment.gb18030 import Marks, TooManyMarks, decode_gb18030, decode_utf8, hex_of
from registry.assessment.workbook_form import HEADINGS

SAVE_AS_UTF8 = "请在 Excel 或 WPS 中另存为“CSV UTF-8（逗号分隔）”"
_WIDE_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MAX_HEAD_BYTES = 4096


def csv_text(content: bytes, *, max_bytes: int = MAX_FILE_BYTES) -> tuple[str, Marks]:
    """Return the text, without byte order mark, and what its marks stand for; or raise ``ContentUnreadable``."""
    # 1. Bounds.
    if len(content) > max_bytes:
        message = f"文件超过 {max_bytes // 1024 // 1024} MB"
        raise ContentUnreadable("too_large", message, "请分成几次提交")
    if not content.removeprefix(codecs.BOM_UTF8).strip():
        raise ContentUnreadable("empty_file", "文件是空的", "请使用本系统发放的模板填写")
    # 2. Nothing of two or four bytes a character.
    if content.startswith(_WIDE_MARKS):
        raise ContentUnreadable("wrong_encoding", "文件是 UTF-16 或 UTF-32 编码", SAVE_AS_UTF8)
    if b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        message = f"第 {line} 行含有字节 00：不是文本，或是 UTF-16、UTF-32 编码"
        raise ContentUnreadable("wrong_encoding", message, SAVE_AS_UTF8)
    # 3. What is UTF-8 is UTF-8.
    try:
        return content.decode("utf-8").removeprefix("\ufeff"), Marks()
    except UnicodeDecodeError as error:
        unknown = _unknown_encoding(content, error)
    # 4. What is none proves by its headings what it is.
    for decode in (decode_gb18030, decode_utf8):
        if _has_headings(decode(content.partition(b"\n")[0][:_MAX_HEAD_BYTES], Marks())):
            return _decoded(content, decode, unknown)
    raise unknown


def _decoded(
    content: bytes, decode: Callable[[bytes, Marks], str], unknown: ContentUnreadable
) -> tuple[str, Marks]:
    marks = Marks()
    try:
        return decode(content, marks).removeprefix("\ufeff"), marks
    except TooManyMarks:
        raise unknown from None


def _has_headings(line: str) -> bool:
    return any(heading in line for heading in HEADINGS.values())


def _unknown_encoding(content: bytes, error: UnicodeDecodeError) -> ContentUnreadable:
    """Say where UTF-8 breaks; a file of another encoding does so at its first Chinese character."""
    line = content.count(b"\n", 0, error.start) + 1
    column = error.start - content.rfind(b"\n", 0, error.start)
    wrong = hex_of(content[error.start : error.end])
    message = f"无法判定编码：第 {line} 行第 {column} 个字节 {wrong} 不是 UTF-8，表头也不是 GB18030"
    return ContentUnreadable("unknown_encoding", message, SAVE_AS_UTF8)
