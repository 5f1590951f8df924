"""Writing the trust bundle: a version, the signatures, and a last look with a verifier's eyes.

Root keys sign ``trust/keys``, custodian keys ``trust/names``. Nothing leaves here that a verifier with the
pinned root would refuse. Keeping the files is ``keys.trust_home``'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from keys.signed_file import sign_by_custodians, sign_by_roots
from keys.signer import Signer
from keys.succession import require_lawful_keys, require_lawful_names
from keys.trust_changes import whole_seconds
from signing.cose import Kind
from signing.root import Root
from signing.trust import TrustKeys, TrustNames, open_trust_keys, open_trust_names


def write_trust_keys(
    draft: TrustKeys,
    *,
    previous: TrustKeys | None,
    root: Root,
    root_signers: Sequence[Signer],
    now: datetime,
    expires_at: datetime,
    before: Root | None = None,
) -> bytes:
    """Return the signed file ``trust/keys`` of the version after ``previous`` (``None``: version 1).

    ``before`` is the root that ``root`` follows, if it does so just now: it signs as well. Version and instants of
    the draft are replaced. Raises ``UnlawfulSuccession`` before any root key is used,
    ``NotEnoughRoots``, or a ``SigningError`` if what came out would not verify.
    """
    proposed = next_trust_keys(draft, previous=previous, root=root, now=now, expires_at=expires_at)
    data = sign_by_roots(
        proposed.to_payload(), Kind.TRUST_KEYS, root=root, signers=root_signers, before=before
    )
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
    trust: TrustKeys,
    custodian_signers: Sequence[Signer],
    now: datetime,
) -> bytes:
    """Return the signed file ``trust/names`` of the version after ``previous`` (``None``: version 1).

    ``trust`` says who is custodian. Version and instant of the draft are replaced. Raises
    ``UnlawfulSuccession`` before any custodian key is used, ``NotEnoughCustodians``, or a ``SigningError``.
    """
    version = previous.version + 1 if previous else 1
    proposed = replace(draft, version=version, made_at=whole_seconds(now))
    require_lawful_names(previous, proposed, environment=trust.environment)
    data = sign_by_custodians(proposed.to_payload(), Kind.TRUST_NAMES, trust=trust, signers=custodian_signers)
    open_trust_names(data, trust)
    return data
