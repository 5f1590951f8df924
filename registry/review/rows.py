"""The rows that reviewers confirm, as evidence: what stands in the register, in the form that is digested.

Rows are confirmed in version 2 of that form. A submission that the province confirmed before there was one stays in
version 1 to its end, because all three decisions have to be over the same bytes; its digest tells.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from registry.assessment.tables import Result, Submission
from registry.database.typed_rows import OddRow, TypedQuery
from registry.review.errors import NotConfirmed, NotEvidence
from signing.errors import SigningError
from signing.row import FIRST_VERSION, VERSION, Row
from signing.statement import occupation_of, read_level


class StoredSubmission(NamedTuple):
    """What the register reads of one submission to number it."""

    id: UUID
    issuer: str
    site_code: str
    province: str
    exam_ended_on: date
    submitted_by: UUID
    status: str
    all_numbered: bool


SUBMISSION = tuple(getattr(Submission, name) for name in StoredSubmission._fields)
"""The columns of ``StoredSubmission``, to be selected."""

ODD = "its {column} is stored as something else than the register stores there"


class StoredResult(NamedTuple):
    """What the register reads of one result to review and to number it."""

    id: UUID
    row: int
    holder_name: str
    id_check: int | None
    edition: int
    occupation: int
    direction: int | None
    level: int
    theory: int
    practice: int
    passed: bool
    issued_on: date | None
    corrects: int | None
    correction_reason: str | None
    blinding: bytes
    returned_at_step: str | None
    absent_theory: bool
    absent_practice: bool
    photo: bytes | None


STORED = tuple(getattr(Result, name) for name in StoredResult._fields)
"""The columns of ``StoredResult``, to be selected."""

_ALL = TypedQuery(select(*STORED).where(Result.submission_id == bindparam("submission")).order_by(Result.row))


def stored_result(row: Sequence[Any] | OddRow) -> StoredResult:
    """Return a row that was selected. Raises ``NotEvidence`` for one that holds what the register never stored."""
    if isinstance(row, OddRow):
        place = row.values[StoredResult._fields.index("row")]
        raise NotEvidence(place, ODD.format(column=row.column))
    return StoredResult._make(row)


def stored_submission(submission_id: UUID, row: Sequence[Any] | OddRow) -> StoredSubmission:
    """Return a submission that was selected. Raises ``NotConfirmed`` for one that holds what nobody stored."""
    if isinstance(row, OddRow):
        raise NotConfirmed(submission_id, ODD.format(column=row.column))
    return StoredSubmission._make(row)


def stored_results(session: Session, submission_id: UUID) -> list[StoredResult]:
    """Return all rows of a submission, returned and failed ones too, by the numbers of the rows.

    Raises ``NotEvidence``.
    """
    return [stored_result(row) for row in _ALL.read(session, {"submission": submission_id})]


def rows_under_review(session: Session, submission_id: UUID) -> list[StoredResult]:
    """Return the rows that no earlier step returned, in the order of their numbers; failed results too."""
    return [result for result in stored_results(session, submission_id) if result.returned_at_step is None]


def evidence_row(
    submission: Submission | StoredSubmission, result: StoredResult, version: int = VERSION
) -> Row:
    """Return one stored row as evidence, of this version.

    Raises ``Malformed`` for what no result can say, and ``ValueError`` for one without an ID check, or with points in a
    paper that its person missed.
    """
    if result.id_check is None:
        raise ValueError("it has no ID check")
    if (result.absent_theory and result.theory) or (result.absent_practice and result.practice):
        raise ValueError("it has points in a paper that its person missed")
    whole = version != FIRST_VERSION
    return Row(
        version=version,
        blinding=result.blinding,
        submission=submission.id,
        row=result.row,
        issuer=submission.issuer,
        site=submission.site_code,
        province=submission.province,
        holder_name=result.holder_name,
        id_check=result.id_check,
        occupation=occupation_of(result.edition, result.occupation),
        direction=result.direction,
        level=read_level(result.level),
        theory=None if whole and result.absent_theory else result.theory,
        practice=None if whole and result.absent_practice else result.practice,
        passed=result.passed,
        exam_ended_on=submission.exam_ended_on,
        issued_on=result.issued_on,
        corrects=result.corrects,
        photo=result.photo if whole else None,
    )


def leaf_of(submission: Submission | StoredSubmission, result: StoredResult, version: int = VERSION) -> bytes:
    """Return one stored row as it is digested, in this version. Raises ``NotEvidence``."""
    try:
        return evidence_row(submission, result, version).to_bytes()
    except (SigningError, ValueError) as error:
        raise NotEvidence(result.row, str(error)) from None
