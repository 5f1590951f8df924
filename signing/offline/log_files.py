"""The files of a log, by URL or in a folder: bounded, and not believed. And which log they are said to be of.

A log lies below ``log/`` of the public files, or under a prefix of its own (a mirror); the one with a checkpoint is
taken.
"""

from collections.abc import Sequence
from typing import Final

from signing.errors import DistributionRefused, LogRefused, Malformed, Refusal
from signing.log.checkpoint import LogPolicy
from signing.log.leaf import MAX_LEAF
from signing.log.note import MAX_NOTE
from signing.log.tile import LENGTH_SIZE, WIDTH, Tile, TileReader, held
from signing.merkle import HASH_SIZE
from signing.offline.source import Source
from signing.trust import TrustKeys

CHECKPOINT: Final = "checkpoint"
PREFIXES: Final = ("log/", "")

_MAX_TILE: Final = WIDTH * HASH_SIZE
_MAX_BUNDLE: Final = WIDTH * (LENGTH_SIZE + MAX_LEAF)


class LogFiles:
    """A log's files at a source. What can not be had raises ``DistributionRefused``."""

    def __init__(self, source: Source) -> None:
        """Find where the log lies; ``incomplete`` if there is no checkpoint."""
        self._source = source
        for prefix in PREFIXES:
            found = source.read(prefix + CHECKPOINT, MAX_NOTE)
            if found is not None:
                self._prefix = prefix
                self.checkpoint: bytes = found
                return
        raise DistributionRefused(Refusal.INCOMPLETE, PREFIXES[0] + CHECKPOINT)

    def fetch(self, tile: Tile) -> bytes | None:
        """Return the bytes of a tile or bundle, ``None`` if there is none under this name."""
        most = _MAX_BUNDLE if tile.level is None else _MAX_TILE
        return self._source.read(self._prefix + tile.path, most)

    def reader(self, size: int) -> TileReader:
        """Return what reads hashes of a tree of this size out of these files."""
        return TileReader(self.fetch, size)

    def hashes(self, tile: Tile) -> Sequence[bytes]:
        """Return the hashes of a tile; see ``leaves``."""
        try:
            found, data = held(self.fetch, tile)
            return found.hashes(data)[: tile.width]
        except Malformed as fault:
            raise LogRefused(str(fault)) from None

    def leaves(self, bundle: Tile) -> Sequence[bytes]:
        """Return the leaves of a bundle, out of the full one where the log has dropped the partial one.

        Raises ``LogRefused`` if it is missing, or not what its name says.
        """
        try:
            found, data = held(self.fetch, bundle)
            return found.leaves(data)[: bundle.width]
        except Malformed as fault:
            raise LogRefused(str(fault)) from None


def policy_of(note: bytes, trust: TrustKeys) -> LogPolicy | None:
    """Return the policy of the log that a checkpoint says it is of; ``None`` if the trust bundle does not name it.

    Only the first line is looked at; whether the log signed the checkpoint, the policy asks.
    """
    origin = note.partition(b"\n")[0]
    return next((log for log in reversed(trust.logs) if log.origin.encode() == origin), None)
