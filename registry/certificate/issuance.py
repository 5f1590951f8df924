"""From an approved result to a number, an entry and the exact bytes to be signed, all before any key is used.

The order is the safety. What will be signed is committed first (*numbered*), then signed (``signature``), then released
(``release``). A crash between any two leaves work that the next call finds by status alone and finishes with the same
bytes.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.assessment.tables import Submission
from registry.certificate.approved import Approved, plan, results_to_number
from registry.certificate.lifecycle import Action, Status, next_status
from registry.certificate.numbering import OpenEpoch, find_open_epoch, take_entries, take_serials
from registry.certificate.tables import Certificate, Entry
from registry.database.sessions import Sessions
from registry.directory.profiles import NumberProfile
from registry.journal.record import record_all
from registry.people.permission import NATIONAL, Act, Actor, require
from registry.review.confirmation import require_confirmed
from signing.statement import Level, Occupation, Statement
from signing.token import statement_to_be_signed

BATCH = 1000


@dataclass(frozen=True, slots=True)
class _Given:
    """What an entry is a version of: the packed number, its certificate, and which version."""

    number: bytes
    certificate_id: UUID
    version: int


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
) -> int:
    """Number the approved results of a submission, at most ``BATCH``; return how many were numbered.

    Call again until it returns 0. A batch that crosses an epoch's end is cut there. Durable afterwards: certificates,
    entries in status *numbered* with the exact bytes to be signed, series and entry counters, and an event for each.
    Raises ``NotPermitted``, ``SeriesNotOpen``, ``SeriesExhausted``, ``EpochNotOpen``, ``NotACorrection``, or
    ``NotConfirmed`` if the rows are not what three people signed; then no number was used.
    """

    def act(session: Session) -> int:
        require(actor, Act.ISSUE, scope=NATIONAL)
        submission = session.get_one(Submission, submission_id, with_for_update=True)
        results = results_to_number(session, submission, most=BATCH)
        if not results:
            return 0
        require_confirmed(session, submission, environment=environment)
        approved = plan(session, submission, results, now=now)
        epoch = find_open_epoch(session, on=max(item.issued_on for item in approved))
        batch = approved[: epoch.entries_left]
        return _fix_bytes(session, actor, batch, profile, epoch, environment=environment, now=now)

    while True:
        try:
            return sessions.run(act, idempotent=True)
        except _OutOfEntries:
            continue


def _fix_bytes(
    session: Session,
    actor: Actor,
    batch: Sequence[Approved],
    profile: NumberProfile,
    epoch: OpenEpoch,
    *,
    environment: str,
    now: datetime,
) -> int:
    """Give numbers and entries, and store the bytes that will be signed: all in the caller's transaction."""
    new = [item for item in batch if item.corrects is None]
    keys = {id(item): item.scope.key(profile) for item in new}
    serials = take_serials(session, Counter(keys.values()))
    entries = take_entries(session, epoch, len(batch))
    if entries is None:
        raise _OutOfEntries
    certificates, versions, events = [], [], []
    for entry, item in zip(entries, batch, strict=True):
        if item.corrects is None:
            key = keys[id(item)]
            certificate = _certificate(item, profile, key, next(serials[key]))
            certificates.append(certificate)
            given = _Given(profile.packed(certificate["number"]), certificate["id"], version=1)
        else:
            before = item.corrects
            given = _Given(before.statement.number, before.certificate_id, version=before.version + 1)
        statement = _statement(item, entry, given.number)
        to_be_signed = statement_to_be_signed(statement, key_id=epoch.key_id, environment=environment)
        versions.append(_version(item, entry, given, epoch.key_id, to_be_signed, now=now))
        told = {"certificate": str(given.certificate_id), "version": given.version}
        events.append((f"entry:{entry}", told))
    if certificates:
        session.execute(insert(Certificate), certificates)
    session.execute(insert(Entry), versions)
    record_all(session, Action.NUMBER, events, at=now, by=actor.account_id)
    return len(batch)


def _certificate(item: Approved, profile: NumberProfile, series_key: str, serial: int) -> dict[str, Any]:
    """Return the row of a new certificate: its number, composed of series and serial."""
    return {
        "id": uuid4(),
        "number": profile.compose(item.scope.fields(profile), serial=serial),
        "profile": profile.code,
        "series_key": series_key,
        "serial": serial,
    }


def _version(
    item: Approved, entry: int, given: _Given, key_id: bytes, to_be_signed: bytes, *, now: datetime
) -> dict[str, Any]:
    """Return the row of one entry, numbered and not signed yet."""
    return {
        "entry": entry,
        "certificate_id": given.certificate_id,
        "version": given.version,
        "result_id": item.result.id,
        "key_id": key_id,
        "to_be_signed": to_be_signed,
        "status": next_status(Status.APPROVED, Action.NUMBER),
        "numbered_at": now,
        "changed_at": now,
    }


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
