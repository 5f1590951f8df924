"""Tokens and public files are COSE to other libraries: ``cwt``, and ``cbor2`` with ``cryptography``.

Both hear of the formats what ``docs/formats.md`` says and nothing else: external AAD, algorithm, key id. They
are more lenient than we are (any CBOR will do), so malformed tokens are not compared; signatures are. One
signature of the vectors holds for them and not for us: its maker, who must have the private key, chose an R
of small order.
"""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tests" / "oracles" / "cwt_verify.py"
PYTHON = ROOT / ".venv" / "oracle" / "bin" / "python"
MISSING = f"{PYTHON} is missing: `make test` installs it, `make .venv/oracle/installed` does that alone"

VECTORS = json.loads((ROOT / "tests" / "vectors" / "tokens.json").read_text(encoding="utf-8"))
AAD = b"certreg/demo/certificate/1"

# Reasons of formats.md §8 that are given before, or instead of, looking at the signature under a known key.
BEFORE_THE_SIGNATURE = {
    "malformed",
    "unknown_version",
    "no_trust_bundle",
    "wrong_environment",
    "trust_bundle_expired",
}
NO_SIGNATURE = {"bad_signature", "unknown_key", "key_not_known_yet"}

# The strict rule (formats.md §2) refuses it; the equation alone holds.
STRICTER_THAN_OTHERS = {"bad signature: R of order 1"}

OTHER_AADS = [
    b"",
    b"certreg/prod/certificate/1",
    b"certreg/demo/status/1",
    b"certreg/demo/certificate/2",
    b"certreg/demo/certificate/",
]


@dataclass(frozen=True)
class Message:
    """What an oracle is asked about; ``payload`` is ``None`` unless it is detached."""

    message: bytes
    external_aad: bytes = AAD
    payload: bytes | None = None


def trusted_keys() -> dict[bytes, bytes]:
    """Return the public keys of the current trust bundle by key id, read with cbor2."""
    payload, _ = cbor2.loads(bytes.fromhex(VECTORS["keys"]["current"]))
    return {key[0]: key[3] for key in cbor2.loads(payload)[7]}


def root_keys() -> dict[bytes, bytes]:
    """Return the root keys by the key ids in the signatures, in the order of ``world.ROOTS``."""
    _, signatures = cbor2.loads(bytes.fromhex(VECTORS["keys"]["all three"]))
    kids = [cbor2.loads(signature.value[0])[4] for signature in signatures]
    publics = [bytes.fromhex(public) for public in VECTORS["roots"]["demo"]["keys"]]
    return dict(zip(kids, publics, strict=True))


def signed_cases() -> list[dict[str, Any]]:
    """Return the cases whose verdict depends on the signature under the current trust bundle."""
    return [
        case
        for case in VECTORS["cases"]
        if case["reason"] not in BEFORE_THE_SIGNATURE and case["keys"] == "current"
    ]


def flipped() -> Iterator[bytes]:
    """Yield the three base tokens with each bit flipped that leaves them well formed."""
    for base in VECTORS["base_tokens"]:
        token = bytes.fromhex(base["token"])
        reasons = [reason for reason, length in base["flips"] for _ in range(length)]
        for bit, reason in enumerate(reasons):
            if reason in NO_SIGNATURE:
                changed = bytearray(token)
                changed[bit >> 3] ^= 0x80 >> (bit & 7)
                yield bytes(changed)


