"""The judge finds what it is there to find: each wrong is planted in what is otherwise in order."""

from dataclasses import replace
from uuid import UUID

import pytest

from tests.stress.acknowledgement import Acknowledged, Act, Given
from tests.stress.judge import ENTRIES, Issued, Recorded, Remains, Stored, Wrong, in_order, judge

SERIES, OTHER_SERIES = "1:S0001:21", "1:S0002:21"


def stored(entry, *, series=SERIES, serial=None, **changes):
    """Return an entry that is in order, but for the changes."""
    serial = entry if serial is None else serial
    good = {
        "entry": entry,
        "number": f"{series}-{serial}",
        "series": series,
        "serial": serial,
        "result": UUID(int=entry),
        "status": "released",
        "signed_bytes": f"bytes {entry}",
        "token": f"token {entry}",
        "says": entry,
    }
    return Stored(**{**good, **changes})


def acknowledged(act, requested, at, *entries):
    """Return an act that gave these entries, which are in order."""
    digest = "bytes" if act is Act.NUMBER else "token"
    given = tuple(
        Given(entry.entry, entry.series, entry.serial, f"{digest} {entry.entry}") for entry in entries
    )
    return Acknowledged(act, requested, at, given)


GOOD = [stored(entry) for entry in (1, 2, 3, 4)]
REMAINS = Remains(
    entries=GOOD,
    issued={SERIES: 4, OTHER_SERIES: 0},
    last_entry=4,
    recorded=[Recorded(entry, f"bytes {entry}") for entry in (1, 2, 3, 4)],
)
ACKNOWLEDGED = [
    acknowledged(Act.NUMBER, 10, 20, *GOOD[:2]),
    acknowledged(Act.NUMBER, 21, 30, *GOOD[2:]),
    acknowledged(Act.SIGN, 31, 40, *GOOD),
    acknowledged(Act.RELEASE, 41, 50, *GOOD),
]


def found(remains=REMAINS, acts=ACKNOWLEDGED):
    return {fault.wrong for fault in judge(remains, acts).faults}


def with_last(**changes):
    """Return the remains with another last entry."""
    return replace(REMAINS, entries=[*GOOD[:3], GOOD[3]._replace(**changes)])


def test_what_is_in_order_has_no_fault():
    verdict = judge(REMAINS, ACKNOWLEDGED)

    assert verdict.faults == []
    assert verdict.pairs == 2  # once in the series, once over all entries


def test_a_register_without_anything_is_in_order():
    assert found(Remains(entries=[], issued={SERIES: 0}, last_entry=0, recorded=[]), []) == set()


@pytest.mark.parametrize(
    ("remains", "wrongs"),
    [
        pytest.param(
            replace(REMAINS, entries=[*GOOD[:3], stored(4, serial=5)], issued={SERIES: 5}),
            {Wrong.GAP},
            id="gap in a series",
        ),
        pytest.param(
            replace(REMAINS, entries=GOOD[1:], recorded=REMAINS.recorded[1:]),
            {Wrong.GAP},
            id="gap at the beginning",
        ),
        pytest.param(with_last(serial=3), {Wrong.TWICE, Wrong.COUNTER}, id="serial given twice"),
        pytest.param(
            with_last(entry=3, says=3), {Wrong.TWICE, Wrong.COUNTER, Wrong.SIGNER}, id="entry given twice"
        ),
        pytest.param(with_last(number=f"{SERIES}-1"), {Wrong.TWICE}, id="number given twice"),
        pytest.param(with_last(result=UUID(int=1)), {Wrong.TWICE}, id="result with two entries"),
        pytest.param(replace(REMAINS, issued={SERIES: 5}), {Wrong.COUNTER}, id="series counter ahead"),
        pytest.param(replace(REMAINS, issued={SERIES: 3}), {Wrong.COUNTER}, id="series counter behind"),
        pytest.param(
            replace(REMAINS, issued={SERIES: 4, OTHER_SERIES: 1}),
            {Wrong.COUNTER},
            id="counter of an empty series",
        ),
        pytest.param(replace(REMAINS, last_entry=5), {Wrong.COUNTER}, id="entry counter ahead"),
        pytest.param(with_last(status="signed"), {Wrong.UNFINISHED}, id="never released"),
        pytest.param(
            with_last(status="numbered", token=None, says=None), {Wrong.UNFINISHED}, id="never signed"
        ),
        pytest.param(with_last(says=None), {Wrong.TOKEN}, id="token that does not verify"),
        pytest.param(with_last(says=3), {Wrong.TOKEN}, id="token of another entry"),
        pytest.param(replace(REMAINS, waiting=1), {Wrong.UNFINISHED}, id="work that was never begun"),
        pytest.param(replace(REMAINS, chain=["place 3"]), {Wrong.CHAIN}, id="broken chain"),
        pytest.param(
            replace(REMAINS, recorded=[*REMAINS.recorded, Recorded(4, "other bytes")]),
            {Wrong.SIGNER},
            id="signed twice",
        ),
        pytest.param(
            replace(REMAINS, recorded=REMAINS.recorded[:3]), {Wrong.SIGNER}, id="signed behind the signer"
        ),
        pytest.param(
            replace(REMAINS, recorded=[*REMAINS.recorded, Recorded(5, "bytes 5")]),
            {Wrong.SIGNER},
            id="signed and forgotten",
        ),
    ],
)
def test_what_is_wrong_in_the_register_is_found(remains, wrongs):
    assert found(remains, acts=[]) == wrongs


