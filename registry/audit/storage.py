"""The database by itself: its own integrity check, and rows that hang on nothing."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from registry.assessment.tables import Result, Submission
from registry.audit.finding import Finding, Kind
from registry.certificate.tables import Entry
from registry.intake.tables import Withdrawal
from registry.people.tables import Account, Appointment, EnrolledKey
from registry.request.tables import CertificateRequest
from registry.review.tables import ReturnedRow, SignedDecision

MOST = 100

# Each row on the left needs one on the right; what nothing needs, no event vouches for.
NEEDS: Final[tuple[tuple[Any, Any], ...]] = (
    (Appointment.account_id, Account.id),
    (EnrolledKey.account_id, Account.id),
    (Result.submission_id, Submission.id),
    (SignedDecision.submission_id, Submission.id),
    (ReturnedRow.decision_id, SignedDecision.id),
    (Withdrawal.submission_id, Submission.id),
    (CertificateRequest.entry, Entry.entry),
)


def integrity_faults(session: Session) -> Iterator[Finding]:
    """Yield what SQLite's own check says of the file: pages, indexes, constraints. PostgreSQL has none to ask."""
    if session.get_bind().dialect.name != "sqlite":
        return
    for (line,) in session.execute(text(f"PRAGMA integrity_check({MOST})")):
        if line != "ok":
            yield Finding(Kind.STORAGE, "*", "*", f"SQLite says: {line}")


def orphan_faults(session: Session) -> Iterator[Finding]:
    """Yield rows without the row that they hang on, at most ``MOST`` of each table."""
    for column, needed in NEEDS:
        key = column.class_.__table__.primary_key.columns
        alone = (
            select(*key)
            .select_from(column.class_)
            .outerjoin(needed.class_, needed == column)
            .where(needed.is_(None))
        )
        for row in session.execute(alone.limit(MOST)):
            name, table = "/".join(map(_text, row)), column.class_.__tablename__
            yield Finding(
                Kind.COVERAGE, table, name, f"no row of {needed.class_.__tablename__} is there for it"
            )


def _text(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
