"""A disk as Linux shows a broken one: a failed ``fsync`` is told once, and what it lost passes for written."""

import errno
import os


class ForgetfulDisk:
    """What is really on disk of one file, while its readers see the page cache.

    ``failing``: how many of the next calls of ``fsync`` fail, each losing all that was written and not yet stored.
    """

    def __init__(self, path, monkeypatch):
        self._path, self.failing, self._dirty = path, 0, []
        self.stored = path.read_bytes()
        self._real = {name: getattr(os, name) for name in ("write", "pwrite", "fsync")}
        for name in self._real:
            monkeypatch.setattr(os, name, getattr(self, name))

    def write(self, descriptor, data):
        """Append, in the page cache."""
        start = os.fstat(descriptor).st_size
        written = self._real["write"](descriptor, data)
        self._dirty.append((start, start + written))
        return written

    def pwrite(self, descriptor, data, offset):
        """Write in the middle, in the page cache."""
        written = self._real["pwrite"](descriptor, data, offset)
        self._dirty.append((offset, offset + written))
        return written

    def fsync(self, descriptor):
        """Store what was written since the last call, or lose it and say so."""
        dirty, self._dirty = self._dirty, []
        if self.failing:
            self.failing -= 1
            raise OSError(errno.EIO, "Input/output error")
        cached = self._path.read_bytes()
        stored = bytearray(self.stored[: len(cached)].ljust(len(cached), b"\0"))
        for start, end in dirty:
            stored[start:end] = cached[start:end]
        self.stored = bytes(stored)
        self._real["fsync"](descriptor)
