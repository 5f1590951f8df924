"""How many rows of a submission have come how far: counts alone, each holding the ones after it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.assessment.tables import Result
from registry.certificate.lifecycle import WAS_RELEASED, Action, Status
from registry.certificate.tables import Entry
from registry.journal.tables import Event, LogHead
from registry.review.tables import SignedDecision


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts of rows; failed ones are among those that are reviewed, and get no number.

    ``reviewed`` are the rows that the newest decision confirmed; ``logged`` those whose leaf the witnesses of the
    public log have signed, or that are released; ``void`` are numbers that will not become certificates.
    """

    rows: int
    id_checked: int
    reviewed: int
    returned: int
    numbered: int
    signed: int
    logged: int
    released: int
    void: int


def progress_of(session: Session, submission_id: UUID) -> Progress:
    """Return the counts of a submission, in four queries however many rows it has."""
    rows, checked, returned = session.execute(
        select(func.count(), func.count(Result.id_check), func.count(Result.returned_at_step)).where(
            Result.submission_id == submission_id
        )
    ).one()
    newest = select(SignedDecision.rows).where(SignedDecision.submission_id == submission_id)
    reviewed = session.scalar(newest.order_by(SignedDecision.rows, SignedDecision.decided_at.desc()).limit(1))
    by_status = dict(
        session.execute(
            select(Entry.status, func.count())
            .join(Result, Result.id == Entry.result_id)
            .where(Result.submission_id == submission_id)
            .group_by(Entry.status)
        ).all()
    )
    released = sum(by_status.get(status, 0) for status in WAS_RELEASED)
    return Progress(
        rows=rows,
        id_checked=checked,
        reviewed=reviewed or 0,
        returned=returned,
        numbered=sum(by_status.values()),
        signed=released + by_status.get(Status.SIGNED, 0),
        logged=released + _logged(session, submission_id),
        released=released,
        void=by_status.get(Status.VOID, 0),
    )


def _logged(session: Session, submission_id: UUID) -> int:
    """Count the signed entries whose leaf is cosigned: those that only wait for their release."""
    leaf = (
        select(Event.leaf + Entry.entry - Event.first_entry)
        .where(Event.act == Action.SIGN, Event.first_entry <= Entry.entry)
        .order_by(Event.first_entry.desc())
        .limit(1)
        .scalar_subquery()
    )
    cosigned = select(LogHead.cosigned).where(LogHead.id == 1).scalar_subquery()
    query = (
        select(func.count())
        .select_from(Entry)
        .join(Result, Result.id == Entry.result_id)
        .where(Result.submission_id == submission_id, Entry.status == Status.SIGNED, leaf < cosigned)
    )
    return session.scalar(query) or 0
