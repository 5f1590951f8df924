"""Tiles and bundles: a Merkle tree as plain files of at most 256 hashes (C2SP ``tlog-tiles``).

A file's name says its level, its place and, of one that is not full, its width; so what stands under a name never
changes, and a reader needs nothing but the files and a checkpoint.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

from signing.errors import Malformed
from signing.merkle import HASH_SIZE, Node, join_pairs, root_of_hashes

WIDTH: Final = 256
HEIGHT: Final = 8
MAX_LEVEL: Final = 63
LENGTH_SIZE: Final = 2
ENTRIES: Final = "entries"

# Eighteen digits hold every place of a log; Python reads no number of any length, and refuses in its own words.
_PATH: Final = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([0-9]{1,3}))?")


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """One file: hashes of one ``level``, or with ``level`` ``None`` the leaves themselves (a bundle).

    ``index`` is its place in the level, 0 first; ``width`` how many hashes or leaves it holds, 1..256.
    """

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """The file's name below the log's prefix."""
        digits = str(self.index)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        place = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{ENTRIES if self.level is None else self.level}/{place}{partial}"

    @classmethod
    def parse(cls, path: str) -> Self:
        """Read a file's name; ``Malformed`` unless ``path`` would write it."""
        match = _PATH.fullmatch(path)
        if match is None:
            raise Malformed("not the name of a tile")
        level = None if match[1] == ENTRIES else int(match[1])
        tile = cls(level, int(match[2].replace("x", "").replace("/", "")), int(match[3] or WIDTH))
        if tile.path != path or not 1 <= tile.width <= WIDTH or (level or 0) > MAX_LEVEL:
            raise Malformed("not the name of a tile")
        return tile

    @property
    def full(self) -> Self:
        """The full tile that takes this one's place when the tree has grown."""
        return type(self)(self.level, self.index)

    def hashes(self, data: bytes) -> list[bytes]:
        """Return the hashes of a tile's bytes; ``Malformed`` if they are not as many as its name says."""
        if len(data) != self.width * HASH_SIZE:
            raise Malformed(f"{self.path} does not have {self.width} hashes")
        return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]

    def leaves(self, data: bytes) -> list[bytes]:
        """Return the leaves of a bundle's bytes; ``Malformed`` if they are not as many as its name says."""
        leaves, at = [], 0
        while at < len(data):
            length = int.from_bytes(data[at : at + LENGTH_SIZE])
            start, at = at + LENGTH_SIZE, at + LENGTH_SIZE + length
            leaves.append(data[start:at])
        if at != len(data) or len(leaves) != self.width:
            raise Malformed(f"{self.path} does not have {self.width} leaves")
        return leaves


def bundle(leaves: Sequence[bytes]) -> bytes:
    """Return the bytes of a bundle; a leaf has at most 65,535 bytes (``OverflowError``)."""
    return b"".join(len(leaf).to_bytes(LENGTH_SIZE) + leaf for leaf in leaves)


def tiles_of(size: int, *, after: int = 0) -> Iterator[Tile]:
    """Yield the tiles of hashes of a tree, level by level; those alone that a tree of ``after`` lacks."""
    level = 0
    while size >> (HEIGHT * level):
        yield from _row(level, size >> (HEIGHT * level), after >> (HEIGHT * level))
        level += 1


def bundles_of(size: int, *, after: int = 0) -> Iterator[Tile]:
    """Yield the bundles of leaves of a tree; those alone that a tree of ``after`` lacks."""
    yield from _row(None, size, after)


