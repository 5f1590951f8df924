"""Reading files that others may have laid: a plain file is read, everything else is named, nothing is waited for.

A folder that other people or programs write to (the public tree, a folder of backups) may hold anything: a symbolic
link that leads out of it, a pipe that keeps its reader waiting for ever, a folder where a file should be. So each step
of the way is opened without following links and without waiting, and what was opened is looked at before it is read.
"""

import os
import stat
from pathlib import Path
from typing import Final

from registry.errors import RegistryError

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# Without O_NONBLOCK a pipe without a writer would keep us here; for a plain file it means nothing.
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC

KINDS: Final = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFREG: "a file",
}


class NotAPlainFile(RegistryError):
    """Where a file should be is something else, or one that can not be read."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} {why}; look who put it there, and move it away")
        self.path = path
        self.why = why


MAX_SIZE = 256 << 20
"""Bytes; a longer file is somebody's doing, and would take all memory."""


def read_plain_file(folder: Path, name: str = "") -> bytes | None:
    """Return the bytes of the file ``name``, a path below ``folder``; ``None`` if it is not there.

    ``folder`` itself may be a link, as a setting may name one; what lies below may not. Without a ``name``, ``folder``
    is the file. Raises ``NotAPlainFile``.
    """
    above, below = (folder, name.split("/")) if name else (folder.parent, [folder.name])
    path = above.joinpath(*below)
    try:
        descriptor = _opened(above, below)
    except FileNotFoundError:
        return None
    except OSError as fault:
        raise NotAPlainFile(path, _why(above, below, fault)) from None
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise NotAPlainFile(path, f"is {kind_of(mode)}, not a file")
        with open(descriptor, "rb", closefd=False) as file:
            data = file.read(MAX_SIZE + 1)
        if len(data) > MAX_SIZE:
            raise NotAPlainFile(path, f"has more than {MAX_SIZE >> 20} MiB, which nothing here is as long as")
        return data
    except OSError as fault:
        raise NotAPlainFile(path, _because(fault)) from None
    finally:
        os.close(descriptor)


def kind_of(mode: int) -> str:
    """Return in words what a mode (``st_mode``) says that something is."""
    return KINDS.get(stat.S_IFMT(mode), "nothing that we know")


def shown(path: Path) -> str:
    """Return a path as text that any terminal and any JSON can carry; a file's name may hold any bytes."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in text)


def _opened(above: Path, below: list[str]) -> int:
    folder = os.open(above, _FOLDER)
    try:
        for part in below[:-1]:
            inner = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        return os.open(below[-1], _FILE, dir_fd=folder)
    finally:
        os.close(folder)


def _why(above: Path, below: list[str], fault: OSError) -> str:
    """Say what is in the way: the first step that is not what it should be, else what the system says."""
    path = above
    for place, part in enumerate(below, 1):
        path /= part
        try:
            kind = stat.S_IFMT(path.lstat().st_mode)
        except OSError:
            break
        if kind != (stat.S_IFREG if place == len(below) else stat.S_IFDIR):
            inside = "" if place == len(below) else f"lies behind {path}, which "
            return f"{inside}is {kind_of(kind)}, not a {'file' if place == len(below) else 'folder'}"
    return _because(fault)


def _because(fault: OSError) -> str:
    return f"can not be read: {fault.strerror}"
