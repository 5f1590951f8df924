"""Several files of one folder written together: all of them or none, whatever happens in between.

What is to be written is first made durable as one file, ``pending``. From then on it will be done: whoever opens the
folder next puts the files into their places and removes ``pending`` last. Before that nothing has changed.

The folder's lock is the caller's (``keys.trust_home``): nothing here keeps two writers apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from keys.crash_points import around, reach
from keys.durable_files import PUBLIC, make_folder, remove, replace
from signing import cbor, shape

PENDING: Final = "pending"


def write_together(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write these files, by their names below the folder; durable when this returns.

    Interrupted before all of it is pending, nothing is written; after that, ``settle`` completes it.
    """
    make_folder(folder)
    replace(folder / PENDING, cbor.encode([[name, files[name]] for name in sorted(files)]), mode=PUBLIC)
    reach("ceremony.pending")
    settle(folder)


def is_settled(folder: Path) -> bool:
    """Say whether nothing is pending."""
    return not (folder / PENDING).exists()


def settle(folder: Path) -> None:
    """Put what is pending into its place; does nothing if nothing is.

    Raises ``Malformed`` if the file is not what ``write_together`` wrote.
    """
    pending = folder / PENDING
    try:
        content = pending.read_bytes()
    except FileNotFoundError:
        return
    for item in shape.array(cbor.decode(content)):
        name, data = shape.array(item, 2, 2)
        path = folder / shape.text(name)
        make_folder(path.parent)
        with around("ceremony.file"):
            replace(path, shape.content(data), mode=PUBLIC)
    remove(pending)
