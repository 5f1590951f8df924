"""What is shown on a terminal: tables whose columns stand under each other, and how far something has come."""

import sys
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from registry.client.drafts import Draft

# The register's days are those of China, which has no summer time.
SHANGHAI: Final = timezone(timedelta(hours=8))
MOST_FAULTS: Final = 50
WIDEST: Final = 40

STATUS: Final = {
    "received": "待检查",
    "faulty": "有错误，待改正",
    "ready": "检查通过，待机构签名",
    "signed": "已签名，待报送",
    "submitted": "已报送",
    "discarded": "已丢弃",
}
SUBMISSION_STATUS: Final = {
    "received": "已收，身份核验中",
    "province": "待省级审核",
    "centre": "待中心审核",
    "office": "待办公室审核",
    "approved": "审核通过",
    "returned": "已退回",
    "withdrawn": "已撤回",
}
CERTIFICATE_STATUS: Final = {
    "approved": "待编号",
    "numbered": "已编号",
    "signed": "已签发",
    "released": "有效",
    "suspended": "已暂停",
    "reinstated": "恢复中",
    "revoked": "已撤销",
    "superseded": "已更正，请取回更正后的证书",
    "void": "已作废",
}
LEFT_OUT: Final = {
    "not_in_force": "刚刚失效",
    "nothing_to_make": "登记系统缺少制作文件的内容，请联系登记机构",
    "token_unusable": "签名现在不能通过验证，请联系登记机构",
    "glyph_missing": "字库中缺少姓名的某个字，请联系登记机构补充",
    "not_there": "登记系统中没有这张证书",
}
STEP: Final = {"province": "省级", "centre": "中心", "office": "办公室"}
REQUEST_STATUS: Final = {"open": "待决定", "granted": "已同意", "declined": "未同意", "withdrawn": "已收回"}
PHASE: Final = {
    "reading": "读取文件",
    "rows": "检查成绩",
    "photos": "检查照片",
    "settling": "生成待签内容",
    "submitting": "报送",
}
COUNTS: Final = {
    "entered": "参加人数",
    "absent_theory": "理论缺考人数",
    "absent_practice": "专业能力缺考人数",
    "absent": "缺考人数",
    "passed_theory": "理论合格人数",
    "passed_practice": "专业能力合格人数",
    "passed": "合格人数",
    "failed": "不合格人数",
}


def plain(value: Any) -> str:
    """Return a value as one line of visible characters: what came over the network moves no cursor."""
    text = "" if value is None else str(value)
    return "".join(character if character.isprintable() else f"\\u{ord(character):04x}" for character in text)


def instant(value: Any) -> str:
    """Return an instant as a clock in China shows it, to the minute; what is none, as it is."""
    try:
        return datetime.fromisoformat(str(value)).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return plain(value)


def named(names: Mapping[str, str], value: Any) -> str:
    """Return what a clerk calls a code; one that is not known yet, as it is."""
    return names.get(str(value), plain(value))


def width(text: str) -> int:
    """Return how many columns a text takes; a Han character takes two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def table(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """Return the lines of a table; the last column is as wide as it likes."""
    written = [list(headings), *([plain(value) for value in row] for row in rows)]
    widths = [min(WIDEST, max(width(row[place]) for row in written)) for place in range(len(headings) - 1)]
    return [
        "  ".join([*(_padded(cell, size) for cell, size in zip(row, widths, strict=False)), row[-1]]).rstrip()
        for row in written
    ]


def fault_table(faults: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the lines that tell what is wrong, of the first of many."""
    shown = [
        (
            each.get("row"),
            each.get("column"),
            each.get("value"),
            f"{each.get('message')}。{each.get('remedy')}。",
        )
        for each in faults[:MOST_FAULTS]
    ]
    lines = table(("行", "列", "填写值", "问题与改正办法"), shown)
    rest = len(faults) - len(shown)
    return [*lines, f"……另有 {rest} 处，用 --json 可全部列出"] if rest > 0 else lines


def statistics_lines(counts: Mapping[str, Any]) -> list[str]:
    """Return the counts of a draft, a line each."""
    return [f"  {name}：{counts.get(code)}" for code, name in COUNTS.items()]


def draft_line(draft: Draft) -> str:
    """Return where a draft stands, in a line."""
    more = f"，{draft.faults} 处错误" if draft.faults else ""
    failure = f"（{plain(draft.failure)}）" if draft.failure else ""
    return f"草稿 {draft.id}：{STATUS.get(draft.status, plain(draft.status))}，{draft.rows} 行{more}{failure}"


class Meter:
    """A line on the terminal that says how far it is; silent where nobody looks."""

    def __init__(self, *, silent: bool) -> None:
        self._silent = silent or not sys.stderr.isatty()
        self._written = False

    def draft(self, draft: Draft) -> None:
        """Tell how far a worker is with a draft."""
        words = PHASE.get(draft.phase or "", STATUS.get(draft.status, draft.status))
        self._write(f"{words} {draft.done}/{draft.total}" if draft.total else words)

    def parts(self, done: int, total: int) -> None:
        """Tell how much of a photo archive is there."""
        self._write(f"上传照片 {done}/{total}")

    def certificates(self, done: int, total: int) -> None:
        """Tell how many certificates are there."""
        self._write(f"下载证书 {done}/{total}")

    def end(self) -> None:
        """Leave the line."""
        if self._written:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._written = False

    def _write(self, text: str) -> None:
        if not self._silent:
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()
            self._written = True


def _padded(text: str, size: int) -> str:
    return text + " " * max(0, size - width(text))
