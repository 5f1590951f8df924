"""Policies of a log: which are lawful, what makes a checkpoint signed, and what makes it cosigned."""

import pytest

from signing import cbor
from signing.errors import InadmissibleKey, LogRefused, Malformed
from signing.log.checkpoint import MAX_KEYS, LogPolicy, Witness
from signing.log.note import Head, NoteKey
from tests.signing.log.signers import (
    BOTH,
    ED25519,
    HEAD,
    LOG,
    LOG_ED25519,
    LOG_PQ,
    MLDSA44,
    ORIGIN,
    STAMP,
    STRANGER,
    W1,
    W1_PQ,
    W2,
    W2_PQ,
    W3,
    W3_PQ,
    Signer,
    note,
    policy,
    witness,
)

SECOND_LOG_KEY = Signer(ORIGIN, LOG_ED25519, "next")
AS_WITNESS = NoteKey("w1.witness.example", ED25519, LOG.key.public)
W1_KEY_OF_W2 = NoteKey("w2.witness.example", ED25519, W1.key.public)
MANY = [Signer(f"{place}.witness.example", ED25519) for place in range(MAX_KEYS + 1)]
MANY_LOG_KEYS = [Signer(ORIGIN, LOG_ED25519, str(place)) for place in range(MAX_KEYS + 1)]

LAWFUL = {
    "three witnesses, two of them": {},
    "all of them": {"quorum": 3},
    "one of them": {"quorum": 1},
    "Ed25519 alone": {"keys": (LOG.key,)},
    "two keys of the log": {"keys": (LOG.key, SECOND_LOG_KEY.key, LOG_PQ.key)},
    "one witness": {"witnesses": (witness(W1),), "quorum": 1},
    "a witness of ML-DSA alone": {"witnesses": (witness(W1_PQ),), "quorum": 1},
    "as many witnesses as there may be": {"witnesses": tuple(map(witness, MANY[:-1])), "quorum": MAX_KEYS},
    "as many keys as there may be": {"keys": tuple(signer.key for signer in MANY_LOG_KEYS[:-1])},
}

UNLAWFUL = {
    "no key of the log": {"keys": ()},
    "ML-DSA alone": {"keys": (LOG_PQ.key,)},
    "a key of another name": {"keys": (LOG.key, Signer("other.example", LOG_ED25519).key)},
    "a witness's kind of key": {"keys": (LOG.key, Signer(ORIGIN, ED25519).key)},
    "a key of the log twice": {"keys": (LOG.key, LOG.key)},
    "another origin": {"origin": "other.example"},
    "no witness": {"witnesses": (), "quorum": 1},
    "no witness and no quorum": {"witnesses": (), "quorum": 0},
    "a quorum of none": {"quorum": 0},
    "a quorum below none": {"quorum": -1},
    "a quorum of more than there are": {"quorum": 4},
    "a witness twice": {"witnesses": (witness(W1), witness(W1_PQ)), "quorum": 2},
    "a witness with the log's name": {"witnesses": (witness(Signer(ORIGIN, ED25519)),), "quorum": 1},
    "a witness without keys": {"witnesses": (Witness(W1.name, ()),), "quorum": 1},
    "a key of another witness": {"witnesses": (Witness(W1.name, (W2.key,)),), "quorum": 1},
    "a witness with a log's kind of key": {
        "witnesses": (witness(Signer("w1.witness.example", LOG_ED25519)),),
        "quorum": 1,
    },
    "one key of two witnesses": {
        "witnesses": (witness(W1), Witness("w2.witness.example", (W1_KEY_OF_W2,))),
        "quorum": 2,
    },
    "a key of a witness twice": {"witnesses": (witness(W1, W1),), "quorum": 1},
    "one key of log and witness": {"witnesses": (Witness(W1.name, (AS_WITNESS,)),), "quorum": 1},
    "too many witnesses": {"witnesses": tuple(map(witness, MANY)), "quorum": 1},
    "too many keys of the log": {"keys": tuple(signer.key for signer in MANY_LOG_KEYS)},
}

