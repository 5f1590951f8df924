"""The algorithms of the private keys in sealed files: Ed25519, and ML-DSA-44 beside it for the holders of root keys.

A key of either is 32 bytes from which all the rest follows: the seed of RFC 8032 §5.1.5, and that of FIPS 204 §5.1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from signing import cose, mldsa

Private = Ed25519PrivateKey | MLDSA44PrivateKey
PrivateT = TypeVar("PrivateT", bound=Private, covariant=True)

SEED_SIZE: Final = 32


@dataclass(frozen=True, slots=True)
class Algorithm(Generic[PrivateT]):
    """What differs from one algorithm to the other.

    ``cose_id`` is its number in the COSE registry; ``key_id`` gives the 4-byte key id of a public key of
    ``public_size`` bytes. ``generate`` and ``from_seed`` make private keys, where ``is_at_hand``.
    """

    cose_id: int
    public_size: int
    key_id: Callable[[bytes], bytes]
    is_at_hand: Callable[[], bool]
    generate: Callable[[], PrivateT]
    from_seed: Callable[[bytes], PrivateT]


def _short_key_id(public: bytes) -> bytes:
    """Return the first 4 bytes of the id by which metadata names an ML-DSA-44 key."""
    return bytes.fromhex(mldsa.key_id(public))[: cose.KEY_ID_SIZE]


ED25519: Final = Algorithm(
    cose_id=cose.ALG_ED25519,
    public_size=32,
    key_id=cose.key_id,
    is_at_hand=lambda: True,
    generate=lambda: Ed25519PrivateKey.generate(),
    from_seed=lambda seed: Ed25519PrivateKey.from_private_bytes(seed),
)
MLDSA44: Final = Algorithm(
    cose_id=-48,
    public_size=mldsa.PUBLIC_SIZE,
    key_id=_short_key_id,
    is_at_hand=mldsa.is_at_hand,
    generate=lambda: MLDSA44PrivateKey.generate(),
    from_seed=lambda seed: MLDSA44PrivateKey.from_seed_bytes(seed),
)
