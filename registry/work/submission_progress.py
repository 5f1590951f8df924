"""How far one submission has come, for the people who wait for it: counts, its place in the queue, an honest guess.

A guess is made from the rate of the last minutes alone. Where nothing was released lately, or something other than the
queue seems to hold the submission up, there is none.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session

from registry.assessment.status import SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.certificate.approved import UNFINISHED
from registry.certificate.issuance import BATCH
from registry.certificate.lifecycle import WAS_RELEASED, Action, Status
from registry.certificate.tables import Entry
from registry.journal.tables import Event
from registry.review.tables import SignedDecision
from registry.work.backlog import WITHOUT_ENTRY
from signing.evidence import Step

LOOKED_BACK = 5000
"""Events among which the newest releases are looked for."""

MOST_COUNTED = 10_000
"""Rows of the queue that one look counts: it is taken to go on as it begins. Pages look often, and queues are long."""

RECENT = timedelta(minutes=2)
PAUSE = timedelta(seconds=60)
"""A longer time between two releases is a time in which nothing was to be done."""


@dataclass(frozen=True, slots=True)
class IdCheckProgress:
    """A submission that waits for its ID checks: rows, how many of them are done, its place among such (1 first)."""

    rows: int
    done: int
    place: int


@dataclass(frozen=True, slots=True)
class IssueProgress:
    """An approved submission: each count holds the ones after it.

    ``rows`` become certificates. ``place`` is that in the queue for numbers (1 first), ``None`` once all have theirs;
    ``remaining`` how long it will take, ``None`` where nobody can say or nothing is left.
    """

    rows: int
    numbered: int
    signed: int
    released: int
    void: int
    place: int | None
    remaining: timedelta | None

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to be done."""
        return self.released + self.void == self.rows


def submission_progress(
    session: Session, submission_id: UUID, *, now: datetime
) -> IdCheckProgress | IssueProgress | None:
    """Return how far a submission has come; ``None`` if it waits for people, or there is none of this id."""
    submission = session.get(Submission, submission_id)
    if submission is None:
        return None
    if submission.status == SubmissionStatus.RECEIVED:
        return _of_id_checks(session, submission)
    if submission.status == SubmissionStatus.APPROVED:
        return _of_issue(session, submission, now=now)
    return None


def release_rate(session: Session, *, now: datetime) -> float | None:
    """Return how many certificates a second were released lately; ``None`` if nobody can say.

    Between the first and the last act of the newest run of releases; the first one's own time is not known.
    """
    newest = session.scalar(select(func.max(Event.id))) or 0
    query = (
        select(Event.at, func.sum(Event.last_entry - Event.first_entry + 1))
        .where(Event.id > newest - LOOKED_BACK, Event.act == Action.RELEASE)
        .group_by(Event.at)
        .order_by(Event.at.desc())
    )
    run: list[tuple[datetime, int]] = []
    for at, count in session.execute(query):
        if run and run[-1][0] - at > PAUSE:
            break
        run.append((at, int(count or 0)))
    if len(run) < 2 or now - run[0][0] > RECENT:
        return None
    return sum(count for _, count in run[:-1]) / (run[0][0] - run[-1][0]).total_seconds()


def _of_id_checks(session: Session, submission: Submission) -> IdCheckProgress:
    rows, done = session.execute(
        select(func.count(), func.count(Result.id_check)).where(Result.submission_id == submission.id)
    ).one()
    earlier = select(func.count()).where(
        Submission.status == SubmissionStatus.RECEIVED, Submission.received_at < submission.received_at
    )
    return IdCheckProgress(rows, done, 1 + (session.scalar(earlier) or 0))


def _of_issue(session: Session, submission: Submission, *, now: datetime) -> IssueProgress:
    query = (
        select(Entry.status, func.count())
        .select_from(Result)
        .outerjoin(Entry, Entry.result_id == Result.id)
        .where(Result.submission_id == submission.id, Result.passed, Result.returned_at_step.is_(None))
        .group_by(Entry.status)
    )
    counts: dict[str | None, int] = dict(session.execute(query).all())
    rows, void = sum(counts.values()), counts.get(Status.VOID, 0)
    numbered = rows - counts.get(None, 0)
    released = sum(counts.get(status, 0) for status in WAS_RELEASED)
    place, remaining = None, None
    if released + void < rows:
        before = session.scalar(select(func.count()).where(*_before(submission))) or 0
        place = 1 + before if numbered < rows else None
        remaining = _remaining(session, submission, before, rows - released - void, now=now)
        if (
            remaining is not None
            and not numbered
            and _seems_held_up(session, submission.id, remaining, now=now)
        ):
            remaining = None
    signed = released + counts.get(Status.SIGNED, 0)
    return IssueProgress(rows, numbered, signed, released, void, place, remaining)


def _remaining(
    session: Session, submission: Submission, before: int, own: int, *, now: datetime
) -> timedelta | None:
    rate = release_rate(session, now=now)
    if not rate:
        return None
    # Each of those before has a batch whenever this one has: of a larger one only so much comes before.
    batches = -(-own // BATCH) * BATCH
    counts = _rows_before(session, submission) if before else []
    others = sum(min(rows, batches) for rows in counts) * before / max(1, len(counts))
    return timedelta(seconds=(own + others) / rate)


def _rows_before(session: Session, submission: Submission) -> list[int]:
    """Return how many rows wait in each of the submissions before this one, as far as 10,000 rows reach."""
    waiting = (
        select(Submission.id)
        .join(Result, Result.submission_id == Submission.id)
        .where(*_before(submission), *WITHOUT_ENTRY)
        .limit(MOST_COUNTED)
        .subquery()
    )
    return list(session.scalars(select(func.count()).select_from(waiting).group_by(waiting.c.id)))


def _before(submission: Submission) -> tuple[ColumnElement[bool], ...]:
    """Return what holds of the submissions that had been in the queue for numbers before this one."""
    own = tuple_(submission.received_at, submission.id)
    return *UNFINISHED, tuple_(Submission.received_at, Submission.id) < own


def _seems_held_up(session: Session, submission_id: UUID, remaining: timedelta, *, now: datetime) -> bool:
    """Say whether a submission without any number has waited longer than the queue explains."""
    query = select(SignedDecision.decided_at).where(
        SignedDecision.submission_id == submission_id, SignedDecision.step == Step.OFFICE
    )
    approved_at = session.scalar(query)
    return approved_at is not None and now - approved_at > 2 * remaining + RECENT
