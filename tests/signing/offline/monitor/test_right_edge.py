"""The edge of a tree gives the root of the whole tree, and the tiles that a log would write."""

import random

import pytest

from signing.errors import Malformed
from signing.log.tile import WIDTH, tiles_of
from signing.merkle import root_of_hashes
from signing.offline.monitor.right_edge import RightEdge

HASHES = [at.to_bytes(32) for at in range(66_000)]
SIZES = [0, 1, 2, 3, 127, 255, 256, 257, 511, 512, 513, 1000, 65_535, 65_536, 65_537, 65_792, 66_000]


def grown(size, steps=WIDTH):
    """Return an edge that grew in steps of so many leaves at most, and the tiles that became full on the way."""
    edge, full = RightEdge(), []
    while edge.size < size:
        step = min(steps, size - edge.size, WIDTH - edge.size % WIDTH)
        full += edge.grow(HASHES[edge.size : edge.size + step])
    return edge, full


@pytest.mark.parametrize("size", SIZES)
def test_it_has_the_root_of_the_whole_tree(size):
    edge, _ = grown(size)

    assert edge.root() == root_of_hashes(HASHES[:size])


@pytest.mark.parametrize("size", SIZES)
def test_its_tiles_are_those_of_a_log(size):
    edge, full = grown(size)
    rows = {0: HASHES}
    for level in (1, 2):
        below = rows[level - 1]
        rows[level] = [
            root_of_hashes(below[at : at + WIDTH]) for at in range(0, len(below) - WIDTH + 1, WIDTH)
        ]

    tiles = dict(full + edge.partial())

    assert set(tiles) == set(tiles_of(size))
    for tile, hashes in tiles.items():
        start = tile.index * WIDTH
        assert list(hashes) == rows[tile.level][start : start + tile.width]


@pytest.mark.parametrize("steps", [1, 7, 100])
def test_how_it_grew_makes_no_difference(steps):
    assert grown(1000, steps)[0].to_value() == grown(1000)[0].to_value()


@pytest.mark.parametrize("size", SIZES)
def test_it_goes_on_from_where_it_was_kept(size):
    edge = RightEdge.from_value(grown(size)[0].to_value())
    room = WIDTH - size % WIDTH

    edge.grow([bytes(32)] * room)

    assert edge.root() == root_of_hashes(HASHES[:size] + [bytes(32)] * room)


def test_more_than_a_tile_at_once_is_a_mistake_of_the_caller():
    edge, _ = grown(10)

    with pytest.raises(ValueError, match="room"):
        edge.grow(HASHES[:247])


def test_a_kept_edge_of_another_size_is_refused():
    sample = random.Random(20261120)
    size, rows = grown(1000)[0].to_value()
    wrong = [
        [size + 1, rows], [size - 1, rows], [size, rows[:1]], [size, []], [size, [*rows, b""][::-1]], [size],
        [size, [rows[0][:-1], *rows[1:]]], [size, [rows[0] + sample.randbytes(32), *rows[1:]]], [-1, rows],
    ]  # fmt: skip

    for value in wrong:
        with pytest.raises(Malformed):
            RightEdge.from_value(value)
