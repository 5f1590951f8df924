"""Tokens that our encoder would never write, each with a signature that would hold: only the form is wrong.

Tables of payloads, envelopes and later versions (which are no fault); last, signatures that do not hold.
"""

import hashlib

from signing.cose import Kind, external_aad, to_be_signed
from signing.ed25519 import L
from tests.vectors.world import ENV, ISSUING, NUMBER, STRANGER, SeedKey, statement, token

GOOD = statement().to_bytes()

# The nine items of a good statement, each encoded.
ITEMS = {
    "version": b"\x01",
    "entry": b"\x18\x64",
    "number": b"\x4b" + NUMBER,
    "holder_name": b"\x69" + "张小明".encode(),
    "id_check": b"\x19\x0a\xbc",
    "occupation": b"\x82\x02\x1a\x00\x1e\xd6\x93",
    "direction": b"\xf6",
    "level": b"\x03",
    "issued_on": b"\x19\x51\x0a",
}


def payload(**changed: bytes) -> bytes:
    """Return the encoding of a statement with some items replaced by other bytes."""
    return b"\x89" + b"".join((ITEMS | changed).values())


def bstr(content: bytes) -> bytes:
    """Return a byte string item (up to 65,535 bytes)."""
    if len(content) < 24:
        return bytes((0x40 | len(content),)) + content
    if len(content) < 256:
        return bytes((0x58, len(content))) + content
    return b"\x59" + len(content).to_bytes(2, "big") + content


def sign1(
    content: bytes = GOOD,
    *,
    protected: bytes | None = None,
    key: SeedKey = ISSUING,
    start: bytes = b"\xd2\x84",
    protected_item: bytes | None = None,
    unprotected: bytes = b"\xa0",
    payload_item: bytes | None = None,
    signature: bytes | None = None,
    signature_item: bytes | None = None,
) -> bytes:
    """Return a COSE_Sign1, any part of it replaced; the signature is over the content and header given."""
    protected = b"\xa2\x01\x32\x04\x44" + key.key_id if protected is None else protected
    aad = bstr(external_aad(ENV, Kind.CERTIFICATE))
    signed = b"\x84\x6aSignature1" + bstr(protected) + aad + bstr(content)
    signature = key.private.sign(signed) if signature is None else signature
    parts = (
        start,
        bstr(protected) if protected_item is None else protected_item,
        unprotected,
        bstr(content) if payload_item is None else payload_item,
        bstr(signature) if signature_item is None else signature_item,
    )
    return b"".join(parts)


KID = ISSUING.key_id
TOKEN = sign1()
SIGNATURE = TOKEN[-64:]
HEADER = b"\xa2\x01\x32\x04\x44" + KID

