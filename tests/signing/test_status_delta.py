"""Deltas: from any status in between to the present file, byte for byte, or to nothing."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.errors import DeltaMisfit, FormatError, Malformed, SigningError
from signing.status import SETS, open_status
from signing.status_delta import StatusDelta, Step, apply, delta_name, kept_names
from tests.vectors import deltas
from tests.vectors.world import HOUR, NOW, SECOND, status, trust_keys

LAWFUL = {name: rest for name, *rest in deltas.lawful()}
REFUSED = {name: rest for name, *rest in deltas.refused()}
TRUST = trust_keys()
SIZE = 40
PLACES = st.lists(st.sampled_from([*SETS, None]), min_size=SIZE, max_size=SIZE)


@pytest.mark.parametrize(("held", "delta", "result"), LAWFUL.values(), ids=LAWFUL.keys())
def test_whatever_is_held_becomes_the_present_file(held, delta, result):
    assert apply(delta, held) == result
    assert StatusDelta.from_bytes(delta).to_bytes() == delta


@pytest.mark.parametrize(("held", "delta"), REFUSED.values(), ids=REFUSED.keys())
def test_what_does_not_fit_is_refused(held, delta):
    with pytest.raises(FormatError):
        apply(delta, held)


@pytest.mark.parametrize("name", [name for name in REFUSED if name.startswith("held ")])
def test_a_delta_for_somebody_else_is_called_so(name):
    held, delta = REFUSED[name]

    with pytest.raises(DeltaMisfit):
        apply(delta, held)


def at(version, places):
    """Return a status in which entry n stands at the n-th place."""
    sets = {name: frozenset(n for n, place in enumerate(places, 1) if place == name) for name in SETS}
    return status(version=version, size=SIZE, **sets)


@settings(max_examples=60)
@given(st.lists(PLACES, min_size=2, max_size=6))
def test_every_status_of_any_history_comes_to_its_end(history):
    road = [at(900 + place, places) for place, places in enumerate(history)]
    delta = StatusDelta.starting_at(road[0], deltas.signature(road[0]))
    for previous, following in pairwise(road):
        delta = delta.extended(Step.between(previous, following), deltas.signature(following))

    for held in road:
        assert apply(delta.to_bytes(), held) == deltas.file(road[-1])


@given(PLACES, PLACES)
def test_what_changed_is_what_stands_elsewhere(before, after):
    differing = {n for n, (was, is_) in enumerate(zip(before, after, strict=True), 1) if was != is_}

    assert Step.between(at(1, before), at(2, after)).changed == differing


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise_anything_else(data):
    with pytest.raises(Malformed):
        apply(data, status())


def test_a_change_that_nobody_told_is_found_by_the_signature():
    """An entry that was suspended and reinstated in between, left out of the delta."""
    first, second, third = (at(version, [None] * SIZE) for version in (900, 901, 902))
    second = replace(second, suspended=frozenset({5}))
    shorter = StatusDelta.starting_at(first, deltas.signature(first))
    shorter = shorter.extended(Step.between(first, third), deltas.signature(third))

    assert open_status(apply(shorter.to_bytes(), first), TRUST) == third
    with pytest.raises(SigningError):
        open_status(apply(shorter.to_bytes(), second), TRUST)


def test_a_delta_goes_on_only_from_where_it_leads():
    first, second, third = deltas.HISTORY[:3]
    delta = StatusDelta.starting_at(first, deltas.signature(first))

    with pytest.raises(DeltaMisfit):
        delta.extended(Step.between(second, third), deltas.signature(third))


@pytest.mark.parametrize(("held_since", "now", "name"), deltas.NAMES)
def test_a_verifier_knows_the_name_to_ask_for(held_since, now, name):
    assert delta_name(held_since, now) == name


@given(st.integers(-3600, 10 * 86_400))
def test_every_name_that_is_asked_for_is_one_that_is_kept(age):
    name = delta_name(NOW - timedelta(seconds=age), NOW)

    if age >= 0 and name is not None:
        assert name in kept_names(NOW)
        assert kept_names(NOW)[name] == (
            name in ("status/since/2026-11-20T04.cbor", "status/since/2026-11-20.cbor")
        )


def test_six_hours_and_eight_days_are_kept_and_the_present_ones():
    names = list(kept_names(NOW))

    assert len(names) == 16
    assert [name for name, starts in kept_names(NOW).items() if starts] == [
        "status/since/2026-11-20T04.cbor",
        "status/since/2026-11-20.cbor",
    ]
    assert names[6] == "status/since/2026-11-19T22.cbor"
    assert names[-1] == "status/since/2026-11-12.cbor"
    assert list(kept_names(NOW + HOUR - SECOND)) == names
