"""What waits, by state alone: how much of each job, and since when; and which submissions, for whoever takes it up."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from registry.assessment.status import SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.certificate.approved import UNFINISHED
from registry.certificate.lifecycle import Status
from registry.certificate.tables import Entry
from registry.database.typed_rows import OddRow, TypedQuery
from registry.draft.status import WORKED_ON
from registry.draft.tables import Draft
from registry.journal.tables import Event, LogHead
from registry.review.tables import SignedDecision
from registry.work.job import Job
from signing.evidence import Step

BEFORE_RELEASE: Final = (Status.SIGNED, Status.REINSTATED)
"""What a release may make a certificate that is in force."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for a job, and since when the oldest of it; ``None`` if nothing waits."""

    job: Job
    count: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class WaitingSubmission:
    """An approved submission with the count of its rows that wait for a number."""

    id: UUID
    rows: int


def backlog(session: Session) -> tuple[Waiting, ...]:
    """Return what waits for each job but publication, which nothing in the database tells of."""
    return (
        _waiting(session, Job.DRAFTS, _DRAFTS),
        _waiting(session, Job.ID_CHECKS, _UNCHECKED),
        _waiting(session, Job.NUMBER, _UNNUMBERED),
        _waiting(session, Job.SIGN, _UNSIGNED),
        _waiting(session, Job.LOG, _UNLOGGED),
        _waiting(session, Job.RELEASE, _UNRELEASED),
        _waiting(session, Job.CHAIN, _UNCHAINED),
    )


def waiting_submissions(session: Session) -> list[WaitingSubmission]:
    """Return the approved submissions that have rows without a number, the oldest first."""
    return [WaitingSubmission(*row) for row in _ROWS.read(session, {}) if not isinstance(row, OddRow)]


def still_unfinished(session: Session, submissions: Collection[UUID]) -> set[UUID]:
    """Return those of these submissions that may still have rows without a number."""
    return set(session.scalars(select(Submission.id).where(*UNFINISHED, Submission.id.in_(submissions))))


def steps_left(session: Session, only: Collection[UUID] | None = None) -> int:
    """Return how many steps are left until all is released: numbering, signing and release of each row count one.

    ``only``: of what waits for a number, what is in these submissions; ``None`` for all.
    """
    waiting = waiting_submissions(session)
    unnumbered = sum(each.rows for each in waiting if only is None or each.id in only)
    counts = select(Entry.status, func.count()).where(Entry.status.in_([Status.NUMBERED, *BEFORE_RELEASE]))
    found = dict(session.execute(counts.group_by(Entry.status)).all())
    to_release = sum(found.get(status, 0) for status in BEFORE_RELEASE)
    return 3 * unnumbered + 2 * found.get(Status.NUMBERED, 0) + to_release


def any_entry(session: Session, *statuses: Status) -> bool:
    """Say whether any entry is in one of these statuses."""
    return session.scalar(select(Entry.entry).where(Entry.status.in_(statuses)).limit(1)) is not None


def any_event_unchained(session: Session) -> bool:
    """Say whether any event waits for its place."""
    return session.scalar(select(Event.id).where(Event.place.is_(None)).limit(1)) is not None


def _waiting(session: Session, job: Job, query: Select[int, datetime]) -> Waiting:
    count, oldest_at = session.execute(query).one()
    return Waiting(job, count, oldest_at if count else None)


# Over results. The entry is looked up for each row: a join may read all entries there are.
WITHOUT_ENTRY = (
    Result.passed,
    Result.returned_at_step.is_(None),
    select(Entry.entry).where(Entry.result_id == Result.id).scalar_subquery().is_(None),
)
# One whose id is none could not be named to anybody.
_ROWS = TypedQuery(
    select(Submission.id, func.count())
    .join(Result, Result.submission_id == Submission.id)
    .where(*UNFINISHED, *WITHOUT_ENTRY)
    .group_by(Submission.id, Submission.received_at)
    .order_by(Submission.received_at, Submission.id)
)
_APPROVED_AT = (
    select(SignedDecision.decided_at)
    .where(SignedDecision.submission_id == Submission.id, SignedDecision.step == Step.OFFICE)
    .scalar_subquery()
)
_BEFORE = aliased(Entry)

# Drafts that wait for their check, or to be handed in.
_DRAFTS = select(func.count(), func.min(Draft.changed_at)).where(Draft.status.in_(WORKED_ON))
# Rows without an ID check; their submission waits since it was received.
_UNCHECKED = (
    select(func.count(), func.min(Submission.received_at))
    .join(Result, Result.submission_id == Submission.id)
    .where(Submission.status == SubmissionStatus.RECEIVED, Result.id_check.is_(None))
)
_UNNUMBERED = (
    select(func.count(), func.min(_APPROVED_AT))
    .select_from(Submission)
    .join(Result, Result.submission_id == Submission.id)
    .where(*UNFINISHED, *WITHOUT_ENTRY)
)
_UNSIGNED = select(func.count(), func.min(Entry.numbered_at)).where(Entry.status == Status.NUMBERED)
# A correction of a certificate that is suspended or revoked waits lawfully, and for nobody here.
_UNRELEASED = select(func.count(), func.min(Entry.changed_at)).where(
    Entry.status.in_(BEFORE_RELEASE),
    (Entry.status == Status.REINSTATED)
    | (Entry.version == 1)
    | exists().where(
        _BEFORE.certificate_id == Entry.certificate_id,
        _BEFORE.version == Entry.version - 1,
        _BEFORE.status == Status.RELEASED,
    ),
)
_PLACE, _COSIGNED = (
    select(column).where(LogHead.size > 0).scalar_subquery() for column in (LogHead.place, LogHead.cosigned)
)
# Acts behind the log's head, where there is a log, and those in it that no quorum of witnesses signed yet: the head is
# entered before they are asked.
_UNLOGGED = select(func.count(), func.min(Event.at)).where((Event.place > _PLACE) | (Event.leaf >= _COSIGNED))
_UNCHAINED = select(func.count(), func.min(Event.at)).where(Event.place.is_(None))
