"""Founding the keys, opening epochs, renewing the names: what is done with root or custodian keys at hand.

Each ceremony can be run again after a crash and goes on where it stopped: keys are made first, then published, then
the register is told.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from keys.crash_points import around, reach
from keys.custodians import CustodianMedium, add_custodian_keys
from keys.distribution.offline import is_half_over
from keys.distribution.roles import Role
from keys.epochs import add_status_key, open_epoch
from keys.roots import RootMedium, create_roots, write_pinned_root
from keys.sealing import Identity
from keys.signer.journal import SignerJournal
from keys.trust_changes import first_draft, open_epochs
from registry.certificate.ceremonies import CeremonyKind, CeremonyRecord, TrustFile, record_ceremony, recorded
from registry.certificate.numbering import enter_epoch
from registry.certificate.tables import Epoch
from registry.civil_time import civil_date
from registry.directory.overview import names_for_bundle
from registry.installation import Installation
from registry.journal.currency import require_up_to_date, require_up_to_date_before
from registry.operator.custody import Custody
from registry.operator.errors import FoundedAlready
from registry.operator.log_founding import OWN_WITNESS, Witnesses, add_log
from registry.operator.offline_files import enough_roots, newest_link, renew_pinned, signed_keys, signed_names
from registry.operator.roster_ceremony import renew_roster
from registry.people.permission import Actor
from signing.trust import KeyEntry, TrustKeys, TrustNames

EPOCH_LASTS = timedelta(days=183)
EPOCH_ENTRIES = 50_000
SALT_BYTES = 16

# What follows from a key that is distrusted, or was left unfinished, an outdated register must learn too.
FOR_UP_TO_DATE = frozenset({CeremonyKind.FOUND, CeremonyKind.OPEN_EPOCH, CeremonyKind.CLOSE_EPOCH})


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
    witnesses: Witnesses = OWN_WITNESS,
    now: datetime,
) -> Founded:
    """Make roots and custodian keys (one on each medium), pinned root, status key, first epoch, log, bundle, roster.

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
        draft = with_next_epoch(custody, draft, now=now)
        draft = add_log(custody, draft, witnesses, now=now)
        keep_trust(custody, draft, None, media, now=now)
    settle_register(installation, custody, actor, CeremonyKind.FOUND, custody.trust.keys, now=now)
    renew_names(installation, custody, custodian_media, now=now)
    renew_roster(installation, custody, custodian_media, now=now)
    record_roster(installation, custody, actor, now=now)
    record_names(installation, custody, actor, now=now)
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
    """Add the next epoch to the trust bundle and tell the register.

    Raises ``EpochStillOpen``, ``OtherCeremony`` or ``RegisterOutdated``. If an earlier run was killed after the trust
    bundle had it, the register is told of that one, and no other is made.
    """
    require_up_to_date_before(installation.sessions)
    custody.intents.require_none()
    previous = custody.trust
    if installation.sessions.read(lambda session: unknown_epochs(session, previous)):
        settle_register(installation, custody, actor, CeremonyKind.OPEN_EPOCH, (), now=now)
        return previous
    record_unfinished(installation, custody, actor, now=now)
    draft = with_next_epoch(custody, previous, now=now, ahead=ahead)
    reach("ceremony.key_made")
    with around("ceremony.trust"):
        trust = keep_trust(custody, draft, previous, media, now=now)
    settle_register(installation, custody, actor, CeremonyKind.OPEN_EPOCH, (), now=now)
    reach("ceremony.recorded")
    return trust


def with_next_epoch(custody: Custody, trust: TrustKeys, *, now: datetime, ahead: bool = False) -> TrustKeys:
    """Return a draft with the next epoch, whose key is in the store by then. Raises ``EpochStillOpen``."""
    return open_epoch(
        trust,
        custody.store,
        custody.identity,
        last_on=_last_on(now),
        now=now,
        entries=EPOCH_ENTRIES,
        ahead=ahead,
    )


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
    trust = custody.trust
    installation.sessions.run(lambda session: _enter(session, actor, trust, now=now), idempotent=True)


