"""What happened to a body's submissions and certificates, in the order in which the journal's chain has it.

Places in the chain are dense, and are given after the acts are committed; so whoever goes on behind the place that he
saw last misses nothing and is told nothing twice. An act that has no place yet is told later. Nothing personal is told:
rows, numbers and statuses.

A call looks at a bounded piece of the journal, whoever's acts are in it. Where nothing of the body is in that piece,
the call tells nothing, and how far it has come.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from registry.assessment.status import AFTER_CONFIRMATION, SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.certificate.lifecycle import Status
from registry.certificate.ownership import series_of_body
from registry.certificate.tables import Certificate, Entry
from registry.directory.profiles import Profiles
from registry.journal.tables import Event
from registry.request.kinds import ASK, ENDED_BY, RequestStatus
from registry.request.tables import CertificateRequest
from signing.evidence import Step

EVENTS: Final = 500
ENTRIES: Final = 20_000
"""How much of the journal one call looks at: so many events, on so many entries; at least one event."""

RETURNED: Final = "return"
"""What is told of each row that a decision sent back, after the decision."""

RETURNED_STATUS: Final = SubmissionStatus.RETURNED.value

_AFTER: Final[Mapping[str, str]] = {
    "submit": SubmissionStatus.RECEIVED.value,
    "check_ids": SubmissionStatus.PROVINCE.value,
    "withdraw": SubmissionStatus.WITHDRAWN.value,
}


class Cursor(NamedTuple):
    """Up to where changes were told: a place in the chain, and within its act a row or an entry; 0 before all."""

    place: int
    within: int


START: Final = Cursor(0, 0)
_WHOLE: Final = (1 << 62) - 1
"""Behind everything that one act can have done."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change. ``status`` is what it made of the submission, the row's entry or the request; ``None`` for others.

    ``submission_id`` and ``row`` are ``None`` for an entry whose submission was lost, ``row`` for one that is about a
    submission as a whole, ``request_id`` for all but what is about a request.
    """

    place: int
    at: datetime
    kind: str
    submission_id: UUID | None = None
    row: int | None = None
    number: str | None = None
    entry: int | None = None
    request_id: UUID | None = None
    status: str | None = None


class _Told(NamedTuple):
    place: int
    at: datetime
    act: str
    subject: str
    details: dict[str, Any]
    first_entry: int | None
    last_entry: int | None


_Found = tuple[Cursor, Change]


def changes_after(
    session: Session, issuer: str, profiles: Profiles, cursor: Cursor, *, limit: int
) -> tuple[list[Change], Cursor, bool]:
    """Return the next changes of a body, where to go on, and whether the journal goes on behind that.

    In five queries, however many events there are.
    """
    piece = _piece(session, cursor)
    if not piece:
        return [], cursor, False
    found = sorted(
        [
            *_of_submissions(session, issuer, piece),
            *_of_requests(session, issuer, piece),
            *_of_entries(session, issuer, profiles, piece, cursor, limit),
        ],
        key=lambda each: each[0],
    )
    waiting = [each for each in found if each[0] > cursor]
    told = waiting[:limit]
    if len(waiting) > limit:
        return [change for _, change in told], told[-1][0], True
    end = Cursor(piece[-1].place, _WHOLE)
    last = session.scalar(select(func.max(Event.place))) or 0
    return [change for _, change in told], end, last > end.place


def _piece(session: Session, cursor: Cursor) -> list[_Told]:
    columns = [getattr(Event, name) for name in _Told._fields]
    # Of an act that was told to its end, nothing is left.
    begin = Event.place > cursor.place if cursor.within == _WHOLE else Event.place >= cursor.place
    query = select(*columns).where(begin, Event.place.is_not(None)).order_by(Event.place).limit(EVENTS)
    piece: list[_Told] = []
    entries = 0
    for row in session.execute(query):
        event = _Told._make(row)
        entries += _length(event)
        if piece and entries > ENTRIES:
            break
        piece.append(event)
    return piece


def _length(event: _Told) -> int:
    if event.first_entry is None or event.last_entry is None:
        return 0
    return event.last_entry - event.first_entry + 1


def _of_submissions(session: Session, issuer: str, piece: Sequence[_Told]) -> list[_Found]:
    about = _subjects(piece, "submission")
    mine = select(Submission.id).where(Submission.id.in_(about.values()), Submission.issuer == issuer)
    own = set(session.scalars(mine))
    found: list[_Found] = []
    for event in piece:
        submission = about.get(event.place)
        if submission not in own:
            continue
        change = Change(event.place, event.at, event.act, submission, status=_status(event))
        found.append((Cursor(event.place, 0), change))
        for row in event.details.get("returned", ()):
            sent_back = Change(event.place, event.at, RETURNED, submission, row, status=RETURNED_STATUS)
            found.append((Cursor(event.place, row), sent_back))
    return found


def _status(event: _Told) -> str | None:
    """Return what an act makes of a submission."""
    if event.act.startswith("decide_"):
        confirmed = AFTER_CONFIRMATION[Step(event.act.removeprefix("decide_"))]
        return (confirmed if event.details.get("rows") else SubmissionStatus.RETURNED).value
    return _AFTER.get(event.act)


def _of_requests(session: Session, issuer: str, piece: Sequence[_Told]) -> list[_Found]:
    about = _subjects(piece, "request")
    mine = select(CertificateRequest.id, CertificateRequest.number, CertificateRequest.entry).where(
        CertificateRequest.id.in_(about.values()), CertificateRequest.issuer == issuer
    )
    own = {identifier: (number, entry) for identifier, number, entry in session.execute(mine)}
    after = {ASK: RequestStatus.OPEN, **ENDED_BY}
    found: list[_Found] = []
    for event in piece:
        identifier = about.get(event.place)
        if identifier is None or identifier not in own:
            continue
        number, entry = own[identifier]
        change = Change(
            event.place,
            event.at,
            event.act,
            number=number,
            entry=entry,
            request_id=identifier,
            status=after[event.act].value,
        )
        found.append((Cursor(event.place, 0), change))
    return found


def _of_entries(
    session: Session, issuer: str, profiles: Profiles, piece: Sequence[_Told], cursor: Cursor, limit: int
) -> list[_Found]:
    """Return the body's entries among those that these acts were done to, at most one more than are told."""
    query = (
        select(Event.place, Entry.entry, Certificate.number, Result.submission_id, Result.row)
        .join(Entry, Entry.entry.between(Event.first_entry, Event.last_entry))
        .join(Certificate, Certificate.id == Entry.certificate_id)
        .outerjoin(Result, Result.id == Entry.result_id)
        .where(
            Event.place.between(piece[0].place, piece[-1].place),
            tuple_(Event.place, Entry.entry) > tuple(cursor),
            series_of_body(Certificate.series_key, issuer, profiles),
        )
        .order_by(Event.place, Entry.entry)
        .limit(limit + 1)
    )
    events = {event.place: event for event in piece}
    found: list[_Found] = []
    for place, entry, number, submission, row in session.execute(query):
        event = events[place or 0]
        status = event.details.get("after", Status.NUMBERED.value if event.act == "number" else None)
        change = Change(event.place, event.at, event.act, submission, row, number, entry, status=status)
        found.append((Cursor(event.place, entry), change))
    return found


def _subjects(piece: Sequence[_Told], kind: str) -> dict[int, UUID]:
    """Return what the acts on one kind of subject were done to, by place."""
    return {
        event.place: UUID(event.subject.partition(":")[2])
        for event in piece
        if event.subject.startswith(f"{kind}:")
    }
