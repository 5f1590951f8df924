"""What a register and its signer say to each other over a socket: deterministic CBOR in frames, no pickles.

A frame is a length of four bytes, big-endian, then so many bytes. A question is ``[1, what, key id, content]``; an
answer ``[0, content]``, or ``[code, kind, text]`` where something was refused or failed. Nothing secret is ever sent,
and no signature that did not verify.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from time import monotonic
from typing import Final

from signing import cbor, shape
from signing.cbor import Value
from signing.errors import Malformed

VERSION: Final = 1
MAX_FRAME: Final = 64 * 2**20
"""Bytes; a request for a thousand certificates of six hundred submissions with 3,000 rows each stays below it."""
_HEAD: Final = 4


class Ask(StrEnum):
    """What can be asked of a signer."""

    KEYS = "keys"
    """Which keys it signs with now: their ids."""
    LAST_ENTRY = "last_entry"
    """The highest entry that its journal knows."""
    SIGN = "sign"
    """The signatures for a request (``request``), by the key that is named."""


class Outcome(IntEnum):
    """What became of a question."""

    DONE = 0
    REFUSED = 1
    """It may not be signed; asking again changes nothing."""
    FAILED = 2
    """Key or journal could not be used, or the question was none; nothing was signed."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question; ``key_id`` and ``content`` are for ``Ask.SIGN`` alone."""

    what: Ask
    key_id: bytes = b""
    content: Value = None

    def to_bytes(self) -> bytes:
        """Return the message."""
        return cbor.encode([VERSION, str(self.what), self.key_id, self.content])

    @classmethod
    def from_bytes(cls, message: bytes) -> Question:
        """Read a message; ``FormatError`` if it is none."""
        version, what, key_id, content = shape.array(cbor.decode(message), 4, 4)
        shape.integer(version, VERSION, VERSION)
        if shape.text(what) not in set(Ask):
            raise Malformed("nothing that can be asked of a signer")
        return cls(Ask(shape.text(what)), shape.content(key_id), content)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; ``kind`` is the name of the error, and ``text`` says it in words, where it is not ``DONE``."""

    outcome: Outcome
    content: Value = None
    kind: str = ""
    text: str = ""

    def to_bytes(self) -> bytes:
        """Return the message."""
        if self.outcome is Outcome.DONE:
            return cbor.encode([int(self.outcome), self.content])
        return cbor.encode([int(self.outcome), self.kind, self.text])

    @classmethod
    def from_bytes(cls, message: bytes) -> Answer:
        """Read a message; ``FormatError`` if it is none."""
        outcome, *rest = shape.array(cbor.decode(message), 2, 3)
        read = Outcome(shape.integer(outcome, 0, max(Outcome)))
        if read is Outcome.DONE:
            (content,) = shape.array(rest, 1, 1)
            return cls(read, content)
        kind, text = shape.array(rest, 2, 2)
        return cls(read, None, shape.text(kind), shape.text(text))


def send(connection: socket.socket, message: bytes) -> None:
    """Send one frame; raises ``OSError``, or ``Malformed`` for a message that no frame may hold."""
    if len(message) > MAX_FRAME:
        raise Malformed("message longer than a frame")
    connection.sendall(len(message).to_bytes(_HEAD, "big") + message)


def receive(connection: socket.socket) -> bytes | None:
    """Return the content of the next frame, ``None`` if the other side closed before it began.

    The connection's timeout is that of the whole frame: a byte now and then does not hold it open. Raises ``OSError``
    (also ``TimeoutError``), or ``Malformed`` for a frame that is too long or cut short.
    """
    allowed = connection.gettimeout()
    ends = None if allowed is None else monotonic() + allowed
    try:
        head = _exactly(connection, _HEAD, ends)
        if not head:
            return None
        size = int.from_bytes(head, "big")
        if len(head) != _HEAD or size > MAX_FRAME:
            raise Malformed("not a frame")
        content = _exactly(connection, size, ends)
        if len(content) != size:
            raise Malformed("frame cut short")
        return content
    finally:
        connection.settimeout(allowed)


def _exactly(connection: socket.socket, size: int, ends: float | None) -> bytes:
    """Return so many bytes, fewer if the other side closes before; ``TimeoutError`` after ``ends``."""
    parts, left = [], size
    while left:
        if ends is not None:
            # Zero would mean: do not wait at all, and say so in another way.
            connection.settimeout(max(ends - monotonic(), 0.001))
        part = connection.recv(min(left, 1 << 20))
        if not part:
            break
        parts.append(part)
        left -= len(part)
        if left and ends is not None and monotonic() >= ends:
            raise TimeoutError
    return b"".join(parts)
