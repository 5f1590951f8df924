"""Does a request's signature hold? The signature base is the library's (RFC 9421 §2.5), the equation is ours.

The library knows neither our strict Ed25519 nor our clock: the one is given to it as an algorithm, the other was asked
before (``signature_input``). What it can not work out counts as a malformed signature.
"""

from datetime import timedelta
from hashlib import sha256
from typing import Any

from http_message_signatures import (
    ContentDigest,
    HTTPMessageSignaturesException,
    HTTPMessageVerifier,
    HTTPSignatureAlgorithm,
    HTTPSignatureKeyResolver,
    InvalidSignature,
)

from registry.access.errors import RequestNotSigned, SignatureFault
from registry.api.signatures.message import Message
from registry.api.signatures.signature_input import ALGORITHM, SignatureInput
from registry.settings import PRODUCTION
from signing.ed25519 import PublicKey
from signing.errors import BadSignature


def verify_signature(message: Message, given: SignatureInput, key: PublicKey, *, environment: str) -> None:
    """Return if the request's one signature is this key's, else raise ``RequestNotSigned``."""
    verifier = _Verifier(signature_algorithm=_StrictEd25519, key_resolver=_OneKey(key))
    try:
        verifier.verify(message, max_age=None)
    except HTTPMessageSignaturesException as error:
        if isinstance(error.__cause__, _DoesNotHold):
            raise _invalid(error.__cause__.base, given, environment=environment) from None
        why = "the signed parts can not be put together: a name twice, no ASCII, or no method, host or path of RFC 9110"
        raise RequestNotSigned(SignatureFault.MALFORMED, why) from None


def require_digest(message: Message, content: bytes) -> None:
    """Return if ``Content-Digest`` (RFC 9530, sha-256 or sha-512) is that of the content that arrived."""
    value = message.headers.get("content-digest")
    if value is None:
        return
    try:
        ContentDigest.verify(value.encode("latin-1", "replace"), content)
    except InvalidSignature:
        received = f"{len(content)} bytes arrived, with the SHA-256 {sha256(content).hexdigest()} (hex)"
        why = (
            f"Content-Digest, by sha-256 or sha-512 of RFC 9530 alone, is not that of the content: {received}"
        )
        raise RequestNotSigned(SignatureFault.DIGEST_MISMATCH, why) from None


def _invalid(base: bytes, given: SignatureInput, *, environment: str) -> RequestNotSigned:
    evidence: dict[str, Any] = {
        "covered": list(given.components),
        "signature_base_sha256": sha256(base).hexdigest(),
    }
    if environment != PRODUCTION:
        evidence["signature_base"] = base.decode("ascii")
    why = (
        "the signature does not hold under this key; put the SHA-256 of the signature base that you signed beside "
        "signature_base_sha256: if they are equal it is the key, if not it is a line of the base"
    )
    return RequestNotSigned(SignatureFault.SIGNATURE_INVALID, why, **evidence)


class _DoesNotHold(Exception):
    """The key did not sign this base."""

    def __init__(self, base: bytes) -> None:
        self.base = base


class _StrictEd25519(HTTPSignatureAlgorithm):
    """The strict rule of ``signing.ed25519``, in the place where the library asks for an algorithm."""

    algorithm_id = ALGORITHM

    def __init__(self, public_key: PublicKey, private_key: None = None) -> None:
        self._key = public_key

    def verify(self, signature: bytes, message: bytes) -> None:
        try:
            self._key.verify(signature, message)
        except BadSignature:
            raise _DoesNotHold(message) from None


class _OneKey(HTTPSignatureKeyResolver):
    """The key that was looked up already."""

    def __init__(self, key: PublicKey) -> None:
        self._key = key

    def resolve_public_key(self, key_id: str) -> Any:
        return self._key


class _Verifier(HTTPMessageVerifier):
    """The library's verifier, without its clock."""

    def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:
        """Leave it: ``signature_input`` asked with the time that was read at the edge."""
