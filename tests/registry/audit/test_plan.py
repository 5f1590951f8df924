"""Ranges and runs, without any row."""

from hypothesis import given
from hypothesis import strategies as st

from registry.audit.plan import MOST_ENTRIES, PLACES, chain_tasks, cut, joined, overlap
from registry.audit.signer_lines import unrecorded_faults
from registry.journal.record import runs_of

NUMBERS = st.frozensets(st.integers(1, 60))


def members(runs):
    return {entry for first, last in runs for entry in range(first, last + 1)}


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_places_are_cut_without_gap_or_overlap(since, until):
    tasks = list(chain_tasks(since, until))

    places = [place for task in tasks for place in range(task.first, task.last + 1)]
    assert places == list(range(since + 1, until + 1))
    assert all(task.last - task.first < PLACES for task in tasks)


@given(st.integers(1, 100), st.integers(0, 20_000))
def test_entries_are_cut_without_gap_or_overlap(first, last):
    tasks = list(cut(first, last))

    assert [entry for task in tasks for entry in range(task.first, task.last + 1)] == list(
        range(first, last + 1)
    )
    assert all(task.last - task.first < MOST_ENTRIES for task in tasks)


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 9)).map(lambda run: (run[0], sum(run)))))
def test_joined_runs_hold_the_same_entries_once(runs):
    found = joined(runs)

    assert members(found) == members(runs)
    assert found == runs_of(sorted(members(runs)))


@given(NUMBERS, NUMBERS)
def test_the_overlap_is_what_both_hold(left, right):
    found = overlap(runs_of(sorted(left)), runs_of(sorted(right)))

    assert members(found) == left & right


@given(NUMBERS, NUMBERS)
def test_what_has_a_token_and_no_line_is_told(signed, recorded):
    findings = list(unrecorded_faults(runs_of(sorted(signed)), runs_of(sorted(recorded))))

    told = set()
    for finding in findings:
        first, _, last = finding.row.partition("-")
        told |= set(range(int(first), int(last or first) + 1))
    assert told == signed - recorded
