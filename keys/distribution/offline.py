"""What root and custodian keys sign at a ceremony: the metadata of the file that they sign in the same breath.

It is kept beside the trust bundle until the next ceremony (``keys.trust_home``) and published as it is: no online
key can make it or change it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from keys.distribution.metadata import names_metadata, root_metadata, targets_metadata
from keys.distribution.review import Opened
from keys.distribution.roles import LASTS, Role
from keys.distribution.signatures import sign
from keys.signer import Signer
from keys.signer.mldsa_signer import MldsaSigner
from signing.root import Root
from signing.trust import TrustKeys, open_trust_keys, open_trust_names


def write_root_metadata(
    root: Root,
    publication: Sequence[bytes],
    signers: Sequence[Signer],
    mldsa_signers: Sequence[MldsaSigner] = (),
    *,
    now: datetime,
) -> bytes:
    """Return ``N.root.json``: the root of this version, and the keys that publish in its name.

    ``signers`` are root keys, at a change of root those of the old root and of the new one; ``mldsa_signers`` the
    ML-DSA-44 keys of their holders (``keys.roots.mldsa_signers``).
    """
    return sign(root_metadata(root, publication, now=now), signers, mldsa_signers)


def write_targets_metadata(
    keys_file: bytes, root: Root, signers: Sequence[Signer], *, now: datetime
) -> bytes:
    """Return ``N.targets.json`` of a signed ``trust/keys``; raises a ``SigningError`` if that does not verify."""
    trust = open_trust_keys(keys_file, root)
    return sign(targets_metadata(trust, keys_file, now=now), signers)


def write_names_metadata(
    names_file: bytes, trust: TrustKeys, signers: Sequence[Signer], *, now: datetime
) -> bytes:
    """Return ``N.names.json`` of a signed ``trust/names``; raises a ``SigningError`` if that does not verify."""
    names = open_trust_names(names_file, trust)
    return sign(names_metadata(names, names_file, now=now), signers)


def is_half_over(opened: Opened | None, role: Role, *, now: datetime) -> bool:
    """Say whether a metadata has used up half of its time, or is not there: whoever has the keys renews it then."""
    return opened is None or opened.metadata.signed.expires - now < LASTS[role] / 2
