"""Sets of entries: one coding, near what they must cost, and no input that costs more than its bytes."""

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.entry_set import BLOCK, MAX_ENTRIES, MAX_ENTRY, from_values, rice_parameter, to_values
from signing.errors import Malformed
from tests.vectors.entry_sets import LAWFUL, REFUSED, packed

ENTRIES = st.integers(1, MAX_ENTRY) | st.integers(1, 500)
RUNS = st.builds(lambda first, length: set(range(first, first + length)), ENTRIES, st.integers(1, 700)).map(
    lambda run: {entry for entry in run if entry <= MAX_ENTRY}
)
SETS = st.sets(ENTRIES, max_size=400) | st.lists(RUNS | st.sets(ENTRIES), max_size=4).map(
    lambda sets: set().union(*sets)
)


def coded(entries):
    [[count, gaps]] = to_values([entries])
    return count, gaps


@given(SETS)
def test_a_set_comes_back(entries):
    assert from_values(to_values([entries])) == (frozenset(entries),)


@given(st.integers(0, 300), st.binary(max_size=60))
def test_a_set_has_one_coding(count, content):
    try:
        [entries] = from_values([[count, content]])
    except Malformed:
        return
    assert coded(entries) == (count, content)


@given(SETS, st.data())
def test_a_changed_bit_is_another_set_or_none(entries, data):
    count, gaps = coded(entries)
    if not gaps:
        return
    bit = data.draw(st.integers(0, 8 * len(gaps) - 1))
    changed = bytearray(gaps)
    changed[bit >> 3] ^= 0x80 >> (bit & 7)
    try:
        [other] = from_values([[count, bytes(changed)]])
    except Malformed:
        return
    assert other != entries
    assert coded(other) == (count, bytes(changed))


@pytest.mark.parametrize(("entries", "count", "bits"), LAWFUL.values(), ids=LAWFUL.keys())
def test_a_set_is_these_bits(entries, count, bits):
    assert coded(entries[::-1]) == (count, packed(bits))
    assert from_values([[count, packed(bits)]]) == (frozenset(entries),)


@pytest.mark.parametrize(("count", "bits"), REFUSED.values(), ids=REFUSED.keys())
def test_a_set_coded_otherwise_is_refused(count, bits):
    with pytest.raises(Malformed):
        from_values([[count, packed(bits)]])


@given(st.lists(st.integers(0, MAX_ENTRY - 1) | st.integers(0, 9), min_size=1, max_size=BLOCK))
def test_no_parameter_makes_a_block_shorter_and_of_the_shortest_it_is_the_smallest(gaps):
    def size(k):
        return len(gaps) * (k + 1) + sum(gap >> k for gap in gaps)

    assert rice_parameter(gaps) == min(range(32), key=lambda k: (size(k), k))


@pytest.mark.parametrize("entries", [{0}, {-1}, {MAX_ENTRY + 1}, {0, 5}], ids=str)
def test_what_is_no_entry_is_not_coded(entries):
    with pytest.raises(Malformed):
        to_values([entries])


def test_sets_of_too_many_entries_are_not_coded():
    with pytest.raises(Malformed):
        to_values([range(1, MAX_ENTRIES + 1), [MAX_ENTRIES + 1]])


@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.5])
def test_entries_without_a_pattern_cost_little_more_than_their_entropy(share):
    size = int(10_000 / share)
    entries = Random(1).sample(range(1, size + 1), 10_000)
    bound = -size * (share * math.log2(share) + (1 - share) * math.log2(1 - share)) / 8

    _, gaps = coded(entries)

    assert len(gaps) < (1.02 if share < 0.1 else 1.06) * bound


def test_a_run_costs_a_bit_for_each_entry_wherever_it_stands():
    scattered = Random(1).sample(range(1, 90_000_000), 5_000)
    _, alone = coded(scattered)

    _, gaps = coded([*scattered, *range(99_000_000, 99_010_000)])

    assert len(gaps) - len(alone) < 10_000 / 8 * 1.1 + 500
