"""Inclusion proofs made out of complete subtrees, for all small trees and around the widths of tiles."""

import pytest

from signing.merkle import (
    Node,
    inclusion_proof,
    leaf_hash,
    nodes_of,
    prove_inclusion,
    subtree_hash,
    verify_inclusion,
    verify_inclusion_of_hash,
)
from tests.signing.test_merkle_consistency import LARGE, OTHER, SMALL, TREE, mutations, read


def holds(index, size, proof, *, root=None, leaf=None):
    return verify_inclusion(leaf or TREE.leaves[index], index, size, proof, root or TREE.mth(0, size))


@pytest.mark.parametrize("size", [*SMALL, *LARGE])
def test_a_proof_is_that_of_the_rfc_and_holds(size):
    places = (
        range(size) if size < 100 else sorted({0, 1, 254, 255, 256, 65_535, size // 2, size - 2, size - 1})
    )
    for index in (index for index in places if index < size):
        proof = prove_inclusion(read, index, size)

        assert proof == TREE.path(index, 0, size)
        assert holds(index, size, proof)


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8, 70])
def test_it_is_the_proof_made_of_all_leaves(size):
    leaves = TREE.leaves[:size]

    made = [prove_inclusion(read, index, size) for index in range(size)]

    assert made == [inclusion_proof(leaves, index) for index in range(size)]


@pytest.mark.parametrize("size", [*range(1, 24), 33, 63, 64, 65, 256, 65_537])
def test_a_proof_that_was_changed_does_not_hold(size):
    places = range(size) if size < 100 else (0, 128, 255, size - 1)
    for index in places:
        for changed in mutations(prove_inclusion(read, index, size)):
            assert not holds(index, size, changed), (index, changed)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 31, 40])
def test_a_proof_holds_for_no_other_place_tree_or_leaf(size):
    for index in range(size):
        proof, leaf, root = prove_inclusion(read, index, size), TREE.leaves[index], TREE.mth(0, size)
        for other in range(45):
            if other != index:
                assert not holds(other, size, proof, leaf=leaf)
                assert not holds(index, size, proof, leaf=TREE.leaves[other])
            if other != size:
                assert not holds(index, other, proof)
        assert not holds(index, size, proof, root=OTHER)
        assert not verify_inclusion_of_hash(leaf, index, size, proof, root)
        assert not verify_inclusion_of_hash(leaf_hash(leaf)[:-1], index, size, proof, root)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_proof_for_a_leaf_that_is_not_there(index, size):
    with pytest.raises(IndexError):
        prove_inclusion(read, index, size)


@pytest.mark.parametrize("size", [*SMALL, 65_537])
def test_complete_subtrees_stand_for_all_leaves_once(size):
    covered = [
        place
        for node in nodes_of(0, size)
        for place in range(node.place << node.height, (node.place + 1) << node.height)
    ]

    assert covered == list(range(size))
    assert len(list(nodes_of(0, size))) == size.bit_count()


def test_a_subtree_to_the_right_is_made_of_complete_ones_too():
    assert list(nodes_of(8, 13)) == [Node(2, 2), Node(0, 12)]
    assert subtree_hash(read, 8, 13) == TREE.mth(8, 13)
    assert subtree_hash(read, 8, 8) == TREE.mth(0, 0)
