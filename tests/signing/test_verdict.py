"""Every shared case through ``judge``, and every bit of three tokens flipped."""

import json
from collections import Counter
from datetime import datetime
from functools import cache
from itertools import chain, repeat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.root import Root
from signing.statement import Statement
from signing.verdict import Judgement, PublicState, Reason, Verdict, judge, open_public_state
from tests.vectors.make_tokens import document, said
from tests.vectors.world import BASE_TOKENS, DAY, ENV, HOUR, NOW, SECOND, status, token, trust_keys
from tests.vectors.world import statement as a_statement

FILE = Path(__file__).parents[1] / "vectors" / "tokens.json"
VECTORS = json.loads(FILE.read_text(encoding="utf-8"))
CASES = VECTORS["cases"]
BASE = VECTORS["base_tokens"]
HIDDEN = {
    Reason.MALFORMED,
    Reason.UNKNOWN_VERSION,
    Reason.NO_TRUST_BUNDLE,
    Reason.WRONG_ENVIRONMENT,
    Reason.TRUST_BUNDLE_EXPIRED,
    Reason.UNKNOWN_KEY,
    Reason.KEY_NOT_KNOWN_YET,
    Reason.BAD_SIGNATURE,
}
"""Lines 1 to 4: nothing of the content is shown."""


@cache
def state_of(root: str, keys: str | None, status: str | None, environment: str) -> PublicState:
    pinned = Root.from_json(json.dumps(VECTORS["roots"][root]))
    keys_file = None if keys is None else bytes.fromhex(VECTORS["keys"][keys])
    status_file = None if status is None else bytes.fromhex(VECTORS["status"][status])
    return open_public_state(pinned, keys_file, status_file, environment=environment)


CURRENT = state_of("demo", "current", "current", ENV)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_shared_case_has_its_verdict(case):
    state = state_of(case["root"], case["keys"], case["status"], case["environment"])

    judgement = judge(bytes.fromhex(case["token"]), state, now=datetime.fromisoformat(case["now"]))

    assert (judgement.verdict, judgement.reason) == (case["verdict"], case["reason"])
    assert judgement.stale is case["stale"]
    assert (judgement.statement is not None) == (judgement.reason not in HIDDEN)


@pytest.mark.parametrize("base", BASE, ids=[base["name"] for base in BASE])
def test_a_base_token_says_what_the_file_says(base):
    judgement = judge(bytes.fromhex(base["token"]), CURRENT, now=NOW)

    assert judgement.verdict == Verdict.VALID
    assert said(judgement.statement) == base["statement"]


@pytest.mark.parametrize("base", BASE, ids=[base["name"] for base in BASE])
def test_every_flipped_bit_has_its_reason_and_is_never_valid(base):
    data = bytes.fromhex(base["token"])
    reasons = list(chain.from_iterable(repeat(reason, count) for reason, count in base["flips"]))
    assert len(reasons) == 8 * len(data)
    for bit, reason in enumerate(reasons):
        changed = bytearray(data)
        changed[bit >> 3] ^= 0x80 >> (bit & 7)

        judgement = judge(bytes(changed), CURRENT, now=NOW)

        assert judgement.reason == reason
        assert judgement.verdict in (Verdict.NOT_GENUINE, Verdict.CANNOT_TELL)
        assert judgement.statement is None


def test_the_file_of_vectors_is_what_its_writer_writes():
    assert FILE.read_text(encoding="utf-8") == document()


def test_the_cases_reach_every_reason_and_no_name_twice():
    reasons = Counter(case["reason"] for case in CASES)

    assert set(reasons) == set(Reason)
    assert len({case["name"] for case in CASES}) == len(CASES)


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(data):
    assert judge(data, CURRENT, now=NOW).reason in (Reason.MALFORMED, Reason.UNKNOWN_VERSION)


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_no_files_make_it_raise(keys_file, status_file):
    state = open_public_state(ROOT, keys_file, status_file, environment=ENV)
    assert state == PublicState(ENV, None, None, status_refused=False)

    state = open_public_state(ROOT, bytes.fromhex(VECTORS["keys"]["current"]), status_file, environment=ENV)
    assert state.trust is not None
    assert (state.status, state.status_refused) == (None, True)


ROOT = Root.from_json(json.dumps(VECTORS["roots"]["demo"]))
EDGES = [
    HOUR,
    DAY - SECOND,
    DAY,
    7 * DAY - SECOND,
    7 * DAY,
    30 * DAY,
    30 * DAY + SECOND,
    -600 * SECOND,
    -601 * SECOND,
]


@pytest.mark.parametrize("age", EDGES, ids=str)
@pytest.mark.parametrize("entry", [100, 201, 202, 203, 205, 206, 207, 30_000, 30_001])
def test_only_an_entry_that_nothing_stands_against_is_valid(entry, age):
    """The model: the table of formats.md, read from below."""
    state = PublicState(ENV, trust_keys(), status(made_at=NOW - age), status_refused=False)

    judgement = judge(token(a_statement(entry)), state, now=NOW)

    valid = entry in (100, 207, 30_000) and -600 * SECOND <= age <= 30 * DAY
    assert (judgement.verdict == Verdict.VALID) == valid
    if entry != 30_001:
        assert judgement.as_of == NOW - age
        assert judgement.stale == (age >= 7 * DAY)
        assert judgement.statement == a_statement(entry)


def test_a_state_of_another_environment_gives_no_verdict():
    state = PublicState("prod", trust_keys(), status(), status_refused=False)

    assert judge(next(iter(BASE_TOKENS.values())), state, now=NOW) == Judgement(
        Verdict.CANNOT_TELL, Reason.WRONG_ENVIRONMENT
    )


def test_the_statement_of_a_token_is_the_one_that_was_signed():
    for data, base in zip(BASE_TOKENS.values(), BASE, strict=True):
        assert data.hex() == base["token"]
        assert isinstance(judge(data, CURRENT, now=NOW).statement, Statement)
