"""The tree without leaves: it has one root, and every tree goes on from it."""

import pytest

from signing.merkle import leaf_hash, tree_hash, verify_consistency

EMPTY = tree_hash([])
OTHER = leaf_hash(b"other")


@pytest.mark.parametrize("size", [1, 2, 7])
def test_every_tree_goes_on_from_the_empty_one(size):
    root = tree_hash([b""] * size)

    assert verify_consistency(0, size, EMPTY, root, ())
    assert not verify_consistency(0, size, OTHER, root, ())
    assert not verify_consistency(0, size, EMPTY, root, (OTHER,))


def test_a_tree_without_leaves_has_no_root_but_one():
    assert verify_consistency(0, 0, EMPTY, EMPTY, ())
    assert not verify_consistency(0, 0, EMPTY, OTHER, ())
    assert not verify_consistency(0, 0, OTHER, OTHER, ())