BAD_PAYLOADS = {
    "no payload bytes": b"",
    "an empty array": b"\x80",
    "an array of the version alone": b"\x81\x01",
    "eight items": b"\x88" + GOOD[1:-3],
    "ten items": b"\x8a" + GOOD[1:] + b"\x00",
    "a map": b"\xa1\x01\x02",
    "a bare integer": b"\x01",
    "a byte after the statement": GOOD + b"\x00",
    "a byte missing": GOOD[:-1],
    "array length not shortest": b"\x98\x09" + GOOD[1:],
    "array of indefinite length": b"\x9f" + GOOD[1:] + b"\xff",
    "version not shortest": payload(version=b"\x18\x01"),
    "version 24, beyond the container rule": payload(version=b"\x18\x18"),
    "version -1": payload(version=b"\x20"),
    "version in text": payload(version=b"\x611"),
    "version true": payload(version=b"\xf5"),
    "version 2 in an array of 24 items": b"\x98\x18\x02" + b"\x00" * 23,
    "version 2 in an array of indefinite length": b"\x9f\x02\xff",
    "version 2 in a tag": b"\xd2\x81\x02",
    "entry 0": payload(entry=b"\x00"),
    "entry 4294967296": payload(entry=b"\x1b\x00\x00\x00\x01\x00\x00\x00\x00"),
    "entry -1": payload(entry=b"\x20"),
    "entry true": payload(entry=b"\xf5"),
    "entry null": payload(entry=b"\xf6"),
    "entry in text": payload(entry=b"\x63100"),
    "entry as a float": payload(entry=b"\xf9\x56\x40"),
    "entry as a 64-bit float": payload(entry=b"\xfb\x40\x59\x00\x00\x00\x00\x00\x00"),
    "entry in two bytes": payload(entry=b"\x19\x00\x64"),
    "entry in four bytes": payload(entry=b"\x1a\x00\x00\x00\x64"),
    "entry in eight bytes": payload(entry=b"\x1b\x00\x00\x00\x00\x00\x00\x00\x64"),
    "entry as a bignum": payload(entry=b"\xc2\x41\x64"),
    "entry beyond 2^53": payload(entry=b"\x1b\x00\x20\x00\x00\x00\x00\x00\x00"),
    "number of one byte": payload(number=b"\x41\x01"),
    "number of thirteen bytes": payload(number=b"\x4d" + b"\x01" * 13),
    "number empty": payload(number=b"\x40"),
    "number in text": payload(number=b"\x62\x01\x01"),
    "number as an integer": payload(number=b"\x18\x64"),
    "number length not shortest": payload(number=b"\x58\x0b" + NUMBER),
    "number in pieces": payload(number=b"\x5f\x41\x01\x4a" + NUMBER[1:] + b"\xff"),
    "name empty": payload(holder_name=b"\x60"),
    "name of 169 bytes": payload(holder_name=b"\x78\xa9" + b"a" * 169),
    "name as bytes": payload(holder_name=b"\x49" + "张小明".encode()),
    "name null": payload(holder_name=b"\xf6"),
    "name not UTF-8": payload(holder_name=b"\x62\xc3\x28"),
    "name cut within a character": payload(holder_name=b"\x62\xe5\xbc"),
    "name with a surrogate": payload(holder_name=b"\x63\xed\xa0\x80"),
    "name with a pair of surrogates": payload(holder_name=b"\x66\xed\xa1\x81\xed\xbd\x8c"),
    "name with an overlong zero": payload(holder_name=b"\x62\xc0\x80"),
    "name beyond U+10FFFF": payload(holder_name=b"\x64\xf4\x90\x80\x80"),
    "name length not shortest": payload(holder_name=b"\x78\x09" + "张小明".encode()),
    "name in pieces": payload(holder_name=b"\x7f\x63" + "张".encode() + b"\x66" + "小明".encode() + b"\xff"),
    "id check 4096": payload(id_check=b"\x19\x10\x00"),
    "id check null": payload(id_check=b"\xf6"),
    "id check -1": payload(id_check=b"\x20"),
    "occupation without edition": payload(occupation=b"\x1a\x00\x1e\xd6\x93"),
    "occupation in text": payload(occupation=b"\x6a2-02-10-11"),
    "occupation of one item": payload(occupation=b"\x81\x02"),
    "occupation of three items": payload(occupation=b"\x83\x02\x1a\x00\x1e\xd6\x93\x00"),
    "occupation edition 0": payload(occupation=b"\x82\x00\x1a\x00\x1e\xd6\x93"),
    "occupation edition 256": payload(occupation=b"\x82\x19\x01\x00\x1a\x00\x1e\xd6\x93"),
    "occupation code 10000000": payload(occupation=b"\x82\x02\x1a\x00\x98\x96\x80"),
    "occupation code -1": payload(occupation=b"\x82\x02\x20"),
    "direction 0": payload(direction=b"\x00"),
    "direction 256": payload(direction=b"\x19\x01\x00"),
    "direction false": payload(direction=b"\xf4"),
    "direction undefined": payload(direction=b"\xf7"),
    "direction as a simple value in two bytes": payload(direction=b"\xf8\x16"),
    "level 0": payload(level=b"\x00"),
    "level 4": payload(level=b"\x04"),
    "level true": payload(level=b"\xf5"),
    "level in text": payload(level=b"\x613"),
    "issued on day 65536": payload(issued_on=b"\x1a\x00\x01\x00\x00"),
    "issued on day -1": payload(issued_on=b"\x20"),
    "issued on a date in text": payload(issued_on=b"\x6a2026-10-20"),
    "issued on a tagged day": payload(issued_on=b"\xd8\x64\x19\x51\x05"),
    "level as an array nine deep": payload(level=b"\x81" * 9 + b"\x03"),
    "a reserved head": payload(level=b"\x1c"),
    "a break alone": payload(level=b"\xff"),
}

