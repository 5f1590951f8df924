"""What this user keeps of a distribution: the newest copy of the public files, and the metadata seen.

Under ``~/.local/share/certverify/kept/ENV-ROOT/``, one folder for each pinned root::

    00000007/    a copy in the layout of public/, complete; the highest number is the one in use
    seen/        the newest verified metadata, which decides what would be a step back

A copy appears under its number in one step and never changes, so that a kill at any moment, or a full
disk, leaves the one before in use. The one before stays beside it for whoever is still reading it.
"""

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from signing.root import Root

try:
    import fcntl
except (
    ImportError
):  # a system without file locks of this kind: two updates at once are then the user's to avoid
    HAS_LOCKS = False
else:
    HAS_LOCKS = True

_NUMBER: Final = re.compile(r"[0-9]{8}")
_UNFINISHED: Final = ".new-"
_COPIES_KEPT: Final = 2


class Kept:
    """What is kept for one pinned root; ``folder`` need not exist."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def of(cls, data_folder: Path, root: Root) -> "Kept":
        """Return what is kept for a pinned root under ``~/.local/share/certverify``."""
        pin = hashlib.sha256(root.to_json().encode()).hexdigest()[:16]
        return cls(data_folder / "kept" / f"{root.environment}-{pin}")

    @property
    def seen(self) -> Path:
        """The folder of the newest verified metadata."""
        return self.folder / "seen"

    def newest(self) -> Path | None:
        """Return the folder of the copy in use, or ``None`` before the first one."""
        numbers = self._numbers()
        return self.folder / numbers[-1] if numbers else None

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Make the folder, wait until no other update of it runs, and clear what one left unfinished."""
        self.seen.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "lock", "wb") as lock:
            if HAS_LOCKS:
                fcntl.flock(lock, fcntl.LOCK_EX)
            for unfinished in self.folder.glob(f"{_UNFINISHED}*"):
                shutil.rmtree(unfinished, ignore_errors=True)
            yield

    def replace(self, files: Mapping[str, bytes]) -> Path:
        """Make files, by their names in ``public/``, the copy in use; on the disk when this returns."""
        numbers = self._numbers()
        following = self.folder / f"{int(numbers[-1]) + 1 if numbers else 1:08}"
        unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=self.folder))
        for name, content in files.items():
            _write(unfinished / name, content)
        for folder in {path.parent for path in unfinished.rglob("*")} | {unfinished}:
            sync_folder(folder)
        unfinished.rename(following)
        sync_folder(self.folder)
        # Only now, when the new copy can not be lost any more.
        for number in numbers[: 1 - _COPIES_KEPT]:
            shutil.rmtree(self.folder / number, ignore_errors=True)
        return following

    def _numbers(self) -> list[str]:
        try:
            return sorted(name for name in os.listdir(self.folder) if _NUMBER.fullmatch(name))
        except FileNotFoundError:
            return []


def files_in(folder: Path) -> dict[str, bytes]:
    """Return all files of a copy by their names."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def replace_whole(path: Path, content: bytes, *, mode: int) -> None:
    """Put a file in its place, or in that of the old one, in one step; on the disk when this returns."""
    place, unfinished = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with open(place, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(unfinished, mode)
        os.replace(unfinished, path)
    except BaseException:
        os.unlink(unfinished)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Let what was made, renamed or removed in a folder be on the disk when this returns."""
    if os.name != "posix":  # only there can a folder be opened
        return
    place = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)
