"""What is asked of a witness, and what it answers: the bytes of ``add-checkpoint`` (C2SP ``tlog-witness``).

No file, no network, no clock. Nothing here believes a signature.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Self

from signing.errors import Malformed
from signing.log.note import decode_base64, encode_base64, read_decimal
from signing.merkle import HASH_SIZE

PATH: Final = "/add-checkpoint"
HEALTH: Final = "/health"
MAX_BODY: Final = 1 << 20
"""Bytes of a request or an answer."""
MAX_STEPS: Final = 63

WORDS: Final = "text/plain; charset=utf-8"
SIZE: Final = "text/x.tlog.size"

_OLD: Final = "old "


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request: the size that the log believes the witness last saw, the proof from there, and the note's bytes."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: bytes

    def to_bytes(self) -> bytes:
        """Return the body of the request."""
        lines = [f"{_OLD}{self.old}", *map(encode_base64, self.proof)]
        return "".join(f"{line}\n" for line in [*lines, ""]).encode() + self.checkpoint

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Read the body of a request; ``Malformed``. The checkpoint is not looked at."""
        if len(body) > MAX_BODY:
            raise Malformed("a request of more than a megabyte")
        before, gap, checkpoint = body.partition(b"\n\n")
        try:
            lines = before.decode("ascii").split("\n")
        except UnicodeDecodeError:
            raise Malformed("not a request to a witness") from None
        if not gap or not lines[0].startswith(_OLD):
            raise Malformed("a request begins with the old size, and ends its proof with an empty line")
        if len(lines) - 1 > MAX_STEPS:
            raise Malformed(f"a proof of more than {MAX_STEPS} steps")
        proof = tuple(map(decode_base64, lines[1:]))
        if any(len(step) != HASH_SIZE for step in proof):
            raise Malformed(f"a step of a proof has {HASH_SIZE} bytes")
        return cls(read_decimal(lines[0].removeprefix(_OLD)), proof, checkpoint)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, as HTTP carries it."""

    status: int
    content_type: str
    body: bytes

    @classmethod
    def cosigned(cls, lines: str) -> Self:
        """Answer with signature lines."""
        return cls(HTTPStatus.OK, WORDS, lines.encode())

    @classmethod
    def refused(cls, status: HTTPStatus, why: str) -> Self:
        """Answer with a reason."""
        return cls(status, WORDS, f"{why}\n".encode())

    @classmethod
    def conflict(cls, size: int) -> Self:
        """Answer with the size of the tree that was seen last."""
        return cls(HTTPStatus.CONFLICT, SIZE, b"%d\n" % size)