@pytest.mark.parametrize(
    ("remains", "wrongs"),
    [
        pytest.param(
            replace(
                REMAINS, entries=GOOD[:3], issued={SERIES: 3}, last_entry=3, recorded=REMAINS.recorded[:3]
            ),
            {Wrong.LOST},
            id="lost at the end, where no gap shows it",
        ),
        pytest.param(with_last(signed_bytes="other"), {Wrong.CHANGED, Wrong.SIGNER}, id="other bytes"),
        pytest.param(with_last(token="other"), {Wrong.CHANGED}, id="other token"),
        pytest.param(
            with_last(token=None, says=None, status="numbered"),
            {Wrong.CHANGED, Wrong.UNFINISHED},
            id="no token any more",
        ),
        pytest.param(
            with_last(status="signed"), {Wrong.CHANGED, Wrong.UNFINISHED}, id="not released any more"
        ),
        pytest.param(
            replace(REMAINS, entries=[*GOOD[:2], stored(3, serial=4), stored(4, serial=3)]),
            {Wrong.CHANGED},
            id="numbers exchanged",
        ),
    ],
)
def test_what_was_acknowledged_and_is_not_so_any_more_is_found(remains, wrongs):
    assert found(remains) == wrongs


def test_a_number_below_one_that_was_answered_before_it_was_asked_for_is_found():
    later, earlier = acknowledged(Act.NUMBER, 10, 20, *GOOD[2:]), acknowledged(Act.NUMBER, 21, 30, *GOOD[:2])

    verdict = judge(REMAINS, [earlier, later])

    assert [fault.wrong for fault in verdict.faults] == [Wrong.ORDER, Wrong.ORDER]
    assert {fault.what.partition(": ")[0] for fault in verdict.faults} == {SERIES, ENTRIES}


def test_acts_that_overlap_may_come_in_any_order():
    assert in_order([Issued(10, 20, 3, 4), Issued(19, 30, 1, 2)]) == (0, [])
    assert in_order([Issued(10, 20, 3, 4), Issued(20, 30, 1, 2)]) == (0, [])


def test_an_inversion_is_found_across_acts_in_between():
    acts = [Issued(0, 1, 9, 9), Issued(2, 3, 10, 10), Issued(4, 5, 8, 8), Issued(6, 7, 11, 11)]

    pairs, inversions = in_order(acts)

    assert pairs == 6
    assert len(inversions) == 1


def test_signing_and_release_are_not_held_against_time():
    acts = [acknowledged(Act.SIGN, 10, 20, *GOOD[2:]), acknowledged(Act.SIGN, 30, 40, *GOOD[:2])]

    assert judge(REMAINS, acts).pairs == 0
