"""Proofs and roots out of tiles: the same as out of all leaves, and nothing for what is not there."""

import pytest

from signing.errors import Malformed
from signing.log.tile import BundleReader, Tile, TileReader, bundle
from signing.merkle import Node, prove_consistency, prove_inclusion, subtree_hash, tree_hash
from tests.signing.log.grown_log import GrownLog
from tests.signing.slow_tree import SlowTree

LOG = GrownLog([place.to_bytes(3, "big") for place in range(66_100)])
TREE = SlowTree(LOG.leaves)
SIZES = [1, 2, 255, 256, 257, 511, 512, 513, 5000, 65_535, 65_536, 65_537, 66_100]


@pytest.mark.parametrize("size", SIZES)
def test_the_root_out_of_tiles_is_that_of_all_leaves(size):
    assert subtree_hash(LOG.reader(size), 0, size) == tree_hash(LOG.leaves[:size])


@pytest.mark.parametrize("size", SIZES)
def test_proofs_out_of_tiles_are_those_of_the_rfc(size):
    read = LOG.reader(size)
    for place in (place for place in (0, 1, 255, 256, 4999, 65_535, size // 3, size - 1) if place < size):
        assert prove_inclusion(read, place, size) == TREE.path(place, 0, size)
        assert prove_consistency(read, place + 1, size) == TREE.proof(place + 1, size)


def test_a_tile_is_fetched_once():
    fetched = []

    def fetch(tile):
        fetched.append(tile)
        return LOG.data(tile)

    read = TileReader(fetch, 700)
    for place in range(700):
        prove_inclusion(read, place, 700)

    assert sorted(fetched) == [Tile(0, 0), Tile(0, 1), Tile(0, 2, 188), Tile(1, 0, 2)]


def test_the_full_tile_stands_in_for_a_partial_one():
    grown = {tile: LOG.data(tile) for tile in (Tile(0, 0), Tile(0, 1), Tile(0, 2), Tile(1, 0))}

    read = TileReader(grown.get, 700)

    assert subtree_hash(read, 0, 700) == tree_hash(LOG.leaves[:700])
    assert read.tile(0, 2) == LOG.rows[0][512:700]


@pytest.mark.parametrize("size", [300, 512])
def test_a_tile_that_is_missing_is_told(size):
    read = TileReader(lambda tile: None, size)

    with pytest.raises(Malformed, match=r"tile/0/001(\.p/44)? is missing"):
        read.tile(0, 1)


@pytest.mark.parametrize("length", [0, 1, 43 * 32, 44 * 32 - 1, 45 * 32, 256 * 32])
def test_a_tile_of_another_width_is_refused(length):
    read = TileReader(lambda tile: bytes(length), 300)

    with pytest.raises(Malformed):
        read.tile(0, 1)


@pytest.mark.parametrize("length", [0, 44 * 32, 255 * 32, 256 * 32 + 1, 257 * 32])
def test_a_full_tile_that_is_not_full_does_not_stand_in(length):
    read = TileReader(lambda tile: bytes(length) if tile == tile.full else None, 300)

    with pytest.raises(Malformed):
        read.tile(0, 1)


@pytest.mark.parametrize(("level", "index"), [(0, 2), (1, 1), (2, 0), (7, 0)])
def test_there_is_no_tile_beyond_the_tree(level, index):
    with pytest.raises(Malformed):
        LOG.reader(300).tile(level, index)


@pytest.mark.parametrize("node", [Node(9, 0), Node(7, 2), Node(0, 300), Node(3, 37), Node(8, 1), Node(16, 0)])
def test_there_is_no_hash_of_a_subtree_that_the_tree_does_not_have_whole(node):
    with pytest.raises(Malformed):
        LOG.reader(300)(node)


def test_every_node_out_of_tiles_is_its_tree_hash():
    read = LOG.reader(700)
    for height in range(10):
        for place in range(700 >> height):
            assert read(Node(height, place)) == TREE.mth(place << height, (place + 1) << height)


@pytest.mark.parametrize("kept", [Tile(None, 2, 188), Tile(None, 2)])
def test_leaves_are_read_out_of_the_partial_bundle_or_the_full_one(kept):
    files = {kept: bundle(LOG.leaves[512 : 512 + kept.width]), Tile(None, 0): bundle(LOG.leaves[:256])}

    read = BundleReader(files.get, 700)

    assert (read(0), read(2)) == (LOG.leaves[:256], LOG.leaves[512:700])
    with pytest.raises(Malformed, match="tile/entries/001 is missing"):
        read(1)
    for place in (-1, 3):
        with pytest.raises(Malformed, match="no such bundle"):
            read(place)


def test_a_bundle_of_another_width_is_odd():
    read = BundleReader({Tile(None, 2, 188): bundle(LOG.leaves[512:699])}.get, 700)

    with pytest.raises(Malformed, match="does not have 188 leaves"):
        read(2)
