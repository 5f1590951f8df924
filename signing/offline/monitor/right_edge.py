"""The right edge of a tree: all that is needed to go on hashing where a run left off.

For each level the hashes of the one tile that is not full yet, so at most 255 for each: some kilobytes for any tree.
Whoever has the edge needs nothing of what lies to its left to know the root, and nobody's word for it.
"""

from collections.abc import Sequence
from typing import Self

from signing import shape
from signing.cbor import Value
from signing.errors import Malformed
from signing.log.tile import HEIGHT, MAX_LEVEL, WIDTH, Tile
from signing.merkle import HASH_SIZE, Node, join_uneven, nodes_of, root_of_hashes


class RightEdge:
    """The edge of a tree of ``size`` leaves, which grows."""

    def __init__(self) -> None:
        self.size = 0
        self._rows: list[list[bytes]] = [[]]

    @property
    def leaves(self) -> Sequence[bytes]:
        """The hashes of the leaves after the last full tile."""
        return self._rows[0]

    def grow(self, hashes: Sequence[bytes]) -> list[tuple[Tile, Sequence[bytes]]]:
        """Add hashes of leaves, no more than the last tile has room for; return the tiles that are full now.

        Each comes with its hashes, from the level of the leaves upwards.
        """
        if len(self._rows[0]) + len(hashes) > WIDTH:
            raise ValueError("more leaves than there is room for in one tile")
        self._rows[0].extend(hashes)
        self.size += len(hashes)
        full: list[tuple[Tile, Sequence[bytes]]] = []
        while len(row := self._rows[len(full)]) == WIDTH:
            level = len(full)
            full.append((Tile(level, (self.size >> HEIGHT * (level + 1)) - 1), row))
            self._rows[level] = []
            if level + 1 == len(self._rows):
                self._rows.append([])
            self._rows[level + 1].append(root_of_hashes(row))
        return full

    def partial(self) -> list[tuple[Tile, Sequence[bytes]]]:
        """Return the tiles that are not full, each with its hashes."""
        return [
            (Tile(level, self.size >> HEIGHT * (level + 1), len(row)), row)
            for level, row in enumerate(self._rows)
            if row
        ]

    def root(self) -> bytes:
        """Return the root of the tree."""
        return join_uneven([self._hash(node) for node in nodes_of(0, self.size)])

    def _hash(self, node: Node) -> bytes:
        """Return the hash of a complete subtree at the edge; all of it lies in the row of its level."""
        level, rise = divmod(node.height, HEIGHT)
        at = (node.place << rise) % WIDTH
        return root_of_hashes(self._rows[level][at : at + (1 << rise)])

    def to_value(self) -> Value:
        """Return the edge for the state: the size, and the hashes of each level in one byte string."""
        rows: list[Value] = [b"".join(row) for row in self._rows]
        return [self.size, rows]

    @classmethod
    def from_value(cls, value: Value) -> Self:
        """Read an edge; ``Malformed`` if a level does not have as many hashes as the size asks for."""
        size, rows = shape.array(value, 2, 2)
        edge = cls()
        edge.size = shape.integer(size)
        edge._rows = [_hashes(shape.content(row)) for row in shape.array(rows, 1, MAX_LEVEL)]
        levels = range(len(edge._rows))
        if [len(row) for row in edge._rows] != [(edge.size >> HEIGHT * level) % WIDTH for level in levels]:
            raise Malformed("an edge of another size")
        if edge.size >> HEIGHT * len(edge._rows):
            raise Malformed("an edge of fewer levels than its tree has")
        return edge


def _hashes(row: bytes) -> list[bytes]:
    if len(row) % HASH_SIZE:
        raise Malformed("a row is not whole hashes")
    return [row[at : at + HASH_SIZE] for at in range(0, len(row), HASH_SIZE)]
