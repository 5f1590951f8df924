"""What root and custodian keys sign at a ceremony, as the files that are kept together until the next one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from keys.distribution.offline import write_names_metadata, write_root_metadata, write_targets_metadata
from keys.distribution.roles import LASTS, Role
from keys.distribution.root_chain import RootLink
from keys.epochs import new_publication_key
from keys.errors import NotEnoughRoots
from keys.kept_trust import TrustFiles
from keys.roots import RootMedium, RootSigner, mldsa_signers, renew_pinned_root
from keys.signer.file_signer import FileSigner
from keys.trust_bundle import write_trust_keys, write_trust_names
from registry.operator.custody import Custody
from registry.operator.errors import NotFounded
from signing.root import Root
from signing.trust import TrustKeys, TrustNames

TRUST_LASTS = timedelta(days=365)


def enough_roots(custody: Custody, media: Sequence[RootMedium]) -> list[RootSigner]:
    """Open the root keys on these media; ``NotEnoughRoots`` unless enough of them are the present root's."""
    root = custody.root
    # By key id: two copies of one medium are one key.
    opened = {signer.key_id: signer for signer in custody.root_signers(media)}
    signers = [signer for key_id, signer in opened.items() if key_id in root.verifiers]
    if len(signers) < root.threshold:
        raise NotEnoughRoots(len(signers), root.threshold)
    return signers


def signed_keys(
    custody: Custody,
    draft: TrustKeys,
    previous: TrustKeys | None,
    signers: Sequence[RootSigner],
    *,
    now: datetime,
) -> TrustFiles:
    """Return the draft as ``trust/keys`` with its metadata, and a root where one has to be made."""
    root = custody.root
    data = write_trust_keys(
        draft, previous=previous, root=root, root_signers=signers, now=now, expires_at=now + TRUST_LASTS
    )
    targets = write_targets_metadata(data, root, signers, now=now)
    return TrustFiles(root=_root_file(custody, signers, now=now), keys=data, targets=targets)


def signed_names(
    draft: TrustNames,
    previous: TrustNames | None,
    trust: TrustKeys,
    signers: Sequence[FileSigner],
    *,
    now: datetime,
) -> TrustFiles:
    """Return the draft as ``trust/names`` with its metadata; ``trust`` says who is custodian."""
    data = write_trust_names(draft, previous=previous, trust=trust, custodian_signers=signers, now=now)
    return TrustFiles(names=data, names_metadata=write_names_metadata(data, trust, signers, now=now))


def newest_link(custody: Custody) -> RootLink:
    """Return the newest root with its online keys. Raises ``NotFounded``."""
    chain = custody.home.kept().chain(custody.pinned)
    if not chain:
        raise NotFounded("root metadata", "make it with `certreg key found`")
    return chain[-1]


def renew_pinned(custody: Custody) -> None:
    """Let the file that new verifiers pin be the newest root, as the last step of a ceremony that made one."""
    newest = custody.root
    if newest.version != custody.pinned.version:
        renew_pinned_root(custody.settings.root_file, newest)
        custody.forget_pinned()


def _root_file(custody: Custody, signers: Sequence[RootSigner], *, now: datetime) -> bytes | None:
    """Return the root metadata that this ceremony has to make, ``None`` if the one that is there lasts long enough.

    Whatever else the root keys sign must not outlive it. Without one, the register is just being founded: its first
    publication key is made, and is in the store when this returns.
    """
    chain = custody.home.kept().chain(custody.pinned)
    if not chain:
        second = mldsa_signers(signers, custody.pinned)
        first = new_publication_key((), custody.store, custody.identity, now=now)
        return write_root_metadata(custody.pinned, [first.public], signers, second, now=now)
    newest = chain[-1]
    if newest.metadata.signed.expires > now + LASTS[Role.TARGETS]:
        return None
    second = mldsa_signers(signers, newest.root)
    return write_root_metadata(following(newest.root), sorted(newest.publication), signers, second, now=now)


def following(root: Root) -> Root:
    """Return the next version of a root with the same keys."""
    return replace(root, version=root.version + 1)
