"""What the staff pages show, read at one snapshot each. ID numbers are never among it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.assessment.status import AWAITED_STEP, SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.certificate.lifecycle import Status
from registry.certificate.tables import Certificate, Entry, EntryCounter, Epoch, Series
from registry.civil_time import civil_date
from registry.directory.tables import BodyRow
from registry.journal.tables import Event
from registry.jurisdiction.errors import CalendarMissing
from registry.jurisdiction.rules import Jurisdiction
from registry.people.tables import Account
from registry.review.tables import ReturnedRow, SignedDecision
from signing.evidence import Step

PAGE = 50


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts of the whole register."""

    submissions: dict[str, int]
    entries: dict[str, int]
    last_entry: int
    epochs: tuple[Epoch, ...]
    newest_events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class SubmissionLine:
    """A submission in a list. ``decide_by`` is the province's deadline where its rules set one, else ``None``."""

    id: UUID
    body: str
    province: str
    exam_ended_on: date
    received_at: datetime
    status: SubmissionStatus
    late: bool
    decide_by: date | None
    days_waiting: int


@dataclass(frozen=True, slots=True)
class ResultLine:
    """A row of a submission with what became of it."""

    row: int
    holder_name: str
    occupation: int
    level: int
    theory: int
    practice: int
    passed: bool
    returned_at_step: str | None
    number: str | None
    version: int | None
    status: str | None


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision with its reviewer and what it returned."""

    step: str
    jurisdiction: str
    reviewer: str
    decided_at: datetime
    rows: int
    rows_digest: bytes
    returned: tuple[ReturnedRow, ...]


def overview(session: Session) -> Overview:
    """Return the counts, the epochs and the newest 12 events."""
    submissions = session.execute(select(Submission.status, func.count()).group_by(Submission.status))
    entries = session.execute(select(Entry.status, func.count()).group_by(Entry.status))
    return Overview(
        submissions={status: count for status, count in submissions},
        entries={status: count for status, count in entries},
        last_entry=session.scalar(select(EntryCounter.last)) or 0,
        epochs=tuple(session.scalars(select(Epoch).order_by(Epoch.first_entry))),
        newest_events=tuple(session.scalars(select(Event).order_by(Event.id.desc()).limit(12))),
    )


def submission_lines(
    session: Session, jurisdictions: Mapping[str, Jurisdiction], *, page: int, now: datetime
) -> list[SubmissionLine]:
    """Return one page of submissions (1 first): those that wait for somebody before the others, oldest first."""
    waits = Submission.status.in_([*AWAITED_STEP, SubmissionStatus.RECEIVED])
    query = (
        select(Submission, BodyRow.name)
        .join(BodyRow, BodyRow.issuer == Submission.issuer)
        .order_by(waits.desc(), Submission.received_at)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return [_line(row[0], row[1], jurisdictions, now=now) for row in session.execute(query)]


def submission_line(
    session: Session, submission_id: UUID, jurisdictions: Mapping[str, Jurisdiction], *, now: datetime
) -> SubmissionLine | None:
    """Return one submission, ``None`` if there is none of this id."""
    query = select(Submission, BodyRow.name).join(BodyRow, BodyRow.issuer == Submission.issuer)
    row = session.execute(query.where(Submission.id == submission_id)).one_or_none()
    return None if row is None else _line(row[0], row[1], jurisdictions, now=now)


def result_lines(session: Session, submission_id: UUID) -> list[ResultLine]:
    """Return the rows of a submission, each with its newest entry."""
    query = (
        select(Result, Certificate.number, Entry.version, Entry.status)
        .outerjoin(Entry, Entry.result_id == Result.id)
        .outerjoin(Certificate, Certificate.id == Entry.certificate_id)
        .where(Result.submission_id == submission_id)
        .order_by(Result.row)
    )
    return [
        ResultLine(
            result.row,
            result.holder_name,
            result.occupation,
            result.level,
            result.theory,
            result.practice,
            result.passed,
            result.returned_at_step,
            number,
            version,
            status,
        )
        for result, number, version, status in session.execute(query)
    ]


def decision_lines(session: Session, submission_id: UUID) -> list[DecisionLine]:
    """Return the decisions on a submission, in the order of the steps."""
    query = select(SignedDecision, Account.name).join(Account, Account.id == SignedDecision.decided_by)
    found = session.execute(query.where(SignedDecision.submission_id == submission_id)).all()
    lines = []
    for decision, reviewer in sorted(found, key=lambda row: list(Step).index(Step(row[0].step))):
        returned = session.scalars(select(ReturnedRow).where(ReturnedRow.decision_id == decision.id))
        lines.append(
            DecisionLine(
                decision.step,
                decision.jurisdiction,
                reviewer,
                decision.decided_at,
                decision.rows,
                decision.rows_digest,
                tuple(returned),
            )
        )
    return lines


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


def _line(
    submission: Submission, body: str, jurisdictions: Mapping[str, Jurisdiction], *, now: datetime
) -> SubmissionLine:
    status = SubmissionStatus(submission.status)
    decide_by = None
    if status is SubmissionStatus.PROVINCE:
        decide_by = _deadline(jurisdictions[submission.province], civil_date(submission.received_at))
    return SubmissionLine(
        submission.id,
        body,
        submission.province,
        submission.exam_ended_on,
        submission.received_at,
        status,
        submission.late,
        decide_by,
        (civil_date(now) - civil_date(submission.received_at)).days,
    )


def _deadline(rules: Jurisdiction, received_on: date) -> date | None:
    """Return the province's deadline, ``None`` if it sets none or the year's working days are not known yet."""
    with suppress(CalendarMissing):
        return rules.province_review_deadline(received_on)
    return None
