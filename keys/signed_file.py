"""Several people's signatures over one payload (formats.md §6), by root keys or by custodian keys.

They may be at different places: each signs the same payload by ``sign_payload``, and the signatures are joined
afterwards; ``sign_by_roots`` and ``sign_by_custodians`` do both where the signers are at hand. Nothing leaves
here that a verifier would refuse; what the payload says is its writer's to check.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from keys.errors import NotEnoughCustodians, NotEnoughRoots
from keys.signer import Signer
from signing import cose
from signing.cose import Envelope, Kind
from signing.custody import THRESHOLD, open_custodian_file
from signing.root import Root, SignedFile, open_signed_file
from signing.trust import TrustKeys


def sign_by_roots(
    payload: bytes, kind: Kind, *, root: Root, signers: Sequence[Signer], before: Root | None = None
) -> bytes:
    """Return the file with the signatures of these root keys; parameters and errors as ``assemble_root_file``."""
    signatures = _sign(payload, kind, root.environment, signers)
    return assemble_root_file(payload, signatures, kind, root=root, before=before)


def sign_by_custodians(payload: bytes, kind: Kind, *, trust: TrustKeys, signers: Sequence[Signer]) -> bytes:
    """Return the file with the signatures of these custodians; errors as ``assemble_custodian_file``."""
    signatures = _sign(payload, kind, trust.environment, signers)
    return assemble_custodian_file(payload, signatures, kind, trust=trust)


def sign_payload(payload: bytes, kind: Kind, *, environment: str, signer: Signer) -> Envelope:
    """Return one key's detached signature over a payload."""
    key_id = signer.key_id
    to_be_signed = cose.to_be_signed(key_id=key_id, payload=payload, environment=environment, kind=kind)
    return Envelope(key_id, None, signer.sign(to_be_signed))


def assemble_root_file(
    payload: bytes,
    signatures: Iterable[Envelope],
    kind: Kind,
    *,
    root: Root,
    before: Root | None = None,
) -> bytes:
    """Join signatures into the file, if enough different keys of the root made them.

    ``before`` is given at a change of root: enough of its keys must have signed, too, so that whoever does not know
    of the change yet still reads the file. Raises ``NotEnoughRoots``, or ``NotSignedByRoot`` if one of them does not
    hold.
    """
    roots = (root,) if before is None else (root, before)
    chosen = _of(signatures, {key_id for each in roots for key_id in each.verifiers})
    for each in roots:
        signed = [envelope for envelope in chosen if envelope.key_id in each.verifiers]
        if len(signed) < each.threshold:
            raise NotEnoughRoots(len(signed), each.threshold)
    data = SignedFile(payload, chosen).to_bytes()
    for each in roots:
        open_signed_file(data, each, kind)
    return data


def assemble_custodian_file(
    payload: bytes, signatures: Iterable[Envelope], kind: Kind, *, trust: TrustKeys
) -> bytes:
    """Join signatures into the file, if enough different custodians in good standing made them.

    Raises ``NotEnoughCustodians``, or ``NotSignedByCustodians`` if one of them does not hold.
    """
    chosen = _of(signatures, trust.custodians)
    if len(chosen) < THRESHOLD:
        raise NotEnoughCustodians(len(chosen), THRESHOLD)
    data = SignedFile(payload, chosen).to_bytes()
    open_custodian_file(data, trust, kind)
    return data


def _sign(payload: bytes, kind: Kind, environment: str, signers: Sequence[Signer]) -> list[Envelope]:
    return [sign_payload(payload, kind, environment=environment, signer=signer) for signer in signers]


def _of(signatures: Iterable[Envelope], allowed: Collection[bytes]) -> tuple[Envelope, ...]:
    """Return one signature of each key that may sign, in the order of the key ids."""
    chosen = {envelope.key_id: envelope for envelope in signatures if envelope.key_id in allowed}
    return tuple(chosen[key_id] for key_id in sorted(chosen))