BAD_ENVELOPES = {
    "nothing": b"",
    "one byte, the tag": b"\xd2",
    "one byte, zero": b"\x00",
    "text": b"not a token at all",
    "a byte after the token": TOKEN + b"\x00",
    "the token twice": TOKEN + TOKEN,
    "a byte before the token": b"\x00" + TOKEN,
    "the last byte missing": TOKEN[:-1],
    "the first byte missing, untagged": TOKEN[1:],
    "the payload alone": GOOD,
    "tag 17": b"\xd1" + TOKEN[1:],
    "tag 19": b"\xd3" + TOKEN[1:],
    "tag 98, COSE_Sign": b"\xd8\x62" + TOKEN[1:],
    "tag 18 not shortest": b"\xd8\x12" + TOKEN[1:],
    "tagged twice": b"\xd2" + TOKEN,
    "tagged as CBOR": b"\xd9\xd9\xf7" + TOKEN,
    "in a byte string": bstr(TOKEN),
    "three items": sign1(start=b"\xd2\x83", signature_item=b""),
    "five items": sign1(start=b"\xd2\x85") + b"\x00",
    "array length not shortest": sign1(start=b"\xd2\x98\x04"),
    "array of indefinite length": sign1(start=b"\xd2\x9f") + b"\xff",
    "array length of eight bytes, huge": b"\xd2\x9b\xff\xff\xff\xff\xff\xff\xff\xff" + TOKEN[2:],
    "protected header not wrapped": sign1(protected_item=HEADER),
    "protected header in text": sign1(protected_item=b"\x69" + HEADER),
    "protected header length not shortest": sign1(protected_item=b"\x58\x09" + HEADER),
    "protected header in pieces": sign1(protected_item=b"\x5f\x49" + HEADER + b"\xff"),
    "protected header empty": sign1(protected=b""),
    "protected header an empty map": sign1(protected=b"\xa0"),
    "protected header null": sign1(protected_item=b"\xf6"),
    "protected header with a byte more": sign1(protected=HEADER + b"\x00"),
    "key id before alg": sign1(protected=b"\xa2\x04\x44" + KID + b"\x01\x32"),
    "alg twice": sign1(protected=b"\xa3\x01\x32\x01\x32\x04\x44" + KID),
    "alg missing": sign1(protected=b"\xa1\x04\x44" + KID),
    "alg -8, EdDSA": sign1(protected=b"\xa2\x01\x27\x04\x44" + KID),
    "alg -7, ES256": sign1(protected=b"\xa2\x01\x26\x04\x44" + KID),
    "alg 0": sign1(protected=b"\xa2\x01\x00\x04\x44" + KID),
    "alg 18": sign1(protected=b"\xa2\x01\x12\x04\x44" + KID),
    "alg -53": sign1(protected=b"\xa2\x01\x38\x34\x04\x44" + KID),
    "alg in text": sign1(protected=b"\xa2\x01\x67Ed25519\x04\x44" + KID),
    "alg not shortest": sign1(protected=b"\xa2\x01\x38\x12\x04\x44" + KID),
    "alg null": sign1(protected=b"\xa2\x01\xf6\x04\x44" + KID),
    "key id of three bytes": sign1(protected=b"\xa2\x01\x32\x04\x43" + KID[:3]),
    "key id of five bytes": sign1(protected=b"\xa2\x01\x32\x04\x45" + KID + b"\x00"),
    "key id of eight bytes": sign1(protected=b"\xa2\x01\x32\x04\x48" + KID + KID),
    "key id empty": sign1(protected=b"\xa2\x01\x32\x04\x40"),
    "key id missing": sign1(protected=b"\xa1\x01\x32"),
    "key id in text": sign1(protected=b"\xa2\x01\x32\x04\x64abcd"),
    "key id length not shortest": sign1(protected=b"\xa2\x01\x32\x04\x58\x04" + KID),
    "content type in the protected header": sign1(protected=b"\xa3\x01\x32\x03\x00\x04\x44" + KID),
    "critical header": sign1(protected=b"\xa3\x01\x32\x02\x81\x04\x04\x44" + KID),
    "protected map of indefinite length": sign1(protected=b"\xbf\x01\x32\x04\x44" + KID + b"\xff"),
    "protected map length not shortest": sign1(protected=b"\xb8\x02\x01\x32\x04\x44" + KID),
    "key id in the unprotected header": sign1(unprotected=b"\xa1\x04\x44" + KID),
    "unprotected header null": sign1(unprotected=b"\xf6"),
    "unprotected header an array": sign1(unprotected=b"\x80"),
    "unprotected header of indefinite length": sign1(unprotected=b"\xbf\xff"),
    "unprotected header length not shortest": sign1(unprotected=b"\xb8\x00"),
    "payload detached": sign1(payload_item=b"\xf6"),
    "payload in text": sign1(payload_item=b"\x78" + bytes((len(GOOD),)) + GOOD),
    "payload not wrapped": sign1(payload_item=GOOD),
    "payload length not shortest": sign1(payload_item=b"\x59\x00" + bytes((len(GOOD),)) + GOOD),
    "payload in pieces": sign1(payload_item=b"\x5f" + bstr(GOOD) + b"\xff"),
    "payload tagged as CBOR data": sign1(payload_item=b"\xd8\x18" + bstr(GOOD)),
    "payload length huge": sign1(payload_item=b"\x5b\x00\x1f\xff\xff\xff\xff\xff\xff" + GOOD),
    "signature of 63 bytes": sign1(signature=SIGNATURE[:63]),
    "signature of 65 bytes": sign1(signature=SIGNATURE + b"\x00"),
    "signature empty": sign1(signature=b""),
    "signature null": sign1(signature_item=b"\xf6"),
    "signature in text": sign1(signature_item=b"\x78\x40" + b"a" * 64),
    "signature length not shortest": sign1(signature_item=b"\x59\x00\x40" + SIGNATURE),
    "signature in pieces": sign1(signature_item=b"\x5f\x58\x40" + SIGNATURE + b"\xff"),
    "version 2 with a key id of five bytes": sign1(
        b"\x81\x02", protected=b"\xa2\x01\x32\x04\x45" + KID + b"\x00"
    ),
    "version 2 with alg in text": sign1(b"\x81\x02", protected=b"\xa2\x01\x67Ed25519\x04\x44" + KID),
    "version 2 without alg": sign1(b"\x81\x02", protected=b"\xa1\x04\x44" + KID),
    "version 2 with a header more": sign1(b"\x81\x02", protected=b"\xa3\x01\x32\x03\x00\x04\x44" + KID),
    "version 2 with an unprotected header": sign1(b"\x81\x02", unprotected=b"\xa1\x04\x44" + KID),
    "version 2 with a byte after it": sign1(b"\x81\x02") + b"\x00",
    "version 2 untagged": sign1(b"\x81\x02")[1:],
    "version 2 detached": sign1(b"\x81\x02", payload_item=b"\xf6"),
    "version 2 with a signature in text": sign1(b"\x81\x02", signature_item=b"\x60"),
    "version 2 with alg not shortest": sign1(b"\x81\x02", protected=b"\xa2\x01\x38\x12\x04\x44" + KID),
    "version 1 of another suite": sign1(protected=b"\xa2\x01\x38\x30\x04\x44" + KID, signature=b"\x05" * 96),
}

