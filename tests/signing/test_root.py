"""The pinned root and the counting of its signatures."""

import json

import pytest

from signing.cose import Envelope, Kind
from signing.errors import InadmissibleKey, Malformed, NotSignedByRoot
from signing.root import Root, SignedFile, open_signed_file
from signing.root_mldsa import MldsaKeys
from tests.vectors.world import ENV, ROOTS, STRANGER, MldsaSeedKey, SeedKey, root, signed_file

PAYLOAD = b"\xa0"
ORDINARY = json.loads(root().to_json())


def test_a_root_comes_back_from_its_file():
    assert Root.from_json(root().to_json()) == root()
    assert Root.from_json(root().to_json().encode()) == root()


def test_a_root_that_names_mldsa_keys_comes_back_from_its_file():
    named = MldsaKeys.of(2, {key.public: MldsaSeedKey(key.name).public for key in reversed(ROOTS)})
    made = root(mldsa=named)

    assert Root.from_json(made.to_json()) == made
    assert hash(made) != hash(root())
    assert list(json.loads(made.to_json())["mldsa44"]["keys"]) == sorted(key.public.hex() for key in ROOTS)


@pytest.mark.parametrize(("holder", "threshold"), [(STRANGER, 1), (ROOTS[0], 2), (ROOTS[0], 0)])
def test_mldsa_keys_are_of_holders_and_enough_of_them(holder, threshold):
    with pytest.raises(Malformed):
        root(mldsa=MldsaKeys.of(threshold, {holder.public: MldsaSeedKey("one").public}))


def test_an_mldsa_key_has_its_length():
    with pytest.raises(InadmissibleKey):
        MldsaKeys.of(1, {ROOTS[0].public: bytes(1311)})


def with_member(**changed):
    return json.dumps(ORDINARY | changed)


WRONG = {
    "empty": "",
    "no JSON": "{",
    "not UTF-8": b"\xff",
    "a list": "[]",
    "deep": "[" * 100_000,
    "a member less": json.dumps({key: value for key, value in ORDINARY.items() if key != "version"}),
    "a member more": with_member(more=1),
    "a member twice": with_member()[:-1] + ', "threshold": 1}',
    "another format": with_member(format="certreg-root/2"),
    "no environment": with_member(environment=""),
    "environment in capitals": with_member(environment="Demo"),
    "environment a number": with_member(environment=1),
    "version 0": with_member(version=0),
    "version in text": with_member(version="1"),
    "version true": with_member(version=True),
    "version 1.0": with_member(version=1.0),
    "threshold 0": with_member(threshold=0),
    "threshold beyond the keys": with_member(threshold=4),
    "no keys": with_member(keys=[], threshold=0),
    "keys no list": with_member(keys="ab"),
    "a key in capitals": with_member(keys=[key.upper() for key in ORDINARY["keys"]]),
    "a key too short": with_member(keys=[*ORDINARY["keys"][:2], "00" * 31]),
    "a key twice": with_member(keys=ORDINARY["keys"][:2] + ORDINARY["keys"][:1]),
    "a key no text": with_member(keys=[*ORDINARY["keys"][:2], 1]),
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG.keys())
def test_a_file_that_is_not_a_root_is_refused(text):
    with pytest.raises(Malformed):
        Root.from_json(text)


def test_a_root_key_of_small_order_is_refused():
    with pytest.raises(InadmissibleKey):
        Root.from_json(with_member(keys=[*ORDINARY["keys"][:2], "01" + "00" * 31]))


def test_a_root_has_at_most_sixteen_keys():
    keys = tuple(SeedKey(f"many {place}").public for place in range(17))
    assert len(root(keys=keys[:16]).keys) == 16
    with pytest.raises(Malformed):
        root(keys=keys)


@pytest.mark.parametrize("signers", [ROOTS[:2], ROOTS[1:], ROOTS[::-1], [STRANGER, *ROOTS[:2]], ROOTS])
def test_enough_root_keys_open_a_file(signers):
    data = signed_file(PAYLOAD, *signers)

    assert open_signed_file(data, root(), Kind.TRUST_KEYS) == PAYLOAD
    assert SignedFile.from_bytes(data).to_bytes() == data


@pytest.mark.parametrize(
    ("signers", "signed"),
    [(ROOTS[:1], 1), (ROOTS[:1] * 16, 1), ([STRANGER] * 3, 0), ([STRANGER, ROOTS[0]], 1)],
)
def test_too_few_root_keys_do_not(signers, signed):
    with pytest.raises(NotSignedByRoot) as refusal:
        open_signed_file(signed_file(PAYLOAD, *signers), root(), Kind.TRUST_KEYS)

    assert (refusal.value.signed, refusal.value.threshold) == (signed, 2)


@pytest.mark.parametrize(
    ("env", "kind"), [("prod", Kind.TRUST_KEYS), (ENV, Kind.TRUST_NAMES), (ENV, Kind.STATUS)]
)
def test_signatures_for_something_else_do_not_count(env, kind):
    with pytest.raises(NotSignedByRoot):
        open_signed_file(signed_file(PAYLOAD, *ROOTS, env=env, kind=kind), root(), Kind.TRUST_KEYS)


@pytest.mark.parametrize("count", [0, 17])
def test_a_file_without_signatures_or_with_too_many_is_not_written(count):
    envelope = Envelope(b"abcd", None, bytes(64))
    with pytest.raises(Malformed):
        SignedFile(PAYLOAD, (envelope,) * count).to_bytes()
