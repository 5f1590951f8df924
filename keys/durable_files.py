"""Files that are there whole or not at all, and folders that are their owner's alone.

What is durable: when a function here returns, the file's bytes and its name are on disk (``fsync`` of the
file, then of the folder). A crash before leaves at most a ``.tmp`` file beside it that nobody reads.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from pathlib import Path

from keys.errors import KeyExists, KeyFileExposed, KeyUnavailable

OWNER_ONLY = 0o600
PUBLIC = 0o644

# FAT and exFAT, which removable media often carry, know no hard links.
_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}


def content_stamp(path: Path) -> tuple[int, int, int] | None:
    """Return what tells one content of a file from the next: each is written as a file of its own.

    ``None`` if there is no such file, or it can not be looked at.
    """
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def write_new(path: Path, data: bytes, *, mode: int) -> None:
    """Write a file that must not exist yet, or raise ``KeyExists``; never overwrites."""
    temporary = _write_temporary(path, data, mode)
    try:
        _name_without_overwriting(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def replace(path: Path, data: bytes, *, mode: int) -> None:
    """Write a file in the place of the one that may be there; a reader sees the old or the new one whole."""
    temporary = _write_temporary(path, data, mode)
    try:
        os.rename(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def remove(path: Path) -> None:
    """Remove a file; it is gone for good when this returns."""
    path.unlink()
    _sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """Create the folder, and those above it, if they are missing."""
    missing = [each for each in (folder, *folder.parents) if not each.is_dir()]
    folder.mkdir(parents=True, exist_ok=True)
    for each in missing:
        _sync_folder(each.parent)


def make_private_folder(folder: Path) -> None:
    """Create the folder with mode 0700, or raise ``KeyFileExposed`` if it is there and open to others."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(folder.parent)
    require_private_folder(folder)


def require_private_folder(folder: Path) -> None:
    """Raise ``KeyFileExposed`` unless the folder is ours and closed to others."""
    try:
        _require_private(folder, folder.stat())
        return
    except OSError as fault:
        why = fault.strerror
    raise KeyUnavailable(folder, why or "not readable")


def read_private(path: Path) -> bytes:
    """Return the bytes of a file that only its owner can read, in a folder that only its owner can change.

    Raises ``KeyFileExposed`` otherwise (also for a symbolic link), ``KeyUnavailable`` if it can not be read.
    """
    require_private_folder(path.parent)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as fault:
        link, why = fault.errno == errno.ELOOP, fault.strerror
    else:
        with os.fdopen(descriptor, "rb") as file:
            require_private_file(path, descriptor)
            return file.read()
    if link:
        raise KeyFileExposed(path, "is a symbolic link")
    raise KeyUnavailable(path, why or "not readable")


def require_private_file(path: Path, descriptor: int) -> None:
    """Raise ``KeyFileExposed`` unless the open file is ours and closed to others."""
    _require_private(path, os.fstat(descriptor))


def _require_private(path: Path, status: os.stat_result) -> None:
    if status.st_uid != os.geteuid():
        raise KeyFileExposed(path, f"belongs to user {status.st_uid}, not to user {os.geteuid()}")
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyFileExposed(path, f"mode {stat.S_IMODE(status.st_mode):04o} lets others in (chmod go-rwx)")


def _write_temporary(path: Path, data: bytes, mode: int) -> Path:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)
            file.write(data)
            file.flush()
            os.fsync(descriptor)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _name_without_overwriting(temporary: Path, path: Path) -> None:
    try:
        os.link(temporary, path)
        return
    except FileExistsError:
        taken = True
    except OSError as fault:
        if fault.errno not in _NO_HARD_LINKS:
            raise
        taken = path.exists() or path.is_symlink()
    if taken:
        raise KeyExists(path)
    os.rename(temporary, path)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
