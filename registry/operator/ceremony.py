"""Founding the keys, opening epochs, renewing the names: what is done with root or custodian keys at hand.

Each ceremony can be run again after a crash and goes on where it stopped: keys are made first, then published, then
the register is told.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from keys.custodians import CustodianMedium, add_custodian_keys
from keys.distribution.offline import is_half_over
from keys.distribution.roles import Role
from keys.epochs import add_status_key, open_epoch
from keys.roots import RootMedium, create_roots, write_pinned_root
from keys.sealing import Identity
from keys.signer.journal import SignerJournal
from keys.trust_changes import first_draft, open_epochs
from registry.certificate.numbering import open_epoch as tell_register
from registry.certificate.tables import Epoch
from registry.civil_time import civil_date
from registry.directory.overview import names_for_bundle
from registry.installation import Installation
from registry.operator.custody import Custody
from registry.operator.errors import FoundedAlready
from registry.operator.offline_files import enough_roots, renew_pinned, signed_keys, signed_names
from registry.operator.roster_ceremony import renew_roster
from registry.people.permission import Actor
from signing.trust import KeyEntry, TrustKeys, TrustNames

EPOCH_LASTS = timedelta(days=183)
EPOCH_ENTRIES = 50_000
SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Founded:
    """What a founding made: root keys by id, and the first epoch."""

    root_key_ids: tuple[bytes, ...]
    trust: TrustKeys


def found_keys(
    installation: Installation,
    custody: Custody,
    actor: Actor,
    media: Sequence[RootMedium],
    custodian_media: Sequence[CustodianMedium],
    *,
    now: datetime,
) -> Founded:
    """Make roots and custodian keys (one on each medium), pinned root, status key, first epoch, trust bundle, roster.

    Raises ``KeyExists`` if the media or the register have keys already.
    """
    settings = installation.settings
    if not settings.root_file.exists():
        root = create_roots(media, environment=settings.environment, now=now)
        write_pinned_root(settings.root_file, root)
    if not custody.journal_path.exists():
        SignerJournal.create(custody.journal_path).close()
    previous = custody.home.trust_keys()
    if previous is None:
        draft = first_draft(
            settings.environment,
            salt=secrets.token_bytes(SALT_BYTES),
            profiles=installation.profiles.layouts,
            now=now,
        )
        draft = add_custodian_keys(draft, custodian_media, now=now)
        draft = add_status_key(draft, custody.store, custody.identity, now=now)
        draft = open_epoch(
            draft, custody.store, custody.identity, last_on=_last_on(now), now=now, entries=EPOCH_ENTRIES
        )
        _publish(custody, draft, None, media, now=now)
    tell_register_of_epochs(installation, custody, actor, now=now)
    renew_names(installation, custody, custodian_media, now=now)
    renew_roster(installation, custody, custodian_media, now=now)
    return Founded(tuple(custody.root.verifiers), custody.trust)


def require_not_founded(custody: Custody) -> None:
    """Raise ``FoundedAlready`` if the register has its keys: another founding would do nothing."""
    if custody.settings.root_file.exists() and custody.home.names_path.exists():
        raise FoundedAlready(custody.settings.root_file)


def open_next_epoch(
    installation: Installation,
    custody: Custody,
    actor: Actor,
    media: Sequence[RootMedium],
    *,
    now: datetime,
    ahead: bool,
) -> TrustKeys:
    """Add the next epoch to the trust bundle and tell the register. Raises ``EpochStillOpen``."""
    previous = custody.trust
    draft = open_epoch(
        previous,
        custody.store,
        custody.identity,
        last_on=_last_on(now),
        now=now,
        entries=EPOCH_ENTRIES,
        ahead=ahead,
    )
    trust = _publish(custody, draft, previous, media, now=now)
    tell_register_of_epochs(installation, custody, actor, now=now)
    return trust


def renew_names(
    installation: Installation, custody: Custody, media: Sequence[CustodianMedium], *, now: datetime
) -> bool:
    """Sign ``trust/names`` anew if the directory has new names or its metadata is half over; return whether so."""
    settings, previous = installation.settings, custody.home.trust_names()
    code = installation.profiles.issuing.code
    found = installation.sessions.read(lambda session: names_for_bundle(session, code))
    draft = TrustNames(settings.environment, 0, now, found.issuers, found.occupations, found.directions)
    same = previous is not None and (previous.issuers, previous.occupations, previous.directions) == (
        draft.issuers,
        draft.occupations,
        draft.directions,
    )
    if same and not is_half_over(
        custody.home.kept().open(custody.pinned).names_metadata, Role.NAMES, now=now
    ):
        return False
    signers = custody.custodian_signers(media)
    custody.home.keep(signed_names(draft, previous, custody.trust, signers, now=now))
    return True


def tell_register_of_epochs(
    installation: Installation, custody: Custody, actor: Actor, *, now: datetime
) -> None:
    """Enter into the register the open epochs of the trust bundle that it does not know yet."""
    for epoch in open_epochs(custody.trust):

        def enter(session: Session, epoch: KeyEntry = epoch) -> None:
            if session.get(Epoch, epoch.key_id) is None:
                tell_register(
                    session,
                    actor,
                    key_id=epoch.key_id,
                    first_entry=epoch.first_entry,
                    last_entry=epoch.last_entry,
                    last_on=epoch.last_on,
                    now=now,
                )

        installation.sessions.run(enter, idempotent=True)


def create_identity(custody: Custody) -> Identity:
    """Make the identity that seals the unattended keys. Raises ``KeyExists``."""
    return Identity.create(custody.settings.key_identity_file)


def _publish(
    custody: Custody,
    draft: TrustKeys,
    previous: TrustKeys | None,
    media: Sequence[RootMedium],
    *,
    now: datetime,
) -> TrustKeys:
    """Sign the draft and its metadata, at the founding and when it grows old a root, too; keep all together."""
    signers = enough_roots(custody, media)
    custody.home.keep(signed_keys(custody, draft, previous, signers, now=now))
    renew_pinned(custody)
    return custody.trust


def _last_on(now: datetime) -> date:
    return civil_date(now + EPOCH_LASTS)
