"""The questions of the CDDL."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from signing import shape
from signing.errors import Malformed

SHANGHAI = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("question", "value"),
    [
        (shape.integer, True),
        (shape.integer, -1),
        (shape.integer, 2**53),
        (shape.integer, 1.0),
        (shape.integer, None),
        (shape.content, "a"),
        (shape.text, b"a"),
        (shape.truth, 1),
        (shape.truth, None),
        (shape.array, {}),
        (shape.array, "abc"),
        (shape.environment, "Demo"),
        (shape.environment, "demo\n"),
        (shape.environment, None),
        (shape.day, -1),
        (shape.day, 65536),
        (shape.instant, -1),
        (shape.instant, 253_402_300_800),
    ],
)
def test_another_shape_is_refused(question, value):
    with pytest.raises(Malformed):
        question(value)


@pytest.mark.parametrize(
    ("value", "low", "high"), [(b"", 1, None), (b"ab", 1, None), (b"abc", 1, 2), ("a", 1, None)]
)
def test_bytes_have_a_length(value, low, high):
    with pytest.raises(Malformed):
        shape.octets(value, low, high)


@pytest.mark.parametrize(("value", "low", "high"), [([], 1, None), ([1], 0, 0), ([1, 2], 1, 1)])
def test_arrays_have_a_length(value, low, high):
    with pytest.raises(Malformed):
        shape.array(value, low, high)


@pytest.mark.parametrize("value", [{1: 0}, {1: 0, 2: 0, 3: 0}, [], None])
def test_maps_have_their_keys(value):
    with pytest.raises(Malformed):
        shape.fields(value, (1, 2))


@pytest.mark.parametrize("values", [[2, 1], [1, 1], [0, 2, 1]])
def test_ascending_means_none_twice(values):
    with pytest.raises(Malformed):
        shape.ascending(values)


@pytest.mark.parametrize("value", [[], [0], [0, 1], [-5, 7]])
def test_ascending_values_pass(value):
    shape.ascending(value)


def test_days_and_instants_come_back():
    assert shape.day(shape.days(date(2026, 11, 20))) == date(2026, 11, 20)
    assert shape.day(0) == date(1970, 1, 1)
    assert shape.day(65535) == date(2149, 6, 6)
    assert shape.instant(0) == datetime(1970, 1, 1, tzinfo=UTC)
    assert shape.instant(shape.MAX_SECONDS) == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert shape.seconds(datetime(1970, 1, 1, 8, tzinfo=SHANGHAI)) == 0


@pytest.mark.parametrize(
    "value", [datetime(1969, 12, 31, tzinfo=UTC), datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC)]
)
def test_an_instant_outside_the_grammar_is_refused(value):
    with pytest.raises(Malformed):
        shape.seconds(value)
