"""The status file: the coding of its sets, its bytes, its signature."""

from datetime import timedelta

import cbor2
import pytest

from signing.cose import Kind
from signing.errors import (
    BadSignature,
    KeyDistrusted,
    Malformed,
    UnknownKey,
    VerificationError,
    WrongEnvironment,
    WrongKeyKind,
)
from signing.status import Status, open_status
from tests.vectors.variants import status_files
from tests.vectors.world import ENV, ISSUING, NOW, OLD_STATUS, STATUS, STRANGER, status, trust_keys

FILES = status_files()
REFUSED = {name: data for name, data in FILES.items() if name.startswith("refused: ")}
TRUST = trust_keys()


def test_a_status_comes_back_and_is_the_cddl():
    payload = status().to_payload()

    assert Status.from_payload(payload) == status()
    content = cbor2.loads(payload)
    assert list(content) == list(range(1, 13))
    assert [content[place] for place in range(1, 8)] == [
        1,
        ENV,
        900,
        int(NOW.timestamp()) - 3600,
        60_000,
        7,
        2,
    ]
    assert content[12] == [1, bytes.fromhex("3b34")]


OVERLAPS = {
    "in two sets": {"voided": frozenset({203})},
    "entry 0": {"suspended": frozenset({0})},
    "beyond the size": {"suspended": frozenset({60_001})},
    "size 0": {"size": 0},
    "a size beyond every entry": {"size": 4294967296},
}


@pytest.mark.parametrize("wrong", OVERLAPS.values(), ids=OVERLAPS.keys())
def test_sets_that_contradict_each_other_are_not_made(wrong):
    with pytest.raises(Malformed):
        status(**wrong)


@pytest.mark.parametrize(
    "wrong", [{"environment": ""}, {"made_at": NOW + timedelta(milliseconds=1)}, {"version": -1}], ids=str
)
def test_a_status_that_could_not_be_read_back_is_not_written(wrong):
    with pytest.raises(Malformed):
        status(**wrong).to_payload()


def test_a_good_status_opens():
    assert open_status(FILES["current"], TRUST) == status()


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED.keys())
def test_a_status_in_doubt_does_not_open(data):
    with pytest.raises((Malformed, VerificationError)):
        open_status(data, TRUST)


PAYLOAD = status().to_payload()
BY_REFUSAL = {
    "unknown key": (STRANGER.sign1(PAYLOAD, Kind.STATUS), UnknownKey),
    "issuing key": (ISSUING.sign1(PAYLOAD, Kind.STATUS), WrongKeyKind),
    "distrusted key": (OLD_STATUS.sign1(PAYLOAD, Kind.STATUS), KeyDistrusted),
    "as another kind": (STATUS.sign1(PAYLOAD, Kind.CERTIFICATE), BadSignature),
    "for another environment": (STATUS.sign1(PAYLOAD, Kind.STATUS, "prod"), BadSignature),
    "says another": (STATUS.sign1(status(environment="prod").to_payload(), Kind.STATUS), WrongEnvironment),
    "detached": (STATUS.detached(PAYLOAD, Kind.STATUS).to_bytes(), Malformed),
}


@pytest.mark.parametrize(("data", "refusal"), BY_REFUSAL.values(), ids=BY_REFUSAL.keys())
def test_each_doubt_has_its_name(data, refusal):
    with pytest.raises(refusal):
        open_status(data, TRUST)
