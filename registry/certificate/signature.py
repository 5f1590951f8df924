"""Signing what was numbered: the stored bytes go to the signer with the evidence for them, and come back as tokens.

The signer believes nobody (``keys.signer.examination``); what it will be shown is held together here: at hand in the
memory of whoever numbered it, else gathered from the register and doubted once more (``recovery``).

On PostgreSQL a worker holds the rows it signs, and others pass them by. SQLite has one lock for all, which nobody may
hold while a key is used: there two workers may sign the same bytes, and the second finds them stored.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from keys.crash_points import reach
from keys.errors import SigningRefused
from keys.signer import BatchSigner
from keys.signer.request import Evidence, Item, SigningRequest
from registry.certificate.batch import Made
from registry.certificate.errors import NotAsConfirmed, SignerMissing
from registry.certificate.issuance import Memory
from registry.certificate.lifecycle import Action, Status, next_status
from registry.certificate.recovery import Recovered, recover
from registry.certificate.refusals import HeldBack
from registry.certificate.tables import Entry
from registry.database.sessions import Sessions
from registry.database.typed_rows import OddRow, TypedQuery
from registry.directory.profiles import Profiles
from registry.journal.currency import require_up_to_date, require_up_to_date_before
from registry.journal.record import record_entries
from registry.people.permission import NATIONAL, Act, Actor, require
from signing.signed_bytes import token_of_signed_bytes

BATCH = 1000


class Waiting(NamedTuple):
    """An entry that waits for its signature."""

    entry: int
    key_id: bytes
    to_be_signed: bytes


Recover = Callable[[Sequence[int]], Recovered]
"""Gathers the evidence for entries from the register."""

# Made once: making a query takes longer than running it.
_QUERY = (
    select(Entry.entry, Entry.key_id, Entry.to_be_signed)
    .where(Entry.status == Status.NUMBERED, Entry.entry > bindparam("after"))
    .order_by(Entry.entry)
    .limit(bindparam("most"))
)
_WAITING, _WAITING_LOCKED = (
    TypedQuery(query) for query in (_QUERY, _QUERY.with_for_update(of=Entry, skip_locked=True))
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
    environment: str
    memory: Memory
    refused: HeldBack
    raises: bool

    def recover(self, session: Session, entries: Sequence[int]) -> Recovered:
        """Gather the evidence for these entries from the register."""
        return recover(session, entries, self.profiles, environment=self.environment)

    def refuse(self, refusals: Mapping[int, Exception]) -> None:
        """Keep refusals by entry, one by one: so each is stripped of the rows that its frames hold (``refusals``)."""
        for entry, refusal in refusals.items():
            self.refused[entry] = refusal


def sign_numbered(
    sessions: Sessions,
    actor: Actor,
    signers: Mapping[bytes, BatchSigner],
    profiles: Profiles,
    *,
    environment: str,
    now: datetime,
    held_back: HeldBack | None = None,
    memory: Memory | None = None,
) -> int:
    """Sign the oldest numbered entries, at most ``BATCH``; return how many.

    The bytes signed are the ones stored; signing them again gives the same token, so a crash between the key's use
    and the commit loses nothing. An entry that the signer refuses, or for which there is no evidence, is put
    into ``held_back`` by its number, and neither it nor what lies before it is asked for again, so that it keeps no
    other waiting; without ``held_back`` its ``SigningRefused``, ``NotAsConfirmed``, ``NotConfirmed`` or
    ``SignerMissing`` is raised. Raises ``NotPermitted`` or ``RegisterOutdated``.
    """
    require(actor, Act.ISSUE, scope=NATIONAL)
    refused = {} if held_back is None else held_back
    signing = Signing(signers, profiles, environment, memory or Memory(), refused, raises=held_back is None)
    while True:
        taken, signed = _sign_batch(sessions, actor, signing, now=now)
        if signed or not taken:
            return signed


def _sign_batch(sessions: Sessions, actor: Actor, signing: Signing, *, now: datetime) -> tuple[int, int]:
    """Sign one batch; return how many entries were taken, and how many of them were signed."""
    wanted = {"after": max(signing.refused, default=0), "most": BATCH}
    tokens: dict[int, bytes] = {}
    if sessions.locks_rows:

        def act(session: Session) -> tuple[int, list[int]]:
            require_up_to_date(session)
            taken = _WAITING_LOCKED.read(session, wanted)
            waiting = _readable(taken, signing)
            tokens.clear()
            tokens.update(_tokens(waiting, signing, lambda entries: signing.recover(session, entries)))
            _keep_tokens(session, actor, tokens, now=now)
            return len(taken), list(tokens)

        # Should it run twice, it asks for the same signatures of the same bytes again.
        taken, kept = sessions.run(act, idempotent=True)
    else:
        # Before the key is used; and again where the tokens are stored.
        require_up_to_date_before(sessions)
        found = _WAITING.read_alone(sessions, wanted)
        waiting = _readable(found, signing)

        def from_snapshot(entries: Sequence[int]) -> Recovered:
            return sessions.read(lambda session: signing.recover(session, entries))

        tokens.update(_tokens(waiting, signing, from_snapshot))
        taken = len(found)
        kept = sessions.run(lambda session: _keep_missing(session, actor, tokens, now=now), idempotent=True)
    reach("sign.stored")
    for entry in kept:
        signing.memory.numbered.pop(entry, None)
        signing.memory.signed[entry] = tokens[entry]
    return taken, len(kept)


def _readable(rows: Sequence[Any], signing: Signing) -> list[Waiting]:
    """Return the entries that can be read; one that holds what the register never stored there is refused by name."""
    waiting = []
    for row in rows:
        if not isinstance(row, OddRow):
            waiting.append(Waiting._make(row))
        elif row.values[0] is not None:
            signing.refuse({row.values[0]: NotAsConfirmed(row.values[0], row.column)})
    return waiting


def _tokens(waiting: Sequence[Waiting], signing: Signing, recover: Recover) -> dict[int, bytes]:
    lawful = _lawful(waiting, signing, recover)
    tokens: dict[int, bytes] = {}
    for key_id in sorted({item.key_id for item in waiting}):
        batch = {
            item.entry: lawful[item.entry]
            for item in waiting
            if item.key_id == key_id and item.entry in lawful
        }
        if key_id in signing.signers:
            tokens |= _signed(batch, signing.signers[key_id], signing.refused)
        else:
            signing.refuse({entry: SignerMissing(key_id) for entry in batch})
    if signing.refused and signing.raises:
        raise next(iter(signing.refused.values()))
    reach("sign.assembled")
    return dict(sorted(tokens.items()))


def _lawful(waiting: Sequence[Waiting], signing: Signing, recover: Recover) -> dict[int, Made]:
    """Return what may be shown to the signer, by entry; the rest is refused."""
    numbered = signing.memory.numbered
    lawful, others = {}, []
    for item in waiting:
        made = numbered.get(item.entry)
        # What this very run made of confirmed rows, and finds unchanged, was held against them when it was made.
        if made is not None and made.to_be_signed == item.to_be_signed:
            lawful[item.entry] = made
        else:
            others.append(item.entry)
    if others:
        recovered = recover(others)
        signing.refuse(recovered.refused)
        lawful |= recovered.made
    return lawful


def _signed(batch: Mapping[int, Made], signer: BatchSigner, refused: HeldBack) -> dict[int, bytes]:
    """Return the tokens of a batch by entry. What the signer refuses is found by halves, and keeps no other waiting."""
    entries = sorted(batch)
    if not entries:
        return {}
    try:
        signatures = signer.sign_many(request_for([batch[entry] for entry in entries]))
    except SigningRefused as refusal:
        if len(entries) == 1:
            refused[entries[0]] = refusal
            return {}
        half = len(entries) // 2
        parts = entries[:half], entries[half:]
        first, second = ({entry: batch[entry] for entry in part} for part in parts)
        return _signed(first, signer, refused) | _signed(second, signer, refused)
    return {
        entry: token_of_signed_bytes(batch[entry].to_be_signed, signature)
        for entry, signature in zip(entries, signatures, strict=True)
    }


def request_for(batch: Sequence[Made]) -> SigningRequest:
    """Return what the signer is asked for a batch; what its items share is there once."""
    places: dict[Evidence, int] = {}
    openings: dict[bytes, None] = {}
    items = []
    for made in batch:
        place = places.setdefault(made.evidence, len(places))
        items.append(Item(made.to_be_signed, place, made.row, made.corrected))
        if made.opening is not None:
            openings[made.opening] = None
    return SigningRequest(items, list(places), list(openings))


def _keep_missing(session: Session, actor: Actor, tokens: Mapping[int, bytes], *, now: datetime) -> list[int]:
    """Store tokens for the entries that still are *numbered*: another worker may have been quicker."""
    if not tokens:
        return []
    require_up_to_date(session)
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
