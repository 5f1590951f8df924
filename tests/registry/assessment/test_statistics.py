"""Rates follow from counts, in whole tenths of a percent."""

import pytest

from registry.assessment.statistics import COUNTS, Statistics, counts_of


def statistics(**counts):
    return Statistics(**{name: 0 for name in COUNTS if name != "failed"} | counts)


@pytest.mark.parametrize(
    ("passed", "entered", "absent", "of_entered", "of_present"),
    [
        (0, 0, 0, None, None),
        (0, 3, 3, 0, None),
        (3, 3, 0, 1000, 1000),
        (1, 3, 0, 333, 333),
        (2, 3, 0, 667, 667),
        (49, 400, 0, 123, 123),
        (1, 2000, 0, 1, 1),
        (1, 2001, 0, 0, 0),
        (1, 4, 2, 250, 500),
    ],
)
def test_rates_are_rounded_half_upwards(passed, entered, absent, of_entered, of_present):
    counted = statistics(passed=passed, entered=entered, absent=absent)

    assert (counted.pass_rate_of_entered, counted.pass_rate_of_present) == (of_entered, of_present)
    assert counted.failed == entered - passed
    assert counted.present == entered - absent


def test_the_counts_are_told_in_the_order_of_the_table():
    assert counts_of(statistics(entered=5, passed=2)) == {
        "entered": 5,
        "absent_theory": 0,
        "absent_practice": 0,
        "absent": 0,
        "passed_theory": 0,
        "passed_practice": 0,
        "passed": 2,
        "failed": 3,
    }
