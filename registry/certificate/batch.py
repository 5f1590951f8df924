"""The rows of one batch of new entries: numbers are given, the bytes to be signed composed, and both stored.

All in the caller's transaction; a rollback gives everything back.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from keys.signer.request import Evidence
from registry.certificate.approved import Approved
from registry.certificate.coverage import numbered_digest
from registry.certificate.lifecycle import Action, Status, next_status
from registry.certificate.numbering import OpenEpoch, Scope, take_entries, take_serials
from registry.certificate.tables import Certificate, Entry
from registry.database.many_rows import ManyRows
from registry.directory.profiles import NumberProfile
from registry.directory.series_numbers import SeriesNumbers
from registry.journal.record import record_entries
from registry.people.permission import Actor
from signing.statement import Statement, occupation_of
from signing.token import statement_to_be_signed


class NewCertificate(NamedTuple):
    """A row of the table of certificates."""

    id: UUID
    number: str
    profile: int
    series_key: str
    serial: int


class NewEntry(NamedTuple):
    """What is written once of a row of the table of entries."""

    entry: int
    certificate_id: UUID
    version: int
    result_id: UUID
    key_id: bytes
    to_be_signed: bytes
    numbered_at: datetime


_INSERT_CERTIFICATES: Final = ManyRows.inserting(Certificate, NewCertificate._fields)
_INSERT_ENTRIES: Final = ManyRows.inserting(Entry, NewEntry._fields, common=("status", "changed_at"))
_NUMBERED: Final = next_status(Status.APPROVED, Action.NUMBER)


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


class _Series(NamedTuple):
    """The numbers that a batch takes from one series."""

    key: str
    numbers: SeriesNumbers
    serials: Iterator[int]
    opening: bytes


@dataclass(slots=True)
class Batch:
    """The rows of one batch, on their way into the register; ``made`` is what the memory keeps of them."""

    profile: NumberProfile
    epoch: OpenEpoch
    environment: str
    now: datetime
    certificates: list[NewCertificate] = field(default_factory=list)
    entries: list[NewEntry] = field(default_factory=list)
    made: dict[int, Made] = field(default_factory=dict)

    def fix_bytes(self, session: Session, approved: Sequence[Approved]) -> None:
        """Give numbers and entries, and compose the bytes that will be signed."""
        series = self._take_series(session, approved)
        entries = take_entries(session, self.epoch, len(approved))
        if entries is None:
            raise OutOfEntries
        for entry, item in zip(entries, approved, strict=True):
            if item.corrects is None:
                self._add_first(entry, item, series[item.scope])
            else:
                before = item.corrects
                number, opening = before.statement.number, None
                self._add(entry, item, number, before.certificate_id, before.version + 1, opening)

    def _take_series(self, session: Session, approved: Sequence[Approved]) -> dict[Scope, _Series]:
        wanted = Counter(item.scope for item in approved if item.corrects is None)
        keys = {scope: scope.key(self.profile) for scope in wanted}
        serials = take_serials(session, Counter({keys[scope]: wanted[scope] for scope in wanted}))
        return {
            scope: _Series(key, SeriesNumbers.of(self.profile, scope.fields(self.profile)), *serials[key])
            for scope, key in keys.items()
        }

    def insert(self, session: Session, actor: Actor) -> None:
        """Store the rows, and the event that vouches for them, in the caller's transaction."""
        connection = session.connection()
        _INSERT_CERTIFICATES.run(connection, self.certificates)
        _INSERT_ENTRIES.run(connection, self.entries, status=_NUMBERED, changed_at=self.now)
        digest = numbered_digest(self.certificates, self.entries)
        given = [row.entry for row in self.entries]
        record_entries(session, Action.NUMBER, given, at=self.now, by=actor.account_id, digest=digest)

    def _add_first(self, entry: int, item: Approved, series: _Series) -> None:
        serial = next(series.serials)
        text, packed = series.numbers.number(serial)
        identifier = uuid4()
        row = NewCertificate(identifier, text, self.profile.code, series.key, serial)
        self.certificates.append(row)
        self._add(entry, item, packed, identifier, 1, series.opening)

    def _add(
        self,
        entry: int,
        item: Approved,
        number: bytes,
        certificate_id: UUID,
        version: int,
        opening: bytes | None,
    ) -> None:
        key_id = self.epoch.key_id
        statement = _statement(item, entry, number)
        bytes_ = statement_to_be_signed(statement, key_id=key_id, environment=self.environment)
        corrected = item.corrects.to_be_signed if item.corrects else None
        self.made[entry] = Made(bytes_, item.evidence, item.leaf, opening, corrected)
        row = NewEntry(entry, certificate_id, version, item.result.id, key_id, bytes_, self.now)
        self.entries.append(row)


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
        occupation=occupation_of(result.edition, result.occupation),
        direction=result.direction,
        level=item.scope.level,
        issued_on=item.issued_on,
    )
