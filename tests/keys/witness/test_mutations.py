"""Requests with a bit, a byte or a line changed: none is cosigned but one that says the same, or whose proof holds."""

import random

import pytest

from keys.witness.protocol import AddCheckpoint
from signing.log.note import Head, Note
from signing.merkle import tree_hash
from tests.instants import NOON

ROUNDS = 400


def mutated(chance, body):
    """Return the body with one change."""
    at = chance.randrange(len(body))
    match chance.randrange(6):
        case 0:
            return body[:at] + bytes([body[at] ^ 1 << chance.randrange(8)]) + body[at + 1 :]
        case 1:
            return body[:at] + body[at + 1 :]
        case 2:
            return body[:at] + bytes([chance.randrange(256)]) + body[at:]
        case 3:
            return body[:at]
        case 4:
            lines = body.splitlines(keepends=True)
            one, other = (chance.randrange(len(lines)) for _ in range(2))
            lines[one], lines[other] = lines[other], lines[one]
            return b"".join(lines)
    lines = body.splitlines(keepends=True)
    del lines[chance.randrange(len(lines))]
    return b"".join(lines)


def says_the_truth(body, log):
    """Tell whether the log's own leaves have such a tree, and the proof from 5 leaves is that of the log."""
    request = AddCheckpoint.parse(body)
    head = Head.parse(Note.parse(request.checkpoint).text)
    return (
        head.root == tree_hash(log.leaves[: head.size])
        and request.old == 5
        and request.proof == log.proof(5, head.size)
    )


@pytest.mark.parametrize("seed", range(3))
def test_no_changed_request_is_cosigned_unless_its_proof_holds(witness, folder, log, seed):
    chance = random.Random(seed)
    assert witness.add_checkpoint(log.request(0, 5), now=NOON).status == 200
    (path,) = (folder / "logs").glob("*.head")
    kept, body = path.read_bytes(), log.request(5, 23)
    cosigned, statuses = [], set()
    for _ in range(ROUNDS):
        changed = mutated(chance, body)
        status = witness.add_checkpoint(changed, now=NOON).status
        statuses.add(status)
        if status == 200:
            cosigned.append(changed)
            path.write_bytes(kept)
        assert path.read_bytes() == kept

    # A name, or a key id, that is changed makes a line of a key that nobody knows: the other line suffices.
    assert all(says_the_truth(changed, log) for changed in cosigned)
    assert {400, 403, 422} <= statuses <= {200, 400, 403, 404, 409, 422}


def test_noise_is_no_request(witness):
    chance = random.Random(7)
    statuses = {
        witness.add_checkpoint(b"old 0\n\n" + chance.randbytes(chance.randrange(200)), now=NOON).status
        for _ in range(300)
    }

    assert statuses == {400}


def test_a_fork_is_never_cosigned_whatever_proof_it_brings(witness, log):
    assert witness.add_checkpoint(log.request(0, 5), now=NOON).status == 200
    chance, fork = random.Random(9), log.forked_at(4)
    steps = [*fork.proof(5, 23), *log.proof(5, 23), *fork.proof(4, 23), fork.head(4).root, log.head(5).root]
    statuses = set()
    for _ in range(ROUNDS):
        proof = tuple(chance.choice(steps) for _ in range(chance.randrange(8)))
        body = AddCheckpoint(5, proof, fork.checkpoint(23)).to_bytes()
        statuses.add(witness.add_checkpoint(body, now=NOON).status)

    assert statuses == {422}
