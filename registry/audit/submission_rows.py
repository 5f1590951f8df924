"""Submissions as they are stored: each with its results, its events, its decisions and the rows they returned."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from registry.assessment.tables import Result, Submission
from registry.audit.events import IN_ORDER, STORED, Stored
from registry.certificate.approved import WAITS_FOR_NUMBER
from registry.certificate.tables import Entry
from registry.database.metadata import Base
from registry.intake.tables import Withdrawal
from registry.journal.tables import Event
from registry.people.body_keys import REVOKE_KEY
from registry.people.tables import EnrolledKey
from registry.review.tables import ReturnedRow, SignedDecision


@dataclass(slots=True)
class Handed:
    """One submission with what hangs on it; ``results`` by row, ``events`` in their order.

    Rows are read as columns, without anything that remembers or writes them. ``keys`` are those that signed it and the
    decisions on it, ``revocations`` the ids of the events that revoked some of them; ``unnumbered`` is how many rows
    passed and have no entry; ``withdrawal`` is ``None`` where its body did not take it back.
    """

    submission: Any
    keys: Mapping[bytes, Any]
    revocations: Mapping[bytes, int]
    results: list[Any] = field(default_factory=list)
    events: list[Stored] = field(default_factory=list)
    decisions: list[Any] = field(default_factory=list)
    returned: defaultdict[UUID, list[Any]] = field(default_factory=lambda: defaultdict(list))
    withdrawal: Any = None
    unnumbered: int = 0

    @property
    def name(self) -> str:
        """The submission's key as text."""
        return str(self.submission.id)

    def events_of(self, act: str) -> list[Stored]:
        """Return the events of one act."""
        return [event for event in self.events if event.act == act]


def columns_of(table: type[Base]) -> Table:
    """Return the table, to be selected column by column."""
    return table.__table__  # type: ignore[return-value]


_EVENTS = select(*STORED).order_by(*IN_ORDER)
_UNNUMBERED = (
    select(Result.submission_id, func.count())
    .outerjoin(Entry, Entry.result_id == Result.id)
    .where(*WAITS_FOR_NUMBER)
    .group_by(Result.submission_id)
)


def handed_in(session: Session, ids: Sequence[UUID]) -> list[Handed]:
    """Return these submissions, in nine queries however many they are."""
    submission, result = columns_of(Submission), columns_of(Result)
    decision, returned = columns_of(SignedDecision), columns_of(ReturnedRow)
    keys: dict[bytes, Any] = {}
    revocations: dict[bytes, int] = {}
    rows = session.execute(select(submission).where(submission.c.id.in_(ids)).order_by(submission.c.id))
    found = {row.id: Handed(row, keys, revocations) for row in rows}
    results = select(result).where(result.c.submission_id.in_(ids))
    for row in session.execute(results.order_by(result.c.submission_id, result.c.row)):
        found[row.submission_id].results.append(row)
    subjects = {f"submission:{identifier}": identifier for identifier in found}
    for row in session.execute(_EVENTS.where(Event.subject.in_(list(subjects)))):
        found[subjects[row.subject]].events.append(Stored._make(row))
    taken_back = columns_of(Withdrawal)
    for row in session.execute(select(taken_back).where(taken_back.c.submission_id.in_(ids))):
        found[row.submission_id].withdrawal = row
    decided = {}
    for row in session.execute(select(decision).where(decision.c.submission_id.in_(ids))):
        found[row.submission_id].decisions.append(row)
        decided[row.id] = found[row.submission_id]
    sent_back = select(returned).where(returned.c.decision_id.in_(list(decided)))
    for row in session.execute(sent_back.order_by(returned.c.row)):
        decided[row.decision_id].returned[row.decision_id].append(row)
    for identifier, count in session.execute(_UNNUMBERED.where(Result.submission_id.in_(list(found)))):
        found[identifier].unnumbered = count
    keys |= _signing_keys(session, found.values())
    revocations |= _revocations(session, keys.values())
    return list(found.values())


def _signing_keys(session: Session, handed: Iterable[Handed]) -> dict[bytes, Any]:
    key = columns_of(EnrolledKey)
    named = {item.submission.key_id for item in handed}
    named |= {decision.key_id for item in handed for decision in item.decisions}
    named |= {item.withdrawal.key_id for item in handed if item.withdrawal is not None}
    return {row.key_id: row for row in session.execute(select(key).where(key.c.key_id.in_(named)))}


def _revocations(session: Session, keys: Iterable[Any]) -> dict[bytes, int]:
    """Return the id of the event that revoked a key, by the key; of several the first."""
    accounts = {f"account:{key.account_id}" for key in keys if key.revoked_at is not None}
    query = select(Event.id, Event.details).where(Event.act == REVOKE_KEY, Event.subject.in_(list(accounts)))
    named = {
        str(details.get("key")): event for event, details in session.execute(query.order_by(Event.id.desc()))
    }
    return {key.key_id: named[key.key_id.hex()] for key in keys if key.key_id.hex() in named}