def settle_register(
    installation: Installation,
    custody: Custody,
    actor: Actor,
    kind: CeremonyKind,
    keys: Iterable[bytes],
    *,
    now: datetime,
    **more: object,
) -> None:
    """Let the register know the present trust bundle, in one transaction: its new epochs, and the ceremony's record.

    ``keys`` are those that the ceremony was about, beside the new epochs'; each version is recorded once.
    """
    trust, data = custody.trust, custody.home.keys_path.read_bytes()

    def act(session: Session) -> None:
        if kind in FOR_UP_TO_DATE:
            require_up_to_date(session)
        entered = _enter(session, actor, trust, now=now)
        made = CeremonyRecord.of(kind, TrustFile.KEYS, trust.version, data, sorted({*keys, *entered}))
        record_ceremony(session, actor, made, now=now, **more)

    installation.sessions.run(act, idempotent=True)


def record_unfinished(installation: Installation, custody: Custody, actor: Actor, *, now: datetime) -> None:
    """Record the present trust bundle if no ceremony did: the one that made it was killed, and is followed by another.

    A register that no ceremony founded has no records, and gets none.
    """
    version = custody.trust.version
    told = installation.sessions.read(recorded)
    if told and not any((each["file"], each["version"]) == (TrustFile.KEYS, version) for each in told):
        settle_register(installation, custody, actor, CeremonyKind.RESUMED, (), now=now)


def unknown_epochs(session: Session, trust: TrustKeys) -> list[KeyEntry]:
    """Return the open epochs of the trust bundle that the register was not told of."""
    return [epoch for epoch in open_epochs(trust) if session.get(Epoch, epoch.key_id) is None]


def _enter(session: Session, actor: Actor, trust: TrustKeys, *, now: datetime) -> list[bytes]:
    entered = unknown_epochs(session, trust)
    for epoch in entered:
        enter_epoch(
            session,
            actor,
            key_id=epoch.key_id,
            first_entry=epoch.first_entry,
            last_entry=epoch.last_entry,
            last_on=epoch.last_on,
            now=now,
        )
    return [epoch.key_id for epoch in entered]


def record_root(
    installation: Installation,
    custody: Custody,
    actor: Actor,
    kind: CeremonyKind,
    keys: Iterable[bytes],
    *,
    now: datetime,
) -> None:
    """Record the newest root in the journal, once for each version; ``keys`` are those that the ceremony was about."""
    link = newest_link(custody)
    made = CeremonyRecord.of(kind, TrustFile.ROOT, link.root.version, link.data, sorted(keys))
    installation.sessions.run(lambda session: record_ceremony(session, actor, made, now=now), idempotent=True)


def record_names(installation: Installation, custody: Custody, actor: Actor, *, now: datetime) -> None:
    """Record the present ``trust/names`` in the journal; once for each version."""
    names = custody.home.trust_names()
    if names is None:
        return
    data = custody.home.names_path.read_bytes()
    made = CeremonyRecord.of(CeremonyKind.NAMES, TrustFile.NAMES, names.version, data, ())
    installation.sessions.run(lambda session: record_ceremony(session, actor, made, now=now), idempotent=True)


def record_roster(installation: Installation, custody: Custody, actor: Actor, *, now: datetime) -> None:
    """Record the signer's present roster, once for each version: a copy that is put back is found by its record."""
    roster = custody.signed_roster()
    if roster is None:
        return
    data = custody.roster_home.path.read_bytes()
    made = CeremonyRecord.of(CeremonyKind.ROSTER, TrustFile.ROSTER, roster.version, data, ())
    installation.sessions.run(lambda session: record_ceremony(session, actor, made, now=now), idempotent=True)


def create_identity(custody: Custody) -> Identity:
    """Make the identity that seals the unattended keys. Raises ``KeyExists``."""
    return Identity.create(custody.settings.key_identity_file)


def keep_trust(
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
