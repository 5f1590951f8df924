"""The page's verifier against ``tests/vectors/status.json``: sets of entries, deltas, freshness."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from signing.cose import Kind
from signing.errors import SigningError
from signing.status import Status
from signing.status_delta import apply
from tests.vectors import deltas, freshness, world
from tests.vectors.make_status import document
from tests.verify_web import mutations
from tests.verify_web.node import run_in_node

FILE = Path(__file__).parents[1] / "vectors" / "status.json"
VECTORS = json.loads(FILE.read_text())
SEED = 20261120


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def test_the_file_of_vectors_is_what_its_writer_writes():
    assert FILE.read_text() == document()


def test_sets_are_read_and_written_as_the_vectors_say():
    cases = VECTORS["entry_sets"]

    answers = run_in_node("entryset", [[case["count"], case["gaps"]] for case in cases])

    for case, answer in zip(cases, answers, strict=True):
        if case["entries"] is None:
            assert answer == {"refused": "Malformed"}, case["name"]
        else:
            assert answer == {"entries": case["entries"], "written": [case["count"], case["gaps"]]}


def test_deltas_make_what_the_vectors_say():
    cases = VECTORS["deltas"]

    answers = run_in_node("delta", [[case["held"], case["delta"]] for case in cases])

    wrong = []
    for case, answer in zip(cases, answers, strict=True):
        refused = {"refused": "DeltaMisfit" if case["name"].startswith("held ") else "Malformed"}
        if answer != (case["result"] or refused):
            wrong.append((case["name"], answer))
    assert wrong == []


def test_changed_deltas_make_the_same_or_nothing_in_both():
    random = Random(SEED)
    questions = []
    for number in range(3_000):
        delta = deltas.delta(900, random.choice((910, 930)))
        change = mutations.changed_bytes if number % 2 else mutations.changed_values
        held = deltas.BY_VERSION[random.choice((890, 900, 910, 920))]
        questions.append((held.to_payload(), change(random, delta)))

    answers = run_in_node("delta", [[held.hex(), delta.hex()] for held, delta in questions])

    made = 0
    for (held, delta), answer in zip(questions, answers, strict=True):
        try:
            expected: Any = apply(delta, Status.from_payload(held)).hex()
            made += 1
        except SigningError as refusal:
            expected = {"refused": type(refusal).__name__}
        assert answer == expected, (held.hex(), delta.hex())
    assert 100 < made < 2_900


def test_the_name_of_the_delta_is_the_same_in_both():
    cases = VECTORS["delta_names"]

    answers = run_in_node("deltaname", [[seconds(case["made_at"]), seconds(case["now"])] for case in cases])

    assert answers == [case["name"] for case in cases]


def test_a_status_at_the_edge_of_a_policy_has_the_same_verdict_in_both():
    cases = VECTORS["freshness"]
    keys = world.signed_file(world.trust_keys().to_payload(), *world.ROOTS[:2])

    def asked(case: dict[str, Any]) -> dict[str, Any]:
        made_at = world.NOW - timedelta(seconds=case["age_seconds"])
        return {
            "root": json.loads(world.root().to_json()),
            "keys": keys.hex(),
            "status": world.STATUS.sign1(world.status(made_at=made_at).to_payload(), Kind.STATUS).hex(),
            "environment": world.ENV,
            "tokens": [[world.token(world.statement()).hex(), world.NOW.timestamp()]],
            "freshness": [case["note_days"], case["max_days"]],
        }

    answers = run_in_node("judge", [asked(case) for case in cases])

    told = [(reason, stale) for [[_, reason, _, stale, _]] in answers]
    assert told == [(case["reason"], case["stale"]) for case in cases]


@pytest.mark.parametrize("policy", [*freshness.REFUSED, (1.5, 30), ("7", 30), (None, 30)])
def test_a_policy_out_of_bounds_is_not_made(policy):
    assert run_in_node("freshness", [policy]) == [{"refused": "FreshnessOutOfBounds"}]
