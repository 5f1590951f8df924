"""Entries that were given and are not in the database: as rows again, as far as anybody knows them.

An entry whose number the signer knows gets its certificate back; one whose result is in the backup is whole again
(``rejoining``); of the others only the place is known. What the public was told was released keeps that status: to
void it would be to take back what every offline verifier was told. What lost leaves of the public log tell counts too.
All others are void, and their numbers stay used.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from itertools import groupby
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from keys.signer.history import SignedEntry
from registry.backup.errors import NoEpochFor, NumberContradicts, StatusContradicts
from registry.backup.numbers import ReadNumber, read_number
from registry.backup.outside import Outside, public_state
from registry.backup.public_word import ACT
from registry.backup.rejoining import Candidates, Found, finish_submissions
from registry.certificate.coverage import numbered_digest
from registry.certificate.lifecycle import FINAL, WAS_RELEASED, Status
from registry.certificate.tables import Certificate, Entry, Epoch, Series
from registry.civil_time import SHANGHAI
from registry.directory.profiles import Profiles
from registry.journal.leaves import BY_LOG
from registry.journal.record import record_entries
from registry.log.lost_word import LostWord
from registry.people.permission import Actor
from signing.signed_bytes import statement_of_signed_bytes

BATCH: Final = 1000


@dataclass(slots=True)
class LostEntries:
    """Writes the rows of lost entries, in batches, and counts them by status and by who knew of them."""

    session: Session
    actor: Actor
    profiles: Profiles
    candidates: Candidates
    outside: Outside
    epochs: Sequence[Epoch]
    log: LostWord
    now: datetime
    counts: dict[tuple[Status, str], int] = field(default_factory=dict)
    rejoined: int = 0
    unknown_released: int = 0
    series: set[str] = field(default_factory=set)

    def write(self, first: int, last: int, signed: Mapping[int, SignedEntry]) -> None:
        """Write the entries first..last, with their certificates, and an event for each run of a kind.

        ``signed`` is what the signer knows of them. Raises ``NoEpochFor`` or ``NumberContradicts``.
        """
        for start in range(first, last + 1, BATCH):
            entries = range(start, min(start + BATCH, last + 1))
            self._write_batch([(entry, signed.get(entry)) for entry in entries])
        if self.rejoined:
            finish_submissions(self.session)

    def _write_batch(self, lost: Sequence[tuple[int, SignedEntry | None]]) -> None:
        given = _Given.read(self.session, self.profiles, [one for _, one in lost if one is not None])
        self.series |= {number.series_key for number in given.numbers.values()}
        rows = [self._row(entry, signed, given) for entry, signed in lost]
        self.session.flush()
        if given.new:
            self.session.execute(insert(Certificate.__table__), given.new)  # type: ignore[arg-type]
        self.session.execute(insert(Entry.__table__), [row for row, _ in rows])  # type: ignore[arg-type]
        made = {row["id"]: row for row in given.new}
        for (status, known), run in groupby(rows, key=lambda one: (one[0]["status"], one[1])):
            entries = [row for row, _ in run]
            self.counts[status, known] = self.counts.get((status, known), 0) + len(entries)
            self._record(entries, made, known)

    def _row(self, entry: int, signed: SignedEntry | None, given: "_Given") -> tuple[dict[str, Any], str]:
        status, known = self._fate(entry, signed)
        found = self._found(signed, given) if signed is not None and status is not Status.VOID else None
        certificate_id, version = given.take(signed) if signed is not None else (None, None)
        if status is not Status.VOID and signed is None:
            self.unknown_released += 1
        row = {
            "entry": entry,
            "certificate_id": certificate_id,
            "version": version,
            "result_id": found and found.result.id,
            "key_id": self._key_of(entry, signed),
            "to_be_signed": found and found.to_be_signed,
            "token": None,
            "status": status,
            "numbered_at": self._numbered_at(found),
            "changed_at": self.now,
        }
        self.rejoined += found is not None
        return row, known

    def _fate(self, entry: int, signed: SignedEntry | None) -> tuple[Status, str]:
        """Return the status that the entry has from now on, and who knew of it. Raises ``StatusContradicts``.

        The log and the public status both tell; what is final counts, then what takes a certificate out of force.
        """
        public = public_state(self.outside.status, entry) if self.outside.status else None
        known = "signer" if signed is not None else "public" if public else "stated"
        told = self.log.told.get(entry)
        # 1. Final there: it is not what the public status calls something else that is final, or released.
        if told in FINAL:
            is_released = public in WAS_RELEASED and told is Status.VOID
            if public is not told and (public in FINAL or is_released):
                raise StatusContradicts(entry, str(told), str(public))
            return told, BY_LOG
        # 2. Final in the status, whose leaf had not followed yet.
        if public in FINAL:
            return public, known
        # 3. Suspended; a suspension that was lifted stays, unless the public was told.
        if told is Status.SUSPENDED:
            return told, BY_LOG
        if entry in self.log.lifted and public is not Status.RELEASED:
            return Status.SUSPENDED, known
        # 4. Released: as the status says, or because it took the place of the version before it.
        if public in WAS_RELEASED:
            return public, known
        took_a_place = signed is not None and self.log.told.get(signed.corrects or 0) is Status.SUPERSEDED
        return (Status.RELEASED, BY_LOG) if took_a_place else (Status.VOID, known)

    def _found(self, signed: SignedEntry, given: "_Given") -> Found | None:
        corrected = None
        if signed.corrects is not None:
            bytes_ = self.session.scalar(select(Entry.to_be_signed).where(Entry.entry == signed.corrects))
            corrected = None if bytes_ is None else statement_of_signed_bytes(bytes_)
        return self.candidates.find(signed, given.numbers[signed.number].series_key, corrected)

    def _numbered_at(self, found: Found | None) -> datetime:
        if found is None or found.result.issued_on is not None or found.result.corrects is not None:
            return self.now
        # The day was the day of issue; at which hour, nobody knows any more.
        return datetime.combine(found.issued_on, time(), SHANGHAI)

    def _key_of(self, entry: int, signed: SignedEntry | None) -> bytes:
        for epoch in self.epochs:
            named = signed is None or signed.key_id == epoch.key_id
            if named and epoch.first_entry <= entry <= epoch.last_entry:
                return epoch.key_id
        raise NoEpochFor(entry)

    def _record(self, entries: list[dict[str, Any]], made: dict[UUID, dict[str, Any]], known: str) -> None:
        certificates = [made.pop(row["certificate_id"]) for row in entries if row["certificate_id"] in made]
        record_entries(
            self.session,
            ACT,
            [row["entry"] for row in entries],
            at=self.now,
            by=self.actor.account_id,
            digest=numbered_digest(certificates, entries),
            after=entries[0]["status"],
            known=known,
        )


@dataclass(slots=True)
class _Given:
    """The numbers of a batch: what they are, which have a certificate already, and the rows of those that have none."""

    numbers: dict[bytes, ReadNumber]
    certificates: dict[str, tuple[UUID, int]]
    issued: dict[str, int]
    new: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def read(cls, session: Session, profiles: Profiles, signed: Sequence[SignedEntry]) -> "_Given":
        numbers = {one.number: read_number(one.number, profiles) for one in signed}
        texts = [number.text for number in numbers.values()]
        stored = (
            select(Certificate.number, Certificate.id, func.max(Entry.version))
            .outerjoin(Entry, Entry.certificate_id == Certificate.id)
            .where(Certificate.number.in_(texts))
            .group_by(Certificate.number, Certificate.id)
        )
        certificates = {text: (found, version or 0) for text, found, version in session.execute(stored)}
        keys = {number.series_key for number in numbers.values()}
        issued = select(Series.key, Series.issued).where(Series.key.in_(keys))
        return cls(numbers, certificates, dict(session.execute(issued).all()))

    def take(self, signed: SignedEntry) -> tuple[UUID, int]:
        """Return the certificate of an entry and which version of it this is."""
        number = self.numbers[signed.number]
        if number.text not in self.certificates:
            if number.serial <= self.issued.get(number.series_key, 0):
                raise NumberContradicts(
                    signed.entry, f"number {number.text} was given, and no certificate has it"
                )
            self.new.append(_certificate(number))
            self.certificates[number.text] = self.new[-1]["id"], 0
        certificate_id, versions = self.certificates[number.text]
        self.certificates[number.text] = certificate_id, versions + 1
        return certificate_id, versions + 1


def _certificate(number: ReadNumber) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "number": number.text,
        "profile": number.profile.code,
        "series_key": number.series_key,
        "serial": number.serial,
    }


def known_numbers(signed: Mapping[int, SignedEntry], profiles: Profiles) -> Iterator[ReadNumber]:
    """Yield the numbers of these entries, each once."""
    for packed in dict.fromkeys(one.number for one in signed.values()):
        yield read_number(packed, profiles)
