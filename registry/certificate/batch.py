"""The rows of one batch of new entries: numbers are given, the bytes to be signed composed, and both stored.

All in the caller's transaction; a rollback gives everything back.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.orm import Session

from keys.signer.request import Evidence
from registry.certificate.approved import Approved
from registry.certificate.coverage import numbered_digest
from registry.certificate.lifecycle import Action, Status, next_status
from registry.certificate.numbering import OpenEpoch, Serials, take_entries, take_serials
from registry.certificate.tables import Certificate, Entry
from registry.directory.profiles import NumberProfile
from registry.directory.series_numbers import SeriesNumbers
from registry.journal.record import record_entries
from registry.people.permission import Actor
from signing.statement import Level, Occupation, Statement
from signing.token import statement_to_be_signed

_INSERT_CERTIFICATE = insert(Certificate.__table__)  # type: ignore[arg-type]
_INSERT_ENTRY = insert(Entry.__table__)  # type: ignore[arg-type]


class Made(NamedTuple):
    """What was numbered, with everything that shows the signer that it may be signed.

    ``opening`` is that of the number's series, ``None`` for a correction, which has ``corrected`` instead: the bytes
    of the version that it corrects.
    """

    to_be_signed: bytes
    evidence: Evidence
    row: bytes
    opening: bytes | None
    corrected: bytes | None


class OutOfEntries(Exception):
    """Another transaction took the entries that this one had planned; plan anew."""


@dataclass(slots=True)
class Batch:
    """The rows of one batch, on their way into the register; ``made`` is what the memory keeps of them."""

    profile: NumberProfile
    epoch: OpenEpoch
    environment: str
    now: datetime
    certificates: list[dict[str, Any]] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    made: dict[int, Made] = field(default_factory=dict)

    def fix_bytes(self, session: Session, approved: Sequence[Approved]) -> None:
        """Give numbers and entries, and compose the bytes that will be signed."""
        wanted = Counter(item.scope for item in approved if item.corrects is None)
        scopes = {scope: scope.key(self.profile) for scope in wanted}
        serials = take_serials(session, Counter({scopes[scope]: wanted[scope] for scope in wanted}))
        numbers = {scope: SeriesNumbers.of(self.profile, scope.fields(self.profile)) for scope in wanted}
        entries = take_entries(session, self.epoch, len(approved))
        if entries is None:
            raise OutOfEntries
        for entry, item in zip(entries, approved, strict=True):
            if item.corrects is None:
                key = scopes[item.scope]
                self._add_first(entry, item, key, serials[key], numbers[item.scope])
            else:
                before = item.corrects
                number, opening = before.statement.number, None
                self._add(entry, item, number, before.certificate_id, before.version + 1, opening)

    def insert(self, session: Session, actor: Actor) -> None:
        """Store the rows, and the event that vouches for them, in the caller's transaction."""
        if self.certificates:
            session.connection().execute(_INSERT_CERTIFICATE, self.certificates)
        session.connection().execute(_INSERT_ENTRY, self.entries)
        digest = numbered_digest(self.certificates, self.entries)
        given = [row["entry"] for row in self.entries]
        record_entries(session, Action.NUMBER, given, at=self.now, by=actor.account_id, digest=digest)

    def _add_first(
        self, entry: int, item: Approved, series_key: str, serials: Serials, numbers: SeriesNumbers
    ) -> None:
        serial = next(serials.next)
        text, packed = numbers.number(serial)
        identifier = uuid4()
        self.certificates.append(
            {
                "id": identifier,
                "number": text,
                "profile": self.profile.code,
                "series_key": series_key,
                "serial": serial,
            }
        )
        self._add(entry, item, packed, identifier, 1, serials.opening)

    def _add(
        self,
        entry: int,
        item: Approved,
        number: bytes,
        certificate_id: UUID,
        version: int,
        opening: bytes | None,
    ) -> None:
        statement = _statement(item, entry, number)
        bytes_ = statement_to_be_signed(statement, key_id=self.epoch.key_id, environment=self.environment)
        corrected = item.corrects.to_be_signed if item.corrects else None
        self.made[entry] = Made(bytes_, item.evidence, item.leaf, opening, corrected)
        self.entries.append(
            {
                "entry": entry,
                "certificate_id": certificate_id,
                "version": version,
                "result_id": item.result.id,
                "key_id": self.epoch.key_id,
                "to_be_signed": bytes_,
                "token": None,
                "status": next_status(Status.APPROVED, Action.NUMBER),
                "numbered_at": self.now,
                "changed_at": self.now,
            }
        )


def _statement(item: Approved, entry: int, number: bytes) -> Statement:
    """Return what the certificate will say. Nothing but what the reviewers confirmed, and its number."""
    result = item.result
    if result.id_check is None:
        raise ValueError(f"result {result.id} was approved without an ID check")
    return Statement(
        entry=entry,
        number=number,
        holder_name=result.holder_name,
        id_check=result.id_check,
        occupation=Occupation(result.edition, result.occupation),
        direction=result.direction,
        level=Level(result.level),
        issued_on=item.issued_on,
    )
