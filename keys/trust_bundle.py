"""Writing the trust bundle: a version, the root keys' signatures, and a last look with a verifier's eyes.

Nothing leaves here that a verifier with the pinned root would refuse. The root keys may be at different
places: each custodian signs the same payload by ``sign_payload``, and ``assemble_file`` joins the signatures;
``write_trust_keys`` and ``write_trust_names`` do both where the signers are at hand. Keeping the file is
``keys.trust_home``'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from keys.errors import NotEnoughRoots
from keys.signer import Signer
from keys.succession import require_lawful_keys, require_lawful_names
from keys.trust_changes import whole_seconds
from signing import cose
from signing.cose import Envelope, Kind
from signing.root import Root, SignedFile, open_signed_file
from signing.trust import TrustKeys, TrustNames, open_trust_keys, open_trust_names


def write_trust_keys(
    draft: TrustKeys,
    *,
    previous: TrustKeys | None,
    root: Root,
    root_signers: Sequence[Signer],
    now: datetime,
    expires_at: datetime,
) -> bytes:
    """Return the signed file ``trust/keys`` of the version after ``previous`` (``None``: version 1).

    Version and instants of the draft are replaced. Raises ``UnlawfulSuccession`` before any root key is used,
    ``NotEnoughRoots``, or a ``SigningError`` if what came out would not verify.
    """
    proposed = next_trust_keys(draft, previous=previous, root=root, now=now, expires_at=expires_at)
    data = _sign(proposed.to_payload(), Kind.TRUST_KEYS, root, root_signers)
    open_trust_keys(data, root)
    return data


def next_trust_keys(
    draft: TrustKeys, *, previous: TrustKeys | None, root: Root, now: datetime, expires_at: datetime
) -> TrustKeys:
    """Return the draft as the version after ``previous``, to be signed; raises ``UnlawfulSuccession``."""
    proposed = replace(
        draft,
        version=previous.version + 1 if previous else 1,
        made_at=whole_seconds(now),
        expires_at=whole_seconds(expires_at),
    )
    require_lawful_keys(previous, proposed, root)
    return proposed


def write_trust_names(
    draft: TrustNames,
    *,
    previous: TrustNames | None,
    root: Root,
    root_signers: Sequence[Signer],
    now: datetime,
) -> bytes:
    """Return the signed file ``trust/names``, version after ``previous``; errors as ``write_trust_keys``."""
    version = previous.version + 1 if previous else 1
    proposed = replace(draft, version=version, made_at=whole_seconds(now))
    require_lawful_names(previous, proposed, root)
    data = _sign(proposed.to_payload(), Kind.TRUST_NAMES, root, root_signers)
    open_trust_names(data, root)
    return data


def sign_payload(payload: bytes, kind: Kind, *, environment: str, signer: Signer) -> Envelope:
    """Return one root key's detached signature over a payload."""
    key_id = signer.key_id
    to_be_signed = cose.to_be_signed(key_id=key_id, payload=payload, environment=environment, kind=kind)
    return Envelope(key_id, None, signer.sign(to_be_signed))


def assemble_file(payload: bytes, signatures: Iterable[Envelope], kind: Kind, *, root: Root) -> bytes:
    """Join signatures into the file, if enough different keys of the root made them.

    Raises ``NotEnoughRoots``, or ``NotSignedByRoot`` if one of them does not hold.
    """
    by_root = {envelope.key_id: envelope for envelope in signatures if envelope.key_id in root.verifiers}
    if len(by_root) < root.threshold:
        raise NotEnoughRoots(len(by_root), root.threshold)
    ordered = tuple(by_root[key_id] for key_id in sorted(by_root))
    data = SignedFile(payload, ordered).to_bytes()
    open_signed_file(data, root, kind)
    return data


def _sign(payload: bytes, kind: Kind, root: Root, signers: Sequence[Signer]) -> bytes:
    signatures = [
        sign_payload(payload, kind, environment=root.environment, signer=signer) for signer in signers
    ]
    return assemble_file(payload, signatures, kind, root=root)
