"""A certificate's proof: its leaf, the way from there to the root, and the checkpoint (C2SP ``tlog-proof``).

Everything offline: with the proof, the token and the trust bundle, anybody can tell that the register showed this
certificate to the world, and since when. The leaf travels as the proof's extra data, which proves nothing by itself;
it must name the token.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self

from signing.errors import LogRefused, Malformed, SigningError
from signing.log.checkpoint import Checkpoint, LogPolicy
from signing.log.leaf import Issue, read_leaf
from signing.log.note import MAX_NOTE, decode_base64, encode_base64, read_decimal
from signing.merkle import HASH_SIZE, verify_inclusion

FIRST_LINE: Final = "c2sp.org/tlog-proof@v1"
SUFFIX: Final = ".tlog-proof"
MAX_STEPS: Final = 63


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof as it was read; nothing of it is proven. ``checkpoint`` is the note's bytes."""

    leaf: bytes
    index: int
    steps: tuple[bytes, ...]
    checkpoint: bytes

    def to_bytes(self) -> bytes:
        """Return the proof's lines."""
        lines = [FIRST_LINE, f"extra {encode_base64(self.leaf)}", f"index {self.index}"]
        lines += [encode_base64(step) for step in self.steps]
        return "\n".join([*lines, "", ""]).encode() + self.checkpoint

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a proof; ``Malformed`` if it is none, or has no leaf with it."""
        if len(data) > 2 * MAX_NOTE:
            raise Malformed("a proof of more than two megabytes")
        head, gap, checkpoint = data.partition(b"\n\n")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError:
            raise Malformed("not a proof of a log") from None
        if not gap or lines[0] != FIRST_LINE or len(lines) < 3:
            raise Malformed("not a proof of a log")
        if not lines[1].startswith("extra ") or not lines[2].startswith("index "):
            raise Malformed("a proof of ours has its leaf with it")
        steps = tuple(map(decode_base64, lines[3:]))
        if len(steps) > MAX_STEPS or any(len(step) != HASH_SIZE for step in steps):
            raise Malformed("a step of a proof has 32 bytes")
        index = read_decimal(lines[2].removeprefix("index "))
        return cls(decode_base64(lines[1].removeprefix("extra ")), index, steps, checkpoint)


@dataclass(frozen=True, slots=True)
class Proven:
    """What a proof shows: the leaf of the token, its place in the log, and the checkpoint that covers it."""

    issue: Issue
    index: int
    checkpoint: Checkpoint


def open_proof(proof: Proof, token: bytes, policy: LogPolicy) -> Proven:
    """Return what the proof shows of this token, or raise ``LogRefused``.

    Not checked here: that the token is genuine and what became of it since, see ``verdict.judge``.
    """
    # 1. The log signed the checkpoint, and enough witnesses did.
    checkpoint = policy.open(proof.checkpoint)
    if not checkpoint.is_cosigned:
        raise LogRefused("too few witnesses signed the checkpoint")
    # 2. The leaf is the issue of this token.
    try:
        leaf = read_leaf(proof.leaf)
    except SigningError as fault:
        raise LogRefused(f"its leaf can not be read: {fault}") from None
    if not isinstance(leaf, Issue) or leaf.digest != sha256(token).digest():
        raise LogRefused("its leaf is not that of this token")
    # 3. The leaf is in the tree.
    head = checkpoint.head
    if not verify_inclusion(proof.leaf, proof.index, head.size, proof.steps, head.root):
        raise LogRefused("its leaf is not at this place of the log")
    return Proven(leaf, proof.index, checkpoint)
