"""Signatures over metadata: the same Ed25519 keys that sign COSE, here over canonical JSON; over roots ML-DSA-44, too.

The two can not be taken for each other: what COSE signs begins with the byte 84, canonical JSON with ``{``.
Whatever is opened here is of the expected role and environment, or refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from securesystemslib.signer import Key, Signature, SSlibKey
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp
from tuf.api.serialization.json import JSONSerializer

from keys.distribution.roles import ENVIRONMENT, Role
from keys.errors import UnsoundMetadata
from keys.signer import Signer
from keys.signer.mldsa_signer import MldsaSigner

SignedT = TypeVar("SignedT", Root, Timestamp, Snapshot, Targets)

_ED25519: Final = "ed25519"
_PUBLIC: Final = re.compile(r"[0-9a-f]{64}")
_HEX: Final = re.compile(r"([0-9a-f]{2})+")


def metadata_key(public: bytes) -> SSlibKey:
    """Return a 32-byte public key as metadata lists it; its id is the digest of its canonical form."""
    return SSlibKey.from_crypto(Ed25519PublicKey.from_public_bytes(public))


def public_bytes(key: Key) -> bytes:
    """Return the 32 bytes of a listed key; ``UnsoundMetadata`` if it is of another kind than ours."""
    text = key.keyval.get("public")
    if (key.keytype, key.scheme) != (_ED25519, _ED25519) or not _PUBLIC.fullmatch(str(text)):
        raise UnsoundMetadata("key", f"{key.keyid} is not an Ed25519 key")
    return bytes.fromhex(str(text))


def sign(
    metadata: Metadata[SignedT], signers: Iterable[Signer], mldsa_signers: Iterable[MldsaSigner] = ()
) -> bytes:
    """Return the file of a metadata with the signatures of these keys, in the order of their ids.

    ``mldsa_signers`` sign the same bytes; of root metadata alone. Whether all are enough is asked where it is opened.
    Raises a ``KeysError`` if a key can not be used.
    """
    payload = metadata.signed_bytes
    made = {
        key_id: Signature(key_id, signer.sign(payload).hex())
        for signer in signers
        for key_id in (metadata_key(signer.public).keyid,)
    }
    made |= {signer.key_id: Signature(signer.key_id, signer.sign(payload).hex()) for signer in mldsa_signers}
    metadata.signatures = {key_id: made[key_id] for key_id in sorted(made)}
    return metadata.to_bytes(JSONSerializer(compact=True))


def read(data: bytes, kind: type[SignedT], name: str, *, environment: str) -> Metadata[SignedT]:
    """Return a metadata of this kind and environment, its signatures not verified yet.

    ``name`` is for the error's text. Raises ``UnsoundMetadata``.
    """
    try:
        metadata = Metadata[SignedT].from_bytes(data)
    except RepositoryError:
        raise UnsoundMetadata(name, "it is not metadata") from None
    if not isinstance(metadata.signed, kind):
        raise UnsoundMetadata(name, f"it is of type {metadata.signed.type}")
    found = metadata.signed.unrecognized_fields.get(ENVIRONMENT)
    if found != environment:
        raise UnsoundMetadata(name, f"it is not of environment {environment!r}")
    return metadata


def raw_signatures(metadata: Metadata[SignedT]) -> dict[str, bytes]:
    """Return the signatures by key id; one that is not of hexadecimal digits is nobody's."""
    found = {key_id: str(signature.signature) for key_id, signature in metadata.signatures.items()}
    return {key_id: bytes.fromhex(text) for key_id, text in found.items() if _HEX.fullmatch(text)}


def require_signed(metadata: Metadata[SignedT], role: Role, name: str, *, by: Root | Targets) -> None:
    """Raise ``UnsoundMetadata`` unless enough keys signed it that the delegator gives this role."""
    try:
        by.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
        return
    except (RepositoryError, ValueError) as fault:
        why = str(fault)
    raise UnsoundMetadata(name, why)
