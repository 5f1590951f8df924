"""What the overview pages show, read at one snapshot each."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.assessment.tables import Submission
from registry.certificate.lifecycle import Status
from registry.certificate.tables import Certificate, Entry, EntryCounter, Epoch, Series
from registry.journal.tables import Event
from registry.people.tables import Account

NEWEST = 12
LOOKED_BACK = 5000
"""Events among which the newest acts are looked for: one act may leave many, one for each run of entries."""


@dataclass(frozen=True, slots=True)
class ActLine:
    """One act as the journal has it; ``subject`` is ``None`` where it fell on several things at once.

    ``actor`` is ``None`` for what the register did by itself.
    """

    at: datetime
    act: str
    actor: str | None
    count: int
    subject: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts of the whole register."""

    submissions: dict[str, int]
    entries: dict[str, int]
    last_entry: int
    epochs: tuple[Epoch, ...]
    newest_acts: tuple[ActLine, ...]


def overview(session: Session) -> Overview:
    """Return the counts, the epochs and the newest acts."""
    submissions = session.execute(select(Submission.status, func.count()).group_by(Submission.status))
    entries = session.execute(select(Entry.status, func.count()).group_by(Entry.status))
    return Overview(
        submissions=dict(submissions.all()),
        entries=dict(entries.all()),
        last_entry=session.scalar(select(EntryCounter.last)) or 0,
        epochs=tuple(session.scalars(select(Epoch).order_by(Epoch.first_entry))),
        newest_acts=newest_acts(session),
    )


def newest_acts(session: Session) -> tuple[ActLine, ...]:
    """Return the newest acts; events that one act left on many entries are one line."""
    newest = session.scalar(select(func.max(Event.id))) or 0
    # One event covers a run of entries, and any other a single thing.
    things = func.sum(func.coalesce(Event.last_entry - Event.first_entry + 1, 1))
    query = (
        select(Event.at, Event.act, Account.name, things, func.min(Event.subject))
        .outerjoin(Account, Account.id == Event.actor_id)
        .where(Event.id > newest - LOOKED_BACK)
        .group_by(Event.at, Event.act, Account.name)
        .order_by(func.max(Event.id).desc())
        .limit(NEWEST)
    )
    return tuple(
        ActLine(at, act, actor, int(count or 0), _subject(subject) if count == 1 else None)
        for at, act, actor, count, subject in session.execute(query)
    )


def open_series(session: Session) -> list[tuple[Series, int]]:
    """Return the series with the count of their certificates that people hold now."""
    held = (
        select(Certificate.series_key, func.count().label("held"))
        .join(Entry, Entry.certificate_id == Certificate.id)
        .where(Entry.status == Status.RELEASED)
        .group_by(Certificate.series_key)
        .subquery()
    )
    query = select(Series, func.coalesce(held.c.held, 0)).outerjoin(held, held.c.series_key == Series.key)
    return [(series, count) for series, count in session.execute(query.order_by(Series.key))]


def _subject(subject: str) -> tuple[str, str]:
    kind, _, name = subject.partition(":")
    return kind, name
