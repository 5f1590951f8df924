"""A count from 1: what was seen, what was passed over and when, and what of it is still open."""

from random import Random

import pytest

from signing.errors import Malformed
from signing.offline.monitor.line import Hole, Line


def line_of(*numbers):
    """Return a line in which these numbers were seen, one second after the other."""
    line = Line()
    for at, number in enumerate(numbers):
        line.put(number, 1, at=at)
    return line


@pytest.mark.parametrize(
    ("numbers", "overdue"),
    [
        ((), []),
        ((1, 2, 3), []),
        ((2,), [(1, 1)]),
        ((2, 1), []),
        ((1, 5), [(2, 4)]),
        ((1, 5, 3), [(2, 2), (4, 4)]),
        ((1, 5, 2, 4), [(3, 3)]),
        ((1, 5, 2, 4, 3), []),
        ((3, 7, 1, 2), [(4, 6)]),
        ((4, 8, 6), [(1, 3), (5, 5), (7, 7)]),
    ],
)
def test_what_is_still_open_of_each_hole_is_told_once(numbers, overdue):
    line = line_of(*numbers)

    assert line.overdue(100) == overdue
    assert line.overdue(100) == []


def test_a_hole_is_as_old_as_the_number_that_went_past_it():
    line = line_of(1, 3, 5)

    assert line.overdue(1) == []
    assert line.overdue(2) == [(2, 2)]
    assert line.overdue(3) == [(4, 4)]


def test_what_is_open_is_what_was_not_seen_in_any_order():
    for seed in range(200):
        sample = Random(seed)
        numbers = sample.sample(range(1, 61), 40)
        line = line_of(*numbers)

        told = [number for first, last in line.overdue(100) for number in range(first, last + 1)]

        assert sorted(told) == sorted(set(range(1, max(numbers))) - set(numbers)), seed


def test_it_grows_up_to_a_number_and_by_none_that_it_has():
    line = line_of(1, 2, 3)

    assert [line.growth(number) for number in (1, 3, 4, 10)] == [0, 0, 1, 7]
    assert [line.get(number) for number in (0, -1, 1, 3, 4, 10**12)] == [0, 0, 1, 1, 0, 0]


def test_it_reads_back_as_it_was_written():
    line = line_of(1, 5, 3, 9)

    again = Line.from_value(line.to_value())

    assert (again.marks, again.holes) == (line.marks, line.holes)
    assert again.holes == [Hole(2, 4, 1), Hole(6, 8, 3)]


@pytest.mark.parametrize("value", [None, [], [b""], [b"", b"", b""], ["", b""], [b"", ""], [b"", bytes(23)]])
def test_what_is_no_line_is_refused(value):
    with pytest.raises(Malformed):
        Line.from_value(value)
