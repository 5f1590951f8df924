"""The strict rule of ``docs/formats.md`` §2, on both ways to work out the equation."""

import dataclasses
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from signing import ed25519
from signing.ed25519 import L, P, PublicKey, admit, verify_reference
from signing.errors import BadSignature, InadmissibleKey

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "tests" / "vectors" / "ed25519"
CASES = json.loads((VECTORS / "expected.json").read_bytes())

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = PRIVATE.public_key().public_bytes_raw()
MESSAGE = "专业技术等级证书".encode()
SIGNATURE = PRIVATE.sign(MESSAGE)


def by_library(public: bytes, signature: bytes, message: bytes) -> str:
    try:
        key = admit(public)
        assert key._library is not None
        key.verify(signature, message)
    except InadmissibleKey:
        return "inadmissible key"
    except BadSignature:
        return "reject"
    return "accept"


def by_plain_python(public: bytes, signature: bytes, message: bytes) -> str:
    try:
        return "accept" if verify_reference(public, signature, message) else "reject"
    except InadmissibleKey:
        return "inadmissible key"


def in_hex(case: dict[str, str]) -> tuple[bytes, bytes, bytes]:
    public, signature, message = (bytes.fromhex(case[name]) for name in ("public", "signature", "message"))
    return public, signature, message


def little_endian(number: int) -> bytes:
    return number.to_bytes(32, "little")


@pytest.mark.parametrize("way", [by_library, by_plain_python])
@pytest.mark.parametrize("name", ["wycheproof", "speccheck", "torsion"])
def test_every_vector_has_its_one_verdict(name, way):
    cases = [case for case in CASES if case["set"] == name]

    expected = {case["id"]: case["verdict"] for case in cases}
    assert {case["id"]: way(*in_hex(case)) for case in cases} == expected


def test_the_expected_verdicts_cover_every_vector():
    assert Counter(case["set"] for case in CASES) == {"wycheproof": 151, "speccheck": 12, "torsion": 24}


def test_the_strict_rule_agrees_with_wycheproof_everywhere():
    groups = json.loads((VECTORS / "wycheproof_ed25519.json").read_bytes())["testGroups"]
    theirs = {str(test["tcId"]): test["result"] == "valid" for group in groups for test in group["tests"]}

    ours = {case["id"]: case["verdict"] == "accept" for case in CASES if case["set"] == "wycheproof"}
    assert ours == theirs


def test_the_strict_rule_accepts_no_torsion_that_was_planted():
    planted = json.loads((VECTORS / "torsion_ed25519.json").read_bytes())
    theirs = {case["name"]: case["strict"] for case in planted}

    ours = {case["id"]: case["verdict"] for case in CASES if case["set"] == "torsion"}
    assert {name: "accept" if verdict == "accept" else "reject" for name, verdict in ours.items()} == theirs


def test_the_library_compares_r_itself_and_not_its_eightfold():
    """A library with a cofactor would accept these, and then our byte checks alone would not be enough."""
    cases = [case for case in CASES if case["id"].startswith("rB+T") and case["id"] != "rB+T i=0"]

    assert len(cases) == 7
    for public, signature, message in map(in_hex, cases):
        with pytest.raises(InvalidSignature):
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)


def small_order_encodings() -> list[bytes]:
    """Multiply points of the curve by L: what is left has an order that divides 8."""
    found: set[bytes] = set()
    for y in range(2, 60):
        try:
            point = ed25519._decode(little_endian(y))
        except InadmissibleKey:
            continue
        found.add(ed25519._encode(ed25519._base_plus(0, L, point)))
    # In one order, so that all workers of a test run collect the same cases.
    return sorted(found)


def test_the_table_of_small_orders_is_what_multiplying_by_the_order_leaves():
    found = small_order_encodings()

    assert len(found) == 8
    assert {int.from_bytes(one, "little") % 2**255 for one in found} == ed25519.SMALL_ORDER_Y


NEGATIVE_ZEROS = [little_endian(1 | 1 << 255), little_endian(P - 1 | 1 << 255)]
NOT_CANONICAL = [little_endian(y | sign << 255) for y in range(P, 2**255) for sign in (0, 1)]
MIXED_ORDER = [bytes.fromhex(case["public"]) for case in CASES if case["id"].startswith("A+T")]


