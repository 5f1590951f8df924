"""Python and the page give the same verdict and reason on changed tokens, status files and trust keys."""

import json
from collections import Counter
from random import Random
from typing import Any

import pytest

from signing import cbor, entry_set
from signing.cose import Kind
from signing.errors import Malformed
from signing.verdict import judge, open_public_state
from tests.vectors import world
from tests.vectors.entry_sets import LAWFUL, REFUSED, packed
from tests.vectors.variants import TWO, add_logs, edited
from tests.verify_web import mutations
from tests.verify_web.node import run_in_node

SEED = 20261120
ROOT = world.root()


def python_answers(question: dict[str, Any]) -> list[list[Any]]:
    """Return Python's answers to a question as ``node_runner.mjs judge`` reads it."""
    files = [value and bytes.fromhex(value) for value in (question["keys"], question["status"])]
    state = open_public_state(ROOT, *files, environment=world.ENV)
    answers = []
    for token, seconds in question["tokens"]:
        judged = judge(bytes.fromhex(token), state, now=world.NOW.fromtimestamp(seconds, world.NOW.tzinfo))
        statement = judged.statement and judged.statement.to_bytes().hex()
        as_of = judged.as_of and judged.as_of.timestamp()
        answers.append([judged.verdict.value, judged.reason.value, as_of, judged.stale, statement])
    return answers


def question(
    tokens: list[bytes], random: Random, *, keys: bytes | None = None, status: bytes | None = None
) -> dict[str, Any]:
    keys = keys or world.signed_file(world.trust_keys().to_payload(), *world.ROOTS[:2])
    status = status or world.STATUS.sign1(world.status().to_payload(), Kind.STATUS)
    return {
        "root": json.loads(ROOT.to_json()),
        "keys": keys.hex(),
        "status": status.hex(),
        "environment": world.ENV,
        "tokens": [[token.hex(), mutations.moment(random).timestamp()] for token in tokens],
    }


def compare(questions: list[dict[str, Any]], *, webcrypto: bool = True) -> Counter[str]:
    """Require the same answers from both; return how often each reason came."""
    reasons: Counter[str] = Counter()
    for asked, answers in zip(questions, run_in_node("judge", questions, webcrypto=webcrypto), strict=True):
        for case, python, page in zip(asked["tokens"], python_answers(asked), answers, strict=True):
            assert page == python, (case, asked["keys"], asked["status"])
            reasons[python[1]] += 1
    return reasons


@pytest.mark.parametrize(
    ("webcrypto", "count"), [(True, 21_000), (False, 1_500)], ids=["webcrypto", "fallback"]
)
def test_changed_tokens(webcrypto, count):
    random = Random(SEED + count)

    reasons = compare([question(list(mutations.tokens(random, count)), random)], webcrypto=webcrypto)

    assert reasons.total() == count
    # The changes reach every line of the order, not only the first.
    reached = {"malformed", "unknown_version", "bad_signature", "unknown_key", "wrong_key_kind", "valid"}
    reached |= {"outside_key_range", "suspended", "revoked", "status_too_old", "clock_behind_status"}
    assert reached <= reasons.keys()


def test_changed_status_files():
    random = Random(SEED)
    keys = world.signed_file(mutations.small_keys_payload(), *world.ROOTS[:2])
    tokens = [world.token(world.statement(entry)) for entry in (100, 201, 203, 206, 30_000)]

    reasons = compare(
        [question(tokens, random, keys=keys, status=status) for status in mutations.status_files(random, 450)]
    )

    assert {"status_not_verifiable", "valid", "revoked", "suspended", "not_issued"} <= reasons.keys()


def test_changed_trust_keys():
    random = Random(SEED)
    tokens = [world.token(world.statement(entry)) for entry in (100, 203)]

    reasons = compare([question(tokens, random, keys=keys) for keys in mutations.keys_files(random, 450)])

    assert {"no_trust_bundle", "trust_bundle_expired", "valid", "revoked"} <= reasons.keys()


def test_changed_logs():
    random, tokens = Random(SEED), [world.token(world.statement())]
    files = [
        world.signed_file(
            edited(mutations.small_keys_payload(), add_logs(mutations.changed_log(random))), *TWO
        )
        for _ in range(400)
    ]

    reasons = compare([question(tokens, random, keys=keys) for keys in files])

    assert reasons["no_trust_bundle"] > 100
    assert reasons.total() - reasons["no_trust_bundle"] > 10


