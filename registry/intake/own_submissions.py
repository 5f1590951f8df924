"""What a body sees of what it handed in: where each submission stands, its rows, and what reviewers said to it.

Everything here is asked for one body; what another handed in looks like nothing at all. An ID number is never told
again, not even to the body it came from, and no reviewer's name.
"""

from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from registry.assessment.statistics import Statistics
from registry.assessment.status import SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.certificate.tables import Certificate, Entry
from registry.civil_time import civil_date
from registry.database.paging import Page, page_of
from registry.directory.tables import DirectionRow
from registry.intake.errors import NoSuchSubmission
from registry.intake.own_progress import Progress, progress_of
from registry.intake.receipt import stored_statistics
from registry.intake.tables import Withdrawal
from registry.jurisdiction.errors import CalendarMissing
from registry.jurisdiction.rules import Jurisdiction
from registry.review.tables import ReturnedRow, SignedDecision
from signing.evidence import Step


@dataclass(frozen=True, slots=True)
class OwnSubmission:
    """One submission in a list of them. ``submit_by`` is the day by which it had to be handed in (N 四(六))."""

    id: UUID
    status: SubmissionStatus
    province: str
    site: str
    exam_started_on: date
    exam_ended_on: date
    received_at: datetime
    submit_by: date
    late: bool
    content_sha256: str


@dataclass(frozen=True, slots=True)
class OwnWithdrawal:
    """How a submission was withdrawn; ``replaced_by`` is the one that came in its place, ``None`` if none did."""

    reason: str
    withdrawn_at: datetime
    replaced_by: UUID | None


@dataclass(frozen=True, slots=True)
class SubmissionView:
    """One submission whole. ``decide_by`` is the province's deadline, ``None`` where none is set or none runs.

    ``late_reason`` is what the body gave, ``None`` for what came in time or from before reasons were asked for.
    """

    submission: OwnSubmission
    late_reason: str | None
    decide_by: date | None
    statistics: Statistics
    progress: Progress
    withdrawal: OwnWithdrawal | None


@dataclass(frozen=True, slots=True)
class OwnRow:
    """One row as it was taken; scores in tenths, 0 for who was absent.

    ``holder_name`` is what is signed, ``name_received`` what was handed in. ``direction`` is its name, ``corrects`` the
    number of the certificate that the row corrects.
    """

    row: int
    name_received: str
    holder_name: str
    id_type: str
    edition: int
    occupation: int
    level: int
    theory: int
    practice: int
    absent_theory: bool
    absent_practice: bool
    passed: bool
    issued_on: date | None
    correction_reason: str | None
    returned_at_step: str | None
    direction: str | None
    corrects: str | None


_ROW: tuple[Any, ...] = (
    *(getattr(Result, field.name) for field in fields(OwnRow)[:-2]),
    DirectionRow.name,
    Certificate.number,
)


@dataclass(frozen=True, slots=True)
class SentBack:
    """A row that a decision sent back, and what is wrong with it."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class OwnDecision:
    """One step's decision: how many rows it confirmed, and those it sent back, by row."""

    step: Step
    jurisdiction: str
    decided_at: datetime
    confirmed: int
    returned: tuple[SentBack, ...]


def submissions_of_body(
    session: Session,
    issuer: str,
    jurisdictions: Mapping[str, Jurisdiction],
    *,
    limit: int,
    status: SubmissionStatus | None = None,
    after: tuple[datetime, UUID] | None = None,
) -> Page[OwnSubmission]:
    """Return one page of a body's submissions, the newest first."""
    query = select(Submission).where(Submission.issuer == issuer)
    if status is not None:
        query = query.where(Submission.status == status)
    if after is not None:
        query = query.where(tuple_(Submission.received_at, Submission.id) < after)
    newest = query.order_by(Submission.received_at.desc(), Submission.id.desc())
    found = [_line(each, jurisdictions) for each in session.scalars(newest.limit(limit + 1))]
    return page_of(found, limit=limit, key=lambda line: (line.received_at, line.id))


