"""A decoding process for tests that does as the file bids it: dies, runs on, sleeps, takes all memory, lies, or stops
in the middle of what it says or hears."""

import os
import stat
import time
from socket import socket

from registry.photo import decoding_process, messages
from registry.photo.errors import PhotoFault, PhotoRefused
from registry.photo.photo import Photo, plain_photo

KEPT_FORM_BROKEN = b"\xff\xd8\xff\xd9"


def outcome(data: bytes) -> Photo | PhotoRefused:
    word, _, argument = data.partition(b" ")
    match word:
        case b"die":
            os.abort()
        case b"die-once":
            if os.path.isdir(argument):
                os.rmdir(argument)
                os.abort()
            return PhotoRefused(PhotoFault.BLANK)
        case b"sleep":
            time.sleep(600)
        case b"run-on":
            while True:
                pass
        case b"fill":
            return PhotoRefused(PhotoFault.BLANK, str(len(bytes(int(argument)))))
        case b"open":
            with open(argument, "rb"):
                return PhotoRefused(PhotoFault.BLANK)
        case b"environment":
            return PhotoRefused(PhotoFault.BLANK, " ".join(sorted(set(os.environ) - {"LC_CTYPE"})))
        case b"half-an-answer" | b"a-byte-now-and-then" | b"a-length-that-lies" | b"deaf-from-here-on":
            LATER.append(word)
            return PhotoRefused(PhotoFault.BLANK)
        case b"again":
            return PhotoRefused(PhotoFault.BLANK)
        case b"files":
            return PhotoRefused(PhotoFault.BLANK, " ".join(open_files()))
        case b"lie":
            return Photo(KEPT_FORM_BROKEN, 590, 826, b"")
        case b"lie-in-words":
            return PhotoRefused(PhotoFault.BLANK, "<script>")
    return plain_photo(data)


LATER: list[bytes] = []
"""What is to be done with the answer, once it is sent."""


def open_files() -> list[str]:
    """Return what each descriptor of this process is, in order; nothing can be opened any more to ask."""
    kinds = []
    for descriptor in range(64):
        try:
            mode = os.fstat(descriptor).st_mode
        except OSError:
            continue
        is_null = os.fstat(descriptor).st_rdev == os.makedev(1, 3)
        kinds.append("socket" if stat.S_ISSOCK(mode) else "null" if is_null else "file")
    return kinds


def send(pipe: socket, message: bytes, *, seconds: float | None = None) -> None:
    """Send as an honest process does, or stop where the file bade."""
    match LATER.pop() if LATER else b"":
        case b"half-an-answer":
            pipe.sendall((len(message)).to_bytes(4, "big") + message[:3])
            time.sleep(600)
        case b"a-byte-now-and-then":
            for byte in (1 << 20).to_bytes(4, "big") + bytes(1 << 20):
                pipe.sendall(bytes([byte]))
                time.sleep(0.1)
        case b"a-length-that-lies":
            pipe.sendall(b"\xff" * 4)
            time.sleep(600)
        case b"deaf-from-here-on":
            messages.send(pipe, message)
            time.sleep(600)
        case _:
            messages.send(pipe, message, seconds=seconds)


if __name__ == "__main__":
    decoding_process.send = send
    decoding_process.plain_photo = outcome
    decoding_process.CPU_SECONDS = 1
    decoding_process.main()
