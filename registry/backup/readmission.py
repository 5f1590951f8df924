"""Lost entries made whole again: by a token that comes back from a body or a holder, or by the signer once more.

A token is believed if it verifies and its bytes have the digest that the signer's journal has for its entry. What was
voided is not readmitted: that is final, and its result was or will be numbered anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from keys.signer import BatchSigner
from keys.signer.request import repeats
from registry.backup.errors import NotReadmitted
from registry.backup.numbers import read_number
from registry.backup.rejoining import Candidates, finish_submissions
from registry.certificate.coverage import numbered_digest
from registry.certificate.lifecycle import WAS_RELEASED
from registry.certificate.tables import Certificate, Entry
from registry.database.sessions import Sessions
from registry.directory.profiles import Profiles
from registry.journal.record import record_entries
from registry.people.permission import NATIONAL, Act, Actor, require
from signing import cose
from signing.cose import Envelope, Kind
from signing.signed_bytes import token_of_signed_bytes
from signing.statement import Statement
from signing.token import open_token
from signing.trust import TrustKeys

ACT = "readmit"
BATCH = 1000


class Regained(StrEnum):
    """What a row had been missing and has from now on, as the event's detail ``regained`` lists it."""

    NUMBER = "number"
    BYTES = "bytes"
    RESULT = "result"
    TOKEN = "token"


@dataclass(frozen=True, slots=True)
class ReturnedToken:
    """A token that verified, with the bytes that were signed."""

    token: bytes
    to_be_signed: bytes
    statement: Statement


def open_returned(token: bytes, trust: TrustKeys) -> ReturnedToken:
    """Verify a token; raises a ``SigningError``."""
    statement = open_token(token, trust)
    envelope = Envelope.from_bytes(token)
    to_be_signed = cose.to_be_signed(
        key_id=envelope.key_id,
        payload=statement.to_bytes(),
        environment=trust.environment,
        kind=Kind.CERTIFICATE,
    )
    return ReturnedToken(token, to_be_signed, statement)


def readmit(
    session: Session,
    actor: Actor,
    returned: ReturnedToken,
    profiles: Profiles,
    *,
    signed_digest: bytes | None,
    environment: str,
    now: datetime,
) -> Entry:
    """Store bytes and token of a lost entry again, and the result they were made of if it is known; return the entry.

    ``signed_digest`` is what the signer's journal has for the entry, ``None`` if it has none. Durable with the
    caller's commit, with one event ``readmit`` that vouches for the entry's row from now on and says what it regained,
    so that the row before can be rebuilt. Raises ``NotReadmitted`` or ``NotPermitted``.
    """
    require(actor, Act.ISSUE, scope=NATIONAL)
    statement = returned.statement
    if signed_digest != sha256(returned.to_be_signed).digest():
        raise NotReadmitted(statement.entry, "the signer's journal does not have these bytes for it")
    entry = _lost_entry(session, statement.entry)
    number = read_number(statement.number, profiles)
    certificate_id = session.scalar(select(Certificate.id).where(Certificate.number == number.text))
    if certificate_id is None or entry.certificate_id not in (None, certificate_id):
        raise NotReadmitted(statement.entry, "its number is not the one that the register has for it")
    empty = _empty(entry)
    if entry.certificate_id is None:
        entry.certificate_id, entry.version = certificate_id, _next_version(session, certificate_id)
    if entry.to_be_signed is None and entry.version == 1:
        day = {"first_day": statement.issued_on, "last_day": statement.issued_on}
        candidates = Candidates.read(session, number.profile, environment=environment, **day)
        result = candidates.match(statement, number.series_key)
        entry.result_id = result.id if result else None
    entry.to_be_signed, entry.token = returned.to_be_signed, returned.token
    _record(session, actor, [entry], [*(empty - _empty(entry)), Regained.TOKEN], now=now)
    if entry.result_id is not None:
        finish_submissions(session)
    return entry


def sign_again(
    sessions: Sessions, actor: Actor, signers: Mapping[bytes, BatchSigner], *, now: datetime
) -> int:
    """Make the tokens of released entries whose bytes are known and whose token was lost; return how many.

    The signer gives the signature it gave before. At most ``BATCH`` at a time: call again until it returns 0. An
    entry whose key's signer is not at hand keeps waiting for its token. Raises ``NotPermitted``, and what the signer
    raises.
    """
    require(actor, Act.ISSUE, scope=NATIONAL)
    waiting = sessions.read(lambda session: _without_token(session, list(signers)))
    tokens: dict[int, bytes] = {}
    for key_id in {entry.key_id for entry in waiting}:
        batch = [entry for entry in waiting if entry.key_id == key_id]
        bytes_ = [entry.to_be_signed or b"" for entry in batch]
        signatures = signers[key_id].sign_many(repeats(bytes_))
        for entry, to_be_signed, signature in zip(batch, bytes_, signatures, strict=True):
            tokens[entry.entry] = token_of_signed_bytes(to_be_signed, signature)
    if not tokens:
        return 0
    return sessions.run(lambda session: _keep(session, actor, tokens, now=now), idempotent=True)


def _keep(session: Session, actor: Actor, tokens: Mapping[int, bytes], *, now: datetime) -> int:
    query = select(Entry).where(Entry.entry.in_(list(tokens)), Entry.token.is_(None))
    entries = list(session.scalars(query.order_by(Entry.entry).with_for_update()))
    for entry in entries:
        entry.token = tokens[entry.entry]
    _record(session, actor, entries, [Regained.TOKEN], now=now)
    return len(entries)


def _without_token(session: Session, key_ids: list[bytes]) -> list[Entry]:
    query = (
        select(Entry)
        .where(Entry.token.is_(None), Entry.to_be_signed.is_not(None), Entry.status.in_(WAS_RELEASED))
        .where(Entry.key_id.in_(key_ids))
        .order_by(Entry.entry)
        .limit(BATCH)
    )
    return list(session.scalars(query))


def _lost_entry(session: Session, place: int) -> Entry:
    entry = session.get(Entry, place, with_for_update=True)
    if entry is None:
        raise NotReadmitted(place, "the register has given no such entry")
    if entry.token is not None:
        raise NotReadmitted(place, "it was not lost")
    if entry.status not in WAS_RELEASED:
        raise NotReadmitted(place, f"it is {entry.status}")
    return entry


def _next_version(session: Session, certificate_id: object) -> int:
    versions = session.scalars(select(Entry.version).where(Entry.certificate_id == certificate_id))
    return max((version or 0 for version in versions), default=0) + 1


def _empty(entry: Entry) -> set[Regained]:
    values = {
        Regained.NUMBER: entry.certificate_id,
        Regained.BYTES: entry.to_be_signed,
        Regained.RESULT: entry.result_id,
    }
    return {part for part, value in values.items() if value is None}


def _record(
    session: Session, actor: Actor, entries: list[Entry], regained: list[Regained], *, now: datetime
) -> None:
    """Write one event for each entry: each is vouched for by itself from now on."""
    session.flush()
    told = sorted(regained)
    for entry in entries:
        digest = numbered_digest([], [entry])
        record_entries(session, ACT, [entry.entry], at=now, by=actor.account_id, digest=digest, regained=told)
