"""The public log's tree: the root over all leaves is what everybody claims, and every file of it is in its place.

Made of what the pieces found of each bundle; of bundles that were not looked at this time, out of the public tiles,
which the same root vouches for.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from registry.audit.evidence import FILE
from registry.audit.finding import Finding, Kind
from registry.audit.log_leaves import beginning, held
from registry.audit.log_seen import LogSeen
from registry.audit.public_listing import listed
from registry.log.files import CHECKPOINT, LogFiles, is_tile_name
from registry.log.head import HEAD
from registry.log.rebuilding import upper_tiles
from registry.plain_files import shown
from signing.errors import Malformed
from signing.log.tile import HEIGHT, WIDTH, Tile, TileReader
from signing.merkle import Node, root_of_hashes, subtree_hash

LAST_CHECK = "the last check"
ROWS: Mapping[str, tuple[str, str]] = {
    "the row of log_head": ("log_head", str(HEAD)),
    "the log's memory": (FILE, "log/memory"),
    "the public checkpoint": (FILE, CHECKPOINT),
    LAST_CHECK: ("log_head", str(HEAD)),
}


def single_bundles(seen: LogSeen) -> frozenset[int]:
    """Return the bundles in whose middle a tree ends that somebody claims."""
    return frozenset(size // WIDTH for _, size, _ in seen.trees if size % WIDTH and size <= seen.row.size)


@dataclass(slots=True)
class LogTree:
    """The tree of one check. ``hashes`` are those of subtrees, by height and place, that the pieces found.

    ``longest`` tells how many leaves the log may have by now; ``whole``: every leaf was looked at this time.
    ``named`` are the files that are known to be wrong.
    """

    seen: LogSeen
    hashes: Mapping[tuple[int, int], bytes]
    public_dir: Path | None
    longest: Callable[[], int]
    whole: bool
    named: Collection[str] = ()
    _reader: TileReader | None = field(init=False, default=None)

    def faults(self) -> Iterator[Finding]:
        """Yield what is wrong."""
        if self.public_dir is not None and not self.whole:
            self._reader = TileReader(LogFiles(self.public_dir).read, self.seen.row.size)
        for who, size, root in self.seen.trees:
            if size <= self.seen.row.size:
                yield from self._root_faults(who, size, root)
        if self.public_dir is not None:
            yield from self._tile_faults(LogFiles(self.public_dir))
            yield from self._strangers(LogFiles(self.public_dir))

    def _root_faults(self, who: str, size: int, root: bytes) -> Iterator[Finding]:
        try:
            is_same = subtree_hash(self._hash, 0, size) == root
        except (KeyError, Malformed):
            # A leaf or a tile that is missing was named, and nobody's root can be told without it.
            return
        if not is_same:
            table, row = ROWS[who]
            what = f"the {size} leaves that the register's acts make have another root than {who} says"
            yield Finding(Kind.LOG, table, row, what)

    def _hash(self, node: Node) -> bytes:
        if node in self.hashes:
            return self.hashes[node]
        if node.height > HEIGHT:
            left = Node(node.height - 1, 2 * node.place)
            children = [self._hash(left), self._hash(Node(left.height, left.place + 1))]
            return root_of_hashes(children)
        first = node.place << node.height
        single = [self.hashes.get((0, first + at)) for at in range(1 << node.height)]
        if all(single):
            return root_of_hashes([hashed for hashed in single if hashed])
        if self._reader is None:
            raise KeyError(node)
        return self._reader(node)

    def _tile_faults(self, files: LogFiles) -> Iterator[Finding]:
        try:
            row = [self._hash(Node(HEIGHT, place)) for place in range(self.seen.row.size // WIDTH)]
        except (KeyError, Malformed):
            return
        for tile, expected in upper_tiles(row):
            data = held(files, tile)
            if data != expected:
                what = "it is not there" if data is None else "it is not what the tiles below it make"
                yield Finding(Kind.LOG, FILE, shown(files.folder / tile.path), what)

    def _strangers(self, files: LogFiles) -> Iterator[Finding]:
        """Yield files with lawful names that are of no tree of this log, or beside a full one with other bytes."""
        names = [each.name for each in listed(files.folder) if not each.odd and is_tile_name(each.name)]
        # What lies there was written before it was listed, and staged before that.
        longest = self.longest()
        for name in names:
            what = self._stranger(files, Tile.parse(name), longest)
            if what is not None:
                yield Finding(Kind.LOG, FILE, shown(files.folder / name), what)

    def _stranger(self, files: LogFiles, tile: Tile, longest: int) -> str | None:
        height = HEIGHT * (tile.level or 0)
        end = tile.index * WIDTH + tile.width
        if end > longest >> height:
            return "it is of a longer log than this one"
        now = min(WIDTH, (self.seen.row.size >> height) - tile.index * WIDTH)
        if tile.width >= now or end > self.seen.row.size >> height:
            return None
        # What an earlier head needed, and stays until the tile is full, is the beginning of what is there now.
        today = Tile(tile.level, tile.index, now)
        if shown(files.folder / today.path) in self.named:
            return None
        whole, data = files.read(today), files.read(tile)
        if whole is None or data is None or data == beginning(today, whole, tile.width):
            return None
        return "it is not the beginning of what the log has there now"
