"""A certificate's proof: its lines, and what must hold before it is believed."""

import base64
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256

import pytest

from signing.errors import LogRefused, Malformed
from signing.log.leaf import Change, Issue, LeafKind, Void
from signing.log.note import Head
from signing.log.proof import MAX_STEPS, Proof, open_proof
from signing.merkle import prove_inclusion
from tests.signing.log.grown_log import GrownLog
from tests.signing.log.signers import BOTH, LOG, ORIGIN, STAMP, W1, W1_PQ, W2, W3, Signer, note, policy
from tests.vectors.world import NUMBER, statement, token

AT = datetime(2026, 11, 27, 4, tzinfo=UTC)
TOKEN, OTHER_TOKEN = token(statement(100)), token(statement(101))


def issue(entry: int, of: bytes) -> Issue:
    return Issue(AT, entry, NUMBER, 1, date(2026, 10, 20), sha256(of).digest())


REVOKED = Change(AT, LeafKind.REVOKE, 100).to_bytes()
VOIDED = Void(AT, 100, NUMBER, 1).to_bytes()
LATER = b"\x82\x02\x01"
EVENTS = [
    *(issue(entry, b"token %d" % entry).to_bytes() for entry in range(1, 600)),
    VOIDED,
    LATER,
    sha256(TOKEN).digest(),
    REVOKED,
]
LOG_OF_700 = GrownLog(
    [*EVENTS[:300], issue(100, TOKEN).to_bytes(), issue(101, OTHER_TOKEN).to_bytes(), *EVENTS[300:]]
)
INDEX, SIZE = 300, LOG_OF_700.size
HEAD = Head(ORIGIN, SIZE, LOG_OF_700.root())
CHECKPOINT = note(*BOTH, W1, W1_PQ, W2, head=HEAD)


def proof_of(index: int, checkpoint: bytes = CHECKPOINT) -> Proof:
    steps = prove_inclusion(LOG_OF_700.reader(), index, SIZE)
    return Proof(LOG_OF_700.leaves[index], index, steps, checkpoint)


PROOF = proof_of(INDEX)
DATA = PROOF.to_bytes()
LINES = DATA.split(b"\n")


def test_a_proof_comes_back_from_its_bytes():
    assert Proof.parse(DATA) == PROOF
    assert Proof.parse(DATA).to_bytes() == DATA


def test_a_proof_has_the_lines_of_the_specification():
    assert LINES[0] == b"c2sp.org/tlog-proof@v1"
    assert LINES[1] == b"extra " + base64.b64encode(LOG_OF_700.leaves[INDEX])
    assert LINES[2] == b"index 300"
    assert LINES[3:] == [*map(base64.b64encode, PROOF.steps), b"", *CHECKPOINT.split(b"\n")]


def test_the_proof_of_a_log_of_one_leaf_has_no_steps():
    alone = GrownLog([issue(100, TOKEN).to_bytes()])
    checkpoint = note(LOG, W1, W2, head=Head(ORIGIN, 1, alone.root()))
    proof = Proof(alone.leaves[0], 0, (), checkpoint)

    assert proof.to_bytes().endswith(b"\nindex 0\n\n" + checkpoint)
    assert open_proof(Proof.parse(proof.to_bytes()), TOKEN, policy()).index == 0


def test_a_proof_shows_the_leaf_its_place_and_since_when():
    proven = open_proof(Proof.parse(DATA), TOKEN, policy())

    assert (proven.issue, proven.index) == (issue(100, TOKEN), INDEX)
    assert proven.checkpoint.head == HEAD
    assert proven.checkpoint.cosigned_at == {W1.name: STAMP, W2.name: STAMP}


def lines(*changed: tuple[int, bytes]) -> bytes:
    """Return the proof with some lines replaced."""
    content = list(LINES)
    for at, line in changed:
        content[at] = line
    return b"\n".join(content)


NO_PROOFS = {
    "nothing": b"",
    "a checkpoint alone": CHECKPOINT,
    "no checkpoint": DATA[: DATA.index(b"\n\n")],
    "another first line": lines((0, b"c2sp.org/tlog-proof@v2")),
    "a first line that goes on": lines((0, b"c2sp.org/tlog-proof@v1 ")),
    "an empty first line": b"\n" + DATA,
    "no leaf": lines((1, LINES[2]), (2, LINES[3])),
    "no index": lines((2, LINES[3])),
    "index before leaf": lines((1, LINES[2]), (2, LINES[1])),
    "a second leaf": lines((2, LINES[1])),
    "a first line and no more": b"c2sp.org/tlog-proof@v1\n\n" + CHECKPOINT,
    "a leaf that is not base 64": lines((1, b"extra !!")),
    "a leaf with a space before it": lines((1, LINES[1].replace(b"extra ", b"extra  "))),
    "a leaf with padding": lines((1, LINES[1] + b"=")),
    "another word": lines((1, LINES[1].replace(b"extra", b"Extra"))),
    "a negative index": lines((2, b"index -1")),
    "an index with a leading zero": lines((2, b"index 0300")),
    "an index in letters": lines((2, b"index three")),
    "an index of 64 bits": lines((2, b"index 9223372036854775808")),
    "an index of 5,000 digits": lines((2, b"index " + b"1" * 5000)),
    "no index in the line": lines((2, b"index ")),
    "a step of 31 bytes": lines((3, base64.b64encode(bytes(31)))),
    "a step of 33 bytes": lines((3, base64.b64encode(bytes(33)))),
    "a step that is not base 64": lines((3, LINES[3][:-1])),
    "a step with a space after it": lines((3, LINES[3] + b" ")),
    "a carriage return": DATA.replace(b"\n", b"\r\n", 3),
    "too many steps": lines((3, b"\n".join([LINES[3]] * (MAX_STEPS + 1)))),
    "not ASCII": lines((0, "c2sp.org/tlog—proof@v1".encode())),
    "not UTF-8": lines((1, b"extra \xff")),
    "too long": DATA + b"x" * (2 << 20),
}


