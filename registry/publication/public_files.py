"""The public tree: plain files that any static host or USB stick can carry, each replaced whole or not at all.

What is written here was signed elsewhere; this room holds no key. A reader sees the old file or the new one,
never a part.
"""

import os
import tempfile
from pathlib import Path

from signing.status_delta import FOLDER as DELTAS

TRUST_KEYS = "trust/keys.cbor"
TRUST_NAMES = "trust/names.cbor"
STATUS = "status/status.cbor"


def write_public_file(public_dir: Path, name: str, data: bytes) -> None:
    """Put a file into the public tree; durable when this returns. ``name`` is a path inside the tree."""
    path = public_dir / name
    path.parent.mkdir(parents=True, exist_ok=True)
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
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def remove_public_file(public_dir: Path, name: str) -> None:
    """Take a file out of the public tree, if it is there."""
    (public_dir / name).unlink(missing_ok=True)


def remove_left_behind(public_dir: Path) -> None:
    """Remove the parts of files that a writer left in the tree when it was killed; while nobody else writes there."""
    for name in (TRUST_KEYS, TRUST_NAMES, STATUS, f"{DELTAS}/*.cbor"):
        path = public_dir / name
        for part in path.parent.glob(f".{path.name}.*"):
            part.unlink(missing_ok=True)


def read_public_file(public_dir: Path, name: str) -> bytes | None:
    """Return a file of the public tree, ``None`` if it is not there."""
    try:
        return (public_dir / name).read_bytes()
    except FileNotFoundError:
        return None
