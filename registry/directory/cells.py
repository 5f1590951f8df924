"""What a cell of a data file may hold: one small reader for each sort, refusing with a 中文 reason."""

import re
import unicodedata
from datetime import date

from registry.directory.provenance import Status
from registry.directory.provinces import provinces
from registry.directory.uscc import lawful_uscc
from signing.errors import Malformed
from signing.statement import Occupation

LONGEST_NAME = 80  # characters; the width of the name columns


def text(cell: str) -> str:
    """Return the text as it stands: not empty, no blank at either end, one line, NFC."""
    if not cell:
        raise ValueError("不能为空")
    if cell != cell.strip() or any(unicodedata.category(letter) in ("Cc", "Cf") for letter in cell):
        raise ValueError("首尾有空白，或含控制字符")
    if not unicodedata.is_normalized("NFC", cell):
        raise ValueError("不是 NFC 规范形式")
    return cell


def name(cell: str) -> str:
    """Return a name: a text of at most 80 characters."""
    if len(cell) > LONGEST_NAME:
        raise ValueError(f"名称超过 {LONGEST_NAME} 个字符")
    return text(cell)


def whole(first: int, last: int, cell: str) -> int:
    """Return a decimal number without sign or leading zero, within first..last."""
    if not re.fullmatch(r"0|[1-9][0-9]{0,8}", cell) or not first <= int(cell) <= last:
        raise ValueError(f"应为 {first} 到 {last} 的整数")
    return int(cell)


def hours(cell: str) -> int:
    """Return training hours (学时)."""
    return whole(1, 2000, cell)


def one_byte(cell: str) -> int:
    """Return a code of one byte: a direction's, or an edition's."""
    return whole(1, 255, cell)


def years(cell: str) -> int:
    """Return the length of a listing in years."""
    return whole(1, 10, cell)


def day(cell: str) -> date:
    """Return a civil date written YYYY-MM-DD."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell):
        raise ValueError("日期应写作 YYYY-MM-DD")
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise ValueError("没有这一天") from None


def occupation_text(cell: str) -> str:
    """Return an occupation's code as printed, 2-02-10-11."""
    try:
        return Occupation.parse(cell, edition=1).text
    except Malformed:
        raise ValueError("职业代码应形如 2-02-10-11") from None


def optional_occupation_text(cell: str) -> str | None:
    """Return an occupation's code as printed, or ``None`` for an empty cell."""
    return occupation_text(cell) if cell else None


def optional_uscc(cell: str) -> str | None:
    """Return a 统一社会信用代码 in capitals, or ``None`` for an empty cell."""
    if not cell:
        return None
    if lawful_uscc(cell) != cell:
        raise ValueError("统一社会信用代码的字母应大写")
    return cell


def issuer(cell: str) -> str:
    """Return an issuer key: a capital letter and four digits (机构类别 + 机构代码)."""
    if not re.fullmatch(r"[A-Z][0-9]{4}", cell):
        raise ValueError("机构代码应为一位大写字母加四位数字")
    return cell


def site_code(cell: str) -> str:
    """Return a site code: six digits (站点序列码)."""
    if not re.fullmatch(r"[0-9]{6}", cell):
        raise ValueError("站点代码应为六位数字")
    return cell


def province_code(cell: str) -> str:
    """Return a province's two-digit code."""
    if cell not in provinces():
        raise ValueError("不是省级行政区代码（GB/T 2260 前两位）")
    return cell


def province_full_name(cell: str) -> str:
    """Return the two-digit code of the province that is written out (辽宁省)."""
    for province in provinces().values():
        if province.full_name == cell:
            return province.code
    raise ValueError("不是省级行政区全称")


def status(cell: str) -> Status:
    """Return the status of a value."""
    if cell not in list(Status):
        raise ValueError("应为 confirmed 或 assumed")
    return Status(cell)


def confidence(cell: str) -> str:
    """Return the confidence: A in the text, B two sources, C one source, D inference."""
    if cell not in ("A", "B", "C", "D"):
        raise ValueError("应为 A、B、C、D 之一")
    return cell
