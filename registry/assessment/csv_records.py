"""CSV text to records, strictly by the grammar of RFC 4180: one reading or none.

Commas separate and nothing else does; quotes enclose a whole field and are doubled inside; lines end all in CRLF or all
in LF. What breaks this breaks every record after it, so it refuses the file and names the line of the text. One thing
more is read: ``="0012"``, which exporting systems write for Excel's sake, so that its cell can be named.

Python's ``csv`` is not used: it takes a quote inside a bare field, and any mixture of line ends, without a word.
"""

import re
from collections.abc import Iterator

from registry.assessment.content import MAX_ROWS
from registry.assessment.errors import ContentUnreadable

MAX_FIELDS = 64
_SAVE_AGAIN = "请在 Excel 或 WPS 中另存为“CSV UTF-8（逗号分隔）”"
_OR_SAVE_AGAIN = _SAVE_AGAIN.replace("请", "或", 1)
_OTHER_SEPARATORS = {";": "分号", "\t": "制表符", "，": "全角逗号", "；": "全角分号", "|": "竖线"}
_FIELD = re.compile(r'"((?:[^"]++|"")*+)"|(="[^"\r\n]*+")|([^",\r\n]*+)')
_WHOLE_QUOTED = re.compile(r'"(?:[^"]++|"")*+"')
_BARE = re.compile(r'[^",\r\n]*+')
_END = re.compile(r",|\r?\n|\Z")


def records(text: str) -> Iterator[list[str]]:
    """Yield the fields of each record, an empty line as one empty field; ``ContentUnreadable`` where it breaks."""
    _require_commas(text[: text.find("\n")] if "\n" in text else text)
    place, line, count, crlf = 0, 1, 0, None
    while place < len(text):
        count += 1
        if count > MAX_ROWS + 1:
            raise ContentUnreadable("too_many_rows", f"超过 {MAX_ROWS} 行", "请分成几次提交")
        # 1. The record, and where its line ends: at a line feed, or with the text.
        end = text.find("\n", place)
        end = len(text) if end < 0 else end
        if text.find('"', place, end) < 0:
            fields, lines = _bare_record(text[place:end], line, last=end == len(text)), 1
        else:
            fields, end = _quoted_record(text, place, line)
            lines = text.count("\n", place, end) + 1
        # 2. All lines end alike.
        if end < len(text):
            ended_by_crlf = text[end - 1] == "\r" if end > place else False
            crlf = ended_by_crlf if crlf is None else crlf
            if ended_by_crlf != crlf:
                message = f"换行符前后不一：第 {line} 行与前面的行不同"
                raise ContentUnreadable("mixed_line_ends", message, f"文件可能由两份拼成，{_SAVE_AGAIN}")
        yield fields
        place, line = end + 1, line + lines


def _require_commas(head: str) -> None:
    """A first line without a comma has one column, or another separator."""
    if head.lower().startswith("sep="):
        message = "第 1 行是 Excel 的分隔符说明（sep=），不是表头"
        raise ContentUnreadable("wrong_separator", message, "请删去这一行")
    if "," in head:
        return
    for separator, name in _OTHER_SEPARATORS.items():
        if separator in head:
            message = f"列之间用的是{name}，应为半角逗号"
            raise ContentUnreadable("wrong_separator", message, _SAVE_AGAIN, value=head)


def _bare_record(text: str, line: int, *, last: bool) -> list[str]:
    text = text if last else text.removesuffix("\r")
    if "\r" in text:
        raise _lone_return(line)
    if text.count(",") >= MAX_FIELDS:
        raise _too_many_fields(line)
    return text.split(",")


def _quoted_record(text: str, place: int, line: int) -> tuple[list[str], int]:
    """Return the fields of a record that holds quotes, and where its last line ends."""
    fields: list[str] = []
    while True:
        field = _FIELD.match(text, place)
        end = field and _END.match(text, field.end())
        if not field or not end:
            raise _wrong_quotes(text, place, line)
        quoted, formula, bare = field.groups()
        fields.append(quoted.replace('""', '"') if quoted is not None else formula or bare or "")
        if len(fields) > MAX_FIELDS:
            raise _too_many_fields(line)
        place = end.end()
        if end[0] != ",":
            return fields, place - 1 if end[0] else place


def _wrong_quotes(text: str, place: int, line: int) -> ContentUnreadable:
    """Say why no field ends after this place in the record that begins in this line."""
    if text[place] == '"' and not _WHOLE_QUOTED.match(text, place):
        message = f"第 {line} 行的引号没有闭合"
        return ContentUnreadable("unterminated_quote", message, "请补上引号，或删去多余的引号")
    bare = _BARE.match(text, place)
    if bare and text[bare.end() : bare.end() + 1] == "\r":
        return _lone_return(line)
    message = f"第 {line} 行的引号不合规：引号须括住整个格子，其中的引号须写成两个"
    return ContentUnreadable("stray_quote", message, f"请改正该行，{_OR_SAVE_AGAIN}")


def _lone_return(line: int) -> ContentUnreadable:
    message = f"第 {line} 行中有单独的回车符（旧式 Mac 换行）"
    return ContentUnreadable("lone_carriage_return", message, _SAVE_AGAIN)


def _too_many_fields(line: int) -> ContentUnreadable:
    message = f"第 {line} 行超过 {MAX_FIELDS} 格"
    return ContentUnreadable("too_many_columns", message, "请只保留模板中的各列")
