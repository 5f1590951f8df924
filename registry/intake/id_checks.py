"""The ID checks of a submission's rows: made in the background after it was received, before anybody reviews it.

Each costs 100,000 rounds of PBKDF2 on purpose (formats.md §5), about 20 ms, so none is ever made in the issuing
transaction. Work is found by status: a submission that is *received* still lacks some. One that is withdrawn meanwhile
gets no more: its withdrawal vouches for those that it has.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from os import cpu_count
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.orm import Session

from registry.assessment.coverage import id_checks_digest
from registry.assessment.status import SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.database.sessions import Sessions
from registry.database.typed_rows import OddRow, TypedQuery
from registry.intake.errors import RowNotReadable
from registry.journal.currency import require_up_to_date, require_up_to_date_before
from registry.journal.record import record
from registry.personal_data import Sealer
from signing.id_check import IdType, id_check

CHUNK = 64


class _Unchecked(NamedTuple):
    """A row that lacks its ID check."""

    id: UUID
    id_type: str
    sealed_id_number: bytes


# Made once: making a query takes longer than running it.
_QUERY = (
    select(Result.id, Result.id_type, Result.sealed_id_number)
    .join(Submission, Submission.id == Result.submission_id)
    .where(
        Result.submission_id == bindparam("submission"),
        Result.id_check.is_(None),
        Submission.status == SubmissionStatus.RECEIVED,
    )
    .order_by(Result.row)
    .limit(bindparam("most"))
)
_MISSING, _MISSING_LOCKED = (
    TypedQuery(query) for query in (_QUERY, _QUERY.with_for_update(of=Result, skip_locked=True))
)
_AWAITING = TypedQuery(
    select(Submission.id)
    .where(Submission.status == SubmissionStatus.RECEIVED)
    .order_by(Submission.received_at)
)
_CHECKS = TypedQuery(
    select(Result.row, Result.id_check)
    .where(Result.submission_id == bindparam("submission"))
    .order_by(Result.row)
)
_STATUS = select(Submission.status).where(Submission.id == bindparam("submission"))
_STATUS_LOCKED, _STATUS_SHARED = _STATUS.with_for_update(), _STATUS.with_for_update(read=True)


def compute_id_checks(
    sessions: Sessions,
    sealer: Sealer,
    salt: bytes,
    submission_id: UUID,
    *,
    now: datetime,
    progress: Callable[[int], None],
    most: int | None = None,
) -> int:
    """Compute and store what is missing, then let the province's review begin; return how many were computed.

    Durable after each chunk of 64, so a crash repeats at most one chunk. ``progress`` is told how many more are
    done. On all cores: the key derivation leaves the interpreter's lock. ``most``: begin no further chunk after so
    many rows; ``None`` for all. Several workers may be at one submission: on PostgreSQL they take different rows.
    Raises ``RegisterOutdated``, and ``SealBroken`` or ``RowNotReadable`` for rows that are not what intake stored.
    """
    require_up_to_date_before(sessions)
    done = 0
    with ThreadPoolExecutor(max_workers=cpu_count()) as pool:

        def checks_of(chunk: Sequence[_Unchecked]) -> list[int]:
            return list(pool.map(lambda result: _check(result, sealer, salt), chunk))

        while most is None or done < most:
            count = _compute_chunk(sessions, submission_id, checks_of)
            if not count:
                break
            done += count
            progress(count)
    sessions.run(lambda session: _begin_review(session, submission_id, now=now), idempotent=True)
    return done


def submissions_awaiting_id_checks(session: Session) -> list[UUID]:
    """Return the submissions that wait for their ID checks, the oldest first."""
    return [row[0] for row in _AWAITING.read(session, {}) if not isinstance(row, OddRow)]


def _compute_chunk(
    sessions: Sessions, submission_id: UUID, checks_of: Callable[[Sequence[_Unchecked]], list[int]]
) -> int:
    if sessions.locks_rows:

        def act(session: Session) -> int:
            chunk = _missing(session, submission_id, lock=True)
            _keep(session, submission_id, chunk, checks_of(chunk))
            return len(chunk)

        return sessions.run(act, idempotent=True)
    # One lock for all is not held while this computes: two workers may compute the same, and store the same.
    chunk = sessions.read(lambda session: _missing(session, submission_id))
    if not chunk:
        return 0
    checks = checks_of(chunk)
    sessions.run(lambda session: _keep(session, submission_id, chunk, checks), idempotent=True)
    return len(chunk)


def _missing(session: Session, submission_id: UUID, *, lock: bool = False) -> list[_Unchecked]:
    wanted = {"submission": submission_id, "most": CHUNK}
    rows = (_MISSING_LOCKED if lock else _MISSING).read(session, wanted)
    found = [_Unchecked._make(row) for row in _readable(submission_id, rows)]
    if not all(each.id_type in set(IdType) for each in found):
        raise RowNotReadable(submission_id, Result.id_type.key)
    return found


def _readable(submission_id: UUID, rows: Sequence[Any]) -> Sequence[Any]:
    for row in rows:
        if isinstance(row, OddRow):
            raise RowNotReadable(submission_id, row.column)
    return rows


def _check(result: _Unchecked, sealer: Sealer, salt: bytes) -> int:
    number = sealer.open(result.sealed_id_number, place=f"result:{result.id}").decode()
    return id_check(salt, IdType(result.id_type), number)


def _keep(
    session: Session, submission_id: UUID, results: Sequence[_Unchecked], checks: Sequence[int]
) -> None:
    rows = [{"id": result.id, "id_check": check} for result, check in zip(results, checks, strict=True)]
    # Its body may have withdrawn it while this computed, or waits with that until these are stored.
    if rows and _status(session, _STATUS_SHARED, submission_id) == SubmissionStatus.RECEIVED:
        session.execute(update(Result), rows)


def _status(session: Session, query: Select[str], submission_id: UUID) -> str:
    """Return its status alone: no other column matters here, whatever somebody wrote into it."""
    return session.connection().execute(query, {"submission": submission_id}).scalar_one()


def _begin_review(session: Session, submission_id: UUID, *, now: datetime) -> None:
    require_up_to_date(session)
    wanted = {"submission": submission_id}
    status = _status(session, _STATUS_LOCKED, submission_id)
    if status != SubmissionStatus.RECEIVED or _is_incomplete(session, submission_id):
        return
    checks = _readable(submission_id, _CHECKS.read(session, wanted))
    moved = update(Submission).where(Submission.id == submission_id)
    session.execute(moved.values(status=SubmissionStatus.PROVINCE))
    digest = id_checks_digest((row, check) for row, check in checks)
    record(session, "check_ids", f"submission:{submission_id}", at=now, digest=digest)


def _is_incomplete(session: Session, submission_id: UUID) -> bool:
    # Another worker may be at the rows that this one passed by, or there were more than it was to compute.
    missing = select(Result.row).where(Result.submission_id == submission_id, Result.id_check.is_(None))
    return session.scalar(missing.limit(1)) is not None
