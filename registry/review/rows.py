"""The rows that reviewers confirm, as evidence: what stands in the register, in the form that is digested."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.assessment.tables import Result, Submission
from signing.evidence import Row, rows_digest
from signing.statement import Level, Occupation


def rows_under_review(session: Session, submission_id: UUID) -> list[Result]:
    """Return the rows that no earlier step returned, in the order of their numbers; failed results too."""
    query = select(Result).where(Result.submission_id == submission_id, Result.returned_at_step.is_(None))
    return list(session.scalars(query.order_by(Result.row)))


def evidence_row(submission: Submission, result: Result) -> Row:
    """Return one stored row as evidence. Its ID check must be computed already."""
    if result.id_check is None:
        raise ValueError(f"row {result.row} has no ID check yet")
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


def digest_of(submission: Submission, results: list[Result]) -> bytes:
    """Return the 32-byte Merkle root over these rows (RFC 6962 2.1), as decisions name it."""
    return rows_digest([evidence_row(submission, result).to_bytes() for result in results])

