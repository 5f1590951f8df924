"""One cell of a workbook to the text it stands for, or ``CellRefused`` when Excel may have changed it."""

from datetime import date, datetime, time, timedelta

from registry.assessment.content import COMMITTED, Column
from registry.assessment.errors import CellRefused
from registry.assessment.workbook_form import DATE_COLUMNS, LABELS, NUMERIC_COLUMNS

CellValue = int | float | str | bool | time | date | datetime | timedelta

_AS_TEXT = "请先把该列设为“文本”格式，再重新输入"
_LOSES_DIGITS = frozenset({Column.ID_NUMBER, Column.CORRECTS})


def cell_text(column: Column, value: CellValue) -> str:
    """Return the cell as text, labels of drop-downs as their codes; "" for an empty cell."""
    if isinstance(value, str):
        return _text(column, value)
    if isinstance(value, bool) and column is Column.COMMITMENT:
        return COMMITTED if value else str(value)
    if isinstance(value, bool):
        raise CellRefused("wrong_type", "单元格是逻辑值", _AS_TEXT)
    if isinstance(value, int | float):
        return _number(column, float(value))
    if isinstance(value, date):
        return _day(column, value)
    raise CellRefused("wrong_type", "单元格被识别为时间", _AS_TEXT)


def _text(column: Column, value: str) -> str:
    if not value.strip():
        return ""
    # A name is kept as received, its outer blanks too.
    if column == Column.NAME:
        return value
    stripped = value.strip()
    return LABELS.get(column, {}).get(stripped, stripped)


def _number(column: Column, value: float) -> str:
    if column in _LOSES_DIGITS:
        message = "单元格是数值格式，Excel 只保留 15 位有效数字，末尾的数字已丢失"
        raise CellRefused("numeric_cell", message, _AS_TEXT)
    if column in DATE_COLUMNS:
        raise CellRefused("not_a_date", "单元格是数值，不是日期", "请填写日期，如 2026-10-11")
    if column not in NUMERIC_COLUMNS:
        raise CellRefused("numeric_cell", "单元格是数值格式，开头的零可能已丢失", _AS_TEXT)
    return str(int(value)) if value.is_integer() and abs(value) < 1e9 else repr(value)


def _day(column: Column, value: date) -> str:
    if column not in DATE_COLUMNS:
        raise CellRefused("became_a_date", "单元格被 Excel 转成了日期", _AS_TEXT)
    # The reader gives an instant only where there is a time of day.
    if isinstance(value, datetime):
        raise CellRefused("not_a_date", "日期带有时刻", "请只填写日期，如 2026-10-11")
    return value.isoformat()


def shown_value(value: CellValue) -> str:
    """Return a refused cell as the clerk may recognise it."""
    return repr(value) if isinstance(value, float) else str(value)
