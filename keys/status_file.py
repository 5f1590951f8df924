"""Signing the status file: the payload comes from the public side's room, the key from here.

``registry.publication`` composes the payload and knows no keys; ``registry.operator`` hands it this function
with the signer in it.
"""

from __future__ import annotations

from keys.signer import Signer
from signing import cose
from signing.cose import Kind
from signing.status import open_status
from signing.trust import TrustKeys


def sign_status(payload: bytes, signer: Signer, *, trust: TrustKeys) -> bytes:
    """Return the status file; a verifier with this trust bundle takes it, or nothing is returned.

    Raises a ``SigningError`` if the key is not a status key of the trust bundle or is distrusted, or if the
    payload is not a status of its environment; a ``KeysError`` if the key can not be used.
    """
    to_be_signed = cose.to_be_signed(
        key_id=signer.key_id, payload=payload, environment=trust.environment, kind=Kind.STATUS
    )
    data = cose.assemble(key_id=signer.key_id, payload=payload, signature=signer.sign(to_be_signed))
    open_status(data, trust)
    return data
