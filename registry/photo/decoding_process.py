"""One process that decodes photos: it is given files, and gives back photos or why there is none.

Decoders are programs in C that read what strangers wrote. So they run where a fault of theirs costs one photo: in a
process started anew, that has no environment, no file and no socket of its parent but one pipe, bounded memory and
time for each photo, and that can open nothing. It ends when the pipe is closed or its parent is gone.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from multiprocessing.connection import wait
from pathlib import Path
from socket import socket
from typing import Final

from PIL import Image

from registry.photo.answer import READY, answer_of
from registry.photo.errors import PhotoFault, PhotoRefused
from registry.photo.measure import LARGEST, MAX_BYTES
from registry.photo.messages import receive, send
from registry.photo.photo import Photo, plain_photo

MEMORY_BYTES: Final = 256 * 1024 * 1024
"""For one photo, beyond what the process has taken when it is ready."""
CPU_SECONDS: Final = 10
"""For one photo. The slowest of the tests takes half a second."""
_PARENT_CHECK_SECONDS: Final = 2.0


def main() -> None:
    """Run as the program of a process; its arguments are the pipe's descriptor and the parent's id."""
    descriptor, parent = map(int, sys.argv[1:])
    # Whoever stops the parent lets it finish; this process follows when the pipe is closed.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.SIG_IGN)
    Image.MAX_IMAGE_PIXELS = LARGEST[0] * LARGEST[1]
    Image.preinit()
    bound_process()
    with socket(fileno=descriptor) as pipe:
        send(pipe, READY)
        serve(pipe, parent)


def serve(pipe: socket, parent: int) -> None:
    """Answer until the other end is closed or the parent is gone."""
    while _is_asked(pipe, parent):
        try:
            data = receive(pipe, most=MAX_BYTES)
            bound_time()
            send(pipe, answer_of(_outcome(data)))
        except (EOFError, ConnectionError):
            return


def bound_process() -> None:
    """Take from this process what no decoder needs: files, sockets, core dumps, memory without end."""
    taken = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    limits = {
        resource.RLIMIT_AS: taken + MEMORY_BYTES,
        # Nothing more can be opened or connected: standard input, output and errors are the three there are.
        resource.RLIMIT_NOFILE: 3,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for limit, most in limits.items():
        resource.setrlimit(limit, (most, most))


def bound_time() -> None:
    """Let the kernel end this process if the next photo takes out of measure."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + 1 + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


def _outcome(data: bytes) -> Photo | PhotoRefused:
    try:
        return plain_photo(data)
    except PhotoRefused as refusal:
        return refusal
    except MemoryError:
        return PhotoRefused(PhotoFault.UNDECODABLE)


def _is_asked(pipe: socket, parent: int) -> bool:
    """Wait for a file or the end of the pipe; false if the parent is gone."""
    while not wait([pipe], _PARENT_CHECK_SECONDS):
        if os.getppid() != parent:
            return False
    return True


if __name__ == "__main__":
    main()
