"""The day a key is stolen: what its distrust would do, and doing it.

Distrust is final. From the new trust bundle on, the key proves nothing but the tokens of its honest list. So before
root keys sign it, every token that people hold is proved (``keys.honest_list``), what was on its way is taken off the
key (``registry.certificate.abandonment``), and the next key stands ready in the same trust bundle.

The order is the safety. First the register closes the epoch, so that nothing more is numbered for the key, and voids
what was not released; only then is the list made, which can not change any more.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from keys.crash_points import reach
from keys.epochs import add_status_key
from keys.honest_list import HonestList, build_honest_list, journalled
from keys.trust_changes import distrust, open_epochs
from registry.certificate.abandonment import Abandonment, abandon, plan_abandonment
from registry.certificate.alarm import TokensOfKey, tokens_of_key
from registry.certificate.ceremonies import CeremonyKind
from registry.certificate.epochs import EpochUse, close_epoch, epoch_use
from registry.installation import Installation
from registry.operator.ceremony import with_next_epoch
from registry.operator.custody import Custody
from registry.operator.errors import AlarmAhead, NotThisCeremony
from registry.operator.intent import Intent
from registry.operator.retirement import Ended, narrowed_end
from registry.operator.sitting import Sitting
from signing.cose import Kind
from signing.trust import TrustKeys


@dataclass(frozen=True, slots=True)
class Survey:
    """What the distrust of an issuing key would do now.

    ``honest`` are proved tokens, and why others are not; ``late`` are entries that were released after the alarm and
    that nobody vouches for: verifiers will refuse them. ``opens_next`` says that a new key takes over.
    """

    use: EpochUse
    honest: HonestList
    late: tuple[int, ...]
    abandonment: Abandonment
    opens_next: bool


def survey(
    installation: Installation, custody: Custody, key_id: bytes, *, alarm: datetime, vouched: Sequence[int]
) -> Survey:
    """Return what the distrust of an issuing key would do; changes nothing.

    Proves every token of the key: some ten seconds for 50,000. Raises ``UnknownKey``, ``UnknownEpoch``, or
    ``JournalUnavailable`` if the signer's journal can not be asked: nothing could be proved then.
    """
    trust = custody.trust
    trust.key(key_id)
    found, honest = _proved(installation, custody, trust, key_id, alarm=alarm, vouched=vouched)

    def look(session: Session) -> tuple[EpochUse, Abandonment]:
        return epoch_use(session, key_id), plan_abandonment(session, key_id, honest=honest.digests)

    use, abandonment = installation.sessions.read(look)
    remaining = [epoch for epoch in open_epochs(trust) if epoch.key_id != key_id]
    return Survey(use, honest, found.late, abandonment, opens_next=not remaining)


def distrust_issuing_key(sitting: Sitting, intent: Intent) -> Ended:
    """Distrust an issuing key for ever, by what the intent says; run again after a crash, it goes on.

    Raises ``OtherCeremony``, what ``survey`` raises, and what signing the trust bundle and publishing raise.
    """
    custody, key_id = sitting.custody, intent.key_id
    begun = sitting.begin(intent)
    alarm = begun.alarm or begun.begun_at
    trust = custody.trust
    if key_id not in trust.tombstones:
        used = _take_off(sitting, key_id, alarm=alarm, vouched=begun.vouched)
        reach("ceremony.register")
        _, honest = _proved(sitting.installation, custody, trust, key_id, alarm=alarm, vouched=begun.vouched)
        draft = distrust(
            trust,
            key_id,
            at=sitting.now,
            honest=honest.digests.values(),
            last_entry=narrowed_end(trust.key(key_id), trust, used),
        )
        if not open_epochs(draft):
            draft = with_next_epoch(custody, draft, now=sitting.now)
        sitting.keep(draft)
    kept = len(custody.trust.honest[key_id])
    status = sitting.finish(begun, [key_id], alarm=alarm.isoformat(), honest=kept)
    return Ended(custody.trust, status)


def distrust_status_key(sitting: Sitting, intent: Intent) -> Ended:
    """Distrust a status key for ever: another one is made first, if none is left, in the same trust bundle.

    Every status that the key signed stops verifying; the one published at the end is by another key.
    """
    custody, key_id = sitting.custody, intent.key_id
    begun = sitting.begin(intent)
    trust = custody.trust
    if key_id not in trust.tombstones:
        draft = distrust(trust, key_id, at=sitting.now, honest=())
        if not [other for other in custody.usable_status_keys() if other != key_id]:
            draft = add_status_key(draft, custody.store, custody.identity, now=sitting.now)
        sitting.keep(draft)
    status = sitting.finish(begun, [key_id, *custody.usable_status_keys()[-1:]])
    return Ended(custody.trust, status)


def intent_of(
    custody: Custody, key_id: bytes, *, alarm: datetime | None, vouched: Sequence[int], now: datetime
) -> Intent:
    """Return what is to be done, or what an unfinished run of it was to do.

    Raises ``AlarmAhead``, ``UnknownKey``, ``OtherCeremony``, or ``NotThisCeremony`` for a key that this is not for, was
    distrusted before, or comes without an alarm.
    """
    key = custody.trust.key(key_id)
    if key.kind not in (Kind.CERTIFICATE, Kind.STATUS):
        raise NotThisCeremony(key_id, f"keys of kind {key.kind} are not distrusted by this command")
    asked = Intent(CeremonyKind.DISTRUST, key_id, now, alarm=alarm, vouched=tuple(sorted(set(vouched))))
    current = custody.intents.current()
    if current is not None:
        custody.intents.require_goes_on(asked)
        return current
    if key_id in custody.trust.tombstones:
        raise NotThisCeremony(key_id, "it is distrusted already, which is final")
    if alarm is None and key.kind == Kind.CERTIFICATE:
        raise NotThisCeremony(key_id, "say with --alarm since when it may have been in other hands")
    if alarm is not None and alarm > now:
        raise AlarmAhead(alarm)
    return replace(asked, alarm=alarm or now)


def _take_off(sitting: Sitting, key_id: bytes, *, alarm: datetime, vouched: Sequence[int]) -> EpochUse:
    """Close the epoch and void what was not released, in one transaction; return how far the block was used."""
    # No correction on its way is kept whose token would not be in the honest list.
    plan = sitting.installation.sessions.read(lambda session: plan_abandonment(session, key_id, honest=()))
    trust, custody = sitting.custody.trust, sitting.custody
    _, honest = _proved(
        sitting.installation, custody, trust, key_id, alarm=alarm, vouched=vouched, among=plan.lost
    )

    def act(session: Session) -> EpochUse:
        abandon(session, sitting.actor, key_id, honest=honest.digests, now=sitting.now)
        used = close_epoch(session, sitting.actor, key_id, now=sitting.now)
        reach("ceremony.before_commit")
        return used

    return sitting.installation.sessions.run(act, idempotent=True)


def _proved(
    installation: Installation,
    custody: Custody,
    trust: TrustKeys,
    key_id: bytes,
    *,
    alarm: datetime,
    vouched: Sequence[int],
    among: Collection[int] | None = None,
) -> tuple[TokensOfKey, HonestList]:
    """Return the tokens that are asked for, and the honest list of those of them that are proved.

    ``among`` are the entries that matter, ``None`` for all.
    """
    found = installation.sessions.read(
        lambda session: tokens_of_key(session, key_id, alarm=alarm, vouched=frozenset(vouched))
    )
    recorded = journalled(custody.journal.entries(), key_id)
    claimed = [one for one in found.honest if among is None or one.entry in among]
    return found, build_honest_list(claimed, recorded, trust)
