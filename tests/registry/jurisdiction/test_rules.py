"""Each province has its policy, with the clause beside each value."""

from datetime import date

import pytest

from registry.jurisdiction.errors import CalendarMissing, UnknownJurisdiction
from registry.jurisdiction.rules import IssueDateRule, Period, jurisdiction, jurisdictions

LIAONING, SHANDONG = "21", "37"

ONE_MONTH = [
    (date(2026, 1, 31), date(2026, 2, 28)),
    (date(2024, 1, 31), date(2024, 2, 29)),
    (date(2026, 7, 20), date(2026, 8, 20)),
    (date(2026, 12, 15), date(2027, 1, 15)),
    (date(2026, 11, 30), date(2026, 12, 30)),
]
THIRTY_DAYS = [
    (date(2026, 1, 31), date(2026, 3, 2)),
    (date(2026, 7, 20), date(2026, 8, 19)),
    (date(2026, 12, 15), date(2027, 1, 14)),
]


@pytest.mark.parametrize(("ended_on", "last"), ONE_MONTH)
def test_the_national_deadline_is_a_calendar_month(ended_on, last):
    assert jurisdiction(LIAONING).submit_deadline(ended_on) == last


@pytest.mark.parametrize(("ended_on", "last"), THIRTY_DAYS)
def test_the_deadline_of_shandong_is_thirty_days(ended_on, last):
    assert jurisdiction(SHANDONG).submit_deadline(ended_on) == last


def test_months_are_counted_over_the_year_end():
    assert Period(months=13).after(date(2026, 11, 30)) == date(2027, 12, 30)


def test_only_shandong_limits_the_review():
    limited = [policy.code for policy in jurisdictions().values() if policy.province_review_working_days]

    assert limited == ["CN-37"]
    assert jurisdiction(SHANDONG).province_review_deadline(date(2026, 2, 10)) == date(2026, 3, 2)
    assert jurisdiction(LIAONING).province_review_deadline(date(2026, 2, 10)) is None


def test_a_review_deadline_in_a_year_without_arrangement_is_refused():
    with pytest.raises(CalendarMissing):
        jurisdiction(SHANDONG).province_review_deadline(date(2026, 12, 20))


def test_only_shandong_dates_certificates_after_the_approval():
    rules = {policy.province: policy.issue_date_rule for policy in jurisdictions().values()}
    assert [code for code, rule in rules.items() if rule is IssueDateRule.NOT_BEFORE_APPROVAL] == [SHANDONG]


def test_every_addressed_province_has_a_policy_with_clauses():
    assert len(jurisdictions()) == 32
    for policy in jurisdictions().values():
        assert set(policy.clauses) == {"submit_within", "province_review_working_days", "issue_date_rule"}
        assert all("号" in clause for clause in policy.clauses.values())


@pytest.mark.parametrize("code", ["71", "81", "82", "83", "00", "CN-21", "辽宁", ""])
def test_a_province_that_no_text_addresses_is_refused(code):
    with pytest.raises(UnknownJurisdiction):
        jurisdiction(code)


@pytest.mark.parametrize(
    ("today", "days_left", "passed"),
    [
        (date(2026, 10, 31), 28, False),
        (date(2026, 11, 27), 1, False),
        (date(2026, 11, 28), 0, False),
        (date(2026, 11, 29), -1, True),
        (date(2027, 1, 1), -34, True),
    ],
)
def test_a_deadline_says_how_many_days_are_left_of_it(today, days_left, passed):
    deadline = jurisdiction(LIAONING).reporting(date(2026, 10, 28), today=today)

    assert deadline.last_day == date(2026, 11, 28)
    assert (deadline.days_left, deadline.has_passed) == (days_left, passed)
