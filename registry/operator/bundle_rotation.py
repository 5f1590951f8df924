"""Other keys in the trust bundle: a new status key, and new custodian keys, each with the root keys at hand.

New keys are made first, then everything that was signed is kept all at once: killed before that, the ceremony is run
again and takes the keys that lie there. What comes out is published by `certreg publish`, not here.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from keys.custodians import CustodianMedium, add_custodian_keys
from keys.epochs import add_status_key
from keys.errors import NotEnoughCustodians
from keys.key_file import KeyKind
from keys.roots import RootMedium
from keys.store import KeyStore
from keys.trust_changes import retire
from registry.operator.custody import Custody
from registry.operator.errors import NotFounded, NotThisCeremony
from registry.operator.offline_files import enough_roots, renew_pinned, signed_keys, signed_names
from signing.cose import Kind
from signing.custody import THRESHOLD
from signing.trust import TrustKeys


def rotate_status(custody: Custody, media: Sequence[RootMedium], *, now: datetime) -> TrustKeys:
    """Let a new key sign the status, from the next publication on, and retire those before it.

    A retired status key still verifies what it signed; one that was stolen has to be distrusted as well.
    """
    signers, previous = enough_roots(custody, media), custody.trust
    draft = add_status_key(previous, custody.store, custody.identity, now=now)
    for key in previous.keys.values():
        if key.kind == Kind.STATUS:
            draft = retire(draft, key.key_id)
    custody.home.keep(signed_keys(custody, draft, previous, signers, now=now))
    renew_pinned(custody)
    return custody.trust


def rotate_custodians(
    custody: Custody,
    media: Sequence[RootMedium],
    new_media: Sequence[CustodianMedium],
    staying_media: Sequence[CustodianMedium],
    *,
    leaving: Collection[bytes],
    now: datetime,
) -> TrustKeys:
    """Let new custodian keys follow those that leave, which are retired; return the new trust bundle.

    Root keys list them. Two of those who are custodians afterwards, on the new and the staying media, sign the names
    anew in the same ceremony, so no moment has names that nobody signed. Raises ``NotEnoughRoots`` or
    ``NotEnoughCustodians`` before any key is made, ``UnknownKey`` for one that is not there.
    """
    previous, names = custody.trust, custody.home.trust_names()
    if _is_rotated(previous, new_media):
        # Run again without ``--leaving``, all are named that are custodians now; those on the new media stay.
        stored = [KeyStore(medium.folder).stored_keys(KeyKind.CUSTODIAN) for medium in new_media]
        came = {key.key_id for keys in stored for key in keys}
        still = sorted((previous.custodians.keys() & set(leaving)) - came)
        if still:
            raise NotThisCeremony(
                still[0], "it can not leave: the new media hold keys that are custodians already"
            )
        renew_pinned(custody)
        return previous
    signers = enough_roots(custody, media)
    if names is None:
        raise NotFounded("names", "make them with `certreg key names`")
    hands = len(new_media) + len(staying_media)
    if hands < THRESHOLD:
        raise NotEnoughCustodians(hands, THRESHOLD)
    for key_id in leaving:
        previous.key(key_id)
    draft = add_custodian_keys(previous, new_media, now=now)
    for key_id in leaving:
        draft = retire(draft, key_id)
    made = signed_keys(custody, draft, previous, signers, now=now)
    custodian_signers = custody.custodian_signers([*staying_media, *new_media])
    renamed = signed_names(names, names, draft, custodian_signers, now=now)
    custody.home.keep(replace(made, names=renamed.names, names_metadata=renamed.names_metadata))
    renew_pinned(custody)
    return custody.trust


def _is_rotated(trust: TrustKeys, media: Sequence[CustodianMedium]) -> bool:
    """Say whether the keys on all these media are custodians already: the ceremony came that far before."""
    stored = [KeyStore(medium.folder).stored_keys(KeyKind.CUSTODIAN) for medium in media]
    return bool(stored) and all(any(key.key_id in trust.custodians for key in keys) for keys in stored)
