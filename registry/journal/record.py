"""Writing an event: in the transaction of the act, or not at all.

Details name codes, numbers, counts and key ids. No name and no ID number of a person is ever in an event.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.journal.tables import Event


def record(
    session: Session, act: str, subject: str, *, at: datetime, by: UUID | None = None, **details: Any
) -> None:
    """Insert one event about one subject (``entry:17``, ``submission:UUID``)."""
    record_all(session, act, [(subject, details)], at=at, by=by)


def record_all(
    session: Session,
    act: str,
    subjects: list[tuple[str, dict[str, Any]]],
    *,
    at: datetime,
    by: UUID | None = None,
) -> None:
    """Insert one event for each subject, in one statement."""
    rows = [
        {"at": at, "actor_id": by, "act": act, "subject": subject, "details": details}
        for subject, details in subjects
    ]
    if rows:
        session.execute(insert(Event), rows)
