"""A range of entries as it is stored, each with its certificate, its result and its submission, and its events."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.assessment.tables import Result, Submission
from registry.audit.events import IN_ORDER, READMIT, STORED, Stored
from registry.certificate.coverage import numbered_digest
from registry.certificate.tables import Certificate, Entry
from registry.journal.tables import Event


class Held(NamedTuple):
    """One entry with what hangs on it; what is not there is ``None``."""

    entry: int
    certificate_id: UUID | None
    version: int | None
    result_id: UUID | None
    key_id: bytes
    to_be_signed: bytes | None
    token: bytes | None
    status: str
    numbered_at: datetime
    changed_at: datetime
    found_certificate: UUID | None
    number: str
    profile: int
    series_key: str
    serial: int
    found_result: UUID | None
    holder_name: str
    id_check: int | None
    edition: int
    occupation: int
    direction: int | None
    level: int
    passed: bool
    issued_on: date | None
    corrects: int | None
    returned_at_step: str | None
    found_submission: UUID | None
    issuer: str
    province: str
    site_code: str

    @property
    def certificate(self) -> dict[str, Any]:
        """The certificate's columns."""
        return {
            "id": self.found_certificate,
            "number": self.number,
            "profile": self.profile,
            "series_key": self.series_key,
            "serial": self.serial,
        }


_FOUND = {"found_certificate": Certificate.id, "found_result": Result.id, "found_submission": Submission.id}
_OWNERS: dict[str, Any] = {
    **dict.fromkeys(Held._fields[:10], Entry),
    **dict.fromkeys(("number", "profile", "series_key", "serial"), Certificate),
    **dict.fromkeys(("issuer", "province", "site_code"), Submission),
}
_HELD = tuple(
    _FOUND[name] if name in _FOUND else getattr(_OWNERS.get(name, Result), name) for name in Held._fields
)


def held_entries(session: Session, first: int, last: int) -> list[Held]:
    """Return the entries first..last that are there, in their order."""
    query = (
        select(*_HELD)
        .select_from(Entry)
        .outerjoin(Certificate, Certificate.id == Entry.certificate_id)
        .outerjoin(Result, Result.id == Entry.result_id)
        .outerjoin(Submission, Submission.id == Result.submission_id)
        .where(Entry.entry.between(first, last))
        .order_by(Entry.entry)
    )
    return [Held._make(row) for row in session.execute(query)]


def events_on(session: Session, first: int, last: int, *, longest: int) -> list[Stored]:
    """Return the events on any of the entries first..last, in their order; no run is longer than ``longest``."""
    query = (
        select(*STORED)
        .where(Event.first_entry.between(first - longest + 1, last), Event.last_entry >= first)
        .order_by(*IN_ORDER)
    )
    return [Stored._make(row) for row in session.execute(query)]


def digest_of_run(rows: Sequence[Held], event: Stored, *, spare: Collection[UUID] = ()) -> bytes:
    """Return what an event should vouch for that numbered, restored or readmitted exactly these entries.

    ``spare`` are certificates that were there before: a restore had made them for a serial that nobody knew an entry
    of.
    """
    if event.act == READMIT:
        return numbered_digest([], rows)
    firsts = [row for row in rows if row.version == 1 and row.certificate_id is not None]
    return numbered_digest([row.certificate for row in firsts if row.certificate_id not in spare], rows)
