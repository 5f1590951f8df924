"""A signature over the bytes that the journal recorded, and no others: the last act of every signer."""

from __future__ import annotations

from hashlib import sha256

from keys.errors import BytesChanged
from keys.signer import Signer


def sign_recorded(signer: Signer, to_be_signed: bytes, digest: bytes) -> bytes:
    """Return the signature over bytes whose SHA-256 is ``digest``.

    Raises ``CorruptSignature``, ``BytesChanged`` or ``KeyUnavailable``; no signature is shown then.
    """
    signature = signer.sign(to_be_signed)
    # Asked after signing and verifying: a bit that flipped on the way here, or meanwhile, is found as well.
    if sha256(to_be_signed).digest() == digest:
        return signature
    raise BytesChanged(digest)