USUAL = policy().to_value()
KEY, PQ_KEY = USUAL[1]
WITNESS_ITEM = USUAL[2][0]
ODD_VALUES = {
    "nothing": [],
    "three items": USUAL[:3],
    "five items": [*USUAL, 1],
    "not an array": {1: USUAL},
    "an origin in bytes": [ORIGIN.encode(), *USUAL[1:]],
    "no keys": [ORIGIN, [], *USUAL[2:]],
    "no witnesses": [*USUAL[:2], [], 1],
    "a key of one item": [ORIGIN, [[1]], *USUAL[2:]],
    "a key of three items": [ORIGIN, [[*KEY, 1]], *USUAL[2:]],
    "a kind that is true": [ORIGIN, [[True, KEY[1]]], *USUAL[2:]],
    "an unknown kind": [ORIGIN, [KEY, [2, KEY[1]]], *USUAL[2:]],
    "a key in text": [ORIGIN, [[1, "key"]], *USUAL[2:]],
    "a short key": [ORIGIN, [[1, KEY[1][:-1]]], *USUAL[2:]],
    "a key of small order": [ORIGIN, [[1, b"\x01" + bytes(31)]], *USUAL[2:]],
    "a short ML-DSA key": [ORIGIN, [KEY, [6, PQ_KEY[1][:-1]]], *USUAL[2:]],
    "17 keys": [ORIGIN, [KEY] * 17, *USUAL[2:]],
    "an origin with a space": [ORIGIN + " ", *USUAL[1:]],
    "a witness of one item": [*USUAL[:2], [[W1.name]], 1],
    "a witness with a space": [*USUAL[:2], [["w 1", WITNESS_ITEM[1]]], 1],
    "a witness of 17 keys": [*USUAL[:2], [[W1.name, WITNESS_ITEM[1] * 9]], 1],
    "a quorum in text": [*USUAL[:3], "2"],
    "a quorum that is true": [*USUAL[:3], True],
}


@pytest.mark.parametrize("changed", LAWFUL.values(), ids=LAWFUL)
def test_a_lawful_policy_comes_back_from_its_value(changed):
    log = policy(**changed)

    assert LogPolicy.from_value(cbor.decode(cbor.encode(log.to_value()))) == log


@pytest.mark.parametrize("changed", UNLAWFUL.values(), ids=UNLAWFUL)
def test_another_policy_can_not_be_made(changed):
    with pytest.raises(Malformed):
        policy(**changed)


@pytest.mark.parametrize("value", ODD_VALUES.values(), ids=ODD_VALUES)
def test_another_value_is_refused(value):
    with pytest.raises((Malformed, InadmissibleKey)):
        LogPolicy.from_value(value)


def test_two_keys_that_no_line_could_tell_apart_are_refused():
    # Four bytes of a hash: whoever wants it can find two keys of one name and id; here it is made by hand.
    twin = Signer(ORIGIN, LOG_ED25519, "twin").key
    object.__setattr__(twin, "key_id", LOG.key.key_id)

    with pytest.raises(Malformed, match="tell apart"):
        policy(keys=(LOG.key, twin))


def test_a_checkpoint_that_enough_witnesses_signed_is_cosigned():
    data = note(*BOTH, W1, W1_PQ, W3)

    opened = policy().open(data)

    assert opened.head == HEAD
    assert opened.is_cosigned
    assert opened.cosigned_at == {W1.name: STAMP, W3.name: STAMP}
    assert opened.data == data


QUORUMS = {
    "none": ((), 0),
    "one": ((W1,), 1),
    "both lines of one": ((W1, W1_PQ), 1),
    "one line many times": ((W1, W1, W1), 1),
    "one and a stranger": ((W1, STRANGER), 1),
    "two by Ed25519": ((W1, W2), 2),
    "two by ML-DSA": ((W1_PQ, W2_PQ), 2),
    "one by each": ((W1, W2_PQ), 2),
    "all lines of two": ((W1, W1_PQ, W2, W2_PQ), 2),
    "three": ((W1, W2, W3), 3),
    "all lines of all": ((W1, W1_PQ, W2, W2_PQ, W3, W3_PQ), 3),
}


