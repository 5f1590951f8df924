"""Signing: from numbered entries to tokens. The bytes signed are the ones stored, never made anew."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from keys.signer import BatchSigner
from registry.assessment.tables import Result
from registry.certificate.errors import SignerMissing
from registry.certificate.lifecycle import Action, Status, move_all
from registry.certificate.tables import Entry
from registry.database.sessions import Sessions
from registry.people.permission import NATIONAL, Act, Actor, require
from signing.signed_bytes import token_of_signed_bytes

BATCH = 1000


def sign_numbered(sessions: Sessions, actor: Actor, signers: Mapping[bytes, BatchSigner], *, now: datetime) -> int:
    """Sign the oldest numbered entries, at most ``BATCH``; return how many.

    The bytes signed are the ones stored; signing them again gives the same token, so a crash between the key's use
    and the commit loses nothing. Raises ``NotPermitted`` or ``SignerMissing``.
    """
    require(actor, Act.ISSUE, scope=NATIONAL)
    numbered = sessions.read(_numbered)
    tokens: dict[int, bytes] = {}
    for key_id in sorted({entry.key_id for entry, _ in numbered}):
        if key_id not in signers:
            raise SignerMissing(key_id)
        batch = {entry.entry: entry.to_be_signed for entry, _ in numbered if entry.key_id == key_id}
        corrects = {entry.entry: before for entry, before in numbered if before and entry.entry in batch}
        signatures = signers[key_id].sign_many(list(batch.values()), corrects=corrects)
        for (number, to_be_signed), signature in zip(batch.items(), signatures, strict=True):
            tokens[number] = token_of_signed_bytes(to_be_signed, signature)
    if not tokens:
        return 0
    return sessions.run(lambda session: _keep_tokens(session, actor, tokens, now=now), idempotent=True)


def _numbered(session: Session) -> list[tuple[Entry, int | None]]:
    """Return the oldest numbered entries, each with the entry it corrects."""
    query = (
        select(Entry, Result.corrects)
        .join(Result, Result.id == Entry.result_id)
        .where(Entry.status == Status.NUMBERED)
        .order_by(Entry.entry)
        .limit(BATCH)
    )
    return [(entry, corrected) for entry, corrected in session.execute(query)]


def _keep_tokens(session: Session, actor: Actor, tokens: Mapping[int, bytes], *, now: datetime) -> int:
    """Store tokens for the entries that still are *numbered*; another worker may have been quicker."""
    query = select(Entry).where(Entry.entry.in_(list(tokens)), Entry.status == Status.NUMBERED)
    entries = list(session.scalars(query.order_by(Entry.entry).with_for_update()))
    rows = [{"entry": entry.entry, "token": tokens[entry.entry]} for entry in entries]
    if rows:
        session.execute(update(Entry), rows)
    move_all(session, actor, entries, Action.SIGN, now=now)
    return len(entries)
