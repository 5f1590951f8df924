"""Results that the register has already: one person holds one certificate of an occupation, direction and level."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.assessment.fault import Fault
from registry.assessment.form import ResultForm, SubmissionForm
from registry.assessment.tables import Result
from registry.certificate.lifecycle import Status
from registry.certificate.tables import Entry

CHUNK = 500


def faults_of_duplicates(
    session: Session, form: SubmissionForm, matches: Mapping[int, bytes]
) -> tuple[Fault, ...]:
    """Return a fault for each passed row whose person passed the same before, in any body's submission.

    A returned row does not count, nor one whose certificate was revoked or voided, nor a correction.
    """
    rows = [row for row in form.rows if row.passed and row.corrects is None]
    faults = []
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        known = _known(session, [matches[row.row] for row in chunk])
        faults += [_fault(row) for row in chunk if _identity(row, matches[row.row]) in known]
    return tuple(faults)


def _identity(row: ResultForm, match: bytes) -> tuple[object, ...]:
    return match, row.occupation.edition, row.occupation.code, row.direction, int(row.level)


def _known(session: Session, matches: list[bytes]) -> set[tuple[object, ...]]:
    gone = (Status.REVOKED, Status.VOID)
    query = (
        select(Result.id_match, Result.edition, Result.occupation, Result.direction, Result.level)
        .outerjoin(Entry, Entry.result_id == Result.id)
        .where(
            Result.id_match.in_(matches),
            Result.passed,
            Result.returned_at_step.is_(None),
            Entry.status.is_(None) | Entry.status.not_in(gone),
        )
    )
    return {tuple(row) for row in session.execute(query)}


def _fault(row: ResultForm) -> Fault:
    return Fault(
        row.row,
        "id_number",
        "",
        "already_passed",
        "登记系统中已有此人同一职业、方向和等级的合格成绩",
        "请删除此行；如需更正证书，请填写“更正证书编号”和原因",
    )
