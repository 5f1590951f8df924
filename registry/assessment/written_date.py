"""A date as it is written in a submission: YYYY-MM-DD, a day that exists."""

import re
from datetime import date

from registry.assessment.errors import CellRefused


def written_date(text: str) -> date:
    """Return the civil date; raise ``CellRefused`` for another notation or a day that does not exist."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise CellRefused("not_a_date", "不是日期，或写法不对", "请写作 年-月-日，如 2026-10-11")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CellRefused("no_such_day", "没有这一天", "请核对年月日") from None
