"""Cells of the form to values: each reader raises ``CellRefused``, whoever calls it knows row and column."""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from registry.assessment.content import COMMITTED, Column, Content
from registry.assessment.errors import CellRefused, ReasonRefused
from registry.assessment.fault import FaultList
from registry.assessment.levels import LEVEL_CODES, LEVEL_NAMES, LEVEL_OF_CODE
from registry.assessment.written_reason import written_reason
from signing.id_check import IdType
from signing.statement import Level

Value = TypeVar("Value")

MAX_ROW_NUMBER = 999_999
_MISSING = CellRefused("missing", "没有填写", "请填写")


class CellReading:
    """The cells of one row (or of the head, ``place`` None): reads them and tells what is wrong with them."""

    def __init__(
        self, content: Content, place: int | None, cells: Mapping[Column, str], faults: FaultList
    ) -> None:
        self._content = content
        self.place = place
        self._cells = cells
        self._faults = faults

    def required(
        self, column: Column, read: Callable[[str], Value], *, missing: CellRefused = _MISSING
    ) -> Value | None:
        """Return the cell's value; None if it is missing or wrong, which is told."""
        if self._cells.get(column) == "" or self._is_never_said(column):
            self.tell(column, missing)
            return None
        return self.optional(column, read)

    def _is_never_said(self, column: Column) -> bool:
        """Say whether the head lacks a column of which nothing was told.

        A CSV has its head in its rows: one without rows says nothing of it, and rows may come later, as corrections.
        """
        if self.place is not None or column in self._cells:
            return False
        return not self._faults.is_told(None, self._content.headings[column])

    def optional(self, column: Column, read: Callable[[str], Value]) -> Value | None:
        """Return the cell's value; None if it is empty, or wrong, which is told."""
        text = self._cells.get(column, "")
        if not text:
            return None
        try:
            return read(text)
        except CellRefused as refusal:
            self.tell(column, refusal)
            return None

    def text(self, column: Column) -> str:
        """Return the cell as it was written."""
        return self._cells.get(column, "")

    def tell(self, column: Column, refusal: CellRefused) -> None:
        """Tell a fault of this cell."""
        self._faults.add(
            self.place,
            self._content.headings[column],
            self.text(column),
            code=refusal.code,
            message=refusal.message,
            remedy=refusal.remedy,
        )


def row_number(text: str) -> int:
    """Return a row's number, 1 or more."""
    if not re.fullmatch(r"[1-9][0-9]{0,5}", text):
        raise CellRefused("not_a_row_number", "序号不是正整数", f"请填写 1 到 {MAX_ROW_NUMBER} 的整数")
    return int(text)


def edition(text: str) -> int:
    """Return the edition of the 职业分类大典: 1 or 2, as the directory counts them."""
    if text not in ("1", "2"):
        raise CellRefused(
            "unknown_edition", "没有这个大典版本", "2015 版（含 2019—2021 年新职业）填 1，2022 版填 2"
        )
    return int(text)


def level(text: str) -> Level:
    """Return the level by its code."""
    if text not in LEVEL_OF_CODE:
        known = "、".join(f"{LEVEL_NAMES[level]}（{code}）" for level, code in LEVEL_CODES.items())
        raise CellRefused("unknown_level", "没有这个等级", f"请填写其中一个：{known}")
    return LEVEL_OF_CODE[text]


def id_type(text: str) -> IdType:
    """Return the type of an identity document by its code."""
    if text not in list(IdType):
        remedy = f"请从模板的列表中选择，如“居民身份证”“护照”；接口填写 {'、'.join(IdType)}"
        raise CellRefused("unknown_id_type", "没有这个证件类型", remedy)
    return IdType(text)


def certificate_number(text: str) -> str:
    """Return the number of a certificate as printed; whether it exists is not asked here."""
    if not re.fullmatch(r"[0-9A-Z]{8,32}", text):
        raise CellRefused(
            "not_a_number_of_ours", "不是证书编号的写法", "请填写证书上印的编号，只含大写字母和数字"
        )
    return text


def reason(text: str) -> str:
    """Return a reason, by the rule for every reason that the register keeps."""
    try:
        return written_reason(text)
    except ReasonRefused as refusal:
        raise CellRefused(refusal.code, refusal.message, refusal.remedy) from None


# The applicant declares instead of proving, and the body vouches that what he signed is on file (N 三(五)).
NO_COMMITMENT = CellRefused(
    "no_commitment",
    "没有确认告知承诺",
    "考生签署的告知承诺书存档后填写“是”（接口填写 true）；没有承诺书的不能报送",
)


def commitment(text: str) -> bool:
    """Return True: the commitment is given. Nothing else can be read from the cell."""
    if text != COMMITTED:
        raise NO_COMMITMENT
    return True


def photo(text: str) -> bytes:
    """Return SHA-256 of a photo."""
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise CellRefused(
            "not_a_photo_digest", "不是照片的摘要", "请填写照片 SHA-256 的 64 位小写十六进制数，或留空"
        )
    return bytes.fromhex(text)
