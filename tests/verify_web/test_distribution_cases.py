"""The shared table of distributions, as the page's own client meets them."""

from functools import cache

import pytest

from signing.errors import Refusal
from tests.distribution.cases import CASES, case
from tests.distribution.clients import Outcome, outcomes_of_page
from tests.vectors import world
from tests.verify_web.node import run_in_node


@cache
def outcomes(webcrypto: bool) -> dict[str, list[Outcome]]:
    """Return what comes of each case, asked of one Node."""
    cases = [case(name, world.NOW) for name in CASES]
    return dict(zip(CASES, outcomes_of_page(cases, now=world.NOW, webcrypto=webcrypto), strict=True))


@pytest.mark.parametrize("webcrypto", [True, False], ids=["webcrypto", "fallback"])
@pytest.mark.parametrize("name", CASES)
def test_each_distribution_has_its_outcome(name, webcrypto):
    for visit, outcome in zip(case(name, world.NOW).visits, outcomes(webcrypto)[name], strict=True):
        refused = None if visit.about is None else visit.reason
        assert (outcome.reason, outcome.about) == (refused, visit.about)
        assert (outcome.status is None) == (refused is not None)


def test_both_languages_know_the_same_refusals():
    assert [*run_in_node("refusals", [None])[0], "not_kept"] == list(Refusal)
