"""File systems of our own: made in a file, mounted through a loop device, and taken away again.

Only root may mount. Where that, a loop device or a tool is missing, ``why_not`` says so in words, and a rig that
needs it does not run: it must never pass for having run.
"""

import contextlib
import fcntl
import functools
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

# linux/fs.h; both files must be on one file system that can share their blocks.
FICLONE = 0x40049409

TOOLS = ("mount", "umount", "mkfs.ext4", "mkfs.btrfs")
UNMOUNT_SECONDS = 20.0


@functools.cache
def why_not() -> str | None:
    """Return why nothing can be mounted here, or ``None`` if it can."""
    if os.geteuid() != 0:
        return "mounting a file system needs root"
    missing = [tool for tool in TOOLS if _program(tool) is None]
    if missing:
        return f"missing on this system: {', '.join(missing)} (run .ci/install-debian test)"
    # Whether root may, and whether the kernel knows these, is said by nothing as surely as by trying.
    with tempfile.TemporaryDirectory(prefix="certreg-mount-") as made:
        try:
            _try_all(Path(made))
        except subprocess.CalledProcessError as refused:
            return f"this system does not let us mount: {refused.stderr.decode(errors='replace').strip()}"
    return None


def _try_all(folder: Path) -> None:
    with mounted_memory(folder / "tmpfs", kilobytes=64):
        pass
    for kind in ("ext4", "btrfs"):
        make_file_system(kind, folder / f"{kind}.img", megabytes=128)
        with mounted(folder / f"{kind}.img", folder / kind):
            pass


def make_file_system(kind: str, image: Path, *, megabytes: int) -> None:
    """Make an empty ``ext4`` or ``btrfs`` in a new sparse file."""
    with image.open("xb") as file:
        file.truncate(megabytes << 20)
    quietly = {"ext4": ("-q", "-F"), "btrfs": ("-q", "-f")}[kind]
    _run(f"mkfs.{kind}", *quietly, str(image))


@contextlib.contextmanager
def mounted(image: Path, place: Path, *, options: str = "defaults") -> Iterator[Path]:
    """Mount an image; afterwards it is unmounted, and its loop device with it let go."""
    place.mkdir(exist_ok=True)
    _run("mount", "-o", f"loop,{options}", str(image), str(place))
    try:
        yield place
    finally:
        unmount(place)


@contextlib.contextmanager
def mounted_memory(place: Path, *, kilobytes: int) -> Iterator[Path]:
    """Mount a volume of this size that lives in memory; afterwards it is gone."""
    place.mkdir(exist_ok=True)
    _run("mount", "-t", "tmpfs", "-o", f"size={kilobytes}k,mode=0700", "certreg-test", str(place))
    try:
        yield place
    finally:
        unmount(place)


def unmount(place: Path) -> None:
    """Unmount, waiting a while for who still has something open there."""
    deadline = time.monotonic() + UNMOUNT_SECONDS
    while True:
        try:
            _run("umount", str(place))
            return
        except subprocess.CalledProcessError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.1)


def clone(source: Path, copy: Path) -> None:
    """Copy a file by sharing its blocks: the copy is the file at one instant, whoever writes to it meanwhile."""
    with source.open("rb") as original, copy.open("xb") as made:
        fcntl.ioctl(made.fileno(), FICLONE, original.fileno())


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")


def _run(command: str, *arguments: str) -> None:
    program = _program(command)
    if program is None:
        raise FileNotFoundError(command)
    subprocess.run([program, *arguments], check=True, capture_output=True)