def submission_of_body(
    session: Session, issuer: str, submission_id: UUID, jurisdictions: Mapping[str, Jurisdiction]
) -> SubmissionView:
    """Return one submission of a body. Raises ``NoSuchSubmission``."""
    submission = own(session, issuer, submission_id)
    line, withdrawal = _line(submission, jurisdictions), session.get(Withdrawal, submission_id)
    return SubmissionView(
        submission=line,
        late_reason=submission.late_reason,
        decide_by=_decide_by(submission, jurisdictions[submission.province]),
        statistics=stored_statistics(session, submission_id),
        progress=progress_of(session, submission_id),
        withdrawal=None
        if withdrawal is None
        else OwnWithdrawal(withdrawal.reason, withdrawal.withdrawn_at, withdrawal.replaced_by),
    )


def rows_of_submission(
    session: Session, issuer: str, submission_id: UUID, *, limit: int, after: int = 0
) -> Page[OwnRow]:
    """Return one page of the rows of a body's submission, by row. Raises ``NoSuchSubmission``."""
    own(session, issuer, submission_id)
    query = (
        select(*_ROW)
        .select_from(Result)
        .outerjoin(DirectionRow, DirectionRow.code == Result.direction)
        .outerjoin(Entry, Entry.entry == Result.corrects)
        .outerjoin(Certificate, Certificate.id == Entry.certificate_id)
        .where(Result.submission_id == submission_id, Result.row > after)
        .order_by(Result.row)
        .limit(limit + 1)
    )
    found = [OwnRow(*row) for row in session.execute(query)]
    return page_of(found, limit=limit, key=lambda row: (row.row,))


def decisions_on_submission(session: Session, issuer: str, submission_id: UUID) -> tuple[OwnDecision, ...]:
    """Return the decisions on a body's submission, in the order of their steps. Raises ``NoSuchSubmission``."""
    own(session, issuer, submission_id)
    mine = SignedDecision.submission_id == submission_id
    returned: defaultdict[UUID, list[SentBack]] = defaultdict(list)
    sent_back = select(ReturnedRow).join(SignedDecision, SignedDecision.id == ReturnedRow.decision_id)
    for row in session.scalars(sent_back.where(mine).order_by(ReturnedRow.row)):
        returned[row.decision_id].append(SentBack(row.row, row.reason))
    found = [
        OwnDecision(
            Step(decision.step),
            decision.jurisdiction,
            decision.decided_at,
            decision.rows,
            tuple(returned[decision.id]),
        )
        for decision in session.scalars(select(SignedDecision).where(mine))
    ]
    return tuple(sorted(found, key=lambda decision: list(Step).index(decision.step)))


def own(session: Session, issuer: str, submission_id: UUID) -> Submission:
    """Return a submission of this body. Raises ``NoSuchSubmission``, for another body's too."""
    # Another body's is not even read: how long that takes would tell that there is one.
    mine = select(Submission).where(Submission.id == submission_id, Submission.issuer == issuer)
    submission = session.scalars(mine).one_or_none()
    if submission is None:
        raise NoSuchSubmission(submission_id)
    return submission


def _line(submission: Submission, jurisdictions: Mapping[str, Jurisdiction]) -> OwnSubmission:
    return OwnSubmission(
        id=submission.id,
        status=SubmissionStatus(submission.status),
        province=submission.province,
        site=submission.site_code,
        exam_started_on=submission.exam_started_on,
        exam_ended_on=submission.exam_ended_on,
        received_at=submission.received_at,
        submit_by=jurisdictions[submission.province].submit_deadline(submission.exam_ended_on),
        late=submission.late,
        content_sha256=submission.content_digest.hex(),
    )


def _decide_by(submission: Submission, rules: Jurisdiction) -> date | None:
    if submission.status != SubmissionStatus.PROVINCE:
        return None
    # The working days of a year are not known before the State Council's office announces them.
    with suppress(CalendarMissing):
        return rules.province_review_deadline(civil_date(submission.received_at))
    return None
