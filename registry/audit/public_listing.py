"""What lies in the public tree, by name and kind: looked at with ``lstat`` alone, so nothing is followed or opened.

Folders are walked through and not listed themselves: an empty one says nothing to anybody.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from registry.plain_files import kind_of


@dataclass(frozen=True, slots=True)
class Listed:
    """Something in the tree: ``name`` is its path inside, ``odd`` says what it is if it is no plain file."""

    name: str
    odd: str | None


def listed(public_dir: Path) -> Iterator[Listed]:
    """Yield all that lies in the tree, folders that can not be read among it; nothing if there is no tree."""
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(public_dir / folder) as entries:
                names = sorted(entry.name for entry in entries)
        except FileNotFoundError:
            # There never was a tree, or somebody took it away just now.
            continue
        except OSError as fault:
            yield Listed(folder or ".", f"a folder that can not be read ({fault.strerror})")
            continue
        for name in (f"{folder}/{name}" if folder else name for name in names):
            mode = _mode(public_dir / name)
            if stat.S_ISDIR(mode):
                waiting.append(name)
            elif mode:
                yield Listed(name, None if stat.S_ISREG(mode) else kind_of(mode))


def _mode(path: Path) -> int:
    """Return what something is, 0 if it is gone by now: a publisher's, at work just then."""
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        return 0
