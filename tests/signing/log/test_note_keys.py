"""Keys of notes: their ids, their one line of text, the bytes that they sign."""

import base64
import hashlib

import pytest

from signing.errors import InadmissibleKey, Malformed
from signing.log.note import MAX_NAME_BYTES, Head, NoteKey, SignatureKind
from tests.signing.log.signers import ED25519, HEAD, LOG, LOG_ED25519, LOG_PQ, MLDSA44, ORIGIN, W1, W1_PQ

SIGNERS = [LOG, LOG_PQ, W1, W1_PQ]
IDS = ["log", "log, ML-DSA", "witness", "witness, ML-DSA"]
VKEY = LOG.key.vkey
SMALL_ORDER = b"\x01" + bytes(31)


def vkey_of(name: str, material: bytes) -> str:
    """Return a verifier key with the id that belongs to it, whatever it holds."""
    key_id = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    return f"{name}+{key_id.hex()}+{base64.b64encode(material).decode()}"


NO_KEYS = {
    "nothing": "",
    "a name alone": "a",
    "two parts": "a+00000000",
    "no material": f"a+{hashlib.sha256(b'a' + bytes([10])).hexdigest()[:8]}+",
    "not base 64": VKEY + "!",
    "a part more": VKEY + "+",
    "another id": VKEY.replace(LOG.key.key_id.hex(), "00000000"),
    "an id in capitals": VKEY.replace(LOG.key.key_id.hex(), LOG.key.key_id.hex().upper()),
    "an id cut short": VKEY.replace(LOG.key.key_id.hex(), LOG.key.key_id.hex()[:7]),
    "the id of another name": VKEY.replace("2026", "2027"),
    "no name": vkey_of("", b"\x01" + LOG.key.public),
    "a space in the name": vkey_of("a b", b"\x01" + LOG.key.public),
    "an ideographic space": vkey_of("a\u3000b", b"\x01" + LOG.key.public),
    "a newline": vkey_of("a\nb", b"\x01" + LOG.key.public),
    "a control character": vkey_of("a\x00b", b"\x01" + LOG.key.public),
    "a long name": vkey_of("a" * 256, b"\x01" + LOG.key.public),
    "a long name of few characters": vkey_of("登" * 86, b"\x01" + LOG.key.public),
    "a surrogate": VKEY.replace("2026", "\udc80"),
    "an unknown kind": vkey_of("a", b"\x02" + LOG.key.public),
    "a kind of its own": vkey_of("a", b"\xff" + LOG.key.public),
    "31 bytes": vkey_of("a", b"\x01" + LOG.key.public[:-1]),
    "33 bytes": vkey_of("a", b"\x01" + LOG.key.public + b"\x00"),
    "a short ML-DSA key": vkey_of("a", b"\x06" + LOG_PQ.key.public[:-1]),
    "an Ed25519 key as ML-DSA": vkey_of("a", b"\x06" + LOG.key.public),
    "an ML-DSA key as Ed25519": vkey_of("a", b"\x04" + LOG_PQ.key.public),
    "a point of small order": vkey_of("a", b"\x01" + SMALL_ORDER),
    "space around it": " " + VKEY,
    "a newline at the end": VKEY + "\n",
}


@pytest.mark.parametrize("signer", SIGNERS, ids=IDS)
def test_a_key_comes_back_from_its_line(signer):
    assert NoteKey.parse(signer.key.vkey) == signer.key
    assert NoteKey.parse(signer.key.vkey).key_id == signer.key.key_id


@pytest.mark.parametrize("signer", SIGNERS, ids=IDS)
def test_a_key_id_is_the_hash_of_name_kind_and_key(signer):
    content = signer.name.encode() + b"\x0a" + bytes([signer.kind]) + signer.key.public

    assert signer.key.key_id == hashlib.sha256(content).digest()[:4]
    assert signer.key.vkey == vkey_of(signer.name, bytes([signer.kind]) + signer.key.public)


@pytest.mark.parametrize("vkey", NO_KEYS.values(), ids=NO_KEYS)
def test_another_line_is_refused(vkey):
    with pytest.raises((Malformed, InadmissibleKey)):
        NoteKey.parse(vkey)


