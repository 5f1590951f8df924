"""From an approved result to a number, an entry and the exact bytes to be signed, all before any key is used.

The order is the safety. What will be signed is committed first (*numbered*), then signed (``signature``), then released
(``release``). A crash between any two leaves work that the next call finds by status alone and finishes with the same
bytes.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.orm import Session

from keys.crash_points import reach
from registry.certificate.approved import Approved, lock_submission, plan, results_to_number
from registry.certificate.coverage import numbered_digest
from registry.certificate.errors import BehindItsSigner
from registry.certificate.lifecycle import Action, Status, next_status
from registry.certificate.numbering import OpenEpoch, find_open_epoch, take_entries, take_serials
from registry.certificate.tables import Certificate, Entry
from registry.database.sessions import Sessions
from registry.directory.profiles import NumberProfile
from registry.directory.series_numbers import SeriesNumbers
from registry.journal.record import record_entries
from registry.people.permission import NATIONAL, Act, Actor, require
from registry.review.confirmation import Confirmed
from signing.statement import Level, Occupation, Statement
from signing.token import statement_to_be_signed

BATCH = 1000

_INSERT_CERTIFICATE = insert(Certificate.__table__)  # type: ignore[arg-type]
_INSERT_ENTRY = insert(Entry.__table__)  # type: ignore[arg-type]

NOTHING_KNOWN: Final[Mapping[str, int]] = MappingProxyType({})


@dataclass(slots=True)
class Memory:
    """What one run of a worker need not work out twice; an empty one is always lawful, and so is a new one.

    ``confirmed`` holds the confirmed rows of submissions that were begun; ``numbered`` the bytes, and the entry
    corrected, of entries that this run numbered and committed itself: what it made of confirmed rows need not be held
    against them again.
    """

    confirmed: dict[UUID, Confirmed] = field(default_factory=dict)
    numbered: dict[int, tuple[bytes, int | None]] = field(default_factory=dict)


class _OutOfEntries(Exception):
    """Another transaction took the entries that this one had planned; plan anew."""


def number_approved(
    sessions: Sessions,
    actor: Actor,
    submission_id: UUID,
    profile: NumberProfile,
    *,
    environment: str,
    now: datetime,
    known_entries: Mapping[str, int] = NOTHING_KNOWN,
    memory: Memory | None = None,
) -> int:
    """Number the approved results of a submission, at most ``BATCH``; return how many were numbered.

    Call again until it returns 0: then nothing waits, or (on PostgreSQL) another worker is at this submission. A batch
    that crosses an epoch's end is cut there. Durable afterwards: certificates, entries in status *numbered* with the
    exact bytes to be signed, series and entry counters, and an event for each run of entries. Raises ``NotPermitted``,
    ``SeriesNotOpen``, ``SeriesExhausted``, ``EpochNotOpen``, ``NumberingHeld``, ``NotACorrection``,
    ``BehindItsSigner``, or ``NotConfirmed`` if the rows are not what three people signed; then no number was used.

    ``known_entries`` gives the highest entry that others know of, by who they are (the signer's journal, the public
    status file), read before this call: a database that knows less is an old copy of the register.
    """
    memory = memory or Memory()
    known = memory.confirmed.get(submission_id)

    def act(session: Session) -> tuple[_Batch | None, Confirmed | None]:
        require(actor, Act.ISSUE, scope=NATIONAL)
        submission = lock_submission(session, submission_id)
        if submission is None:
            return None, known
        results, confirmed = results_to_number(
            session, submission, known, environment=environment, most=BATCH
        )
        if not results:
            return None, None
        approved = plan(session, submission, results, now=now)
        epoch = find_open_epoch(session, on=max(item.issued_on for item in approved))
        _require_up_to_date(epoch, known_entries)
        batch = _Batch(profile, epoch, environment, now)
        batch.fix_bytes(session, approved[: epoch.entries_left])
        batch.insert(session, actor)
        reach("number.before_commit")
        return batch, confirmed

    while True:
        try:
            done, confirmed = sessions.run(act, idempotent=True)
        except _OutOfEntries:
            continue
        break
    reach("number.committed")
    if confirmed is None:
        memory.confirmed.pop(submission_id, None)
    else:
        memory.confirmed[submission_id] = confirmed
    if done is None:
        return 0
    memory.numbered |= done.made
    return len(done.made)


def _require_up_to_date(epoch: OpenEpoch, known_entries: Mapping[str, int]) -> None:
    for witness, known in known_entries.items():
        if known > epoch.last:
            raise BehindItsSigner(epoch.last, known, witness)


@dataclass(slots=True)
class _Batch:
    """The rows of one batch, on their way into the register."""

    profile: NumberProfile
    epoch: OpenEpoch
    environment: str
    now: datetime
    certificates: list[dict[str, Any]] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    made: dict[int, tuple[bytes, int | None]] = field(default_factory=dict)

    def fix_bytes(self, session: Session, approved: Sequence[Approved]) -> None:
        """Give numbers and entries, and compose the bytes that will be signed."""
        wanted = Counter(item.scope for item in approved if item.corrects is None)
        scopes = {scope: scope.key(self.profile) for scope in wanted}
        serials = take_serials(session, Counter({scopes[scope]: wanted[scope] for scope in wanted}))
        numbers = {scope: SeriesNumbers.of(self.profile, scope.fields(self.profile)) for scope in wanted}
        entries = take_entries(session, self.epoch, len(approved))
        if entries is None:
            raise _OutOfEntries
        for entry, item in zip(entries, approved, strict=True):
            if item.corrects is None:
                key = scopes[item.scope]
                self._add_first(entry, item, key, next(serials[key]), numbers[item.scope])
            else:
                before = item.corrects
                self._add(entry, item, before.statement.number, before.certificate_id, before.version + 1)

    def insert(self, session: Session, actor: Actor) -> None:
        """Store the rows, and the event that vouches for them, in the caller's transaction."""
        if self.certificates:
            session.connection().execute(_INSERT_CERTIFICATE, self.certificates)
        session.connection().execute(_INSERT_ENTRY, self.entries)
        digest = numbered_digest(self.certificates, self.entries)
        given = [row["entry"] for row in self.entries]
        record_entries(session, Action.NUMBER, given, at=self.now, by=actor.account_id, digest=digest)

    def _add_first(
        self, entry: int, item: Approved, series_key: str, serial: int, numbers: SeriesNumbers
    ) -> None:
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
        self._add(entry, item, packed, identifier, 1)

    def _add(self, entry: int, item: Approved, number: bytes, certificate_id: UUID, version: int) -> None:
        statement = _statement(item, entry, number)
        bytes_ = statement_to_be_signed(statement, key_id=self.epoch.key_id, environment=self.environment)
        self.made[entry] = bytes_, item.result.corrects
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