# Profiles that the grammar allows and the rules of formats.md §4 do not, and their lawful neighbours.
DIGITS = ["serial", 1, "0123456789"]
PROFILES = {
    "lawful": [1, "a", "assumed", [0], None, [DIGITS]],
    "of 11 bytes": [1, "a", "assumed", [], 0, [["serial", 11, "".join(map(chr, range(0x4E00, 0x4F00)))]]],
    "of 12 bytes": [1, "a", "assumed", [], 0, [["serial", 12, "".join(map(chr, range(0x4E00, 0x4F00)))]]],
    "two fields of one name": [1, "a", "assumed", [], None, [DIGITS, DIGITS]],
    "no fields": [1, "a", "assumed", [], None, []],
    "issuer of no field": [1, "a", "assumed", [1], None, [DIGITS]],
    "level of no field": [1, "a", "assumed", [], 1, [DIGITS]],
    "empty alphabet": [1, "a", "assumed", [], None, [["serial", 1, ""]]],
    "alphabet with a character twice": [1, "a", "assumed", [], None, [["serial", 1, "𬭸䶮𬭸"]]],
    "alphabet of one character": [1, "a", "assumed", [], None, [["serial", 16, "𬭸"]]],
    "width 0": [1, "a", "assumed", [], None, [["serial", 0, "01"]]],
    "width 17": [1, "a", "assumed", [], None, [["serial", 17, "01"]]],
    "code 0": [0, "a", "assumed", [], None, [DIGITS]],
    "code 256": [256, "a", "assumed", [], None, [DIGITS]],
}


@pytest.mark.parametrize("name", PROFILES)
def test_profiles_are_refused_alike(name):
    content: Any = cbor.decode(mutations.small_keys_payload())
    content[8] = [PROFILES[name]]
    keys = world.signed_file(cbor.encode(content), *world.ROOTS[:2])

    reasons = compare([question([world.token(world.statement())], Random(SEED), keys=keys)])

    lawful = name in {"lawful", "of 11 bytes", "alphabet of one character"}
    assert set(reasons) == {"valid" if lawful else "no_trust_bundle"}


def test_changed_cbor_is_refused_by_both_or_comes_back_alike():
    random = Random(SEED)
    seeds = [
        world.trust_keys().to_payload(),
        world.status().to_payload(),
        *world.BASE_TOKENS.values(),
        b"\x80",
        b"\xa0",
    ]
    nests = [bytes((head,)) * depth + b"\x00" for head in (0x81, 0xD2) for depth in range(7, 11)]
    nests += [b"\xa1\x00" * depth + b"\x00" for depth in range(7, 11)]
    changed = (
        [mutations.changed_bytes(random, random.choice(seeds)) for _ in range(6_000)]
        + mutations.PIECES
        + nests
    )

    answers = run_in_node("cbor", [data.hex() for data in changed])

    for data, answer in zip(changed, answers, strict=True):
        assert answer == _decoded(data), data.hex()


def test_a_million_items_are_the_most_for_both():
    million = [[0] * 999] * 999 + [[0] * 998]
    data = cbor.encode(million)
    items = b"\x9a\x00\x0f\x42\x3f"
    changed = [data, data[:-999] + b"\x19\x03\xe7" + bytes(999)]
    changed += [data.replace(b"\x99\x03\xe8", b"\x99\x03\xe9", 1) + b"\x00"]
    changed += [b"\x81" + items, items, b"\xba\x00\x07\xa1\x20", b"\xba\x00\x07\xa1\x1f"]

    answers = run_in_node("cbor", [piece.hex() for piece in changed])

    assert answers == [data.hex()] + [{"refused": "Malformed"}] * (len(changed) - 1)
    assert answers == [_decoded(piece) for piece in changed]


def test_sets_of_entries_are_read_written_and_refused_alike():
    random = Random(SEED)
    coded = [[count, packed(bits)] for _, count, bits in LAWFUL.values()]
    coded += [[count, packed(bits)] for count, bits in REFUSED.values()]
    for step in (1, 2, 3, 40, 1_000, 100_000):
        entries = sorted({random.randrange(1, 300 * step + 1) for _ in range(300)} | set(range(1, 200)))
        coded += entry_set.to_values([entries, entries[:127], entries[:128], entries[:129]])
    changed = [
        [max(0, count + random.choice((0, 0, 0, 1, -1, 128))), mutations.changed_bytes(random, gaps)]
        for count, gaps in (random.choice(coded) for _ in range(4_000))
        if count < 10**6
    ]

    questions = [[count, gaps.hex()] for count, gaps in coded + changed]
    answers = run_in_node("entryset", questions)

    read = 0
    for (count, gaps), answer in zip(questions, answers, strict=True):
        try:
            [entries] = entry_set.from_values([[count, bytes.fromhex(gaps)]])
        except Malformed:
            assert answer == {"refused": "Malformed"}, (count, gaps)
            continue
        read += 1
        assert answer == {"entries": sorted(entries), "written": [count, gaps]}
    assert read > 100


def test_statuses_with_these_sets_are_refused_alike():
    random = Random(SEED)
    keys = world.signed_file(mutations.small_keys_payload(), *world.ROOTS[:2])
    questions = []
    for count, bits in REFUSED.values():
        content: Any = cbor.decode(world.status().to_payload())
        content[5], content[12] = 4294967295, [count, packed(bits)]
        status = world.STATUS.sign1(cbor.encode(content), Kind.STATUS)
        questions.append(question([world.token(world.statement())], random, keys=keys, status=status))

    reasons = compare(questions)

    assert reasons == {"status_not_verifiable": len(REFUSED)}


def _decoded(data: bytes) -> Any:
    try:
        return cbor.encode(cbor.decode(data)).hex()
    except Malformed:
        return {"refused": "Malformed"}
