"""A signer that verifies what it signs, and the embedded default: one whose key came out of a sealed file.

Such a key lives in this process; one that stays in an HSM is signed with in ``keys.signer.hsm_signer``. Either
verifies each of its own signatures before it lets it out: a bit that flips in memory or in the processor
must not become a certificate, and a faulty Ed25519 signature can give the private key away. The price is
one verification for each signature: about four times the time of signing alone. It keeps no journal and asks
nothing about the content: for certificates see ``keys.signer.certificate_signer``.
"""

from __future__ import annotations

from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys.errors import CorruptSignature
from keys.key_file import KeyKind
from keys.sealing import Seal, Secret
from signing import cose, ed25519
from signing.errors import VerificationError


class PrivateKey(Protocol):
    """The one thing that a signer does with a private key."""

    def sign(self, data: bytes, /) -> bytes:
        """Return the 64-byte Ed25519 signature."""


class SealedKeys(Protocol):
    """What opens sealed private keys: a ``keys.store.KeyStore``."""

    def open(self, kind: KeyKind, key_id: bytes, seal: Seal) -> Ed25519PrivateKey:
        """Return the private key, or raise ``KeyUnavailable`` or one of its kinds."""


class VerifyingSigner(Secret):
    """Signs with a private key, wherever it lies, and lets no signature out that does not verify."""

    __slots__ = ("_admitted", "_private", "_verifies", "key_id", "public")

    def __init__(self, private: PrivateKey, public: bytes, *, verifies: bool = True) -> None:
        """Hold the key; ``verifies=False`` lets signatures out unchecked, for measuring alone."""
        self._private: Final = private
        self._admitted: Final = ed25519.admit(public)
        self._verifies: Final = verifies
        self.public: Final = public
        self.key_id: Final = cose.key_id(public)

    def sign(self, to_be_signed: bytes, /) -> bytes:
        """Return the signature, or raise ``CorruptSignature`` without showing it."""
        signature = self._private.sign(to_be_signed)
        if self._verifies and not self._holds(signature, to_be_signed):
            raise CorruptSignature(self.key_id)
        return signature

    def _holds(self, signature: bytes, to_be_signed: bytes) -> bool:
        try:
            self._admitted.verify(signature, to_be_signed)
        except VerificationError:
            return False
        return True

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.key_id.hex()}>"


class FileSigner(VerifyingSigner):
    """Signs with a private key held in memory."""

    __slots__ = ()

    @classmethod
    def open(cls, store: SealedKeys, kind: KeyKind, key_id: bytes, seal: Seal) -> FileSigner:
        """Open one key of a store; raises ``KeyUnavailable`` or one of its kinds, and tries no other key."""
        private = store.open(kind, key_id, seal)
        return cls(private, private.public_key().public_bytes_raw())