@pytest.mark.parametrize("name", ["a" * MAX_NAME_BYTES, "登" * 85, "a\x7fb", "oid/1.3.6.1.4.1.99999"])
def test_a_name_may_have_255_bytes(name):
    assert NoteKey.parse(vkey_of(name, b"\x01" + LOG.key.public)).name == name


def test_no_part_of_a_line_is_a_key():
    for start in range(len(VKEY)):
        for end in range(start + 1, len(VKEY) + 1):
            if (start, end) != (0, len(VKEY)):
                with pytest.raises((Malformed, InadmissibleKey)):
                    NoteKey.parse(VKEY[start:end])


def test_one_key_in_two_roles_has_two_ids():
    ids = {NoteKey("a", kind, LOG.key.public).key_id for kind in (LOG_ED25519, ED25519)}

    assert len(ids) == 2


def test_the_bytes_that_are_signed_are_those_of_the_specification():
    head = Head("example.com/behind-the-sofa", 20_852_163, bytes(range(32)))
    text = b"example.com/behind-the-sofa\n20852163\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    cosigner, origin = b"w1.witness.example", b"example.com/behind-the-sofa"

    assert head.to_text().encode() == text
    assert LOG.key.message(head, 0) == text
    assert W1.key.message(head, 1_679_315_147) == b"cosignature/v1\ntime 1679315147\n" + text
    assert W1_PQ.key.message(head, 1_679_315_147) == b"".join((
        b"subtree/v1\n\0",                            # uint8 label[12]
        b"\x12" + cosigner,                           # opaque cosigner_name<1..2^8-1>
        bytes.fromhex("00000000641850cb"),           # uint64 timestamp
        b"\x1b" + origin,                             # opaque log_origin<1..2^8-1>
        bytes(8),                                     # uint64 start
        bytes.fromhex("00000000013e2dc3"),            # uint64 end
        bytes(range(32)),                             # uint8 hash[32]
    ))  # fmt: skip
    assert (len(cosigner), len(origin)) == (0x12, 0x1B)


@pytest.mark.parametrize("origin", ["", "o" * 256])
def test_an_origin_that_does_not_fit_is_not_cosigned(origin):
    with pytest.raises(Malformed):
        W1_PQ.key.message(Head(origin, 1, bytes(32)), 0)


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [(ORIGIN, 0, bytes(32)), ("登记 of spaces", (1 << 63) - 1, b"\xff" * 32), ("a+b", 1, bytes(range(32)))],
)
def test_a_head_comes_back_from_its_text(origin, size, root):
    head = Head(origin, size, root)

    assert Head.parse(head.to_text()) == head


TEXT = HEAD.to_text()
NO_HEADS = {
    "nothing": "",
    "two lines": "\n".join(TEXT.split("\n")[:2]) + "\n",
    "no newline at the end": TEXT[:-1],
    "an extension": TEXT + "extension\n",
    "an empty line at the end": TEXT + "\n",
    "a surrogate in the origin": "\udc80" + TEXT,
    "no origin": TEXT.replace(ORIGIN, ""),
    "a leading zero": TEXT.replace("70000", "070000"),
    "a sign": TEXT.replace("70000", "+70000"),
    "a space": TEXT.replace("70000", "70000 "),
    "64 bits": TEXT.replace("70000", str(1 << 63)),
    "digits of another script": TEXT.replace("70000", "７００００"),
    "a short root": f"{ORIGIN}\n1\n{base64.b64encode(bytes(31)).decode()}\n",
    "a long root": f"{ORIGIN}\n1\n{base64.b64encode(bytes(33)).decode()}\n",
    "a root without padding": TEXT.replace("=", ""),
    "a root with unused bits": f"{ORIGIN}\n1\n{'A' * 42}B=\n",
}


@pytest.mark.parametrize("text", NO_HEADS.values(), ids=NO_HEADS)
def test_another_text_is_no_head(text):
    assert text != TEXT
    with pytest.raises(Malformed):
        Head.parse(text)


def test_the_kinds_are_those_of_the_specifications():
    assert {kind.name: int(kind) for kind in SignatureKind} == {
        "LOG_ED25519": 1,
        "COSIGNATURE_ED25519": 4,
        "COSIGNATURE_MLDSA44": 6,
    }
    assert (LOG_ED25519, ED25519, MLDSA44) == (1, 4, 6)
