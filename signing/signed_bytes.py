"""The bytes that a certificate's signature is made over, read back: what they say, and the token they become.

The register stores these bytes before any key is used. Whatever it later shows or assembles comes from them, so that
nothing can say more or else than what was signed.
"""

from signing import cbor, cose, shape
from signing.errors import Malformed
from signing.statement import Statement

CONTEXT = "Signature1"


def statement_of_signed_bytes(to_be_signed: bytes) -> Statement:
    """Return the statement inside a ``Sig_structure``; ``FormatError`` for anything else.

    For a holder of stored bytes, not for a verifier: no signature is looked at, nor for whom the bytes are.
    """
    return Statement.from_bytes(_parts(to_be_signed)[1])


def token_of_signed_bytes(to_be_signed: bytes, signature: bytes) -> bytes:
    """Return the token: the envelope around the very header and payload that were signed."""
    protected, payload = _parts(to_be_signed)
    key_id = cose.key_id_in(protected)
    return cose.assemble(key_id=key_id, payload=payload, signature=signature)


def _parts(to_be_signed: bytes) -> tuple[bytes, bytes]:
    """Return protected header and payload."""
    items = cbor.decode(to_be_signed)
    if type(items) is not list or len(items) != 4 or items[0] != CONTEXT:
        raise Malformed("not a Sig_structure")
    _, protected, aad, payload = items
    shape.content(aad)
    return shape.content(protected), shape.content(payload)
