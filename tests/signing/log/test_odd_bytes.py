"""Whatever bytes come, each reader answers or refuses in its own words, and what it takes has one form."""

import random
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing import cbor
from signing.errors import SigningError
from signing.log.checkpoint import LogPolicy
from signing.log.leaf import read_leaf
from signing.log.note import Head, Note, NoteKey, decode_base64, encode_base64, read_decimal, read_signatures
from signing.log.proof import Proof, open_proof
from signing.log.tile import Tile, bundle
from signing.trust import TrustKeys
from tests.signing.log.signers import BOTH, HEAD, LOG, LOG_PQ, W1, W1_PQ, W2, note, policy
from tests.signing.log.test_leaves import VALUES
from tests.signing.log.test_proofs import CHECKPOINT, PROOF, TOKEN
from tests.vectors.world import trust_keys

ROUNDS = 400
POLICY = policy()
BUNDLE = Tile(None, 0, 5)
LEAVES = [leaf.to_bytes() for leaf in VALUES]
FRAGMENTS = [
    b"\n", b"\n\n", b"\r", b"\x00", b" ", b"=", b"+", b"/", b"x", b"p", b"0", b"9" * 30, b"-1", b"\xff",
    b"\xed\xa0\x80",
    b"\xf6", b"\x80", b"\xa0", b"\x1b" + b"\xff" * 8, "— ".encode(), "٣".encode(), "\u3000".encode(), b"AAAA", b"tile/",
]  # fmt: skip


def text(read: Callable[[str], object]) -> Callable[[bytes], object]:
    """Give a reader of text the bytes as a system gives them: those that are no UTF-8 become surrogates."""
    return lambda data: read(data.decode("utf-8", "surrogateescape"))


def note_again(data: bytes) -> bytes:
    """Return a note written from what was read of it."""
    read = Note.parse(data)
    lines = (f"— {line.name} {encode_base64(line.key_id + line.signature)}\n" for line in read.signatures)
    return (read.text + "\n" + "".join(lines)).encode()


def open_and_give(data: bytes) -> bytes:
    """Return the bytes of a checkpoint that the log signed: its data is what came."""
    return POLICY.open(data).data


def prove_and_give(data: bytes) -> bytes:
    """Return the proof if it is one of the token."""
    open_proof(Proof.parse(data), TOKEN, POLICY)
    return data


# Each reader, written again from what it read; and bytes that it takes.
READERS: dict[str, tuple[Callable[[bytes], bytes], list[bytes]]] = {
    "leaf": (lambda data: read_leaf(data).to_bytes(), LEAVES),
    "tile": (
        text(lambda path: Tile.parse(path).path.encode()),
        [b"tile/0/x001/234.p/5", b"tile/entries/000", b"tile/63/999"],
    ),
    "bundle": (lambda data: bundle(BUNDLE.leaves(data)), [bundle([b"", b"a", b"bc", b"x" * 300, b""])]),
    "key": (text(lambda vkey: NoteKey.parse(vkey).vkey.encode()), [LOG.key.vkey.encode(), W1_PQ.key.vkey.encode()]),
    "head": (text(lambda content: Head.parse(content).to_text().encode()), [HEAD.to_text().encode()]),
    "note": (note_again, [note(*BOTH, W1), note(LOG_PQ)]),
    "checkpoint": (open_and_give, [note(LOG, W1), note(*BOTH, W1_PQ, W2)]),
    "proof": (lambda data: Proof.parse(data).to_bytes(), [PROOF.to_bytes()]),
    "proof of a token": (prove_and_give, [PROOF.to_bytes()]),
    "policy": (
        lambda data: cbor.encode(LogPolicy.from_value(cbor.decode(data)).to_value()),
        [cbor.encode(POLICY.to_value())],
    ),
    "trust bundle": (
        lambda data: TrustKeys.from_payload(data).to_payload(),
        [trust_keys(logs=(POLICY,)).to_payload(), trust_keys().to_payload()],
    ),
}  # fmt: skip


def changed(data: bytes, chance: random.Random) -> bytes:
    """Return the bytes with up to four things done to them."""
    for _ in range(chance.randint(0, 4)):
        at, to = sorted((chance.randint(0, len(data)), chance.randint(0, len(data))))
        to = min(to, at + chance.choice((1, 2, 40, 4000)))
        data = chance.choice((
            data[:at] + chance.choice(FRAGMENTS) + data[at:],
            data[:at] + chance.randbytes(1) + data[at + 1 :],
            data[:at] + data[to:],
            data[:to] + data[at:],
            data[:at],
        ))  # fmt: skip
    return data


def samples(name: str) -> Iterator[bytes]:
    _, good = READERS[name]
    chance = random.Random(name)
    return (changed(chance.choice(good), chance) for _ in range(ROUNDS))


@pytest.mark.parametrize("name", READERS)
def test_what_is_read_has_one_form_and_the_rest_is_refused(name):
    again, good = READERS[name]
    outcomes = {"read": 0, "refused": 0}
    for data in (*good, *samples(name)):
        try:
            written = again(data)
        except SigningError:
            outcomes["refused"] += 1
        else:
            assert written == data
            outcomes["read"] += 1

    assert outcomes["read"] >= len(good)
    assert outcomes["refused"] > ROUNDS / 5


@given(st.binary(max_size=300))
def test_chance_is_refused(data):
    for again, _ in READERS.values():
        try:
            assert again(data) == data
        except SigningError:
            continue


@given(st.text(max_size=80))
def test_text_of_chance_is_read_in_one_form_or_refused(content):
    readers = {
        decode_base64: encode_base64,
        read_decimal: str,
        NoteKey.parse: lambda key: key.vkey,
        Head.parse: lambda head: head.to_text(),
        Tile.parse: lambda tile: tile.path,
        read_signatures: lambda lines: "".join(f"— {line.name} " for line in lines),
    }
    for read, write in readers.items():
        try:
            value = read(content)
        except SigningError:
            continue
        assert content.startswith(write(value))


def test_the_checkpoint_of_these_tests_opens():
    assert POLICY.open(CHECKPOINT).is_cosigned