@pytest.mark.parametrize("quorum", [1, 2, 3])
@pytest.mark.parametrize(("signers", "count"), QUORUMS.values(), ids=QUORUMS)
def test_the_quorum_counts_witnesses_and_not_their_lines(signers, count, quorum):
    opened = policy(quorum=quorum).open(note(LOG, *signers))

    assert len(opened.cosigned_at) == count
    assert opened.is_cosigned is (count >= quorum)


def test_a_witness_saw_it_when_its_later_line_says():
    data = note(
        LOG, W1.line(stamp=7), W1_PQ.line(stamp=9), W2.line(stamp=8), W2_PQ.line(stamp=0), W3_PQ.line(stamp=0)
    )

    assert policy().open(data).cosigned_at == {W1.name: 9, W2.name: 8, W3.name: 0}


NOT_SIGNED = {
    "by witnesses alone": (W1, W2, W3),
    "by ML-DSA of the log alone": (LOG_PQ, W1, W2),
    "by a stranger": (STRANGER,),
    "by a key of the log that the policy does not name": (SECOND_LOG_KEY, W1, W2),
    "by a witness's kind of key under the log's name": (Signer(ORIGIN, ED25519), W1, W2),
}


@pytest.mark.parametrize("signers", NOT_SIGNED.values(), ids=NOT_SIGNED)
def test_a_checkpoint_that_its_log_did_not_sign_is_refused(signers):
    with pytest.raises(LogRefused, match="did not sign"):
        policy().open(note(*signers))


def test_either_key_of_a_log_that_changes_its_key_signs():
    log = policy(keys=(LOG.key, SECOND_LOG_KEY.key))

    assert log.open(note(SECOND_LOG_KEY, W1, W2)).is_cosigned
    assert log.open(note(LOG, W1, W2)).is_cosigned


def test_a_checkpoint_of_another_log_is_refused():
    other = Head("other.example", HEAD.size, HEAD.root)

    with pytest.raises(LogRefused, match=r"of other\.example"):
        policy().open(note(LOG, W1, W2, head=other))


def test_lines_over_another_head_do_not_move():
    """What was signed for one tree is not taken for another, whoever puts the lines below it."""
    smaller, forked = Head(ORIGIN, 69_999, HEAD.root), Head(ORIGIN, HEAD.size, bytes(32))

    for head in (smaller, forked):
        lines = [signer.line() for signer in (LOG, W1, W2)]
        with pytest.raises(LogRefused):
            policy().open(note(*lines, head=head))
        for moved in (W1.line(), W2_PQ.line()):
            with pytest.raises(LogRefused):
                policy().open(note(LOG, W1, moved, head=head))


def test_extension_lines_are_refused():
    data = note(LOG, W1, W2).replace(b"\n\n", b"\nextension\n\n", 1)

    with pytest.raises(LogRefused):
        policy().open(data)


@pytest.mark.parametrize(
    "signer", [LOG, LOG_PQ, W1, W1_PQ], ids=["log", "log, ML-DSA", "witness", "witness, ML-DSA"]
)
def test_every_byte_of_a_known_line_matters(signer):
    line = signer.line()
    name, encoded = line[: line.rindex(" ") + 1], line[line.rindex(" ") + 1 :]
    places = range(6, len(encoded) - 3, 1 if len(encoded) < 200 else 97)

    for place in places:
        changed = "B" if encoded[place] == "A" else "A"
        bad = name + encoded[:place] + changed + encoded[place + 1 :]
        with pytest.raises(LogRefused):
            policy().open(note(LOG, W2, W3, bad))
    assert policy().open(note(LOG, W2, W3, line)).is_cosigned


def test_a_tree_may_be_empty_or_as_large_as_can_be_written():
    for size in (0, 1, (1 << 63) - 1):
        head = Head(ORIGIN, size, HEAD.root)

        assert policy().open(note(*BOTH, W1, W2_PQ, head=head)).head.size == size


def test_the_kinds_of_ml_dsa_and_ed25519_have_their_sizes():
    assert len(LOG_PQ.key.public) == 1312
    assert len(LOG.key.public) == 32
    assert LOG_PQ.kind is MLDSA44
