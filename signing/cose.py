"""COSE_Sign1 as we write it: one algorithm, a four-byte key id, an external AAD (RFC 9052 §4, formats.md §2).

The external AAD ``certreg/ENV/KIND/1`` is not carried; the verifier builds it from its own environment and
from what it expects, so that a test token can not pass in production, nor a status as a certificate.

No key is used here: ``to_be_signed`` gives the bytes to sign, ``assemble`` takes the signature.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from signing import cbor, shape
from signing.cbor import Tagged, Value
from signing.errors import Malformed

ALG_ED25519: Final = -19
"""Ed25519 in the COSE registry (RFC 9864)."""

KEY_ID_SIZE: Final = 4
SIGNATURE_SIZE: Final = 64

_COSE_KEY_PREFIX: Final = bytes.fromhex("a301012006215820")
_PROTECTED_PREFIX: Final = bytes.fromhex("a201320444")
_PROTECTED_SIZE: Final = len(_PROTECTED_PREFIX) + KEY_ID_SIZE


class Kind(StrEnum):
    """What a signature is about; the second half of its external AAD."""

    CERTIFICATE = "certificate"
    STATUS = "status"
    TRUST_KEYS = "trust-keys"
    TRUST_NAMES = "trust-names"
    SUBMISSION = "submission"
    DECISION = "decision"
    SERIES = "series"
    ROSTER = "roster"


def key_id(public: bytes) -> bytes:
    """Return the first 4 bytes of the COSE key thumbprint (RFC 9679, SHA-256) of a 32-byte Ed25519 key."""
    return hashlib.sha256(_COSE_KEY_PREFIX + shape.octets(public, 32)).digest()[:KEY_ID_SIZE]


@lru_cache(maxsize=64)
def external_aad(environment: str, kind: Kind) -> bytes:
    """Return ``certreg/ENV/KIND/1`` in ASCII."""
    return f"certreg/{shape.environment(environment)}/{kind}/1".encode("ascii")


def to_be_signed(*, key_id: bytes, payload: bytes, environment: str, kind: Kind) -> bytes:
    """Return the ``Sig_structure``: the exact bytes that an Ed25519 key signs."""
    return _sig_structure_start(key_id, environment, kind) + cbor.byte_string(payload)


def assemble(*, key_id: bytes, payload: bytes | None, signature: bytes) -> bytes:
    """Return the COSE_Sign1 around a signature; payload ``None`` if it is detached."""
    carried = b"\xf6" if payload is None else cbor.byte_string(payload)
    end = cbor.byte_string(shape.octets(signature, SIGNATURE_SIZE))
    return b"\xd2\x84" + _protected_item(key_id) + b"\xa0" + carried + end


def key_id_in(protected: bytes) -> bytes:
    """Return the key id of a protected header; ``Malformed`` unless it is our one header."""
    if len(protected) != _PROTECTED_SIZE or not protected.startswith(_PROTECTED_PREFIX):
        raise Malformed("protected header is not alg Ed25519 and a key id of 4 bytes")
    return protected[-KEY_ID_SIZE:]


@lru_cache(maxsize=256)
def _protected_item(key_id: bytes) -> bytes:
    return cbor.byte_string(_PROTECTED_PREFIX + shape.octets(key_id, KEY_ID_SIZE))


@lru_cache(maxsize=256)
def _sig_structure_start(key_id: bytes, environment: str, kind: Kind) -> bytes:
    aad = external_aad(environment, kind)
    return b"\x84\x6aSignature1" + _protected_item(key_id) + cbor.byte_string(aad)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A COSE_Sign1 in our one form, not verified yet; ``payload`` is ``None`` where it is detached."""

    key_id: bytes
    payload: bytes | None
    signature: bytes

    @classmethod
    def from_bytes(cls, data: bytes) -> "Envelope":
        """Read an envelope; ``Malformed`` unless it is exactly what ``assemble`` writes."""
        return cls.from_value(cbor.decode(data))

    @classmethod
    def from_value(cls, value: Value) -> "Envelope":
        """Read an envelope that was decoded as part of something larger."""
        protected, payload, signature = _parts(value)
        if len(signature) != SIGNATURE_SIZE:
            raise Malformed("signature is not 64 bytes")
        return cls(key_id_in(protected), payload, signature)

    @property
    def protected(self) -> bytes:
        """The content of the protected header."""
        return _PROTECTED_PREFIX + self.key_id

    def to_bytes(self) -> bytes:
        """Return the bytes that ``from_bytes`` reads."""
        return assemble(key_id=self.key_id, payload=self.payload, signature=self.signature)

    def signed_bytes(self, environment: str, kind: Kind, payload: bytes | None = None) -> bytes:
        """Return the bytes that the signature must hold over.

        ``payload`` is given if, and only if, it is detached; ``Malformed`` otherwise.
        """
        carried = self.payload
        if carried is None:
            carried, payload = payload, None
        if carried is None or payload is not None:
            raise Malformed("payload neither carried nor given, or both")
        return to_be_signed(key_id=self.key_id, payload=carried, environment=environment, kind=kind)


def payload_of_any_suite(data: bytes) -> bytes:
    """Return the payload of a COSE_Sign1 like ours, but with any integer ``alg`` and any signature length.

    For recognising a container of a later version, never for verifying. Raises ``Malformed`` for everything
    else.
    """
    protected, payload, _ = _parts(cbor.decode(data))
    header = shape.fields(cbor.decode(protected), (1, 4))
    shape.integer(header[1], -cbor.MAX_INTEGER)
    shape.octets(header[4], KEY_ID_SIZE)
    return shape.content(payload)


def _parts(value: Value) -> tuple[bytes, bytes | None, bytes]:
    """Return protected header, payload and signature of a COSE_Sign1 without unprotected header."""
    if type(value) is not Tagged or type(value.value) is not list or len(value.value) != 4:
        raise Malformed("not a tagged COSE_Sign1")
    protected, unprotected, payload, signature = value.value
    if type(protected) is not bytes or type(signature) is not bytes or unprotected != {}:
        raise Malformed("not the parts of a COSE_Sign1")
    if payload is not None and type(payload) is not bytes:
        raise Malformed("payload is not a byte string")
    return protected, payload, signature