def ask_cwt(messages: list[Message], keys: dict[bytes, bytes]) -> list[bytes | None]:
    """Return for each message the payload that cwt says was signed, or ``None``."""
    if not PYTHON.exists():
        raise RuntimeError(MISSING)
    request = {
        "keys": [{"kid": kid.hex(), "public": public.hex()} for kid, public in keys.items()],
        "messages": [
            {
                "message": asked.message.hex(),
                "external_aad": asked.external_aad.hex(),
                "payload": None if asked.payload is None else asked.payload.hex(),
            }
            for asked in messages
        ],
    }
    done = subprocess.run(
        [PYTHON, "-I", SCRIPT],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if done.returncode:
        raise RuntimeError(f"cwt_verify.py failed:\n{done.stderr}")
    return [None if payload is None else bytes.fromhex(payload) for payload in json.loads(done.stdout)]


def verify_by_hand(asked: Message, keys: dict[bytes, bytes]) -> bytes | None:
    """RFC 9052 §4.4 in a few lines, with nothing of ours."""
    protected, _, carried, signature = cbor2.loads(asked.message).value
    payload = carried if asked.payload is None else asked.payload
    header = cbor2.loads(protected)
    public = keys.get(header[4])
    if header[1] != -19 or public is None:
        return None
    sig_structure = cbor2.dumps(["Signature1", protected, asked.external_aad, payload])
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, sig_structure)
    except InvalidSignature:
        return None
    return payload


def ask_by_hand(messages: list[Message], keys: dict[bytes, bytes]) -> list[bytes | None]:
    return [verify_by_hand(asked, keys) for asked in messages]


oracle = pytest.mark.parametrize("ask", [ask_cwt, ask_by_hand])


def payload_of(token: bytes) -> bytes:
    return cbor2.loads(token).value[2]


@oracle
def test_it_accepts_the_tokens_we_accept_and_refuses_those_we_refuse(ask):
    cases = signed_cases()
    tokens = [bytes.fromhex(case["token"]) for case in cases]

    answers = ask([Message(token) for token in tokens], trusted_keys())

    for case, token, answer in zip(cases, tokens, answers, strict=True):
        refused = case["reason"] in NO_SIGNATURE and case["name"] not in STRICTER_THAN_OTHERS
        assert answer == (None if refused else payload_of(token)), case["name"]
    assert {case["reason"] for case in cases} >= {"valid", "bad_signature", "unknown_key"}


@oracle
def test_it_refuses_a_token_of_another_environment_or_kind(ask):
    tokens = [bytes.fromhex(base["token"]) for base in VECTORS["base_tokens"]]

    answers = ask([Message(token, aad) for token in tokens for aad in OTHER_AADS], trusted_keys())

    assert set(answers) == {None}


@oracle
def test_it_refuses_a_token_without_the_key_that_signed_it(ask):
    tokens = [bytes.fromhex(base["token"]) for base in VECTORS["base_tokens"]]

    answers = ask([Message(token) for token in tokens], root_keys())

    assert set(answers) == {None}


@oracle
def test_it_refuses_every_flipped_bit(ask):
    tokens = list(flipped())

    answers = ask([Message(token) for token in tokens], trusted_keys())

    assert len(tokens) > 1000
    assert set(answers) == {None}


@oracle
def test_it_verifies_the_status_file(ask):
    status = bytes.fromhex(VECTORS["status"]["current"])

    right, wrong = ask([Message(status, b"certreg/demo/status/1"), Message(status)], trusted_keys())

    assert right == payload_of(status)
    assert wrong is None


@oracle
def test_it_verifies_the_detached_signatures_of_the_trust_bundle(ask):
    payload, signatures = cbor2.loads(bytes.fromhex(VECTORS["keys"]["all three"]))
    messages = [cbor2.dumps(signature) for signature in signatures]
    aad = b"certreg/demo/trust-keys/1"

    right = ask([Message(message, aad, payload) for message in messages], root_keys())
    wrong = ask([Message(message, aad, payload + b"\x00") for message in messages], root_keys())

    assert right == [payload] * 3
    assert wrong == [None] * 3


def test_the_oracle_is_locked_by_hashes_and_names_no_place_to_download_from():
    text = (SCRIPT.parent / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ")

    assert "cwt==" in text
    assert all("==" in line and "--hash=sha256:" in line for line in text.splitlines())
    assert "://" not in text
