"""The head of a submission: which body examined where and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from registry.assessment import cell_reading
from registry.assessment.cell_reading import CellReading
from registry.assessment.content import Column
from registry.assessment.errors import CellRefused
from registry.assessment.written_date import written_date
from registry.directory.body_view import BodyView
from registry.jurisdiction.rules import Jurisdiction, ReportingDeadline


@dataclass(frozen=True, slots=True)
class Exam:
    """What is known of the exam; a field is None when it was missing or wrong, which is told.

    ``jurisdiction`` is the province where the exam was held, ``deadline`` what it gives for reporting.
    ``late_reason`` is None too where none is given.
    """

    issuer: str | None
    site_code: str | None
    jurisdiction: Jurisdiction | None
    started_on: date | None
    ended_on: date | None
    deadline: ReportingDeadline | None
    late_reason: str | None


def checked_exam(
    head: CellReading, view: BodyView, jurisdictions: Mapping[str, Jurisdiction], *, today: date
) -> Exam:
    """Read the head against what the directory knows of the body."""

    def own_issuer(text: str) -> str:
        if text != view.issuer:
            raise CellRefused("other_issuer", "不是本机构的代码", f"{view.name}的代码是 {view.issuer}")
        return text

    def province(text: str) -> Jurisdiction:
        if text not in jurisdictions:
            raise CellRefused(
                "unknown_province", "没有这个省级代码，或不在报送范围", "请填写行政区划代码前两位，如 21"
            )
        return jurisdictions[text]

    def own_site(text: str) -> str:
        if jurisdiction is not None:
            _require_site(text, jurisdiction, view, jurisdictions)
        return text

    issuer = head.required(Column.ISSUER, own_issuer)
    jurisdiction = head.required(Column.PROVINCE, province)
    site_code = head.required(Column.SITE, own_site)
    started_on = head.required(Column.EXAM_STARTED_ON, lambda text: _past(text, today))
    ended_on = head.required(Column.EXAM_ENDED_ON, lambda text: _past(text, today))
    if started_on and ended_on and started_on > ended_on:
        refusal = CellRefused("ends_before_start", "考核结束日期早于开始日期", "请核对两个日期")
        head.tell(Column.EXAM_ENDED_ON, refusal)
    deadline = jurisdiction.reporting(ended_on, today=today) if jurisdiction and ended_on else None
    late_reason = _late_reason(head, deadline)
    return Exam(issuer, site_code, jurisdiction, started_on, ended_on, deadline, late_reason)


def _late_reason(head: CellReading, deadline: ReportingDeadline | None) -> str | None:
    """A passed deadline is no ground to refuse, but why it passed must be said; a reason on time harms nobody."""
    if deadline is None or not deadline.has_passed:
        return head.optional(Column.LATE_REASON, cell_reading.reason)
    message = f"报送期限 {deadline.last_day} 已过 {-deadline.days_left} 天，没有说明逾期原因"
    missing = CellRefused("late_without_reason", message, "请填写逾期报送原因，审核人员会看到")
    return head.required(Column.LATE_REASON, cell_reading.reason, missing=missing)


def _require_site(
    code: str, jurisdiction: Jurisdiction, view: BodyView, jurisdictions: Mapping[str, Jurisdiction]
) -> None:
    """The exam is reported to the province where it was held, so the site must lie there (N 四(六)3)."""
    if view.site(province=jurisdiction.province, code=code) is not None:
        return
    elsewhere = [
        jurisdictions[there].name for there, known in view.sites if known == code and there in jurisdictions
    ]
    if elsewhere:
        message = f"站点不在{jurisdiction.name}，在{'、'.join(elsewhere)}"
        raise CellRefused("site_elsewhere", message, "请核对考核省份代码和站点代码")
    raise CellRefused("unknown_site", "本机构没有这个站点", "请填写已备案的 6 位站点代码")


def _past(text: str, today: date) -> date:
    day = written_date(text)
    if day > today:
        raise CellRefused("in_the_future", "日期在今天之后", "考核结束后方可报送成绩")
    return day
