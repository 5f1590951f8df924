"""Every public file of the log once more, out of the register's rows: for a public tree that was lost.

Nothing is written before all leaves were remade and have the root that the log signed; so the work is done twice, and a
register whose rows were changed leaves no trace in public. What is there stays: a file with other bytes is somebody's
doing, and named.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from registry.log.growth import PublicLog
from registry.log.head import read_head
from registry.log.remaking import Progress, edge_of, remade, unseen, windows
from signing.log.tile import WIDTH, Tile, bundle, bundles_of, tiles_of
from signing.merkle import leaf_hash, root_of_hashes


def build(log: PublicLog, *, now: Callable[[], datetime], progress: Progress = unseen) -> int:
    """Write whatever is missing of the log's public files; return how many files were. Durable when this returns.

    First all tiles and bundles, then the checkpoint, which the witnesses cosign anew unless it is there. In bounded
    memory: a few thousand leaves, and one hash for each bundle. ``progress`` is told each leaf twice. Raises
    ``OtherHistory``, ``TileContradicts``, and what ``PublicLog.grow`` raises.
    """
    with log.memory.alone():
        return _build(log, now=now, progress=progress)


def _build(log: PublicLog, *, now: Callable[[], datetime], progress: Progress) -> int:
    log.files.remove_left_behind()
    head = log.sessions.read(read_head)
    log.require_current()
    edge_of(log.sessions.read, log.profiles, head.size, head.root, progress=progress)
    written = log.files.write_all(all_files(log, head.size, progress=progress))
    was_shown = _is_shown(log)
    # A head that was signed and not entered goes its way now that it has files to go on from.
    while log.step(now=now):
        pass
    if not _is_shown(log):
        log.show_again(now=now)
    return written if was_shown else written + 1


def all_files(log: PublicLog, size: int, *, progress: Progress = unseen) -> Iterator[tuple[Tile, bytes]]:
    """Yield every bundle and every tile of the log's first ``size`` leaves, with their bytes."""
    row: list[bytes] = []
    bundles, tiles = bundles_of(size), (tile for tile in tiles_of(size) if tile.level == 0)
    for first, end in windows(size):
        leaves = log.sessions.read(partial(remade, profiles=log.profiles, first=first, end=end))
        for at in range(0, len(leaves), WIDTH):
            part = leaves[at : at + WIDTH]
            hashes = list(map(leaf_hash, part))
            yield next(bundles), bundle(part)
            yield next(tiles), b"".join(hashes)
            if len(part) == WIDTH:
                row.append(root_of_hashes(hashes))
        progress(end - first)
    yield from upper_tiles(row)


def upper_tiles(row: list[bytes]) -> Iterator[tuple[Tile, bytes]]:
    """Yield the tiles above the lowest level, with their bytes; ``row`` has the hash of each full one of that level."""
    level = 1
    while row:
        above = []
        for at in range(0, len(row), WIDTH):
            part = row[at : at + WIDTH]
            yield Tile(level, at // WIDTH, len(part)), b"".join(part)
            if len(part) == WIDTH:
                above.append(root_of_hashes(part))
        level, row = level + 1, above


def _is_shown(log: PublicLog) -> bool:
    """Say whether the public checkpoint is there, and that of the log's last head."""
    head, shown = log.sessions.read(read_head), log.shown()
    if shown is None:
        return not head.size
    return shown.is_cosigned and (shown.head.size, shown.head.root) == (head.size, head.root)
