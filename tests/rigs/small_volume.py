"""A volume that is soon full, and one that turns read-only under the process that writes to it.

Full: a tmpfs of a few hundred kilobytes, and ballast. Read-only: an ext4 that is told it has found an error, which is
how a failing disk does it to a running program; ``mount -o remount,ro`` would refuse while a file is open.
"""

import contextlib
import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.rigs import mounts

EXT4_MEGABYTES = 32


@dataclass(frozen=True, slots=True)
class SmallVolume:
    """A volume mounted at ``folder``, with a file of ballast in it when it is full."""

    folder: Path

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"

    def fill(self) -> None:
        """Leave no byte free."""
        with self._ballast.open("ab", buffering=0) as ballast:
            for size in (4096, 512, 1):
                with _until_full():
                    while True:
                        ballast.write(bytes(size))

    def free(self) -> None:
        """Take the ballast away."""
        self._ballast.unlink()


@contextlib.contextmanager
def small_volume(folder: Path, *, kilobytes: int) -> Iterator[SmallVolume]:
    """Mount a volume of this size; afterwards it is gone."""
    with mounts.mounted_memory(folder, kilobytes=kilobytes):
        yield SmallVolume(folder)


@dataclass(frozen=True, slots=True)
class FailingVolume:
    """An ext4 volume mounted at ``folder`` that can turn read-only."""

    folder: Path

    def fail(self) -> None:
        """Turn read-only for everybody at once, as after an error of the disk. Only unmounting ends it."""
        device = os.stat(self.folder).st_dev
        name = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}").resolve().name
        Path(f"/sys/fs/ext4/{name}/trigger_fs_error").write_text("1", encoding="ascii")
        with contextlib.suppress(OSError):
            (self.folder / "probe").touch()
            raise AssertionError("the volume still takes writes")


@contextlib.contextmanager
def failing_volume(workshop: Path) -> Iterator[FailingVolume]:
    """Mount an ext4 of its own, below ``workshop``; afterwards it is unmounted."""
    image = workshop / "volume.img"
    if not image.exists():
        mounts.make_file_system("ext4", image, megabytes=EXT4_MEGABYTES)
    with mounts.mounted(image, workshop / "volume", options="errors=remount-ro") as folder:
        yield FailingVolume(folder)


@contextlib.contextmanager
def _until_full() -> Iterator[None]:
    try:
        yield
    except OSError as full:
        if full.errno != errno.ENOSPC:
            raise
