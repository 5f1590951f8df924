"""The root's own metadata at ceremonies: made at the founding, and again before it expires."""

from collections.abc import Sequence
from datetime import datetime

from keys.distribution.offline import write_root_metadata
from keys.distribution.roles import LASTS, Role
from keys.epochs import new_publication_key
from keys.roots import renew_pinned_root
from keys.signer import Signer
from registry.operator.custody import Custody
from signing.root import Root


def next_root_metadata(custody: Custody, signers: Sequence[Signer], *, now: datetime) -> bytes | None:
    """Return the root metadata that this ceremony has to make, ``None`` if the one there is lasts long enough.

    Whatever else the root keys sign must not outlive it. Without one, the register is just being founded: its first
    publication key is made, and is in the store when this returns.
    """
    chain = custody.home.kept().chain(custody.pinned)
    if not chain:
        first = new_publication_key((), custody.store, custody.identity, now=now)
        return write_root_metadata(custody.pinned, [first.public], signers, now=now)
    newest = chain[-1]
    if newest.metadata.signed.expires > now + LASTS[Role.TARGETS]:
        return None
    root = newest.root
    following = Root(root.environment, root.version + 1, root.threshold, root.keys)
    return write_root_metadata(following, sorted(newest.publication), signers, now=now)


def renew_pinned(custody: Custody) -> bool:
    """Let the file that new verifiers pin be the newest root; return whether it was an older one."""
    newest = custody.root
    if newest.version == custody.pinned.version:
        return False
    renew_pinned_root(custody.settings.root_file, newest)
    custody.forget_pinned()
    return True
