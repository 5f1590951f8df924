"""Approved results: what three decisions confirmed and no entry stands for yet.

A failed result is never among them, nor a row that any step returned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from keys.signer.request import Evidence
from registry.assessment.status import SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.certificate.errors import ClockBehind, NotACorrection
from registry.certificate.numbering import Scope
from registry.certificate.tables import Entry
from registry.civil_time import civil_date
from registry.database.typed_rows import OddRow, TypedQuery
from registry.review.confirmation import Confirmed, require_confirmed
from registry.review.errors import NotConfirmed, NotEvidence
from registry.review.rows import (
    STORED,
    SUBMISSION,
    StoredResult,
    StoredSubmission,
    stored_result,
    stored_submission,
)
from signing.errors import SigningError
from signing.signed_bytes import statement_of_signed_bytes
from signing.statement import Level, Statement

# Over results joined with the entry that they may have. A failed or returned row never waits.
WAITS_FOR_NUMBER = (Result.passed, Result.returned_at_step.is_(None), Entry.entry.is_(None))

# Over submissions: those that may have such rows.
UNFINISHED = (Submission.status == SubmissionStatus.APPROVED, Submission.all_numbered.is_(False))

# The entry that a result has, looked up for each row: a join may read all entries there are.
_ITS_ENTRY = select(Entry.entry).where(Entry.result_id == Result.id).scalar_subquery()

# Made once: making a query takes longer than running it.
_LOCKED = TypedQuery(
    select(*SUBMISSION).where(Submission.id == bindparam("submission")).with_for_update(skip_locked=True)
)
_ALL = TypedQuery(
    select(*STORED, _ITS_ENTRY).where(Result.submission_id == bindparam("submission")).order_by(Result.row)
)
_UNFINISHED = TypedQuery(select(Submission.id).where(*UNFINISHED).order_by(Submission.received_at))
_PREDECESSORS = TypedQuery(
    # Locked, so that of two corrections that are numbered at once the second sees the first.
    select(Entry.entry, Entry.certificate_id, Entry.version, Entry.to_be_signed)
    .where(Entry.entry.in_(bindparam("entries", expanding=True)))
    .order_by(Entry.entry)
    .with_for_update()
)
_WAITING = TypedQuery(
    select(*STORED)
    .where(
        Result.submission_id == bindparam("submission"),
        Result.passed,
        Result.returned_at_step.is_(None),
        _ITS_ENTRY.is_(None),
    )
    .order_by(Result.row)
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class Predecessor:
    """The version that a correcting row replaces; ``newest`` is the last version that its certificate has."""

    entry: int
    certificate_id: UUID
    version: int
    newest: int
    to_be_signed: bytes
    statement: Statement


class Approved(NamedTuple):
    """One approved result that still needs a number, or an entry if it corrects a certificate.

    ``leaf`` is its row as it was confirmed, ``evidence`` what the signer will be shown of its submission.
    """

    result: StoredResult
    leaf: bytes
    evidence: Evidence
    issued_on: date
    scope: Scope
    corrects: Predecessor | None


def unfinished_submissions(session: Session) -> list[UUID]:
    """Return the approved submissions with passed results that have no entry, the oldest first."""
    return [row[0] for row in _UNFINISHED.read(session, {}) if not isinstance(row, OddRow)]


def lock_submission(session: Session, submission_id: UUID) -> StoredSubmission | None:
    """Return a submission, locked; ``None`` if there is none, or another worker holds it. Raises ``NotConfirmed``."""
    rows = _LOCKED.read(session, {"submission": submission_id})
    return stored_submission(submission_id, rows[0]) if rows else None


def results_to_number(
    session: Session,
    submission: StoredSubmission,
    confirmed: Confirmed | None,
    *,
    environment: str,
    most: int,
) -> tuple[list[StoredResult], Confirmed | None]:
    """Return the first results of a submission that wait for a number, by row, and what of it is confirmed.

    ``confirmed`` is what an earlier batch of the same submission found; ``None`` to have the decisions verified now. No
    result unless the submission is approved. Raises ``NotConfirmed``.
    """
    if submission.status != SubmissionStatus.APPROVED:
        return [], confirmed
    if confirmed is not None:
        waiting = _waiting(session, submission.id, most=most)
        confirmed.require(submission, waiting)
        return waiting, confirmed
    everything, waiting = _everything(session, submission.id)
    waiting = waiting[:most]
    if waiting:
        confirmed = require_confirmed(session, submission, everything, environment=environment)
    return waiting, confirmed


def _everything(session: Session, submission_id: UUID) -> tuple[list[StoredResult], list[StoredResult]]:
    """Return all results of a submission, and those of them that wait for a number. Raises ``NotConfirmed``."""
    everything, waiting = [], []
    for row in _ALL.read(session, {"submission": submission_id}):
        result = _result(submission_id, row if isinstance(row, OddRow) else row[:-1])
        everything.append(result)
        if row[-1] is None and _waits(result):
            waiting.append(result)
    return everything, waiting


def _result(submission_id: UUID, row: Sequence[Any] | OddRow) -> StoredResult:
    try:
        return stored_result(row)
    except NotEvidence as refusal:
        raise NotConfirmed(submission_id, str(refusal)) from None


def _waits(result: StoredResult) -> bool:
    return result.passed and result.returned_at_step is None


def _waiting(session: Session, submission_id: UUID, *, most: int) -> list[StoredResult]:
    found = _WAITING.read(session, {"submission": submission_id, "most": most})
    return [_result(submission_id, row) for row in found]


def plan(
    session: Session,
    submission: StoredSubmission,
    results: Sequence[StoredResult],
    confirmed: Confirmed,
    *,
    now: datetime,
) -> list[Approved]:
    """Return what these results, which must be confirmed, will become.

    Raises ``NotACorrection`` for a correcting row whose certificate it can not correct, and ``ClockBehind`` before the
    day of the office's decision: the signer would refuse what is dated earlier.
    """
    today = civil_date(now)
    if results and today < confirmed.decided_on:
        raise ClockBehind(today, confirmed.decided_on)
    predecessors = _predecessors(session, [result.corrects for result in results if result.corrects])
    scopes, evidence = _Scopes(submission), Evidence(confirmed.decisions, confirmed.hashes)
    leaves = confirmed.leaves
    return [_plan(result, leaves[result.id], evidence, scopes, predecessors, today) for result in results]


class _Scopes(dict[tuple[int, int], Scope]):
    """The scopes of one submission by year and level: few, however many rows it has."""

    def __init__(self, submission: StoredSubmission) -> None:
        self._submission = submission

    def __missing__(self, year_and_level: tuple[int, int]) -> Scope:
        year, level = year_and_level
        body = self._submission
        scope = self[year, level] = Scope(body.issuer, body.province, body.site_code, year, Level(level))
        return scope


def _plan(
    result: StoredResult,
    leaf: bytes,
    evidence: Evidence,
    scopes: _Scopes,
    predecessors: Mapping[int, Predecessor],
    today: date,
) -> Approved:
    corrected = None
    issued_on = result.issued_on or today
    if result.corrects is not None:
        corrected = predecessors.get(result.corrects)
        if corrected is None:
            raise NotACorrection(result.corrects, "there is no such entry")
        if corrected.version != corrected.newest:
            raise NotACorrection(result.corrects, "its certificate has a later version already")
        # The number stays, and with it the year in it.
        issued_on = corrected.statement.issued_on
        if corrected.statement.level != result.level:
            raise NotACorrection(result.corrects, "the level is part of the number; revoke and issue anew")
    scope = scopes[issued_on.year, result.level]
    return Approved(result, leaf, evidence, issued_on, scope, corrected)


def _predecessors(session: Session, entries: Sequence[int]) -> dict[int, Predecessor]:
    if not entries:
        return {}
    rows = [_require_readable(row) for row in _PREDECESSORS.read(session, {"entries": list(entries)})]
    last_version = (
        select(Entry.certificate_id, func.max(Entry.version))
        .where(Entry.certificate_id.in_([row[1] for row in rows]))
        .group_by(Entry.certificate_id)
    )
    newest = dict(session.execute(last_version).all())
    # A version that was lost with a database says nothing that could be corrected.
    return {
        entry: Predecessor(entry, given, version, newest[given] or 0, bytes_, _statement(entry, bytes_))
        for entry, given, version, bytes_ in rows
        if given is not None and version is not None and bytes_ is not None
    }


def _require_readable(row: Sequence[Any] | OddRow) -> Sequence[Any]:
    if isinstance(row, OddRow):
        raise NotACorrection(row.values[0], f"its {row.column} is not what the register stores there")
    return row


def _statement(entry: int, to_be_signed: bytes) -> Statement:
    try:
        return statement_of_signed_bytes(to_be_signed)
    except SigningError:
        raise NotACorrection(entry, "its bytes are no certificate's") from None
