"""Signing: from numbered entries to tokens. The bytes signed are the ones stored, never made anew.

They are held once more against the result that was confirmed and the number that was given. This finds rows that were
changed in between; it does not bind a signer, who will ask for the evidence itself.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from keys.errors import SigningRefused
from keys.signer import BatchSigner
from registry.assessment.tables import Result
from registry.certificate.errors import NotAsConfirmed, SignerMissing
from registry.certificate.lifecycle import Action, Status, move_all
from registry.certificate.tables import Certificate, Entry
from registry.civil_time import civil_date
from registry.database.sessions import Sessions
from registry.directory.profiles import Profiles
from registry.errors import RegistryError
from registry.people.permission import NATIONAL, Act, Actor, require
from signing.errors import SigningError
from signing.signed_bytes import statement_of_signed_bytes, token_of_signed_bytes
from signing.statement import Occupation

BATCH = 1000
HeldBack = dict[int, Exception]


@dataclass(frozen=True, slots=True)
class Numbered:
    """An entry to be signed with what it must say."""

    entry: Entry
    result: Result
    certificate: Certificate


def sign_numbered(
    sessions: Sessions,
    actor: Actor,
    signers: Mapping[bytes, BatchSigner],
    profiles: Profiles,
    *,
    now: datetime,
    held_back: HeldBack | None = None,
) -> int:
    """Sign the oldest numbered entries, at most ``BATCH``; return how many.

    The bytes signed are the ones stored; signing them again gives the same token, so a crash between the key's use
    and the commit loses nothing. An entry that the signer refuses, or whose bytes are not what was confirmed, is put
    into ``held_back`` by its number and not asked for again, so that it keeps no other waiting; without ``held_back``
    its ``SigningRefused``, ``NotAsConfirmed`` or ``SignerMissing`` is raised. Raises ``NotPermitted``.
    """
    require(actor, Act.ISSUE, scope=NATIONAL)
    refused: HeldBack = {} if held_back is None else held_back
    while True:
        numbered = sessions.read(lambda session: _numbered(session, refused))
        tokens = _tokens(numbered, signers, profiles, refused)
        if refused and held_back is None:
            raise next(iter(refused.values()))
        if tokens or not numbered:
            break
    if not tokens:
        return 0
    return sessions.run(lambda session: _keep_tokens(session, actor, tokens, now=now), idempotent=True)


def require_as_confirmed(numbered: Numbered, profiles: Profiles) -> None:
    """Raise ``NotAsConfirmed`` unless the bytes say exactly what the result and the certificate's number say."""
    entry, result = numbered.entry, numbered.result
    try:
        statement = statement_of_signed_bytes(entry.to_be_signed)
        number = profiles.with_code(numbered.certificate.profile).packed(numbered.certificate.number)
    except (SigningError, RegistryError):
        raise NotAsConfirmed(entry.entry) from None
    said = (
        statement.entry,
        statement.number,
        statement.holder_name,
        statement.id_check,
        statement.occupation,
        statement.direction,
        int(statement.level),
    )
    occupation = Occupation(result.edition, result.occupation)
    confirmed = (
        entry.entry,
        number,
        result.holder_name,
        result.id_check,
        occupation,
        result.direction,
        result.level,
    )
    # A correction keeps the date of the version before it, so there is nothing in this row to hold it against.
    dated = result.corrects is not None or statement.issued_on == (
        result.issued_on or civil_date(entry.numbered_at)
    )
    if said != confirmed or not dated or not result.passed or result.returned_at_step is not None:
        raise NotAsConfirmed(entry.entry)


def _numbered(session: Session, refused: Collection[int]) -> list[Numbered]:
    """Return the oldest numbered entries that were not refused."""
    query = (
        select(Entry, Result, Certificate)
        .join(Result, Result.id == Entry.result_id)
        .join(Certificate, Certificate.id == Entry.certificate_id)
        .where(Entry.status == Status.NUMBERED, Entry.entry.not_in(list(refused)))
        .order_by(Entry.entry)
        .limit(BATCH)
    )
    return [Numbered(*row) for row in session.execute(query)]


def _tokens(
    numbered: list[Numbered], signers: Mapping[bytes, BatchSigner], profiles: Profiles, refused: HeldBack
) -> dict[int, bytes]:
    lawful = []
    for item in numbered:
        try:
            require_as_confirmed(item, profiles)
        except NotAsConfirmed as refusal:
            refused[item.entry.entry] = refusal
            continue
        lawful.append(item)
    tokens: dict[int, bytes] = {}
    for key_id in sorted({item.entry.key_id for item in lawful}):
        batch = [item for item in lawful if item.entry.key_id == key_id]
        if key_id not in signers:
            refused.update({item.entry.entry: SignerMissing(key_id) for item in batch})
            continue
        try:
            tokens |= _signed(batch, signers[key_id])
        except SigningRefused:
            # Somebody's bytes spoil the batch: one by one, the others are signed.
            tokens |= _signed_one_by_one(batch, signers[key_id], refused)
    return tokens


def _signed_one_by_one(batch: list[Numbered], signer: BatchSigner, refused: HeldBack) -> dict[int, bytes]:
    tokens: dict[int, bytes] = {}
    for item in batch:
        try:
            tokens |= _signed([item], signer)
        except SigningRefused as refusal:
            refused[item.entry.entry] = refusal
    return tokens


def _signed(batch: list[Numbered], signer: BatchSigner) -> dict[int, bytes]:
    corrects = {item.entry.entry: item.result.corrects for item in batch if item.result.corrects is not None}
    signatures = signer.sign_many([item.entry.to_be_signed for item in batch], corrects=corrects)
    return {
        item.entry.entry: token_of_signed_bytes(item.entry.to_be_signed, signature)
        for item, signature in zip(batch, signatures, strict=True)
    }


def _keep_tokens(session: Session, actor: Actor, tokens: Mapping[int, bytes], *, now: datetime) -> int:
    """Store tokens for the entries that still are *numbered*; another worker may have been quicker."""
    query = select(Entry).where(Entry.entry.in_(list(tokens)), Entry.status == Status.NUMBERED)
    entries = list(session.scalars(query.order_by(Entry.entry).with_for_update()))
    rows = [{"entry": entry.entry, "token": tokens[entry.entry]} for entry in entries]
    if rows:
        session.execute(update(Entry), rows)
    move_all(session, actor, entries, Action.SIGN, now=now)
    return len(entries)
