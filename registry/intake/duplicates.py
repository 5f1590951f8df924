"""Results that the register has already: one person holds one certificate of an occupation, direction and level."""

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.assessment.content import Column
from registry.assessment.errors import CellRefused
from registry.assessment.fault import Fault
from registry.assessment.form import ResultForm, SubmissionForm
from registry.assessment.status import SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.certificate.lifecycle import Status
from registry.certificate.tables import Entry
from registry.intake.whereabouts import Whereabouts

CHUNK = 500

# A superseded version does not count either: the version that took its place does, until it is revoked.
GONE = (Status.REVOKED, Status.VOID, Status.SUPERSEDED)

ALREADY_PASSED = CellRefused(
    "already_passed",
    "登记系统中已有此人同一职业、方向和等级的合格成绩",
    "请删除此行；如需更正证书，请填写“更正证书编号”和原因",
)

Identity = tuple[object, ...]


def faults_of_duplicates(
    session: Session,
    form: SubmissionForm,
    matches: Mapping[int, bytes],
    corrected: Mapping[int, int],
    whereabouts: Whereabouts,
    *,
    replaces: UUID | None = None,
) -> tuple[Fault, ...]:
    """Return a fault for each passed row whose person passed the same before, in any body's submission.

    A returned row does not count, nor a withdrawn one, nor one whose certificate was revoked or voided, nor the entry
    that a row corrects (``corrected``, by row number), nor the submission that the form ``replaces``. A row that may
    not correct is told that, and not this too. The ID number is not repeated in the fault.
    """
    rows = [row for row in form.rows if row.passed and (row.corrects is None or row.row in corrected)]
    faults = []
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        known = _known(session, [matches[row.row] for row in chunk], replaces)
        for row in chunk:
            others = known[_identity(row, matches[row.row])] - {corrected.get(row.row, 0)}
            if others:
                faults.append(whereabouts.fault(row.row, Column.ID_NUMBER, "", ALREADY_PASSED))
    return tuple(faults)


def _identity(row: ResultForm, match: bytes) -> Identity:
    return match, row.occupation.edition, row.occupation.code, row.direction, int(row.level)


def _known(
    session: Session, matches: list[bytes], replaces: UUID | None
) -> Mapping[Identity, set[int | None]]:
    """Return the entries of the results that stand for these people, ``None`` for one without an entry."""
    query = (
        select(
            Result.id_match, Result.edition, Result.occupation, Result.direction, Result.level, Entry.entry
        )
        .join(Submission, Submission.id == Result.submission_id)
        .outerjoin(Entry, Entry.result_id == Result.id)
        .where(
            Submission.status != SubmissionStatus.WITHDRAWN,
            Submission.id.is_distinct_from(replaces),
            Result.id_match.in_(matches),
            Result.passed,
            Result.returned_at_step.is_(None),
            Entry.status.is_(None) | Entry.status.not_in(GONE),
        )
    )
    known: defaultdict[Identity, set[int | None]] = defaultdict(set)
    for *identity, entry in session.execute(query):
        known[tuple(identity)].add(entry)
    return known
