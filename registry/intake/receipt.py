"""The receipt: what a body is told of a submission, the first time and every time it hands in the same file."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.assessment.score import PASS_MARK
from registry.assessment.statistics import Statistics
from registry.assessment.status import SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.intake.errors import WithdrawnBefore


@dataclass(frozen=True, slots=True)
class Receipt:
    """The register's answer. ``repeated`` means that the same file was taken before, and nothing was done now."""

    submission_id: UUID
    status: SubmissionStatus
    statistics: Statistics
    late: bool
    repeated: bool


def earlier_receipt(session: Session, *, issuer: str, content_digest: bytes) -> Receipt | None:
    """Return the receipt of the submission that the same file made before, as it stands now; ``None`` if none did.

    Raises ``WithdrawnBefore`` for one that its body took back.
    """
    same = select(Submission).where(Submission.issuer == issuer, Submission.content_digest == content_digest)
    present = session.scalars(same).one_or_none()
    if present is None:
        return None
    if present.status == SubmissionStatus.WITHDRAWN:
        raise WithdrawnBefore(present.id)
    counts = stored_statistics(session, present.id)
    return Receipt(present.id, SubmissionStatus(present.status), counts, present.late, repeated=True)


def stored_statistics(session: Session, submission_id: UUID) -> Statistics:
    """Count the results of a submission as they are stored, returned ones too."""
    theory, practice = Result.theory >= PASS_MARK, Result.practice >= PASS_MARK
    absent_theory, absent_practice = Result.absent_theory, Result.absent_practice
    query = select(
        func.count().label("entered"),
        _how_many(absent_theory).label("absent_theory"),
        _how_many(absent_practice).label("absent_practice"),
        _how_many(or_(absent_theory, absent_practice)).label("absent"),
        _how_many(theory).label("passed_theory"),
        _how_many(practice).label("passed_practice"),
        _how_many(Result.passed).label("passed"),
    )
    counted = session.execute(query.where(Result.submission_id == submission_id)).one()
    return Statistics(**counted._mapping)


def _how_many(condition: ColumnElement[bool] | InstrumentedAttribute[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
