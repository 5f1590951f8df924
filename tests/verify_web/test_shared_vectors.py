"""The page's verifier against ``tests/vectors/tokens.json``, by WebCrypto and by its own arithmetic."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from signing.cose import Kind, key_id
from signing.errors import SigningError
from signing.link import qr_text
from signing.root import Root
from signing.trust import open_trust_names
from signing.verdict import Reason, judge, open_public_state
from tests.vectors import world
from tests.vectors.variants import NAME_FAULTS, edited
from tests.verify_web.node import run_in_node

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "tokens.json").read_text())
BOTH = pytest.mark.parametrize("webcrypto", [True, False], ids=["webcrypto", "fallback"])


def as_input(case: dict[str, Any]) -> dict[str, Any]:
    """Return a case of ``tokens.json`` as ``node_runner.mjs judge`` reads it."""
    return {
        "root": VECTORS["roots"][case["root"]],
        "keys": case["keys"] and VECTORS["keys"][case["keys"]],
        "status": case["status"] and VECTORS["status"][case["status"]],
        "environment": case["environment"],
        "tokens": [[case["token"], datetime.fromisoformat(case["now"]).timestamp()]],
    }


@BOTH
def test_every_case_has_its_verdict_and_reason(webcrypto):
    cases = VECTORS["cases"]

    answers = [answer for [answer] in run_in_node("judge", list(map(as_input, cases)), webcrypto=webcrypto)]

    told = [(verdict, reason, stale) for verdict, reason, _, stale, _ in answers]
    meant = [(case["verdict"], case["reason"], case["stale"]) for case in cases]
    wrong = [
        (case["name"], said) for case, said, wish in zip(cases, told, meant, strict=True) if said != wish
    ]
    assert wrong == []
    assert {reason for _, reason, _ in told} == set(Reason)


@BOTH
def test_every_bit_flipped_has_the_verdict_of_python(webcrypto):
    every = 1 if webcrypto else 7
    keys, status = (bytes.fromhex(VECTORS[file]["current"]) for file in ("keys", "status"))
    state = open_public_state(world.root(), keys, status, environment=world.ENV)
    flipped = [
        flip(token, bit) for token in world.BASE_TOKENS.values() for bit in range(0, 8 * len(token), every)
    ]

    answers = run_in_node(
        "judge", [current_files([(token, world.NOW) for token in flipped])], webcrypto=webcrypto
    )[0]

    for token, answer in zip(flipped, answers, strict=True):
        judged = judge(token, state, now=world.NOW)
        assert answer[:2] == [judged.verdict, judged.reason]
        assert answer[0] != "valid"
        assert answer[4] is None
    assert len(flipped) > (3000 if webcrypto else 500)


def test_the_flips_agree_with_the_runs_in_the_vectors():
    for base in VECTORS["base_tokens"]:
        token = bytes.fromhex(base["token"])
        flipped = [(flip(token, bit), world.NOW) for bit in range(8 * len(token))]
        reasons = [reason for _, reason, *_ in run_in_node("judge", [current_files(flipped)])[0]]
        assert reasons == [reason for reason, length in base["flips"] for _ in range(length)]


@BOTH
def test_id_numbers_in_every_writing_give_the_same_bits(webcrypto):
    cases = VECTORS["id_checks"] if webcrypto else VECTORS["id_checks"][1:3]

    answers = run_in_node(
        "idcheck", [case | {"salt": world.SALT.hex()} for case in cases], webcrypto=webcrypto
    )

    assert [check for _, check in answers] == [case["check"] for case in cases]


def test_numbers_issuers_and_codes_are_shown_alike():
    names = world.trust_names()
    occupations = [*map(list, names.occupations), [9, 9]]
    directions = [*names.directions, 99]
    question = {
        "root": VECTORS["roots"]["demo"],
        "keys": VECTORS["keys"]["current"],
        "names": VECTORS["names"]["current"],
        "numbers": [case["number"] for case in VECTORS["numbers"]],
        "occupations": occupations,
        "directions": directions,
    }

    [answer] = run_in_node("names", [question])

    assert [shown for shown, _ in answer["numbers"]] == [case["shown"] for case in VECTORS["numbers"]]
    assert answer["numbers"][0][1] == names.issuers[1, "S0001"]
    assert answer["occupations"] == [*names.occupations.values(), None]
    assert answer["directions"] == [*names.directions.values(), None]


LINKS = {
    "https://dte.example/v#5": "05",
    "HTTPS://ELSEWHERE.EXAMPLE/#256": "0100",
    "#1": "01",
    "#12#3": None,
    "https://dte.example/v": None,
    "https://dte.example/v#": None,
    "https://dte.example/v#0": None,
    "https://dte.example/v#012": None,
    "https://dte.example/v# 12": None,
    "https://dte.example/v#12\n": None,
    "https://dte.example/v#１２": None,
    "https://dte.example/v#-12": None,
    "https://dte.example/v#1e9": None,
    "#" + "9" * 7089: "long",
    "#" + "9" * 7090: None,
}


def test_links_are_read_alike():
    answers = run_in_node("link", list(LINKS))

    for (text, meant), answer in zip(LINKS.items(), answers, strict=True):
        if meant is None:
            assert answer == {"refused": "Malformed"}, text[:60]
        elif meant != "long":
            assert answer == meant
    token = world.BASE_TOKENS["a name of three characters"]
    assert run_in_node("link", [qr_text("https://dte.example/v#", token)]) == [token.hex()]


ORDINARY_ROOT = VECTORS["roots"]["demo"]
KEYS = ORDINARY_ROOT["keys"]
MLDSA_KEYS = {"threshold": 2, "keys": {key: f"{place:02x}" * 1312 for place, key in enumerate(KEYS)}}
WRONG_MLDSA_KEYS = {
    "null": None,
    "a list": [],
    "threshold 3 of 2": {"threshold": 3, "keys": dict.fromkeys(KEYS[:2], "00" * 1312)},
    "threshold true": MLDSA_KEYS | {"threshold": True},
    "a member more": MLDSA_KEYS | {"more": 1},
    "keys in a list": MLDSA_KEYS | {"keys": []},
    "no keys": MLDSA_KEYS | {"keys": {}},
    "one key of two": MLDSA_KEYS | {"keys": dict.fromkeys(KEYS, "00" * 1312)},
    "a key too short": MLDSA_KEYS | {"keys": {KEYS[0]: "00" * 1311}, "threshold": 1},
    "a key of nobody": MLDSA_KEYS | {"keys": {"00" * 32: "00" * 1312}, "threshold": 1},
}
WRONG_ROOTS = {
    "null": None,
    "a list": [],
    "a member less": {name: value for name, value in ORDINARY_ROOT.items() if name != "version"},
    "a member more": ORDINARY_ROOT | {"more": 1},
    "another format": ORDINARY_ROOT | {"format": "certreg-root/2"},
    "environment in capitals": ORDINARY_ROOT | {"environment": "Demo"},
    "version 0": ORDINARY_ROOT | {"version": 0},
    "version in text": ORDINARY_ROOT | {"version": "1"},
    "threshold 0": ORDINARY_ROOT | {"threshold": 0},
    "threshold beyond the keys": ORDINARY_ROOT | {"threshold": len(KEYS) + 1},
    "no keys": ORDINARY_ROOT | {"keys": []},
    "a key in capitals": ORDINARY_ROOT | {"keys": [key.upper() for key in KEYS]},
    "a key too short": ORDINARY_ROOT | {"keys": [*KEYS[:2], "00" * 31]},
    "a key twice": ORDINARY_ROOT | {"keys": [*KEYS[:2], KEYS[0]]},
    "a key no text": ORDINARY_ROOT | {"keys": [*KEYS[:2], 1]},
    **{f"ML-DSA-44: {name}": ORDINARY_ROOT | {"mldsa44": wrong} for name, wrong in WRONG_MLDSA_KEYS.items()},
    "a key of small order": ORDINARY_ROOT | {"keys": [*KEYS[:2], "01" + "00" * 31]},
}


def test_roots_are_refused_alike():
    named = ORDINARY_ROOT | {"mldsa44": MLDSA_KEYS}
    good, with_mldsa, *answers = run_in_node("root", [ORDINARY_ROOT, named, *WRONG_ROOTS.values()])

    assert good == with_mldsa == [key_id(bytes.fromhex(key)).hex() for key in KEYS]
    assert Root.from_json(json.dumps(named)).mldsa.threshold == 2
    for (name, content), answer in zip(WRONG_ROOTS.items(), answers, strict=True):
        with pytest.raises(SigningError) as refusal:
            Root.from_json(json.dumps(content))
        assert answer == {"refused": type(refusal.value).__name__}, name


def test_names_are_refused_alike():
    payload = world.trust_names().to_payload()
    payloads = [payload, *(edited(payload, edit) for edit in NAME_FAULTS.values())]
    files = [world.signed_file(data, *world.CUSTODIANS[:2], kind=Kind.TRUST_NAMES) for data in payloads]

    good, *answers = run_in_node("trustnames", [names_question(data.hex()) for data in files])

    assert good == world.trust_names().version
    assert answers == [{"refused": "Malformed"}] * len(NAME_FAULTS)


def test_the_signatures_of_names_are_judged_alike():
    files = VECTORS["names"]

    answers = run_in_node("trustnames", [names_question(data) for data in files.values()])

    for (name, data), answer in zip(files.items(), answers, strict=True):
        assert answer == python_of_names(bytes.fromhex(data)), name


def names_question(names):
    return {"root": ORDINARY_ROOT, "keys": VECTORS["keys"]["current"], "names": names}


def python_of_names(data):
    try:
        return open_trust_names(data, world.trust_keys()).version
    except SigningError as refusal:
        return {"refused": type(refusal).__name__}


@BOTH
def test_key_ids_are_the_thumbprints_of_python(webcrypto):
    keys = [world.STATUS.public, world.ISSUING.public]

    assert run_in_node("keyid", [key.hex() for key in keys], webcrypto=webcrypto) == [
        key_id(key).hex() for key in keys
    ]


def test_both_languages_know_the_same_reasons():
    assert list(run_in_node("reasons", [None])[0]) == list(Reason)


def flip(token: bytes, bit: int) -> bytes:
    changed = bytearray(token)
    changed[bit >> 3] ^= 0x80 >> (bit & 7)
    return bytes(changed)


def current_files(tokens: list[tuple[bytes, datetime]]) -> dict[str, Any]:
    """Return the input that judges tokens by the current files of the world."""
    return {
        "root": VECTORS["roots"]["demo"],
        "keys": VECTORS["keys"]["current"],
        "status": VECTORS["status"]["current"],
        "environment": world.ENV,
        "tokens": [[token.hex(), now.timestamp()] for token, now in tokens],
    }
