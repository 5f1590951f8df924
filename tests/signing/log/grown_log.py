"""A log in memory, for tests: leaves, and for every size that it had, the files of C2SP ``tlog-tiles``."""

from collections.abc import Sequence
from pathlib import Path

from signing.log.tile import WIDTH, Tile, TileReader, bundle, bundles_of, tiles_of
from signing.merkle import leaf_hash, root_of_hashes, subtree_hash


class GrownLog:
    """``rows[level]`` has the hashes of the level, each of 256 of the level below it."""

    def __init__(self, leaves: Sequence[bytes] = ()) -> None:
        self.leaves: list[bytes] = []
        self.rows: list[list[bytes]] = [[]]
        self.grow(leaves)

    def grow(self, leaves: Sequence[bytes]) -> None:
        """Put leaves at the end."""
        self.leaves += leaves
        self.rows[0] += map(leaf_hash, leaves)
        for level, row in enumerate(self.rows):
            if len(row) >= WIDTH and level + 1 == len(self.rows):
                self.rows.append([])
            if level + 1 < len(self.rows):
                above = self.rows[level + 1]
                starts = range(len(above) * WIDTH, len(row) - WIDTH + 1, WIDTH)
                above += [root_of_hashes(row[start : start + WIDTH]) for start in starts]

    @property
    def size(self) -> int:
        return len(self.leaves)

    def data(self, tile: Tile) -> bytes:
        """Return the bytes of a file."""
        start = tile.index * WIDTH
        if tile.level is None:
            return bundle(self.leaves[start : start + tile.width])
        return b"".join(self.rows[tile.level][start : start + tile.width])

    def reader(self, size: int | None = None) -> TileReader:
        """Return a reader of the tree's first leaves."""
        return TileReader(self.data, self.size if size is None else size)

    def root(self, size: int | None = None) -> bytes:
        """Return the root over the first leaves."""
        size = self.size if size is None else size
        return subtree_hash(self.reader(size), 0, size)

    def write(self, folder: Path, *, after: int = 0) -> None:
        """Write the files that a log of ``after`` leaves has not."""
        for tile in (*tiles_of(self.size, after=after), *bundles_of(self.size, after=after)):
            file = folder / tile.path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(self.data(tile))
