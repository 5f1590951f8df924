"""What a signing pool and its processes say to each other: deterministic CBOR, no pickles.

A request is ``[key id, digests, [bytes to be signed, …]]``, an answer ``[outcome, content]``. Digests and
signatures are joined, 32 and 64 bytes each, in the order of the request. Nothing secret is ever sent: a
process opens the sealed key itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from signing import cbor, shape

DIGEST_SIZE: Final = 32
SIGNATURE_SIZE: Final = 64


class Outcome(IntEnum):
    """What became of a request."""

    SIGNED = 0
    """The content is the signatures."""
    CORRUPT = 1
    """A signature did not verify; it is not carried."""
    CHANGED = 2
    """Bytes were not those of their digest."""
    UNAVAILABLE = 3
    """The key could not be opened; the content says why, in UTF-8."""


@dataclass(frozen=True, slots=True)
class Request:
    """Bytes to be signed by one key, each with the SHA-256 that the journal recorded for it."""

    key_id: bytes
    digests: Sequence[bytes]
    to_be_signed: Sequence[bytes]

    def to_bytes(self) -> bytes:
        """Return the message."""
        return cbor.encode([self.key_id, b"".join(self.digests), self.to_be_signed])

    @classmethod
    def from_bytes(cls, message: bytes) -> Request:
        """Read a message; ``FormatError`` if it is none."""
        key_id, digests, to_be_signed = shape.array(cbor.decode(message), 3, 3)
        wanted = [shape.content(item) for item in shape.array(to_be_signed, 0, cbor.MAX_ITEMS)]
        joined = shape.octets(digests, DIGEST_SIZE * len(wanted))
        return cls(shape.octets(key_id, 4), _parted(joined, DIGEST_SIZE), wanted)


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome of a request, with its signatures or the reason."""

    outcome: Outcome
    content: bytes

    @property
    def signatures(self) -> list[bytes]:
        """The signatures, in the order of the request."""
        return _parted(self.content, SIGNATURE_SIZE)

    def to_bytes(self) -> bytes:
        """Return the message."""
        return cbor.encode([int(self.outcome), self.content])

    @classmethod
    def from_bytes(cls, message: bytes, *, asked: int) -> Answer:
        """Read the answer to a request of ``asked`` signatures; ``FormatError`` if it is none."""
        outcome, content = shape.array(cbor.decode(message), 2, 2)
        read = cls(Outcome(shape.integer(outcome, 0, max(Outcome))), shape.content(content))
        if read.outcome is Outcome.SIGNED:
            shape.octets(read.content, SIGNATURE_SIZE * asked)
        return read


def _parted(joined: bytes, size: int) -> list[bytes]:
    return [joined[place : place + size] for place in range(0, len(joined), size)]
