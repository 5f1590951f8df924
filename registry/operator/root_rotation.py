"""A new root in the place of the present one: other root keys, or another online key that publishes in its name.

The present root signs the new one. New keys are made first, then everything that was signed is kept all at once:
killed before that, the ceremony is run again and takes the keys that lie there; killed after it, it is done, and
running it again renews the file that is pinned. What comes out is published by `certreg publish`, not here.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from keys.distribution.offline import write_root_metadata, write_targets_metadata
from keys.distribution.root_chain import RootLink
from keys.epochs import new_publication_key
from keys.errors import NotEnoughRoots
from keys.kept_trust import TrustFiles
from keys.key_file import KeyKind
from keys.roots import RootMedium, mldsa_signers, next_root, open_root
from keys.store import KeyStore
from keys.trust_bundle import write_trust_keys
from registry.operator.custody import Custody
from registry.operator.errors import NotThisCeremony
from registry.operator.offline_files import TRUST_LASTS, enough_roots, following, newest_link, renew_pinned
from signing.root import Root


def rotate_root(
    custody: Custody,
    media: Sequence[RootMedium],
    new_media: Sequence[RootMedium],
    *,
    leaving: Collection[bytes],
    now: datetime,
) -> Root:
    """Let new root keys take the place of those that leave; return the new root.

    ``media`` are of present root keys, enough to sign; ``leaving`` are key ids. The new root and the trust bundle are
    signed by the old keys and by the new ones, so whoever knows either follows. Those who stay and have no ML-DSA-44
    key get one on their medium, if it is among ``media``; without new media that is all that is done, and all present
    media are needed. Raises ``NotEnoughRoots`` before any key is made, and as ``keys.roots.next_root``.
    """
    if _is_done(custody.root, new_media, leaving):
        renew_pinned(custody)
        return custody.root
    # 1. Do enough of the present root keys agree?
    newest, trust = newest_link(custody), custody.trust
    signers = enough_roots(custody, media)
    mldsa_signers(signers, newest.root)
    if not new_media and len(signers) < len(newest.root.keys):
        raise NotEnoughRoots(len(signers), len(newest.root.keys))
    # 2. The new keys: on their media when this is done, and named nowhere yet.
    after = next_root(newest.root, new_media, leaving=leaving, staying=media, now=now)
    signers += [open_root(medium) for medium in new_media]
    # 3. The new root, and what root keys answer for, signed by both.
    second = mldsa_signers(signers, newest.root, after)
    root_file = write_root_metadata(after, sorted(newest.publication), signers, second, now=now)
    data = write_trust_keys(
        trust,
        previous=trust,
        root=after,
        before=newest.root,
        root_signers=signers,
        now=now,
        expires_at=now + TRUST_LASTS,
    )
    targets = write_targets_metadata(data, after, signers, now=now)
    # 4. From here on all of it counts.
    custody.home.keep(TrustFiles(root=root_file, keys=data, targets=targets))
    # 5. Who pins anew pins the new root; who pinned an older one follows the chain.
    renew_pinned(custody)
    return custody.root


def rotate_publication(custody: Custody, media: Sequence[RootMedium], *, now: datetime) -> RootLink:
    """Let a new online key publish in the root's name, from the next publication on; return the new root.

    The key before it signs that one publication as well, for those who do not know of the change yet.
    """
    newest = newest_link(custody)
    if _is_publication_unfinished(custody, newest):
        renew_pinned(custody)
        return newest
    signers = enough_roots(custody, media)
    second = mldsa_signers(signers, newest.root)
    known = {public for link in _every_root(custody) for public in link.publication}
    made = new_publication_key(known, custody.store, custody.identity, now=now)
    root_file = write_root_metadata(following(newest.root), [made.public], signers, second, now=now)
    custody.home.keep(TrustFiles(root=root_file))
    renew_pinned(custody)
    return newest_link(custody)


def _is_done(root: Root, new_media: Sequence[RootMedium], leaving: Collection[bytes]) -> bool:
    """Say whether the present root is the one that is asked for: the ceremony came that far before.

    Raises ``NotThisCeremony`` if a key is to leave that is none of those that left.
    """
    if not new_media:
        return root.mldsa is not None
    if not _is_rotated(root, new_media):
        return False
    # Run again without ``--leaving``, all of the new root's keys are named; those on the new media stay.
    came = {key.key_id for medium in new_media for key in KeyStore(medium.folder).stored_keys(KeyKind.ROOT)}
    still = sorted((root.verifiers.keys() & set(leaving)) - came)
    if still:
        raise NotThisCeremony(
            still[0], "it can not leave: the new media hold keys that are the root's already"
        )
    return True


def _is_rotated(root: Root, media: Sequence[RootMedium]) -> bool:
    """Say whether the keys on all these media are the present root's: the ceremony came that far before."""
    stored = [KeyStore(medium.folder).stored_keys(KeyKind.ROOT) for medium in media]
    return bool(stored) and all(any(key.public in root.keys for key in keys) for keys in stored)


def _is_publication_unfinished(custody: Custody, newest: RootLink) -> bool:
    """Say whether a change of the publication key was kept and the pinned file not renewed."""
    before = [link for link in _every_root(custody) if link.root.version == custody.pinned.version]
    behind = custody.pinned.version < newest.root.version
    return behind and bool(before) and before[0].publication != newest.publication


def _every_root(custody: Custody) -> tuple[RootLink, ...]:
    return custody.home.kept().every_root(custody.settings.environment)
