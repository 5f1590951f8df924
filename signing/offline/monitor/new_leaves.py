"""The leaves that a log has and we have not: read once, and hashed up to the root that the witnesses cosigned.

Bundle and tile stand for each other, and both for the root. One bit of any of them that is not as it was signed is
found here, so a reader who takes a proof out of the tiles meets what was checked.
"""

from collections.abc import Iterator, Sequence

from signing.errors import LogRefused
from signing.log.note import Head
from signing.log.tile import WIDTH, Tile
from signing.merkle import leaf_hash
from signing.offline.log_files import LogFiles
from signing.offline.monitor.right_edge import RightEdge


def new_leaves(files: LogFiles, edge: RightEdge, head: Head) -> Iterator[tuple[int, Sequence[bytes]]]:
    """Yield the leaves from the edge on, bundle by bundle, with the index of the first; the edge grows with them.

    Nothing that was yielded is proven until the last is: then every leaf hashes to its tile, every tile to the root of
    ``head``, or ``LogRefused`` is raised. Also ``DistributionRefused`` for a file that can not be had.
    """
    while edge.size < head.size:
        index, seen = divmod(edge.size, WIDTH)
        width = min(WIDTH, head.size - index * WIDTH)
        leaves = files.leaves(Tile(None, index, width))
        hashes = list(map(leaf_hash, leaves))
        # The tile as it is served, so that what a proof will be made of is what was checked.
        _require_same(Tile(0, index, width), hashes, files.hashes(Tile(0, index, width)))
        _require_same(Tile(0, index, width), hashes[:seen], edge.leaves)
        for tile, row in edge.grow(hashes[seen:]):
            if tile.level:
                _require_same(tile, row, files.hashes(tile))
        yield index * WIDTH + seen, leaves[seen:]
    for tile, row in edge.partial():
        if tile.level:
            _require_same(tile, row, files.hashes(tile))
    if edge.root() != head.root:
        raise LogRefused("the leaves do not hash to the root of the checkpoint")


def _require_same(tile: Tile, hashed: Sequence[bytes], told: Sequence[bytes]) -> None:
    if list(hashed) != list(told):
        raise LogRefused(f"{tile.path} is not what the leaves below it hash to")
