"""JSON text to plain objects, strictly (RFC 8259, RFC 7493): one meaning or none, and never costly.

Size, depth and the number of containers are bounded before the parser sees a byte. What is wrong with a
single value (a number too large, a name given twice) becomes a mark in its place, so that the reader can name
row and column. Refuses to guess: no other encoding than UTF-8, no byte order mark, no NaN.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from registry.assessment.content import MAX_FILE_BYTES, MAX_ROWS
from registry.assessment.errors import ContentUnreadable

MAX_DEPTH = 16
MAX_NUMBER_CHARACTERS = 16
_MAX_CONTAINERS = MAX_ROWS + 100
_MAX_COMMAS = MAX_ROWS * 20

# The closing quote is optional so that an unterminated string is passed over once, not once per escaped
# quote.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]"))
_ONE_KIND = bytes.maketrans(b"{}", b"[]")


@dataclass(frozen=True, slots=True)
class UnreadableNumber:
    """A number that is not a whole number of at most 16 characters; ``text`` as written."""

    text: str


class Members(dict[str, Any]):
    """A JSON object that remembers which names it was given twice."""

    __slots__ = ("repeated",)

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.repeated: tuple[str, ...] = ()
        if len(self) < len(pairs):
            times = Counter(name for name, _ in pairs)
            self.repeated = tuple(name for name in self if times[name] > 1)


def read_json(content: bytes, *, max_bytes: int = MAX_FILE_BYTES) -> Any:
    """Return what the text says, objects as ``Members``; ``ContentUnreadable`` if it says nothing clear."""
    # 1. Bounds that need no parser.
    if len(content) > max_bytes:
        raise ContentUnreadable("too_large", f"文件超过 {max_bytes // 1024} KB", "请分成几次提交")
    if content.startswith(b"\xef\xbb\xbf"):
        raise ContentUnreadable(
            "byte_order_mark", "文件开头有字节顺序标记（BOM）", "请保存为不带 BOM 的 UTF-8"
        )
    require_shallow(content)
    # 2. One encoding.
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"文件不是 UTF-8 编码（第 {error.start + 1} 个字节）"
        raise ContentUnreadable("not_utf8", message, "请保存为 UTF-8 再提交") from None
    # 3. One grammar.
    try:
        return json.loads(
            text,
            object_pairs_hook=Members,
            parse_int=_whole_number,
            parse_float=UnreadableNumber,
            parse_constant=UnreadableNumber,
        )
    except json.JSONDecodeError as error:
        message = f"不是合法的 JSON：第 {error.lineno} 行第 {error.colno} 个字符处有误"
        raise ContentUnreadable("not_json", message, "请检查此处的引号、逗号和括号") from None


def require_shallow(content: bytes) -> None:
    """Raise ``ContentUnreadable`` if brackets are nested deeper than 16, or there are too many of them.

    Linear in the length: strings are cut out, then each pass removes the innermost brackets of all.
    """
    structure = _STRING.sub(b"", content)
    if structure.count(b",") > _MAX_COMMAS:
        raise _too_many()
    brackets = structure.translate(_ONE_KIND).translate(None, _NOT_BRACKETS)
    if len(brackets) > 2 * _MAX_CONTAINERS:
        raise _too_many()
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"")
    # A pair that is left stood deeper. Brackets that never close: the parser says that better, if they are
    # few.
    if b"[]" in brackets or brackets.count(b"[") > MAX_DEPTH:
        raise ContentUnreadable("too_deep", f"JSON 嵌套超过 {MAX_DEPTH} 层", "请按接口说明的格式组织内容")


def _too_many() -> ContentUnreadable:
    return ContentUnreadable("too_many_values", f"内容过多，一次最多 {MAX_ROWS} 行", "请分成几次提交")


def _whole_number(text: str) -> int | UnreadableNumber:
    return int(text) if len(text) <= MAX_NUMBER_CHARACTERS else UnreadableNumber(text[:80])
