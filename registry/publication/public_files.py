"""The public tree: plain files that any static host or USB stick can carry, each replaced whole or not at all.

What is written here was signed elsewhere; this room holds no key. A reader sees the old file or the new one,
never a part.
"""

import os
import re
import tempfile
from pathlib import Path

from registry.plain_files import read_plain_file
from signing.status_delta import FOLDER as DELTAS

TRUST_KEYS = "trust/keys.cbor"
TRUST_NAMES = "trust/names.cbor"
STATUS = "status/status.cbor"
FOLDERS = ("trust", "status", "tuf")

_PART = re.compile(r"\..+\.(?:cbor|json)\.[a-z0-9_]+")


def write_public_file(public_dir: Path, name: str, data: bytes) -> None:
    """Put a file into the public tree; durable when this returns. ``name`` is a path inside the tree."""
    path = public_dir / name
    _make_folder(path.parent)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)
    _sync_folder(path.parent)


def remove_left_behind(public_dir: Path) -> None:
    """Remove the parts of files that a writer left in the tree when it was killed; while nobody else writes there."""
    for folder in (*FOLDERS, DELTAS):
        for part in (public_dir / folder).glob(".*.*"):
            # What is no file no writer left: the check names it.
            if _PART.fullmatch(part.name) and (part.is_symlink() or not part.is_dir()):
                part.unlink(missing_ok=True)


def public_names(public_dir: Path) -> list[str]:
    """Return the names of all files that are in the tree, parts of files left out."""
    found = [path for folder in FOLDERS for path in sorted((public_dir / folder).glob("*"))]
    paths = [path for path in found if path.is_file() and not path.is_symlink()]
    return [path.relative_to(public_dir).as_posix() for path in paths if not path.name.startswith(".")]


def remove_public_file(public_dir: Path, name: str) -> None:
    """Take a file out of the public tree, if it is there; whether it is gone for good is not waited for."""
    (public_dir / name).unlink(missing_ok=True)


def read_public_file(public_dir: Path, name: str) -> bytes | None:
    """Return a file of the public tree, ``None`` if it is not there; raises ``NotAPlainFile`` for anything else.

    Many hands may write to the tree: no link is followed, and no pipe is waited for.
    """
    return read_plain_file(public_dir, name)


def _make_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing; durable when this returns.

    A folder is on disk with the one that it lies in: without that, a power cut takes a file that was synced.
    """
    missing = [each for each in (folder, *folder.parents) if not each.is_dir()]
    folder.mkdir(parents=True, exist_ok=True)
    for each in missing:
        _sync_folder(each.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
