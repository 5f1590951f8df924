"""The lawful end of a key: closing an epoch, replacing a status key. What such a key signed stays good for ever."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from keys.crash_points import reach
from keys.epochs import add_status_key
from keys.trust_changes import last_block_end, open_epochs, retire
from registry.certificate.ceremonies import CeremonyKind
from registry.certificate.epochs import EpochUse, close_epoch
from registry.journal.currency import require_up_to_date, require_up_to_date_before
from registry.operator.ceremony import with_next_epoch
from registry.operator.custody import Custody
from registry.operator.errors import NotThisCeremony, OnlyStatusKey
from registry.operator.intent import Intent
from registry.operator.sitting import Sitting
from signing.cose import Kind
from signing.status import Status
from signing.trust import KeyEntry, TrustKeys


@dataclass(frozen=True, slots=True)
class Ended:
    """What a ceremony came to: the trust bundle that is public now, and the status published with it."""

    trust: TrustKeys
    status: Status


def close(sitting: Sitting, key_id: bytes, *, then_next: bool) -> Ended:
    """Close the epoch of a key: its block ends with what was given, and the key signs nothing more.

    ``then_next`` opens the next epoch in the same trust bundle, if none is open behind it. Run again after a crash, it
    goes on. Raises ``NotThisCeremony``, ``OtherCeremony``, ``UnknownEpoch``, ``EpochUnfinished``, ``RegisterOutdated``
    (it would end the block too early), and what signing the trust bundle and publishing raise.
    """
    installation, custody, now = sitting.installation, sitting.custody, sitting.now
    require_certificate_key(custody.trust, key_id)
    require_up_to_date_before(installation.sessions)
    begun = sitting.begin(Intent(CeremonyKind.CLOSE_EPOCH, key_id, now, then_next=then_next))

    def act(session: Session) -> EpochUse:
        require_up_to_date(session)
        used = close_epoch(session, sitting.actor, key_id, now=now)
        reach("ceremony.before_commit")
        return used

    used = installation.sessions.run(act, idempotent=True)
    reach("ceremony.register")
    trust = custody.trust
    if not trust.keys[key_id].retired:
        draft = retire(trust, key_id, last_entry=narrowed_end(trust.key(key_id), trust, used))
        if begun.then_next and not open_epochs(draft):
            draft = with_next_epoch(custody, draft, now=now)
        sitting.keep(draft)
    status = sitting.finish(begun, [key_id], last_given=used.last_given)
    return Ended(custody.trust, status)


def replace_status_key(sitting: Sitting, key_id: bytes, *, then_next: bool) -> Ended:
    """Retire a status key: it signs no status any more, and those that it signed still verify.

    ``then_next`` makes a new status key in the same trust bundle. Raises ``OnlyStatusKey`` if no other is left
    otherwise, ``NotThisCeremony``, and what ``close`` raises.
    """
    custody, now = sitting.custody, sitting.now
    trust = custody.trust
    require_status_key(trust, key_id)
    if not then_next and custody.intents.current() is None:
        require_another_status_key(custody, key_id)
    begun = sitting.begin(Intent(CeremonyKind.RETIRE, key_id, now, then_next=then_next))
    if not trust.keys[key_id].retired:
        draft = retire(trust, key_id)
        if begun.then_next:
            draft = add_status_key(draft, custody.store, custody.identity, now=now)
        sitting.keep(draft)
    successor = custody.usable_status_keys()[-1:] if begun.then_next else []
    return Ended(custody.trust, sitting.finish(begun, [key_id, *successor]))


def narrowed_end(key: KeyEntry, trust: TrustKeys, used: EpochUse) -> int | None:
    """Return where a block is to end that was used so far; ``None`` if it has to stay, because another lies behind it.

    A block can not be emptied: of one that was never used, the first entry stays, and numbering passes it over.
    """
    if key.last_entry != last_block_end(trust):
        return None
    return min(max(used.last_given, key.first_entry), key.last_entry)


def require_certificate_key(trust: TrustKeys, key_id: bytes) -> None:
    """Raise ``NotThisCeremony`` unless this is an issuing key in good standing."""
    key = trust.key(key_id)
    if key.kind != Kind.CERTIFICATE:
        raise NotThisCeremony(key_id, f"it is a {key.kind} key and has no epoch")
    if key_id in trust.tombstones:
        raise NotThisCeremony(key_id, "it is distrusted, and its epoch closed with that")


def require_status_key(trust: TrustKeys, key_id: bytes) -> None:
    """Raise ``NotThisCeremony`` unless this is a status key in good standing."""
    key = trust.key(key_id)
    if key.kind == Kind.CERTIFICATE:
        raise NotThisCeremony(key_id, "an issuing key retires when its epoch closes: certreg key close-epoch")
    if key.kind != Kind.STATUS:
        raise NotThisCeremony(key_id, f"keys of kind {key.kind} are not retired by this command")
    if key_id in trust.tombstones:
        raise NotThisCeremony(key_id, "it is distrusted, which is more than retired")


def require_another_status_key(custody: Custody, key_id: bytes) -> None:
    """Raise ``OnlyStatusKey`` unless another key could sign the status."""
    if not [other for other in custody.usable_status_keys() if other != key_id]:
        raise OnlyStatusKey(key_id)
