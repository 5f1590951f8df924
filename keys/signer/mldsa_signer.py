"""A signer with a key of ML-DSA-44: what the holders of root keys sign root metadata with, beside Ed25519.

Like ``file_signer`` it verifies each signature before it lets it out. Two signatures of the same bytes differ: the
library draws new chance for each (FIPS 204 §3.4, hedged).
"""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from keys.errors import CorruptSignature
from keys.sealing import Secret
from signing import mldsa
from signing.errors import BadSignature


class MldsaSigner(Secret):
    """Signs with a private key held in memory. ``key_id`` is the one that metadata names the key by."""

    __slots__ = ("_private", "key_id", "public")

    def __init__(self, private: MLDSA44PrivateKey) -> None:
        self._private: Final = private
        self.public: Final = private.public_key().public_bytes_raw()
        self.key_id: Final = mldsa.key_id(self.public)

    def sign(self, message: bytes, /) -> bytes:
        """Return the 2,420-byte signature, with an empty context; or raise ``CorruptSignature`` without showing it."""
        signature = self._private.sign(message)
        if not self._holds(signature, message):
            raise CorruptSignature(bytes.fromhex(self.key_id)[:4])
        return signature

    def _holds(self, signature: bytes, message: bytes) -> bool:
        verifier = mldsa.admit(self.public)
        if verifier is None:
            return False
        try:
            verifier.verify(signature, message)
        except BadSignature:
            return False
        return True

    def __repr__(self) -> str:
        return f"<MldsaSigner {self.key_id[:8]}>"
