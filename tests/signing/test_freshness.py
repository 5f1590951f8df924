"""How old a status may be: bounds of the policy, and its edges to the second."""

from datetime import timedelta

import pytest

from signing.errors import FreshnessOutOfBounds
from signing.freshness import Freshness
from signing.verdict import PublicState, Reason, judge
from tests.vectors.freshness import REFUSED, cases
from tests.vectors.world import ENV, NOW, statement, status, token, trust_keys

TOKEN = token(statement())


@pytest.mark.parametrize(
    "case", list(cases()), ids=lambda case: "{note_days}-{max_days}-{age_seconds}".format(**case)
)
def test_a_status_at_the_edge_of_a_policy(case):
    made_at = NOW - timedelta(seconds=case["age_seconds"])
    state = PublicState(ENV, trust_keys(made_at=NOW), status(made_at=made_at), status_refused=False)
    freshness = Freshness(case["note_days"], case["max_days"])

    judgement = judge(TOKEN, state, now=NOW, freshness=freshness)

    assert (judgement.reason, judgement.stale) == (case["reason"], case["stale"])


@pytest.mark.parametrize("entry", [203, 205, 201])
def test_what_is_final_is_told_by_a_status_of_any_age(entry):
    state = PublicState(ENV, trust_keys(), status(made_at=NOW - timedelta(days=3)), status_refused=False)

    judged = [
        judge(token(statement(entry)), state, now=NOW, freshness=Freshness(1, days)) for days in (1, 365)
    ]

    assert judged[0] == judged[1]
    assert judged[0].reason != Reason.STATUS_TOO_OLD


@pytest.mark.parametrize(("note_days", "max_days"), REFUSED)
def test_a_policy_out_of_bounds_is_not_made(note_days, max_days):
    with pytest.raises(FreshnessOutOfBounds):
        Freshness(note_days, max_days)


@pytest.mark.parametrize(
    ("note_days", "max_days", "policy"),
    [
        (None, None, Freshness(7, 30)),
        (None, "90", Freshness(7, 90)),
        (None, "3", Freshness(3, 3)),
        ("1", None, Freshness(1, 30)),
        ("30", "30", Freshness(30, 30)),
        ("365", "365", Freshness(365, 365)),
    ],
)
def test_a_policy_is_read_as_people_write_it(note_days, max_days, policy):
    assert Freshness.from_texts(note_days=note_days, max_days=max_days) == policy


@pytest.mark.parametrize(
    ("note_days", "max_days"),
    [
        ("", None),
        ("0", None),
        ("-1", None),
        ("1.5", None),
        ("week", None),
        ("７", None),
        ("31", None),
        (None, "366"),
        (None, "9" * 5000),
        (None, "0"),
        ("8", "7"),
    ],
)
def test_what_is_no_policy_is_refused(note_days, max_days):
    with pytest.raises(FreshnessOutOfBounds):
        Freshness.from_texts(note_days=note_days, max_days=max_days)
