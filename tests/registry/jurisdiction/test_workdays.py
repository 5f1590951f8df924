"""Working days come from the table, and a day that the table does not cover is not guessed."""

from datetime import date, timedelta

import pytest

from registry.jurisdiction.errors import CalendarMissing
from registry.jurisdiction.workdays import Workdays, add_working_days, shipped_workdays

# Ten days from before 国庆节 or 春节 are many more than two weeks.
COUNTED = [
    (date(2025, 9, 29), 10, date(2025, 10, 20)),
    (date(2025, 9, 29), 15, date(2025, 10, 27)),
    (date(2026, 2, 10), 10, date(2026, 3, 2)),
    (date(2026, 2, 10), 15, date(2026, 3, 9)),
    (date(2026, 11, 20), 1, date(2026, 11, 23)),
    (date(2026, 2, 13), 1, date(2026, 2, 14)),  # a Saturday, made up
    (date(2026, 9, 19), 1, date(2026, 9, 20)),  # a Sunday, made up
    (date(2024, 12, 31), 1, date(2025, 1, 2)),
]


@pytest.mark.parametrize(("start", "n", "last"), COUNTED)
def test_working_days_are_counted_by_the_table(start, n, last):
    assert add_working_days(start, n) == last


# Counted day by day with chinesecalendar 1.11.0; the last week of 2026 waits for the arrangement of 2027.
WORKING_DAYS = [
    (date(2023, 12, 31), 249),
    (date(2024, 12, 31), 251),
    (date(2025, 12, 31), 248),
    (date(2026, 12, 25), 244),
]


@pytest.mark.parametrize(("last", "expected"), WORKING_DAYS)
def test_each_year_has_the_working_days_that_were_announced(last, expected):
    first = date(last.year, 1, 1)
    days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))

    assert sum(map(shipped_workdays().works, days)) == expected


def test_made_up_days_are_weekend_days_outside_the_holidays():
    table = shipped_workdays()

    assert all(day.weekday() >= 5 for day in table.made_up)
    assert not table.made_up & table.holidays


@pytest.mark.parametrize(
    ("start", "n", "missing"),
    [
        (date(2022, 6, 1), 1, 2022),
        (date(2027, 1, 4), 1, 2027),
        (date(2026, 12, 18), 10, 2027),
        (date(2026, 12, 25), 1, 2027),  # the arrangement of 2027 may still move the last days of 2026
    ],
)
def test_a_year_without_arrangement_is_refused(start, n, missing):
    with pytest.raises(CalendarMissing) as refused:
        add_working_days(start, n)

    assert refused.value.year == missing


def test_the_year_end_follows_the_arrangement_of_the_next_year():
    years = frozenset({2018, 2019})
    table = Workdays(years, frozenset({date(2018, 12, 31)}), frozenset({date(2018, 12, 29)}))

    assert add_working_days(date(2018, 12, 28), 1, table=table) == date(2018, 12, 29)
    assert not table.works(date(2018, 12, 31))


@pytest.mark.parametrize("n", [0, -1])
def test_days_are_counted_forward_from_one(n):
    with pytest.raises(ValueError, match="forward"):
        add_working_days(date(2026, 11, 20), n)
