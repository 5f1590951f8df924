"""Civil dates are dates in China, whatever the clock of the machine says."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from registry.civil_time import civil_date, from_utc_seconds, utc_seconds


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (datetime(2026, 12, 31, 15, 59, 59, 999999, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2026, 12, 31, 16, 30, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2028, 2, 28, 16, 0, tzinfo=UTC), date(2028, 2, 29)),
        (datetime(2026, 12, 31, 23, 0, tzinfo=timezone(timedelta(hours=-5))), date(2027, 1, 1)),
        # No summer time, in no month.
        (datetime(2026, 7, 1, 15, 59, tzinfo=UTC), date(2026, 7, 1)),
    ],
)
def test_a_day_begins_at_midnight_in_china(instant, expected):
    assert civil_date(instant) == expected


def test_an_instant_without_a_zone_names_no_day():
    with pytest.raises(ValueError, match="without a time zone"):
        civil_date(datetime(2026, 12, 31, 12, 0))  # noqa: DTZ001


@pytest.mark.parametrize("seconds", [0, 1_795_000_000, 4_102_444_800])
def test_seconds_and_instants_are_the_same_moment(seconds):
    assert utc_seconds(from_utc_seconds(seconds)) == seconds
    assert from_utc_seconds(seconds).tzinfo is UTC


def test_a_part_of_a_second_is_cut_off():
    assert utc_seconds(datetime(1970, 1, 1, 0, 0, 1, 999999, tzinfo=UTC)) == 1


def test_the_last_hours_of_the_year_9999_have_the_last_day_there_is():
    assert civil_date(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)) == date.max
    assert civil_date(datetime(9999, 12, 31, 15, 59, 59, tzinfo=UTC)) == date.max
