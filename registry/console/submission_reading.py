"""What the pages about submissions show. ID numbers are never among it, sealed or not."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.assessment.statistics import Statistics
from registry.assessment.status import AWAITED_STEP, SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.certificate.tables import Certificate, Entry
from registry.civil_time import civil_date
from registry.directory.tables import BodyRow
from registry.draft.submitted_photos import PhotoState, named_photos, state_of, stored_photo_counts
from registry.intake.receipt import stored_statistics
from registry.jurisdiction.errors import CalendarMissing
from registry.jurisdiction.rules import Jurisdiction, ReportingDeadline
from registry.people.tables import Account
from registry.review.tables import ReturnedRow, SignedDecision
from signing.evidence import Step

PAGE = 50
PAGE_OF_ROWS = 500


@dataclass(frozen=True, slots=True)
class SubmissionLine:
    """A submission in a list.

    ``submit_by`` is its deadline as it stood on the day it came, ``decide_by`` the province's deadline where its rules
    set one, else ``None``.
    """

    id: UUID
    body: str
    province: str
    site: str
    exam_ended_on: date
    received_at: datetime
    status: SubmissionStatus
    late: bool
    late_reason: str | None
    submit_by: ReportingDeadline
    decide_by: date | None
    days_waiting: int


@dataclass(frozen=True, slots=True)
class ResultLine:
    """A row of a submission with what became of it; ``corrects`` is the entry that it corrects, and why."""

    row: int
    holder_name: str
    occupation: int
    level: int
    theory: int
    practice: int
    absent_theory: bool
    absent_practice: bool
    passed: bool
    photo: PhotoState
    training_certificate: str | None
    training_hours: int | None
    returned_at_step: str | None
    corrects: tuple[int, str | None] | None
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


@dataclass(frozen=True, slots=True)
class SubmissionView:
    """One submission: who handed it in, its statistics, its decisions, one page of its rows.

    ``photos`` is how many rows there are of each state.
    """

    line: SubmissionLine
    submitter: str
    key_id: bytes
    content_digest: bytes
    statistics: Statistics
    photos: Mapping[PhotoState, int]
    decisions: tuple[DecisionLine, ...]
    rows: tuple[ResultLine, ...]


def submission_lines(
    session: Session, jurisdictions: Mapping[str, Jurisdiction], *, page: int, now: datetime
) -> list[SubmissionLine]:
    """Return one page of submissions (1 first): those that wait for somebody before the others, oldest first."""
    waits = Submission.status.in_([*AWAITED_STEP, SubmissionStatus.RECEIVED])
    query = (
        select(Submission, BodyRow.name)
        .join(BodyRow, BodyRow.issuer == Submission.issuer)
        .order_by(waits.desc(), Submission.received_at, Submission.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return [_line(row[0], row[1], jurisdictions, now=now) for row in session.execute(query)]


def submission_view(
    session: Session,
    submission_id: UUID,
    jurisdictions: Mapping[str, Jurisdiction],
    *,
    page: int,
    now: datetime,
) -> SubmissionView | None:
    """Return one submission with one page of its rows (1 first); ``None`` if there is none of this id."""
    query = (
        select(Submission, BodyRow.name, Account.name)
        .join(BodyRow, BodyRow.issuer == Submission.issuer)
        .join(Account, Account.id == Submission.submitted_by)
        .where(Submission.id == submission_id)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    submission, body, submitter = found
    return SubmissionView(
        line=_line(submission, body, jurisdictions, now=now),
        submitter=submitter,
        key_id=submission.key_id,
        content_digest=submission.content_digest,
        statistics=stored_statistics(session, submission_id),
        photos=stored_photo_counts(session, submission_id),
        decisions=_decisions(session, submission_id),
        rows=_rows(session, submission_id, page=page),
    )


def _rows(session: Session, submission_id: UUID, *, page: int) -> tuple[ResultLine, ...]:
    query = (
        select(Result, Certificate.number, Entry.version, Entry.status)
        .outerjoin(Entry, Entry.result_id == Result.id)
        .outerjoin(Certificate, Certificate.id == Entry.certificate_id)
        .where(Result.submission_id == submission_id)
        .order_by(Result.row)
        .limit(PAGE_OF_ROWS)
        .offset((page - 1) * PAGE_OF_ROWS)
    )
    found = session.execute(query).all()
    if not found:
        return ()
    between = found[0][0].row, found[-1][0].row
    photos = named_photos(session, submission_id, between=between)
    return tuple(
        ResultLine(
            row=result.row,
            holder_name=result.holder_name,
            occupation=result.occupation,
            level=result.level,
            theory=result.theory,
            practice=result.practice,
            absent_theory=result.absent_theory,
            absent_practice=result.absent_practice,
            passed=result.passed,
            photo=state_of(photos.get(result.row)),
            training_certificate=result.training_certificate,
            training_hours=result.training_hours,
            returned_at_step=result.returned_at_step,
            corrects=None if result.corrects is None else (result.corrects, result.correction_reason),
            number=number,
            version=version,
            status=status,
        )
        for result, number, version, status in found
    )


def _decisions(session: Session, submission_id: UUID) -> tuple[DecisionLine, ...]:
    query = select(SignedDecision, Account.name).join(Account, Account.id == SignedDecision.decided_by)
    found = session.execute(query.where(SignedDecision.submission_id == submission_id)).all()
    lines = []
    for decision, reviewer in sorted(found, key=lambda row: list(Step).index(Step(row[0].step))):
        returned = select(ReturnedRow).where(ReturnedRow.decision_id == decision.id).order_by(ReturnedRow.row)
        lines.append(
            DecisionLine(
                step=decision.step,
                jurisdiction=decision.jurisdiction,
                reviewer=reviewer,
                decided_at=decision.decided_at,
                rows=decision.rows,
                rows_digest=decision.rows_digest,
                returned=tuple(session.scalars(returned)),
            )
        )
    return tuple(lines)


def _line(
    submission: Submission, body: str, jurisdictions: Mapping[str, Jurisdiction], *, now: datetime
) -> SubmissionLine:
    status = SubmissionStatus(submission.status)
    rules = jurisdictions[submission.province]
    decide_by = None
    if status is SubmissionStatus.PROVINCE:
        decide_by = _deadline(rules, civil_date(submission.received_at))
    return SubmissionLine(
        id=submission.id,
        body=body,
        province=rules.name,
        site=submission.site_code,
        exam_ended_on=submission.exam_ended_on,
        received_at=submission.received_at,
        status=status,
        late=submission.late,
        late_reason=submission.late_reason,
        submit_by=rules.reporting(submission.exam_ended_on, today=civil_date(submission.received_at)),
        decide_by=decide_by,
        days_waiting=(civil_date(now) - civil_date(submission.received_at)).days,
    )


def _deadline(rules: Jurisdiction, received_on: date) -> date | None:
    """Return the province's deadline, ``None`` if it sets none or the year's working days are not known yet."""
    with suppress(CalendarMissing):
        return rules.province_review_deadline(received_on)
    return None