@pytest.mark.parametrize(
    ("why", "keys"),
    [
        ("32 bytes", [b"", PUBLIC[:31], PUBLIC + b"\0"]),
        ("not canonically encoded", NOT_CANONICAL),
        ("small order", [*small_order_encodings(), *NEGATIVE_ZEROS]),
        ("not on the curve", [little_endian(y) for y in (2, 7, 8, 11)]),
        ("not of prime order", MIXED_ORDER),
    ],
)
def test_it_does_not_admit_such_a_key(why, keys):
    for key in keys:
        with pytest.raises(InadmissibleKey, match=why):
            admit(key)


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        SIGNATURE[:63],
        SIGNATURE + b"\0",
        SIGNATURE[:32] + little_endian(int.from_bytes(SIGNATURE[32:], "little") + L),
        SIGNATURE[:32] + little_endian(L),
        SIGNATURE[:32] + b"\xff" * 32,
        *[r + SIGNATURE[32:] for r in [*small_order_encodings(), *NEGATIVE_ZEROS, *NOT_CANONICAL]],
    ],
)
def test_it_refuses_the_bytes_before_the_equation(signature):
    with pytest.raises(BadSignature):
        ed25519._require_lawful_bytes(signature)


def test_a_small_order_r_is_refused_even_where_the_equation_holds():
    """With R of small order and the S that solves the equation, the library alone takes one of these."""
    cases = [case for case in CASES if case["id"].startswith("T i=")]

    assert len(cases) == 8
    assert {by_library(*in_hex(case)) for case in cases} == {"reject"}


@pytest.mark.parametrize("way", [by_library, by_plain_python])
def test_every_flipped_bit_of_a_signature_is_refused(way):
    bits = range(0, 512, 1 if way is by_library else 16)
    flipped = [(int.from_bytes(SIGNATURE) ^ 1 << bit).to_bytes(64) for bit in bits]

    assert way(PUBLIC, SIGNATURE, MESSAGE) == "accept"
    assert {way(PUBLIC, signature, MESSAGE) for signature in flipped} == {"reject"}


@settings(max_examples=40, deadline=None)
@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=300))
def test_both_ways_accept_what_the_library_signs(seed, message):
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = private.public_key().public_bytes_raw(), private.sign(message)

    for way in (by_library, by_plain_python):
        assert way(public, signature, message) == "accept"
        assert way(public, signature, message + b"x") == "reject"


def test_a_key_without_the_library_verifies_in_plain_python():
    key = dataclasses.replace(admit(PUBLIC), _library=None)

    key.verify(SIGNATURE, MESSAGE)
    with pytest.raises(BadSignature):
        key.verify(SIGNATURE, MESSAGE + b"x")


def test_keys_are_equal_by_their_bytes_and_show_nothing_else():
    assert admit(PUBLIC) == admit(PUBLIC)
    assert repr(admit(PUBLIC)) == f"PublicKey(public={PUBLIC!r})"
    assert isinstance(admit(PUBLIC), PublicKey)


WITHOUT_THE_LIBRARY = """
import sys
sys.modules["cryptography"] = None  # as on a machine that does not have it
sys.path.insert(0, sys.argv[1])
from signing.ed25519 import HAS_CRYPTOGRAPHY, admit
from signing.errors import BadSignature
public, signature, message = map(bytes.fromhex, sys.argv[2:])
key = admit(public)
key.verify(signature, message)
try:
    key.verify(signature, message + b"x")
except BadSignature:
    loaded = [name for name in sys.modules if name.startswith("cryptography.")]
    print("library:", HAS_CRYPTOGRAPHY, "loaded:", loaded)
"""


def test_it_verifies_with_the_standard_library_alone():
    arguments = [one.hex() for one in (PUBLIC, SIGNATURE, MESSAGE)]
    command = [sys.executable, "-I", "-c", WITHOUT_THE_LIBRARY, str(ROOT), *arguments]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("library: False loaded: []\n", "")