UNKNOWN_VERSIONS = {
    "version 2": sign1(b"\x89\x02" + GOOD[2:]),
    "version 0": sign1(b"\x89\x00" + GOOD[2:]),
    "version 23": sign1(b"\x89\x17" + GOOD[2:]),
    "version 2, nothing else": sign1(b"\x81\x02"),
    "version 2, 23 items announced, none there": sign1(b"\x97\x02"),
    "version 2, then bytes that are no CBOR": sign1(b"\x82\x02\xff\xff\xff"),
    "version 2, signature wrong": sign1(b"\x81\x02", signature=bytes(64)),
    "version 2, unknown key": sign1(b"\x81\x02", protected=b"\xa2\x01\x32\x04\x44\x00\x00\x00\x00"),
    "version 2, alg -8": sign1(b"\x81\x02", protected=b"\xa2\x01\x27\x04\x44" + KID),
    "version 3, alg -49, signature of 3309 bytes": sign1(
        b"\x8a\x03" + GOOD[2:] + b"\x00",
        protected=b"\xa2\x01\x38\x30\x04\x44" + KID,
        signature=b"\x05" * 3309,
    ),
    "version 2, alg 5, signature empty": sign1(
        b"\x81\x02", protected=b"\xa2\x01\x05\x04\x44" + KID, signature=b""
    ),
    "version 2, payload of 300 bytes": sign1(b"\x82\x02\x59\x01\x28" + bytes(296)),
}