@pytest.mark.parametrize("data", NO_PROOFS.values(), ids=NO_PROOFS)
def test_what_is_no_proof_is_refused(data):
    with pytest.raises(Malformed):
        Proof.parse(data)


def test_a_proof_may_have_63_steps():
    steps = (bytes(32),) * MAX_STEPS

    assert Proof.parse(replace(PROOF, steps=steps).to_bytes()).steps == steps


SMALLER = Head(ORIGIN, SIZE - 1, LOG_OF_700.root(SIZE - 1))
FLIPPED = bytes([PROOF.steps[0][0] ^ 1]) + PROOF.steps[0][1:]
REFUSED = {
    "the proof of another leaf": proof_of(INDEX + 1),
    "another leaf": replace(PROOF, leaf=issue(100, OTHER_TOKEN).to_bytes()),
    "another entry in the leaf": replace(PROOF, leaf=issue(99, TOKEN).to_bytes()),
    "an instant later": replace(PROOF, leaf=replace(issue(100, TOKEN), at=AT.replace(hour=5)).to_bytes()),
    "a void": proof_of(EVENTS.index(VOIDED) + 2),
    "a revocation": proof_of(EVENTS.index(REVOKED) + 2),
    "a leaf of a later version": proof_of(EVENTS.index(LATER) + 2),
    "a leaf that is the digest alone": proof_of(EVENTS.index(sha256(TOKEN).digest()) + 2),
    "no leaf": replace(PROOF, leaf=b""),
    "the next place": replace(PROOF, index=INDEX + 1),
    "a place outside": replace(PROOF, index=SIZE),
    "no steps": replace(PROOF, steps=()),
    "a step less": replace(PROOF, steps=PROOF.steps[:-1]),
    "a step more": replace(PROOF, steps=(*PROOF.steps, bytes(32))),
    "a step flipped": replace(PROOF, steps=(FLIPPED, *PROOF.steps[1:])),
    "steps turned round": replace(PROOF, steps=PROOF.steps[::-1]),
    "a checkpoint of a smaller tree": replace(PROOF, checkpoint=note(LOG, W1, W2, head=SMALLER)),
    "another root": replace(PROOF, checkpoint=note(LOG, W1, W2, head=replace(HEAD, root=bytes(32)))),
    "an empty tree": replace(PROOF, checkpoint=note(LOG, W1, W2, head=replace(HEAD, size=0))),
    "another log": replace(PROOF, checkpoint=note(LOG, W1, W2, head=replace(HEAD, origin="other.example"))),
    "no checkpoint": replace(PROOF, checkpoint=b""),
    "a checkpoint that was changed": replace(PROOF, checkpoint=CHECKPOINT.replace(b"\n605\n", b"\n606\n")),
    "one witness": replace(PROOF, checkpoint=note(*BOTH, W1, W1_PQ, head=HEAD)),
    "no witness": replace(PROOF, checkpoint=note(*BOTH, head=HEAD)),
    "witnesses without the log": replace(PROOF, checkpoint=note(W1, W2, W3, head=HEAD)),
    "another log's key": replace(
        PROOF, checkpoint=note(Signer(ORIGIN, LOG.kind, "other"), W1, W2, head=HEAD)
    ),
}


@pytest.mark.parametrize("proof", REFUSED.values(), ids=REFUSED)
def test_a_proof_that_does_not_hold_is_refused(proof):
    assert proof != PROOF
    with pytest.raises(LogRefused):
        open_proof(Proof.parse(proof.to_bytes()), TOKEN, policy())


@pytest.mark.parametrize(
    "other", [OTHER_TOKEN, TOKEN[:-1], TOKEN + b"\x00", b""], ids=["another", "cut", "longer", "none"]
)
def test_a_proof_is_of_one_token(other):
    with pytest.raises(LogRefused, match="not that of this token"):
        open_proof(PROOF, other, policy())


def test_every_flipped_bit_of_the_proof_itself_is_refused():
    # One signature of each is enough here, and keeps the test short.
    data, few = replace(PROOF, checkpoint=note(LOG, W1, head=HEAD)).to_bytes(), policy(quorum=1)
    assert open_proof(Proof.parse(data), TOKEN, few).index == INDEX

    for bit in range((data.index(b"\n\n") + 2) * 8):
        changed = bytearray(data)
        changed[bit >> 3] ^= 0x80 >> (bit & 7)
        with pytest.raises((Malformed, LogRefused)):
            open_proof(Proof.parse(bytes(changed)), TOKEN, few)


def test_the_checkpoint_is_taken_as_it_is():
    """What follows the empty line is the note's bytes, which the policy reads; nothing is mended on the way."""
    odd = replace(PROOF, checkpoint=b"\n\nanything\n\n")

    assert Proof.parse(odd.to_bytes()) == odd
