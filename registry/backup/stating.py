"""An operator states the highest numbers, where neither the signer's journal nor the public files tell them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.backup.errors import NothingHeld
from registry.backup.outside import Outside
from registry.backup.public_word import ACT
from registry.backup.raising import Raised, raise_numbers
from registry.certificate.numbering import COUNTER_ID
from registry.certificate.tables import EntryCounter
from registry.directory.profiles import Profiles
from registry.journal.record import record
from registry.journal.tables import Event
from registry.people.permission import Actor

# Where no restore says when its backup was made.
LONG_AGO = timedelta(days=31)


def state_highest(
    session: Session, actor: Actor, outside: Outside, profiles: Profiles, *, environment: str, now: datetime
) -> Raised:
    """Raise the register to what is stated (``outside.stated``) and whatever else is known; numbering goes on then.

    An act for ``Sessions.run``. Raises ``NothingHeld`` unless numbering is held, and what ``raise_numbers`` raises.
    """
    counter = session.get(EntryCounter, COUNTER_ID, with_for_update=True)
    if counter is None or counter.held_because is None:
        raise NothingHeld
    stated: dict[str, Any] = {"entry": outside.stated.entry, "serials": dict(outside.stated.serials)}
    record(session, "state_highest", "register", at=now, by=actor.account_id, **stated)
    return raise_numbers(
        session,
        actor,
        outside,
        profiles,
        environment=environment,
        since=_last_backup(session) or now - LONG_AGO,
        word=None,
        now=now,
    )


def _last_backup(session: Session) -> datetime | None:
    """Return when the backup was made that the register was last restored from."""
    query = select(Event.details).where(Event.subject == "register", Event.act == ACT)
    details = session.scalar(query.order_by(Event.id.desc()).limit(1))
    return details and datetime.fromisoformat(details["made_at"])
