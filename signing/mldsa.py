"""ML-DSA-44 (FIPS 204), where ``cryptography`` has it: beside Ed25519, and not for a quantum computer to forge.

Checked when present, never instead of Ed25519: a verifier without the library passes such signatures by.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Final

from signing.errors import BadSignature, InadmissibleKey

try:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
except ImportError:
    HAS_MLDSA = False
else:
    HAS_MLDSA = True

PUBLIC_SIZE: Final = 1312
SIGNATURE_SIZE: Final = 2420


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key that ``admit`` let in; ``public`` is its encoding."""

    public: bytes
    _library: "MLDSA44PublicKey" = field(repr=False, compare=False)

    def verify(self, signature: bytes, message: bytes) -> None:
        """Return if this key signed ``message``, with an empty context, else raise ``BadSignature``."""
        try:
            self._library.verify(signature, message)
        except InvalidSignature:
            raise BadSignature from None


def key_id(public: bytes) -> str:
    """Return SHA-256 of the 1,312 bytes in hexadecimal digits: how metadata names the key that signed."""
    return sha256(public).hexdigest()


def is_at_hand() -> bool:
    """Say whether the library has ML-DSA-44."""
    # Any 1,312 bytes are the encoding of a key.
    return admit(bytes(PUBLIC_SIZE)) is not None


@lru_cache(maxsize=64)
def admit(public: bytes) -> PublicKey | None:
    """Return the key for its 1,312 bytes, ``None`` where the library has none of it; or raise ``InadmissibleKey``."""
    if len(public) != PUBLIC_SIZE:
        raise InadmissibleKey(f"an ML-DSA-44 key has {PUBLIC_SIZE} bytes, not {len(public)}")
    if not HAS_MLDSA:
        return None
    try:
        return PublicKey(public, MLDSA44PublicKey.from_public_bytes(public))
    except UnsupportedAlgorithm:
        return None
