"""One process at a time opens a token.

SoftHSM 2.6.1 writes the token's file at every login, and a process that begins at that moment sees a token that
can not be read, or none: of four processes that opened and closed one again and again, three openings in four
failed. Signing, which reads other files, is not disturbed. The lock is on the PIN file's folder, which everybody
who logs in has in common, and is let go when the process ends.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from keys.hsm.place import HsmPlace


@contextmanager
def turn_at(place: HsmPlace) -> Iterator[None]:
    """Wait until no other process opens the token, and keep others waiting until the block ends.

    Without the folder nobody can log in, so nobody has to wait. Not to be nested.
    """
    try:
        folder = os.open(place.pin_file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        yield
        return
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
