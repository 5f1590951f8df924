"""The rows that reviewers confirm, as evidence: what stands in the register, in the form that is digested."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.assessment.tables import Result, Submission
from registry.review.errors import NotEvidence
from signing.errors import SigningError
from signing.evidence import Row, rows_digest
from signing.statement import Level, Occupation


def rows_under_review(session: Session, submission_id: UUID) -> list[Result]:
    """Return the rows that no earlier step returned, in the order of their numbers; failed results too."""
    query = select(Result).where(Result.submission_id == submission_id, Result.returned_at_step.is_(None))
    return list(session.scalars(query.order_by(Result.row)))


def evidence_row(submission: Submission, result: Result) -> Row:
    """Return one stored row as evidence.

    Raises ``ValueError`` or ``Malformed`` for what no result can say, and for one without an ID check.
    """
    if result.id_check is None:
        raise ValueError("it has no ID check")
    return Row(
        blinding=result.blinding,
        submission=submission.id,
        row=result.row,
        issuer=submission.issuer,
        site=submission.site_code,
        province=submission.province,
        holder_name=result.holder_name,
        id_check=result.id_check,
        occupation=Occupation(result.edition, result.occupation),
        direction=result.direction,
        level=Level(result.level),
        theory=result.theory,
        practice=result.practice,
        passed=result.passed,
        exam_ended_on=submission.exam_ended_on,
        issued_on=result.issued_on,
        corrects=result.corrects,
    )


def leaf_of(submission: Submission, result: Result) -> bytes:
    """Return one stored row as it is digested. Raises ``NotEvidence``."""
    try:
        return evidence_row(submission, result).to_bytes()
    except (SigningError, ValueError) as error:
        raise NotEvidence(result.row, str(error)) from None


def digest_of(submission: Submission, results: list[Result]) -> bytes:
    """Return the 32-byte Merkle root over these rows (RFC 6962 2.1), or raise ``NotEvidence``."""
    return rows_digest([leaf_of(submission, result) for result in results])
