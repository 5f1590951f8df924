"""Signing: from numbered entries to tokens. The bytes signed are the ones stored, never made anew.

They are held once more against the result that was confirmed and the number that was given. This finds rows that were
changed in between; it does not bind a signer, who will ask for the evidence itself.

On PostgreSQL a worker holds the rows it signs, and others pass them by. SQLite has one lock for all, which nobody may
hold while a key is used: there two workers may sign the same bytes, and the second finds them stored.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from keys.crash_points import reach
from keys.errors import SigningRefused
from keys.signer import BatchSigner
from registry.assessment.tables import Result
from registry.certificate.errors import NotAsConfirmed, SignerMissing
from registry.certificate.issuance import Memory
from registry.certificate.lifecycle import Action, Status, next_status
from registry.certificate.tables import Certificate, Entry
from registry.civil_time import civil_date
from registry.database.sessions import Sessions
from registry.directory.profiles import Profiles
from registry.errors import RegistryError
from registry.journal.record import record_entries
from registry.people.permission import NATIONAL, Act, Actor, require
from signing.errors import SigningError
from signing.signed_bytes import statement_of_signed_bytes, token_of_signed_bytes
from signing.statement import Occupation

BATCH = 1000
HeldBack = dict[int, Exception]


class Waiting(NamedTuple):
    """An entry that waits for its signature."""

    entry: int
    key_id: bytes
    to_be_signed: bytes


class Numbered(NamedTuple):
    """The same with what it must say."""

    entry: int
    key_id: bytes
    to_be_signed: bytes
    numbered_at: datetime
    number: str
    profile: int
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


class ToSign(NamedTuple):
    """Bytes that may be signed, and the entry they correct."""

    entry: int
    key_id: bytes
    to_be_signed: bytes
    corrects: int | None


Query = Callable[[Any, Mapping[str, Any]], Iterable[Any]]
"""Runs a query with its parameters."""

_OWNERS: dict[str, Any] = {
    **dict.fromkeys(("entry", "key_id", "to_be_signed", "numbered_at"), Entry),
    **dict.fromkeys(("number", "profile"), Certificate),
}

# Made once: making a query takes longer than running it.
_WAITING = (
    select(Entry.entry, Entry.key_id, Entry.to_be_signed)
    .where(Entry.status == Status.NUMBERED, Entry.entry > bindparam("after"))
    .order_by(Entry.entry)
    .limit(bindparam("most"))
)
_WAITING_LOCKED = _WAITING.with_for_update(of=Entry, skip_locked=True)
_NUMBERED = (
    select(*(getattr(_OWNERS.get(name, Result), name) for name in Numbered._fields))
    .select_from(Entry)
    .join(Result, Result.id == Entry.result_id)
    .join(Certificate, Certificate.id == Entry.certificate_id)
    .where(Entry.entry.in_(bindparam("entries", expanding=True)))
    .order_by(Entry.entry)
)
_STILL_NUMBERED = select(Entry.entry).where(
    Entry.status == Status.NUMBERED, Entry.entry.between(bindparam("first"), bindparam("last"))
)
_KEEP = (
    update(Entry.__table__)  # type: ignore[arg-type]
    .where(Entry.entry == bindparam("signed"))
    .values(
        token=bindparam("its_token"),
        status=next_status(Status.NUMBERED, Action.SIGN).value,
        changed_at=bindparam("now"),
    )
)


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signs what, and what was refused on the way; ``raises``: the first refusal ends it, and nothing is kept."""

    signers: Mapping[bytes, BatchSigner]
    profiles: Profiles
    memory: Memory
    refused: HeldBack
    raises: bool


def sign_numbered(
    sessions: Sessions,
    actor: Actor,
    signers: Mapping[bytes, BatchSigner],
    profiles: Profiles,
    *,
    now: datetime,
    held_back: HeldBack | None = None,
    memory: Memory | None = None,
) -> int:
    """Sign the oldest numbered entries, at most ``BATCH``; return how many.

    The bytes signed are the ones stored; signing them again gives the same token, so a crash between the key's use
    and the commit loses nothing. An entry that the signer refuses, or whose bytes are not what was confirmed, is put
    into ``held_back`` by its number, and neither it nor what lies before it is asked for again, so that it keeps no
    other waiting; without ``held_back`` its ``SigningRefused``, ``NotAsConfirmed`` or ``SignerMissing`` is raised.
    Raises ``NotPermitted``.
    """
    require(actor, Act.ISSUE, scope=NATIONAL)
    refused = {} if held_back is None else held_back
    signing = Signing(signers, profiles, memory or Memory(), refused, raises=held_back is None)
    while True:
        taken, signed = _sign_batch(sessions, actor, signing, now=now)
        if signed or not taken:
            return signed


def _sign_batch(sessions: Sessions, actor: Actor, signing: Signing, *, now: datetime) -> tuple[int, int]:
    """Sign one batch; return how many entries were taken, and how many of them were signed."""
    wanted = {"after": max(signing.refused, default=0), "most": BATCH}
    if sessions.locks_rows:

        def act(session: Session) -> tuple[int, list[int]]:
            run = session.connection().execute
            waiting = [Waiting._make(row) for row in run(_WAITING_LOCKED, wanted)]
            tokens = _tokens(waiting, signing, run)
            _keep_tokens(session, actor, tokens, now=now)
            return len(waiting), list(tokens)

        # Should it run twice, it asks for the same signatures of the same bytes again.
        taken, kept = sessions.run(act, idempotent=True)
    else:
        waiting = [Waiting._make(row) for row in sessions.rows(_WAITING, wanted)]
        tokens = _tokens(waiting, signing, sessions.rows)
        taken = len(waiting)
        kept = sessions.run(lambda session: _keep_missing(session, actor, tokens, now=now), idempotent=True)
    reach("sign.stored")
    for entry in kept:
        signing.memory.numbered.pop(entry, None)
    return taken, len(kept)


