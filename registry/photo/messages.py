"""Messages between a decoding process and its owner: four bytes of length, then so many bytes, over a pair of sockets.

A process that was taken over may stop in the middle of a message, or read none. So whoever does not trust the other end
gives the time until which a whole message must be through, not only its first byte.
"""

import socket
import struct
import time
from typing import Final

_LENGTH: Final = struct.Struct("!L")


def send(pipe: socket.socket, message: bytes, *, seconds: float | None = None) -> None:
    """Send a message within so many seconds, ``None`` for as long as it takes. Raises ``OSError``."""
    pipe.settimeout(seconds)
    # The time is that of the whole, however often the other end reads a little.
    pipe.sendall(_LENGTH.pack(len(message)) + message)


def receive(pipe: socket.socket, *, most: int, seconds: float | None = None) -> bytes:
    """Receive a message of at most so many bytes within so many seconds. Raises ``EOFError`` or ``OSError``."""
    end = None if seconds is None else time.monotonic() + seconds
    (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size, end))
    if length > most:
        raise OSError(f"a message of {length} bytes")
    return _exactly(pipe, length, end)


def _exactly(pipe: socket.socket, size: int, end: float | None) -> bytes:
    received = bytearray()
    while len(received) < size:
        pipe.settimeout(None if end is None else max(0.0, end - time.monotonic()))
        piece = pipe.recv(size - len(received))
        if not piece:
            raise EOFError
        received += piece
    return bytes(received)