def grown_tiles(edge: "TileReader", old: int, hashes: Sequence[bytes]) -> Iterator[tuple[Tile, bytes]]:
    """Yield the tiles, with their bytes, that a tree of ``old`` leaves lacks when leaves of these hashes come to it.

    ``edge`` reads the tiles of the old tree: of each level the last one, if it is not full.
    """
    level, row = 0, list(hashes)
    while row:
        first, known = divmod(old, WIDTH)
        if known:
            row = edge.tile(level, first) + row
        above = []
        for at in range(0, len(row), WIDTH):
            part = row[at : at + WIDTH]
            yield Tile(level, first + at // WIDTH, len(part)), b"".join(part)
            if len(part) == WIDTH:
                above.append(root_of_hashes(part))
        level, row, old = level + 1, above, first


def grown_bundles(last: Sequence[bytes], old: int, leaves: Sequence[bytes]) -> Iterator[tuple[Tile, bytes]]:
    """Yield the bundles, with their bytes, that a tree of ``old`` leaves lacks when these come to it.

    ``last`` are the leaves of the old tree that no full bundle has.
    """
    first = old // WIDTH
    row = [*last, *leaves]
    for at in range(0, len(row), WIDTH):
        part = row[at : at + WIDTH]
        yield Tile(None, first + at // WIDTH, len(part)), bundle(part)


def _row(level: int | None, count: int, before: int) -> Iterator[Tile]:
    """Yield what a row of ``count`` hashes needs and a row of ``before`` has not."""
    full, rest = divmod(count, WIDTH)
    yield from (Tile(level, index) for index in range(before // WIDTH, full))
    if rest and count != before:
        yield Tile(level, full, rest)


def held(fetch: Callable[[Tile], bytes | None], tile: Tile) -> tuple[Tile, bytes]:
    """Return a tile or bundle that a log has, with its bytes: the one asked for, or the full one in its place.

    ``fetch`` returns the bytes of one, ``None`` if it is not there: a log may have kept the full one alone, of which
    the first ``tile.width`` hashes or leaves are meant. Raises ``Malformed`` if it has neither.
    """
    for found in dict.fromkeys((tile, tile.full)):
        data = fetch(found)
        if data is not None:
            return found, data
    raise Malformed(f"{tile.path} is missing")


class BundleReader:
    """Reads leaves of a log of ``size`` leaves out of its bundles; ``fetch`` as in ``TileReader``."""

    def __init__(self, fetch: Callable[[Tile], bytes | None], size: int) -> None:
        self._fetch = fetch
        self._size = size

    def __call__(self, place: int) -> list[bytes]:
        """Return the leaves of the bundle at this place, 0 first; ``Malformed`` for one that is missing or odd."""
        width = min(WIDTH, self._size - place * WIDTH)
        if place < 0 or width <= 0:
            raise Malformed("no such bundle in a log of this size")
        found, data = held(self._fetch, Tile(None, place, width))
        return found.leaves(data)[:width]


class TileReader:
    """Reads hashes of a tree of ``size`` leaves out of its tiles; what was read or worked out once is remembered.

    ``fetch`` returns the bytes of a tile, ``None`` if it is not there: then the full tile is tried in its place, which
    a log may have kept alone. What it returns is believed as far as a proof or a root made of it is checked.
    """

    def __init__(self, fetch: Callable[[Tile], bytes | None], size: int) -> None:
        self._fetch = fetch
        self._size = size
        # By tile its rows: the hashes in it, those of each two of them, of each four, as far as they were asked for.
        self._rows: dict[tuple[int, int], list[list[bytes]]] = {}

    def __call__(self, node: Node) -> bytes:
        """Return the hash of a complete subtree of the tree.

        Raises ``Malformed`` for a tile that is missing or odd, and for a subtree that this tree does not have whole.
        """
        level, rise = divmod(node.height, HEIGHT)
        first = node.place << rise
        if (node.place + 1) << node.height > self._size:
            raise Malformed("no such subtree in a tree of this size")
        rows = self._tile(level, first // WIDTH)
        while len(rows) <= rise:
            rows.append(join_pairs(rows[-1]))
        return rows[rise][first % WIDTH >> rise]

    def tile(self, level: int, index: int) -> list[bytes]:
        """Return the hashes of one tile of the tree."""
        return self._tile(level, index)[0]

    def _tile(self, level: int, index: int) -> list[list[bytes]]:
        known = self._rows.get((level, index))
        if known is None:
            known = self._rows[level, index] = [self._fetched(level, index)]
        return known

    def _fetched(self, level: int, index: int) -> list[bytes]:
        count = (self._size >> (HEIGHT * level)) - index * WIDTH
        if count <= 0:
            raise Malformed("no such tile in a tree of this size")
        tile = Tile(level, index, min(count, WIDTH))
        found, data = held(self._fetch, tile)
        return found.hashes(data)[: tile.width]
