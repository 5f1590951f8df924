"""Who signs in tests of the log: a log and its witnesses, with keys from fixed seeds, in force nowhere."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from signing.log.checkpoint import LogPolicy, Witness
from signing.log.note import Head, NoteKey, SignatureKind

ORIGIN = "log.register.example/2026"
STAMP = 1_795_752_000
"""2026-11-27T04:00:00Z."""

LOG_ED25519, ED25519, MLDSA44 = SignatureKind
HEAD = Head(ORIGIN, 70_000, hashlib.sha256(b"a root").digest())


@dataclass(frozen=True)
class Signer:
    """A key pair of a log or a witness; its seed is SHA-256 of name, kind and ``salt``."""

    name: str
    kind: SignatureKind
    salt: str = ""

    @cached_property
    def private(self) -> Ed25519PrivateKey | MLDSA44PrivateKey:
        seed = hashlib.sha256(f"{self.name} {self.kind.name} {self.salt}".encode()).digest()
        if self.kind is MLDSA44:
            return MLDSA44PrivateKey.from_seed_bytes(seed)
        return Ed25519PrivateKey.from_private_bytes(seed)

    @cached_property
    def key(self) -> NoteKey:
        return NoteKey(self.name, self.kind, self.private.public_key().public_bytes_raw())

    def line(self, head: Head = HEAD, stamp: int = STAMP) -> str:
        """Return the signature line of this key on a head."""
        signature = self.private.sign(self.key.message(head, stamp))
        return self.key.line(signature, None if self.kind is LOG_ED25519 else stamp)


LOG, LOG_PQ = Signer(ORIGIN, LOG_ED25519), Signer(ORIGIN, MLDSA44)
W1, W1_PQ = (Signer("w1.witness.example", kind) for kind in (ED25519, MLDSA44))
W2, W2_PQ = (Signer("w2.witness.example", kind) for kind in (ED25519, MLDSA44))
W3, W3_PQ = (Signer("w3.witness.example", kind) for kind in (ED25519, MLDSA44))
STRANGER = Signer("stranger.example", ED25519)
BOTH = (LOG, LOG_PQ)


def witness(*signers: Signer) -> Witness:
    """Return the witness that has these keys."""
    return Witness(signers[0].name, tuple(signer.key for signer in signers))


def policy(**changed: Any) -> LogPolicy:
    """Return a log of three witnesses, of which two must have signed."""
    usual: dict[str, Any] = {
        "origin": ORIGIN,
        "keys": (LOG.key, LOG_PQ.key),
        "witnesses": (witness(W1, W1_PQ), witness(W2, W2_PQ), witness(W3, W3_PQ)),
        "quorum": 2,
    }
    return LogPolicy(**usual | changed)


def note(*lines: str | Signer, head: Head = HEAD) -> bytes:
    """Return a checkpoint with these lines, or the lines of these signers."""
    written = [line if isinstance(line, str) else line.line(head) for line in lines]
    return (head.to_text() + "\n" + "".join(written)).encode()
