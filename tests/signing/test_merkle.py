"""The Merkle tree hash and inclusion proofs, against vectors and against a slow reading of the RFC."""

import base64
import hashlib
import json
from pathlib import Path

import pytest

from signing.merkle import (
    inclusion_proof,
    leaf_hash,
    root_of_hashes,
    tree_hash,
    verify_inclusion,
    verify_inclusion_of_hash,
)

FILE = Path(__file__).parents[1] / "vectors" / "merkle" / "inclusion.json"
CASES = json.loads(FILE.read_text(encoding="utf-8"))
LEAVES = [bytes([place]) * (place % 5) for place in range(70)]


def slow_tree_hash(leaves):
    """RFC 6962 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + slow_tree_hash(leaves[:k]) + slow_tree_hash(leaves[k:])).digest()


def slow_proof(leaves, index):
    """RFC 6962 2.1.1, word for word."""
    if len(leaves) == 1:
        return ()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    if index < k:
        return (*slow_proof(leaves[:k], index), slow_tree_hash(leaves[k:]))
    return (*slow_proof(leaves[k:], index - k), slow_tree_hash(leaves[:k]))


@pytest.mark.parametrize("case", CASES, ids=[case["file"] for case in CASES])
def test_a_vector_has_its_answer(case):
    proof = [base64.b64decode(step) for step in case["proof"] or []]
    hashed, root = base64.b64decode(case["leafHash"]), base64.b64decode(case["root"])

    holds = verify_inclusion_of_hash(hashed, case["leafIdx"], case["treeSize"], proof, root)

    assert holds is not case["wantErr"]


@pytest.mark.parametrize("size", range(len(LEAVES)))
def test_the_tree_hash_is_that_of_the_rfc(size):
    assert tree_hash(LEAVES[:size]) == slow_tree_hash(LEAVES[:size])
    assert root_of_hashes([leaf_hash(leaf) for leaf in LEAVES[:size]]) == slow_tree_hash(LEAVES[:size])


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 9, 33, 64, 70])
def test_every_leaf_has_a_proof_that_holds_there_and_nowhere_else(size):
    leaves, root = LEAVES[:size], tree_hash(LEAVES[:size])
    for index, leaf in enumerate(leaves):
        proof = inclusion_proof(leaves, index)

        assert proof == slow_proof(leaves, index)
        assert verify_inclusion(leaf, index, size, proof, root)
        assert not verify_inclusion(leaf + b"x", index, size, proof, root)
        assert not verify_inclusion(leaf, index + 1, size, proof, root)
        assert not verify_inclusion(leaf, index, size, (*proof, root), root)
        assert not verify_inclusion(leaf, index, size, proof, leaf_hash(b"other"))
        if proof:
            assert not verify_inclusion(leaf, index, size, proof[:-1], root)


@pytest.mark.parametrize(("index", "size"), [(-1, 1), (1, 1), (0, 0), (0, -1), (5, 3)])
def test_a_place_outside_the_tree_is_refused(index, size):
    assert not verify_inclusion(b"", index, size, (), leaf_hash(b""))


@pytest.mark.parametrize("index", [-1, 3])
def test_there_is_no_proof_for_a_leaf_that_is_not_there(index):
    with pytest.raises(IndexError):
        inclusion_proof(LEAVES[:3], index)


def test_an_inner_node_does_not_pass_for_a_leaf():
    left, right = leaf_hash(LEAVES[0]), leaf_hash(LEAVES[1])

    assert not verify_inclusion(left + right, 0, 1, (), tree_hash(LEAVES[:2]))
