"""What the provinces ask differently: deadlines and the rule for 发证日期, as data, each with its clause.

A province without a text of its own is under the national one. Deadlines are civil dates, the last day
included; one month and 30 days are not the same, and the data says which is meant.
"""

import calendar
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from registry.directory.provinces import provinces
from registry.jurisdiction.errors import UnknownJurisdiction
from registry.jurisdiction.workdays import add_working_days


class IssueDateRule(StrEnum):
    """Who sets 发证日期: the body freely, or nobody before the office's approval."""

    BODY_DATE = "body_date"
    NOT_BEFORE_APPROVAL = "not_before_approval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A period of calendar months or of days; the other one is 0."""

    months: int = 0
    days: int = 0

    def after(self, day: date) -> date:
        """Return the period's last day. A month from 31 January ends with February."""
        whole_months = day.year * 12 + day.month - 1 + self.months
        year, month = divmod(whole_months, 12)
        last_of_month = calendar.monthrange(year, month + 1)[1]
        return date(year, month + 1, min(day.day, last_of_month)) + timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class ReportingDeadline:
    """The last day on which an exam's results may be handed in, seen from one day.

    ``days_left`` is 0 on the last day itself, and negative once it has passed: the days late.
    """

    last_day: date
    days_left: int

    @property
    def has_passed(self) -> bool:
        """Say whether results that come now are late."""
        return self.days_left < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Jurisdiction:
    """The policy of one province: ``code`` is ``CN-21``, ``province`` its two digits.

    ``province_review_working_days`` is ``None`` where no text sets a limit. ``clauses`` names the source of
    each value by the value's name.
    """

    code: str
    province: str
    name: str
    submit_within: Period
    province_review_working_days: int | None
    issue_date_rule: IssueDateRule
    clauses: Mapping[str, str]

    def submit_deadline(self, exam_ended_on: date) -> date:
        """Return the last day on which results may be handed in."""
        return self.submit_within.after(exam_ended_on)

    def reporting(self, exam_ended_on: date, *, today: date) -> ReportingDeadline:
        """Return the deadline for handing in, and how many days are left of it today."""
        last_day = self.submit_deadline(exam_ended_on)
        return ReportingDeadline(last_day, (last_day - today).days)

    def province_review_deadline(self, received_on: date) -> date | None:
        """Return the last day of the province's review; ``None`` where no text sets one.

        Raises ``CalendarMissing`` if it falls in a year without arrangement.
        """
        if self.province_review_working_days is None:
            return None
        return add_working_days(received_on, self.province_review_working_days)


@cache
def jurisdictions() -> dict[str, Jurisdiction]:
    """Return the policies by the province's two digits, ascending."""
    policy = json.loads(files("registry").joinpath("data", "jurisdictions.json").read_text("utf-8"))
    addressed = [code for code in provinces() if code not in policy["not_addressed"]["codes"]]
    return {
        code: _jurisdiction(code, {**policy["national"], **policy["provinces"].get(code, {})})
        for code in addressed
    }


def jurisdiction(province: str) -> Jurisdiction:
    """Return the policy of the province with these two digits. Raises ``UnknownJurisdiction``."""
    try:
        return jurisdictions()[province]
    except KeyError:
        raise UnknownJurisdiction(province) from None


def _jurisdiction(province: str, values: Mapping[str, Any]) -> Jurisdiction:
    within = values["submit_within"]
    return Jurisdiction(
        code=f"CN-{province}",
        province=province,
        name=provinces()[province].full_name,
        submit_within=Period(months=within.get("months", 0), days=within.get("days", 0)),
        province_review_working_days=values["province_review_working_days"]["value"],
        issue_date_rule=IssueDateRule(values["issue_date_rule"]["value"]),
        clauses={name: value["clause"] for name, value in values.items()},
    )
