"""The folder of backups: chunks and manifests as files, each there whole or not at all.

    chunks/ab/abcd….age     some rows, sealed; shared by all backups that hold the same rows
    manifests/NAME.age      one backup
    manifests/NAME.verified when it was last read back whole; pruning counts only such backups

Whoever holds the folder can remove backups, and can see how many there are and how large; he can read none, nor make
one that would be restored. A false ``.verified`` can make pruning keep a backup that was never read back; to restore
one, nothing trusts it.
"""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from keys.crash_points import around
from keys.durable_files import OWNER_ONLY, make_folder, replace
from registry.backup.errors import BackupDamaged, BackupInUse, BackupMissing
from registry.backup.manifest import Chunk, Manifest, is_name, name_of
from registry.backup.sealing import BackupSeal
from registry.plain_files import NotAPlainFile, read_plain_file

SUFFIX: Final = ".age"
VERIFIED: Final = ".verified"

CHUNKS, MANIFESTS = "chunks", "manifests"


@dataclass(frozen=True, slots=True)
class BackupFolder:
    """One folder of backups of one register."""

    path: Path
    seal: BackupSeal

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep others from writing and pruning here; raises ``BackupInUse``."""
        make_folder(self._manifests)
        descriptor = os.open(self._manifests, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BackupInUse(self.path) from None
            yield
        finally:
            os.close(descriptor)

    def keep(self, plain: bytes) -> tuple[str, bool]:
        """Keep a chunk; return its name, and whether it had to be written. On disk when this returns.

        A chunk that is there is opened and compared: what was damaged since is written anew.
        """
        name = self.seal.name(plain)
        path = self._chunk_path(name)
        if path.exists() and self._holds(path, plain):
            return name, False
        make_folder(path.parent)
        with around("backup.chunk"):
            replace(path, self.seal.seal(plain), mode=OWNER_ONLY)
        return name, True

    def chunk(self, chunk: Chunk) -> bytes:
        """Return the text of a chunk; raises ``BackupDamaged``."""
        path = self._chunk_path(chunk.name)
        plain = self.seal.open_chunk(_content(path), path=path)
        if sha256(plain).hexdigest() != chunk.sha256:
            raise BackupDamaged(path.name, "is not what the manifest says")
        return plain

    def write(self, manifest: Manifest) -> str:
        """Write a manifest; return its name. With this the backup is there."""
        data = manifest.to_bytes(self.seal)
        name = name_of(manifest, data)
        with around("backup.manifest"):
            replace(self._manifest_path(name), self.seal.seal(data), mode=OWNER_ONLY)
        return name

    def manifest(self, name: str) -> Manifest:
        """Return one manifest.

        Raises ``BackupMissing``, ``BackupDamaged``, ``NotThisRegister``, ``WrongIdentity``, or ``NotAPlainFile`` for
        something else of its name.
        """
        path = self._manifest_path(name)
        sealed = read_plain_file(path)
        if sealed is None:
            raise BackupMissing(path)
        return Manifest.from_bytes(self.seal.open(sealed, path=path), self.seal, name=name)

    def names(self) -> list[str]:
        """Return the names of the backups, the oldest first: of all that bears the name of a manifest."""
        stems = [name.removesuffix(SUFFIX) for name in _names_in(self._manifests) if name.endswith(SUFFIX)]
        return [stem for stem in stems if is_name(stem)]

    def strangers(self) -> list[Path]:
        """Return what no backup put here; what killed backups left is none of it, nor what a volume has at its top."""
        ours = {CHUNKS, MANIFESTS, "lost+found"}
        found = [self.path / name for name in _names_in(self.path) if name not in ours]
        for path in (self._manifests / name for name in _names_in(self._manifests)):
            if path.suffix not in (SUFFIX, VERIFIED) or not is_name(path.stem):
                found.append(path)
        return [path for path in found if not path.name.startswith(".")]

    def newest(self) -> str:
        """Return the name of the newest backup; raises ``BackupMissing``."""
        names = self.names()
        if not names:
            raise BackupMissing(self._manifests)
        return names[-1]

    def mark_verified(self, name: str, *, now: datetime) -> None:
        """Write down when a backup was read back whole."""
        replace(self._manifests / f"{name}{VERIFIED}", f"{now.isoformat()}\n".encode(), mode=OWNER_ONLY)

    def unmark(self, name: str) -> None:
        """Forget that a backup was read back whole."""
        (self._manifests / f"{name}{VERIFIED}").unlink(missing_ok=True)

    def verified_at(self, name: str) -> datetime | None:
        """Return when a backup was last read back whole, ``None`` if never."""
        try:
            told = read_plain_file(self._manifests / f"{name}{VERIFIED}")
            return None if told is None else datetime.fromisoformat(told.decode("ascii").strip())
        except (NotAPlainFile, ValueError):
            return None

    def remove(self, name: str) -> None:
        """Remove a manifest: the backup is no more, its chunks are for ``sweep``."""
        self._manifest_path(name).unlink(missing_ok=True)
        self.unmark(name)

    def sweep(self, named: frozenset[str]) -> int:
        """Remove every chunk that is not ``named``, and what killed backups left; return how many files."""
        unnamed = [path for path in self._chunks.glob("*/*") if path.stem not in named]
        for path in unnamed:
            path.unlink()
        return len(unnamed)

    def size(self) -> int:
        """Return the bytes of all files in the folder."""
        found = (Path(folder, name) for folder, _, names in os.walk(self.path) for name in names)
        return sum(path.lstat().st_size for path in found)

    @property
    def _chunks(self) -> Path:
        return self.path / CHUNKS

    @property
    def _manifests(self) -> Path:
        return self.path / MANIFESTS

    def _chunk_path(self, name: str) -> Path:
        return self._chunks / name[:2] / f"{name}{SUFFIX}"

    def _manifest_path(self, name: str) -> Path:
        return self._manifests / f"{name}{SUFFIX}"

    def _holds(self, path: Path, plain: bytes) -> bool:
        try:
            return self.seal.open_chunk(_content(path), path=path) == plain
        except BackupDamaged:
            return False


def _names_in(folder: Path) -> list[str]:
    """Return the names in a folder, sorted; none if it is not there."""
    try:
        return sorted(os.listdir(folder))
    except FileNotFoundError:
        return []


def _content(path: Path) -> bytes:
    """Return a file's bytes as they are on the disk, as far as one can ask for that; raises ``BackupDamaged``."""
    try:
        # Without waiting: in the place of a chunk may lie a pipe.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise BackupDamaged(path.name, "is missing") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise BackupDamaged(path.name, "is no file")
        # What was just written would otherwise come back out of memory and prove nothing about the disk.
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        with open(descriptor, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(descriptor)
