"""Files of a log: their names, which there are at every size, and what they hold."""

import pytest

from signing.errors import Malformed
from signing.log.tile import WIDTH, Tile, bundle, bundles_of, tiles_of
from signing.merkle import leaf_hash
from tests.signing.log.grown_log import GrownLog

SIZES = [0, 1, 2, 255, 256, 257, 511, 512, 70_000, 65_535, 65_536, 65_537]

NAMES = {
    "tile/0/x001/x234/067": Tile(0, 1_234_067),
    "tile/0/000": Tile(0, 0),
    "tile/0/273.p/112": Tile(0, 273, 112),
    "tile/1/001.p/17": Tile(1, 1, 17),
    "tile/2/000.p/1": Tile(2, 0, 1),
    "tile/63/999": Tile(63, 999),
    "tile/0/x001/000": Tile(0, 1000),
    "tile/entries/000.p/255": Tile(None, 0, 255),
    "tile/entries/x001/x234/067": Tile(None, 1_234_067),
    "tile/0/x036/x028/x797/x018/x963/967": Tile(0, (1 << 55) - 1),
}

NO_NAMES = [
    "",
    "tile/0/0",
    "tile/0/00",
    "tile/0/0000",
    "tile/0/x000",
    "tile/0/x000/000",
    "tile/0/x000/x000/001",
    "tile/0/001/001",
    "tile/0/X001/000",
    "tile/0/x1/000",
    "tile/00/000",
    "tile/01/000",
    "tile/-1/000",
    "tile/64/000",
    "tile/100/000",
    "tile/data/000",
    "tile/Entries/000",
    "tile/entries/-01",
    "tile/8/0/000",
    "tile/0/000.p/0",
    "tile/0/000.p/00",
    "tile/0/000.p/01",
    "tile/0/000.p/256",
    "tile/0/000.p/257",
    "tile/0/000.p/999",
    "tile/0/000.p/1000",
    "tile/0/000.p/",
    "tile/0/000.p",
    "tile/0/000/p/1",
    "tile/0/000p/1",
    "/tile/0/000",
    "tile/0/000/",
    "tile/0/000\n",
    " tile/0/000",
    "tile/0/../000",
    "tile/0/٠٠٠",
    "tile/٣/000",
    "checkpoint",
    "tile/0/x001" + "/x000" * 5 + "/000",
    "tile/0/" + "x000/" * 3000 + "000",
]


def files_of(log: GrownLog, after: int = 0) -> dict[str, bytes]:
    tiles = (*tiles_of(log.size, after=after), *bundles_of(log.size, after=after))
    return {tile.path: log.data(tile) for tile in tiles}


@pytest.mark.parametrize("name", NAMES)
def test_a_file_has_one_name(name):
    assert NAMES[name].path == name
    assert Tile.parse(name) == NAMES[name]


@pytest.mark.parametrize("name", NO_NAMES, ids=lambda name: repr(name)[:40])
def test_another_name_is_refused(name):
    with pytest.raises(Malformed):
        Tile.parse(name)


def test_a_tree_of_70_000_has_the_tiles_of_the_specification():
    tiles = list(tiles_of(70_000))

    assert tiles[:273] == [Tile(0, index) for index in range(273)]
    assert tiles[273:] == [Tile(0, 273, 112), Tile(1, 0), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(bundles_of(70_000)) == [*(Tile(None, index) for index in range(273)), Tile(None, 273, 112)]


def test_a_tree_of_256_has_a_full_tile_and_one_of_width_1():
    assert list(tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]


def test_an_empty_tree_has_no_files():
    assert list(tiles_of(0)) == list(bundles_of(0)) == []


@pytest.mark.parametrize("size", SIZES)
def test_the_width_of_a_partial_tile_is_what_the_size_leaves(size):
    partial = {tile.level: tile.width for tile in tiles_of(size) if tile.width < WIDTH}

    levels = [level for level in range(8) if (size // 256**level) % 256]
    assert partial == {level: (size // 256**level) % 256 for level in levels}


def test_growing_step_by_step_writes_what_growing_at_once_writes():
    leaves = [b"%d" % place for place in range(1400)]
    stepwise, files, size = GrownLog(), {}, 0
    for step in (0, 1, 1, 0, 253, 1, 1, 255, 1, 0, 256, 1, 511, 2, 117):
        stepwise.grow(leaves[size : size + step])
        new = files_of(stepwise, after=size)
        # What stands under a name never changes.
        assert all(files.get(name, data) == data for name, data in new.items())
        files, size = files | new, size + step

        at_once = files_of(GrownLog(leaves[:size]))
        assert {name: files[name] for name in at_once} == at_once
    assert size == 1400


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_written_twice_for_the_same_size(size):
    assert list(tiles_of(size, after=size)) == list(bundles_of(size, after=size)) == []


def test_a_step_writes_no_file_that_was_written():
    before, after = set(tiles_of(70_000)), set(tiles_of(70_300, after=70_000))

    assert not before & after
    assert after == {Tile(0, 273), Tile(0, 274, 156), Tile(1, 1, 18)}


def test_a_bundle_holds_the_leaves_and_its_tile_their_hashes():
    leaves = [b"", b"a", b"\x00" * 255, b"\xff" * 256, b"x" * 65_535]
    log, place = GrownLog(leaves), Tile(None, 0, 5)

    data = log.data(place)

    assert data[:5] == b"\x00\x00\x00\x01a"
    assert place.leaves(data) == leaves
    assert Tile(0, 0, 5).hashes(log.data(Tile(0, 0, 5))) == list(map(leaf_hash, leaves))


def test_a_leaf_that_is_too_long_is_in_no_bundle():
    with pytest.raises(OverflowError):
        bundle([b"x" * 65_536])


ODD_BUNDLES = {
    "nothing": b"",
    "one leaf": b"\x00\x01a",
    "three leaves": b"\x00\x00" * 3,
    "half a length": b"\x00\x01a\x00",
    "half a length of 1": b"\x00\x01a\x01",
    "a leaf cut short": b"\x00\x01a\x00\x02b",
    "a byte too many": b"\x00\x01a\x00\x01b\x00",
}


@pytest.mark.parametrize("data", ODD_BUNDLES.values(), ids=ODD_BUNDLES)
def test_a_bundle_of_other_length_is_refused(data):
    with pytest.raises(Malformed):
        Tile(None, 0, 2).leaves(data)


@pytest.mark.parametrize("length", [0, 31, 32, 63, 65, 96])
def test_a_tile_of_other_length_is_refused(length):
    with pytest.raises(Malformed):
        Tile(0, 0, 2).hashes(bytes(length))