def require_as_confirmed(numbered: Numbered, profiles: Profiles) -> None:
    """Raise ``NotAsConfirmed`` unless the bytes say exactly what the result and the certificate's number say."""
    try:
        statement = statement_of_signed_bytes(numbered.to_be_signed)
        number = profiles.with_code(numbered.profile).packed(numbered.number)
    except (SigningError, RegistryError):
        raise NotAsConfirmed(numbered.entry) from None
    said = (
        statement.entry,
        statement.number,
        statement.holder_name,
        statement.id_check,
        statement.occupation,
        statement.direction,
        int(statement.level),
    )
    confirmed = (
        numbered.entry,
        number,
        numbered.holder_name,
        numbered.id_check,
        Occupation(numbered.edition, numbered.occupation),
        numbered.direction,
        numbered.level,
    )
    # A correction keeps the date of the version before it, so there is nothing in this row to hold it against.
    dated = numbered.corrects is not None or statement.issued_on == (
        numbered.issued_on or civil_date(numbered.numbered_at)
    )
    if said != confirmed or not dated or not numbered.passed or numbered.returned_at_step is not None:
        raise NotAsConfirmed(numbered.entry)


def _tokens(waiting: Sequence[Waiting], signing: Signing, run: Query) -> dict[int, bytes]:
    lawful = _lawful(waiting, signing, run)
    tokens: dict[int, bytes] = {}
    for key_id in sorted({item.key_id for item in lawful}):
        batch = [item for item in lawful if item.key_id == key_id]
        if key_id not in signing.signers:
            signing.refused.update({item.entry: SignerMissing(key_id) for item in batch})
            continue
        try:
            tokens |= _signed(batch, signing.signers[key_id])
        except SigningRefused:
            # Somebody's bytes spoil the batch: one by one, the others are signed.
            tokens |= _signed_one_by_one(batch, signing.signers[key_id], signing.refused)
    if signing.refused and signing.raises:
        raise next(iter(signing.refused.values()))
    reach("sign.assembled")
    return dict(sorted(tokens.items()))


def _lawful(waiting: Sequence[Waiting], signing: Signing, run: Query) -> list[ToSign]:
    """Return what may be signed; the rest is refused."""
    lawful, others = [], []
    for item in waiting:
        bytes_, corrects = signing.memory.numbered.get(item.entry, (b"", None))
        # What this very process made of confirmed rows, and finds unchanged, was held against them when it was made.
        if bytes_ == item.to_be_signed:
            lawful.append(ToSign(*item, corrects))
        else:
            others.append(item.entry)
    if not others:
        return lawful
    found = {row[0]: Numbered._make(row) for row in run(_NUMBERED, {"entries": others})}
    for entry in others:
        try:
            if entry not in found:
                raise NotAsConfirmed(entry)
            require_as_confirmed(found[entry], signing.profiles)
        except NotAsConfirmed as refusal:
            signing.refused[entry] = refusal
            continue
        lawful.append(ToSign(*found[entry][:3], found[entry].corrects))
    # As they were taken, so that the signer's journal grows by ascending entries.
    return sorted(lawful)


def _signed_one_by_one(batch: Sequence[ToSign], signer: BatchSigner, refused: HeldBack) -> dict[int, bytes]:
    tokens: dict[int, bytes] = {}
    for item in batch:
        try:
            tokens |= _signed([item], signer)
        except SigningRefused as refusal:
            refused[item.entry] = refusal
    return tokens


def _signed(batch: Sequence[ToSign], signer: BatchSigner) -> dict[int, bytes]:
    corrects = {item.entry: item.corrects for item in batch if item.corrects is not None}
    signatures = signer.sign_many([item.to_be_signed for item in batch], corrects=corrects)
    return {
        item.entry: token_of_signed_bytes(item.to_be_signed, signature)
        for item, signature in zip(batch, signatures, strict=True)
    }


def _keep_missing(session: Session, actor: Actor, tokens: Mapping[int, bytes], *, now: datetime) -> list[int]:
    """Store tokens for the entries that still are *numbered*: another worker may have been quicker."""
    if not tokens:
        return []
    bounds = {"first": min(tokens), "last": max(tokens)}
    still = set(session.connection().execute(_STILL_NUMBERED, bounds).scalars())
    missing = {entry: token for entry, token in tokens.items() if entry in still}
    _keep_tokens(session, actor, missing, now=now)
    return list(missing)


def _keep_tokens(session: Session, actor: Actor, tokens: Mapping[int, bytes], *, now: datetime) -> None:
    """Store tokens, by ascending entry, for entries that are *numbered* and locked."""
    rows = [{"signed": entry, "its_token": token, "now": now} for entry, token in tokens.items()]
    if rows:
        session.connection().execute(_KEEP, rows)
    moved: dict[str, Any] = {"before": Status.NUMBERED, "after": Status.SIGNED}
    record_entries(session, Action.SIGN, list(tokens), at=now, by=actor.account_id, **moved)
    reach("sign.before_commit")
