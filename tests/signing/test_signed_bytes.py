"""Stored bytes that were signed: read back, and made into a token, without making anything anew."""

from datetime import date

import pytest

from signing import cbor, cose
from signing.cose import Kind
from signing.errors import Malformed
from signing.signed_bytes import statement_of_signed_bytes, token_of_signed_bytes
from signing.statement import Level, Occupation, Statement
from signing.token import SealedToken, statement_to_be_signed

KEY_ID = b"\x01\x02\x03\x04"
STATEMENT = Statement(
    entry=7,
    number=b"\x01\x00\x09",
    holder_name="张三",
    id_check=99,
    occupation=Occupation(1, 2021011),
    direction=None,
    level=Level.SENIOR,
    issued_on=date(2026, 11, 20),
)
SIGNED = statement_to_be_signed(STATEMENT, key_id=KEY_ID, environment="test")
CONTEXT, PROTECTED, AAD, PAYLOAD = cbor.decode(SIGNED)
SIGNATURE = bytes(range(64))


def test_the_statement_is_the_one_that_was_to_be_signed():
    assert statement_of_signed_bytes(SIGNED) == STATEMENT


def test_the_token_carries_the_very_header_and_payload_that_were_signed():
    token = token_of_signed_bytes(SIGNED, SIGNATURE)

    assert token == cose.assemble(key_id=KEY_ID, payload=PAYLOAD, signature=SIGNATURE)
    envelope = cose.Envelope.from_bytes(token)
    assert envelope.signed_bytes("test", Kind.CERTIFICATE) == SIGNED
    assert (envelope.signature, SealedToken.from_bytes(token).key_id) == (SIGNATURE, KEY_ID)


WRONG = {
    "nothing": b"",
    "no CBOR": b"\xff",
    "a token instead": token_of_signed_bytes(SIGNED, SIGNATURE),
    "one byte more": SIGNED + b"\x00",
    "not an array": cbor.encode({1: 2}),
    "too short": cbor.encode([CONTEXT, PROTECTED, AAD]),
    "too long": cbor.encode([CONTEXT, PROTECTED, AAD, PAYLOAD, b""]),
    "another context": cbor.encode(["Signature", PROTECTED, AAD, PAYLOAD]),
    "a number for the external AAD": cbor.encode([CONTEXT, PROTECTED, 1, PAYLOAD]),
    "text for bytes": cbor.encode([CONTEXT, PROTECTED, AAD, "text"]),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_other_bytes_have_no_statement_and_become_no_token(wrong):
    with pytest.raises(Malformed):
        statement_of_signed_bytes(wrong)
    with pytest.raises(Malformed):
        token_of_signed_bytes(wrong, SIGNATURE)


@pytest.mark.parametrize(
    "protected",
    [
        b"",
        b"\xa0",
        KEY_ID,
        cbor.encode({1: -8, 4: KEY_ID}),
        cbor.encode({1: -19, 4: KEY_ID, 5: b""}),
        PROTECTED + KEY_ID,
    ],
    ids=["empty", "no fields", "the key id alone", "another algorithm", "a field more", "trailing bytes"],
)
def test_bytes_signed_under_another_header_become_no_token(protected):
    with pytest.raises(Malformed):
        token_of_signed_bytes(cbor.encode([CONTEXT, protected, AAD, PAYLOAD]), SIGNATURE)


@pytest.mark.parametrize("signature", [b"", bytes(63), bytes(65)])
def test_a_signature_of_another_length_becomes_no_token(signature):
    with pytest.raises(Malformed):
        token_of_signed_bytes(SIGNED, signature)


def test_a_payload_that_is_no_statement_is_refused():
    with pytest.raises(Malformed):
        statement_of_signed_bytes(cbor.encode([CONTEXT, PROTECTED, AAD, b"\x80"]))
