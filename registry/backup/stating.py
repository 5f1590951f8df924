"""An operator states the highest numbers, where neither the signer's journal nor the public files tell them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.backup.errors import NothingHeld
from registry.backup.outside import Outside
from registry.backup.public_word import ACT, Age, PublicWord
from registry.backup.raising import Raised, raise_numbers
from registry.certificate.lifecycle import Action
from registry.certificate.numbering import COUNTER_ID
from registry.certificate.tables import EntryCounter
from registry.directory.profiles import Profiles
from registry.journal.record import record
from registry.journal.tables import Event
from registry.log.lost_word import LostWord
from registry.people.permission import Actor
from signing.status import Status as PublicStatus

# Where no restore says when its backup was made.
LONG_AGO = timedelta(days=31)


def state_highest(
    session: Session, actor: Actor, outside: Outside, profiles: Profiles, *, environment: str, now: datetime
) -> Raised:
    """Raise the register to what is stated (``outside.stated``) and whatever else is known; numbering goes on then.

    A status that is newer than the restore is followed by the entries of the register, as a restore does it. An act
    for ``Sessions.run``. Raises ``NothingHeld`` unless numbering is held, and what ``raise_numbers`` raises.
    """
    counter = session.get(EntryCounter, COUNTER_ID, with_for_update=True)
    if counter is None or counter.held_because is None:
        raise NothingHeld
    stated: dict[str, Any] = {"entry": outside.stated.entry, "serials": dict(outside.stated.serials)}
    record(session, "state_highest", "register", at=now, by=actor.account_id, **stated)
    since = _last_backup(session) or now - LONG_AGO
    return raise_numbers(
        session,
        actor,
        outside,
        profiles,
        environment=environment,
        since=since,
        word=_word(session, outside.status, since) if outside.status else None,
        # The entries there are followed lost leaves when these were readmitted.
        log=LostWord.kept(session).above(counter.last),
        now=now,
    )


def _word(session: Session, status: PublicStatus, since: datetime) -> PublicWord:
    """Return the word of a status on this register: it may be younger than the backup, and older than an act here."""
    if status.made_at <= since:
        return PublicWord(status, Age.OLDER)
    acts = select(func.max(Event.at)).where(Event.act.in_((Action.SUSPEND, Action.REINSTATE)))
    last_act = session.scalar(acts)
    # A suspension that the status does not know yet is not lifted by it; in doubt, suspended.
    newer = last_act is None or last_act < status.made_at
    return PublicWord(status, Age.NEWER if newer else Age.BESIDE)


def _last_backup(session: Session) -> datetime | None:
    """Return when the backup was made that the register was last restored from."""
    query = select(Event.details).where(Event.subject == "register", Event.act == ACT)
    details = session.scalar(query.order_by(Event.id.desc()).limit(1))
    return details and datetime.fromisoformat(details["made_at"])
