"""COSE_Sign1 in our one form."""

import hashlib

import cbor2
import pytest

from signing import cose
from signing.cose import Envelope, Kind
from signing.errors import Malformed
from tests.vectors.world import ENV, ISSUING

PAYLOAD = b"\x81\x01"


def test_a_key_id_is_the_start_of_the_cose_key_thumbprint():
    thumbprint = hashlib.sha256(cbor2.dumps({1: 1, -1: 6, -2: ISSUING.public}, canonical=True)).digest()

    assert cose.key_id(ISSUING.public) == thumbprint[:4]


@pytest.mark.parametrize("public", [b"", bytes(31), bytes(33)])
def test_a_key_id_needs_a_key(public):
    with pytest.raises(Malformed):
        cose.key_id(public)


def test_the_signed_bytes_are_the_sig_structure_of_rfc_9052():
    signed = cose.to_be_signed(key_id=b"abcd", payload=PAYLOAD, environment=ENV, kind=Kind.CERTIFICATE)

    protected = cbor2.dumps({1: -19, 4: b"abcd"}, canonical=True)
    assert cbor2.loads(signed) == ["Signature1", protected, b"certreg/demo/certificate/1", PAYLOAD]
    assert signed == cbor2.dumps(cbor2.loads(signed), canonical=True)


def test_every_kind_and_environment_signs_other_bytes():
    signed = {
        cose.to_be_signed(key_id=b"abcd", payload=PAYLOAD, environment=env, kind=kind)
        for env in ("demo", "prod")
        for kind in Kind
    }
    assert len(signed) == 2 * len(Kind)


@pytest.mark.parametrize("env", ["", "Demo", "a/b", "a" * 17, "演示", "a\n"])
def test_an_environment_has_a_plain_name(env):
    with pytest.raises(Malformed):
        cose.external_aad(env, Kind.STATUS)


@pytest.mark.parametrize("payload", [PAYLOAD, b"", bytes(300), bytes(70_000), None])
def test_what_is_assembled_is_read_back_and_is_cose(payload):
    data = cose.assemble(key_id=b"abcd", payload=payload, signature=b"s" * 64)

    assert Envelope.from_bytes(data) == Envelope(b"abcd", payload, b"s" * 64)
    assert Envelope.from_bytes(data).to_bytes() == data
    decoded = cbor2.loads(data)
    assert decoded.tag == 18
    assert list(decoded.value) == [cbor2.dumps({1: -19, 4: b"abcd"}), {}, payload, b"s" * 64]


@pytest.mark.parametrize(
    "wrong", [{"key_id": b"abc"}, {"key_id": b"abcde"}, {"signature": b"s" * 63}, {"signature": b"s" * 65}]
)
def test_nothing_is_assembled_that_would_not_be_read(wrong):
    with pytest.raises(Malformed):
        cose.assemble(**{"key_id": b"abcd", "payload": PAYLOAD, "signature": b"s" * 64} | wrong)


def test_a_detached_payload_is_given_and_a_carried_one_is_not():
    carried = Envelope(b"abcd", PAYLOAD, b"s" * 64)
    detached = Envelope(b"abcd", None, b"s" * 64)

    assert carried.signed_bytes(ENV, Kind.DECISION) == detached.signed_bytes(ENV, Kind.DECISION, PAYLOAD)
    assert cbor2.loads(carried.signed_bytes(ENV, Kind.DECISION))[1] == carried.protected
    with pytest.raises(Malformed):
        carried.signed_bytes(ENV, Kind.DECISION, PAYLOAD)
    with pytest.raises(Malformed):
        detached.signed_bytes(ENV, Kind.DECISION)