def flipped(data: bytes, byte: int) -> bytes:
    """Return the bytes with the lowest bit of one byte changed."""
    changed = bytearray(data)
    changed[byte] ^= 1
    return bytes(changed)


def bad_signatures() -> dict[str, bytes]:
    """Return tokens of lawful form by a known key, with signatures that do not hold."""
    good, content = TOKEN[:-64], statement().to_bytes()
    r, s = TOKEN[-64:-32], int.from_bytes(TOKEN[-32:], "little")
    return {
        "last bit flipped": flipped(TOKEN, -1),
        "of zeros": good + bytes(64),
        "of another statement": good + token(statement(101))[-64:],
        "of another key": good + STRANGER.signature(content, Kind.CERTIFICATE),
        "for prod": token(statement(), env="prod"),
        "as a status": token(statement(), kind=Kind.STATUS),
        "of another kind": token(statement(), kind=Kind.DECISION),
        "over the payload alone": good + ISSUING.private.sign(content),
        "S + L": good + r + (s + L).to_bytes(32, "little"),
        "S + 8 L": good + r + (s + 8 * L).to_bytes(32, "little"),
        "R of order 1": good + signature_with_r_of_order_1(content),
        "R not canonical": good + b"\xee" + b"\xff" * 30 + b"\x7f" + TOKEN[-32:],
        "S of zero": good + r + bytes(32),
    }


def signature_with_r_of_order_1(payload: bytes) -> bytes:
    """Return a signature for which the equation itself holds: R the neutral point, S = k a."""
    message = to_be_signed(key_id=ISSUING.key_id, payload=payload, environment=ENV, kind=Kind.CERTIFICATE)
    low = bytearray(hashlib.sha512(ISSUING.seed).digest()[:32])
    low[0] &= 248
    low[31] = low[31] & 127 | 64
    r = b"\x01" + bytes(31)
    k = int.from_bytes(hashlib.sha512(r + ISSUING.public + message).digest(), "little")
    return r + (k * int.from_bytes(low, "little") % L).to_bytes(32, "little")
