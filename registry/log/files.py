"""The log's files in the public tree: written once, never with other bytes, and read back by the same names.

``log/checkpoint`` alone is replaced. A tile or bundle that is not full gives way to the full one.
"""

import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from keys.crash_points import around
from registry.log.errors import LogFileUnwritable, TileContradicts
from registry.plain_files import NotAPlainFile
from registry.publication.public_files import read_public_file, write_public_file
from signing.errors import LogRefused, Malformed
from signing.log.checkpoint import Checkpoint, LogPolicy
from signing.log.tile import Tile

FOLDER: Final = "log"
CHECKPOINT: Final = f"{FOLDER}/checkpoint"

_PART: Final = re.compile(r"\.(?:checkpoint|[0-9]{1,3})\.[a-z0-9_]+")


def is_log_name(name: str) -> bool:
    """Say whether a file of the public tree has a name that the log gives."""
    return name == CHECKPOINT or (
        name.startswith(f"{FOLDER}/") and is_tile_name(name.removeprefix(f"{FOLDER}/"))
    )


def is_tile_name(name: str) -> bool:
    """Say whether a file of the log's folder has the name of a tile or bundle."""
    try:
        Tile.parse(name)
    except Malformed:
        return False
    return True


class LogFiles:
    """The log's folder in one public tree."""

    def __init__(self, public_dir: Path) -> None:
        self.public_dir = public_dir

    @property
    def folder(self) -> Path:
        """Where they lie."""
        return self.public_dir / FOLDER

    def read(self, tile: Tile) -> bytes | None:
        """Return the bytes of a tile or bundle, ``None`` if it is not there or is no plain file."""
        return self._read(f"{FOLDER}/{tile.path}")

    def checkpoint(self) -> bytes | None:
        """Return the public checkpoint, ``None`` if there is none."""
        return self._read(CHECKPOINT)

    def shown(self, policy: LogPolicy) -> Checkpoint | None:
        """Return the public checkpoint if this log signed it, verified; ``None`` if there is none, or another one."""
        data = self.checkpoint()
        with suppress(LogRefused):
            return None if data is None else policy.open(data)
        return None

    def write_all(self, files: Iterable[tuple[Tile, bytes]]) -> int:
        """Write tiles and bundles; durable when this returns. Return how many were not there yet.

        Raises ``TileContradicts`` for one that is there with other bytes, ``LogFileUnwritable``.
        """
        written = 0
        for tile, data in files:
            name = f"{FOLDER}/{tile.path}"
            there = self._read(name)
            if there == data:
                continue
            if there is not None:
                raise TileContradicts(self.public_dir / name)
            with around("log.tile"):
                self._write(name, data)
            written += 1
            if tile.width == tile.full.width:
                self._remove_partial(tile)
        return written

    def write_checkpoint(self, data: bytes) -> None:
        """Replace the public checkpoint; durable when this returns. Raises ``LogFileUnwritable``."""
        if self.checkpoint() != data:
            with around("log.checkpoint"):
                self._write(CHECKPOINT, data)

    def remove_left_behind(self) -> None:
        """Remove the parts of files that a killed writer left; one at work just now writes its file again."""
        for part in self.folder.rglob(".*.*"):
            if _PART.fullmatch(part.name) and part.is_file() and not part.is_symlink():
                part.unlink(missing_ok=True)

    def _write(self, name: str, data: bytes) -> None:
        try:
            write_public_file(self.public_dir, name, data)
        except OSError as fault:
            raise LogFileUnwritable(self.public_dir / name, fault) from fault

    def _read(self, name: str) -> bytes | None:
        with suppress(NotAPlainFile):
            return read_public_file(self.public_dir, name)
        return None

    def _remove_partial(self, tile: Tile) -> None:
        """Remove what the full tile takes the place of; a reader of an older tree finds the full one."""
        full = self.folder / tile.path
        shutil.rmtree(full.with_name(f"{full.name}.p"), ignore_errors=True)
