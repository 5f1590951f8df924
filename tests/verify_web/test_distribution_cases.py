"""The shared table of distributions, as the page's own client meets them."""

import json
from functools import cache
from typing import Any

import pytest

from signing.errors import Refusal
from tests.distribution.cases import CASES, Case, case
from tests.vectors import world
from tests.verify_web.node import run_in_node

BOTH = pytest.mark.parametrize("webcrypto", [True, False], ids=["webcrypto", "fallback"])


def question(told: Case) -> dict[str, Any]:
    return {
        "pin": json.loads(told.pin.to_json()),
        "visits": [
            {
                "files": {name: content.hex() for name, content in visit.files.items()},
                "now": (world.NOW + visit.later).timestamp(),
            }
            for visit in told.visits
        ],
    }


@cache
def outcomes(webcrypto: bool) -> dict[str, list[dict[str, Any]]]:
    """Return what Node tells of each visit of each case."""
    questions = [question(case(name, world.NOW)) for name in CASES]
    return dict(zip(CASES, run_in_node("distribution", questions, webcrypto=webcrypto), strict=True))


@BOTH
@pytest.mark.parametrize("name", CASES)
def test_each_distribution_has_its_outcome(name, webcrypto):
    for visit, outcome in zip(case(name, world.NOW).visits, outcomes(webcrypto)[name], strict=True):
        if visit.about is None:
            assert outcome.get("status"), outcome
        else:
            assert outcome == {"reason": visit.reason, "about": visit.about}


def test_both_languages_know_the_same_refusals():
    assert [*run_in_node("refusals", [None])[0], "not_kept"] == list(Refusal)
