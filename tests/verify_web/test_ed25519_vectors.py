"""The page's Ed25519 gives the verdict beside each vector, by WebCrypto and by its own arithmetic."""

import json
from pathlib import Path

import pytest

from tests.verify_web.node import run_in_node

VECTORS = Path(__file__).parents[1] / "vectors" / "ed25519" / "expected.json"


@pytest.mark.parametrize("webcrypto", [True, False], ids=["webcrypto", "fallback"])
def test_every_vector_has_its_verdict(webcrypto):
    cases = json.loads(VECTORS.read_text())

    answers = run_in_node("ed25519", cases, webcrypto=webcrypto)

    wrong = [
        (case["set"], case["id"], answer)
        for case, answer in zip(cases, answers, strict=True)
        if answer != case["verdict"]
    ]
    assert wrong == []
    assert len(cases) >= 187


def test_a_platform_without_webcrypto_is_not_asked():
    assert run_in_node("probe", [None], webcrypto=False) == [False]


@pytest.mark.parametrize("answers", [[True, True], [False, False], [False, True], []])
def test_a_platform_with_another_rule_is_not_trusted(answers):
    assert run_in_node("probeOf", [{"answers": answers}]) == [False]


def test_a_platform_with_our_rule_is_trusted():
    assert run_in_node("probeOf", [{"answers": [True, False]}]) == [True]


def test_the_webcrypto_of_node_follows_our_rule():
    assert run_in_node("probe", [None]) == [True]
