"""Writing an event: in the transaction of the act, or not at all.

Details name codes, numbers, counts and key ids. No name and no ID number of a person is ever in an event.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.journal.tables import Event

_INSERT = insert(Event.__table__)  # type: ignore[arg-type]


def record(
    session: Session,
    act: str,
    subject: str,
    *,
    at: datetime,
    by: UUID | None = None,
    digest: bytes | None = None,
    **details: Any,
) -> None:
    """Insert one event about one subject (``submission:UUID``); ``digest`` is over the rows that the act wrote."""
    session.connection().execute(_INSERT, [_row(act, subject, details, digest, at=at, by=by)])


def record_entries(
    session: Session,
    act: str,
    entries: Sequence[int],
    *,
    at: datetime,
    by: UUID | None = None,
    digest: bytes | None = None,
    **details: Any,
) -> None:
    """Insert one event for each run of consecutive entries among these, which are ascending; all in one statement.

    A thousand entries that were moved on together take one row, not a thousand. ``digest`` is over the rows written for
    all of them, so whoever gives one gives a single run.
    """
    rows = []
    for first, last in runs_of(entries):
        subject = f"entry:{first}" if first == last else f"entries:{first}-{last}"
        rows.append(_row(act, subject, details, digest, at=at, by=by, first=first, last=last))
    if rows:
        session.connection().execute(_INSERT, rows)


def runs_of(entries: Sequence[int]) -> list[tuple[int, int]]:
    """Return the runs of consecutive numbers, each as its first and last; ``entries`` is ascending."""
    runs: list[tuple[int, int]] = []
    for entry in entries:
        if runs and entry == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], entry)
        else:
            runs.append((entry, entry))
    return runs


def _row(
    act: str,
    subject: str,
    details: dict[str, Any],
    digest: bytes | None,
    *,
    at: datetime,
    by: UUID | None,
    first: int | None = None,
    last: int | None = None,
) -> dict[str, Any]:
    return {
        "at": at,
        "actor_id": by,
        "act": act,
        "subject": subject,
        "details": details,
        "first_entry": first,
        "last_entry": last,
        "digest": digest,
    }
