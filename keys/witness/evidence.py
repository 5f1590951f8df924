"""Two heads of one size that a log signed and that are not the same: kept, because each denies the other.

``SIZE-ROOT.note`` in a folder for each log; two files of one size are a proof to everybody who
has the log's public keys. Nothing but a log's key can make one, and they are kept up to ``MAX_NOTES``.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from keys.durable_files import PUBLIC, make_folder, write_new
from keys.errors import KeyExists
from signing.log.note import Head

MAX_NOTES: Final = 200
"""Of one log; the first are kept, not the last."""


def contradicts(one: Head, other: Head) -> bool:
    """Tell whether no honest log signs both heads."""
    return one.origin == other.origin and one.size == other.size and one.root != other.root


class Evidence:
    """The folder of what there is against one log; it need not be there."""

    def __init__(self, folder: Path) -> None:
        self.folder: Final = folder

    @property
    def notes(self) -> list[Path]:
        """The notes that were kept."""
        return sorted(self.folder.glob("*.note"))

    def keep(self, notes: Mapping[Head, bytes]) -> None:
        """Keep the notes of heads that contradict each other; durable when this returns."""
        make_folder(self.folder)
        for head, data in notes.items():
            if len(self.notes) >= MAX_NOTES:
                return
            with suppress(KeyExists):
                write_new(self.folder / f"{head.size}-{head.root.hex()}.note", data, mode=PUBLIC)
