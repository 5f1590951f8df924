"""The JSON form ``certreg-submission/1`` to ``Content``: the shape of every value, named by row and field.

Checks shapes only (present, text or whole number, nothing unknown); what the values mean is ``checking``'s.
An unknown field is refused, never ignored: whoever sends ``status`` or ``number`` believes he can set it.
"""

from typing import Any

from registry.assessment.content import (
    COMMITTED,
    HEADER_COLUMNS,
    MAX_FILE_BYTES,
    MAX_ROWS,
    MAX_TEXT_CHARACTERS,
    OPTIONAL_COLUMNS,
    ROW_COLUMNS,
    Column,
    Content,
    RawRow,
)
from registry.assessment.errors import ContentUnreadable
from registry.assessment.fault import FaultList
from registry.assessment.json_claims import DRAFT, REPLACES, STATISTICS, claimed_counts, named
from registry.assessment.json_faults import is_whole, seen, tell_names
from registry.assessment.json_structure import Members, read_json

FORMAT = "certreg-submission/1"
WHOLE_NUMBERS = frozenset({Column.ROW, Column.EDITION, Column.TRAINING_HOURS})
_HEADINGS = {column: str(column) for column in Column}
_HEADER_NAMES = ("format", *HEADER_COLUMNS, "rows", STATISTICS, DRAFT, REPLACES)


def json_content(content: bytes, *, max_bytes: int = MAX_FILE_BYTES) -> Content:
    """Read the JSON form; ``ContentUnreadable`` if it is not one. Faults of values are in the answer."""
    document = read_json(content, max_bytes=max_bytes)
    if not isinstance(document, Members):
        raise ContentUnreadable("not_an_object", "JSON 的最外层不是对象", "请按接口说明的格式提交")
    return content_of(document)


def content_of(document: Members) -> Content:
    """Return what a JSON object says that was read already (``json_structure``)."""
    if document.get("format") != FORMAT:
        raise ContentUnreadable("unknown_format", "缺少 format，或不是本系统的格式", f"请填写 {FORMAT}")
    rows = document.get("rows")
    if not isinstance(rows, list):
        raise ContentUnreadable("no_rows", "缺少 rows，或 rows 不是数组", "请在 rows 中逐行填写成绩")
    if len(rows) > MAX_ROWS:
        raise ContentUnreadable("too_many_rows", f"超过 {MAX_ROWS} 行", "请分成几次提交")
    faults = FaultList()
    tell_names(document, _HEADER_NAMES, None, faults)
    header = _cells(document, HEADER_COLUMNS, None, faults)
    raw_rows = tuple(_raw_row(row, place, faults) for place, row in enumerate(rows, start=1))
    counts = claimed_counts(document, faults)
    draft, replaces = (named(member, document, faults) for member in (DRAFT, REPLACES))
    return Content(header, raw_rows, _HEADINGS, faults.told(), counts, draft, replaces)


def _raw_row(row: Any, place: int, faults: FaultList) -> RawRow:
    if not isinstance(row, Members):
        faults.add(
            place,
            None,
            seen(row),
            code="not_an_object",
            message="这一行不是 JSON 对象",
            remedy="请按接口说明填写各字段",
        )
        return RawRow(place, {})
    tell_names(row, ROW_COLUMNS, place, faults)
    return RawRow(place, _cells(row, ROW_COLUMNS, place, faults))


def _cells(
    members: Members, columns: tuple[Column, ...], place: int | None, faults: FaultList
) -> dict[Column, str]:
    cells: dict[Column, str] = {}
    for column in columns:
        if column in members.repeated:
            continue
        value = members.get(column)
        complaint = _complaint(column, value)
        if complaint is None:
            cells[column] = _text(value)
            continue
        code, message, remedy = complaint
        faults.add(place, column, seen(value), code=code, message=message, remedy=remedy)
    return cells


def _complaint(column: Column, value: Any) -> tuple[str, str, str] | None:
    """Say what is wrong with the shape of a value, as code, message and remedy; None if nothing is."""
    if column is Column.COMMITMENT:
        # Given or not: what it means that it is not, is the same for both kinds of file.
        if value is None or isinstance(value, bool):
            return None
        return "wrong_type", "应为 true 或 false", "请填写不带引号的 true"
    if value is None:
        return None if column in OPTIONAL_COLUMNS else ("missing", "没有填写", "请填写")
    if column in WHOLE_NUMBERS:
        return None if is_whole(value) else ("wrong_type", "应为整数", "请填写不带引号、不带小数的整数")
    if not isinstance(value, str):
        return "wrong_type", "应为文本", "请加上引号，按文本填写"
    if len(value) > MAX_TEXT_CHARACTERS:
        return "too_long", f"超过 {MAX_TEXT_CHARACTERS} 个字符", "请缩短"
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        return "not_text", "含有不成对的 UTF-16 代理码，不是合法文字", "请改用该字的正确编码"
    return None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return COMMITTED if value else "false"
    return "" if value is None else str(value)
