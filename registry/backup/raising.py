"""Numbers raised: after a restore, the register goes on above everything that was ever given, as far as anybody knows.

In the order of the work, all in one transaction with the rows of the backup:

1. What the signer's journal, the public status, lost leaves of the public log and the operator know is gathered; the
   highest entry of all counts.
   Words that can not be true (``gaps``) are refused before anything is written.
2. Epochs and series that the backup does not know are opened again.
3. The entries of the backup take the status that the public was told (``public_word``).
4. Every entry between becomes a row (``lost_entries``); serials that nobody knows an entry of become numbers without
one.
5. Counters go to the highest. Numbering is held if the highest numbers can not be known.

A number that was given and never signed left no trace outside the database, so it may be given again: no token bears
it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import chain
from typing import Final
from uuid import uuid4

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from keys.signer.history import SignedEntry
from registry.backup.errors import NumberContradicts, StatedTooLow, StatusUnknown, UnknownSeries
from registry.backup.gaps import require_possible
from registry.backup.lost_entries import LostEntries, known_numbers
from registry.backup.numbers import number_in, read_number
from registry.backup.outside import Outside, Stated
from registry.backup.public_word import ACT, PublicWord, follow_public
from registry.backup.rejoining import Candidates
from registry.certificate.abandonment import abandon
from registry.certificate.coverage import numbered_digest, series_digest
from registry.certificate.epochs import close_epoch
from registry.certificate.lifecycle import UNRELEASED, Status
from registry.certificate.numbering import COUNTER_ID, enter_epoch
from registry.certificate.tables import Certificate, Entry, EntryCounter, Epoch, Series
from registry.civil_time import civil_date
from registry.directory.profiles import Profiles
from registry.journal.leaves import BY_LOG
from registry.journal.record import record
from registry.log.lost_word import LostWord
from registry.people.permission import NATIONAL, Act, Actor, require
from signing.cose import Kind
from signing.trust import TrustKeys

HELD: Final = (
    "the highest numbers are not known since the restore of {day}; state them with `certreg state-highest`"
)


@dataclass(slots=True)
class Raised:
    """What was done: entries by status and by who knew of them, statuses that moved, series that were raised."""

    last_before: int
    last: int
    lost: Mapping[tuple[Status, str], int] = field(default_factory=dict)
    rejoined: int = 0
    moved: Mapping[tuple[Status, Status], int] = field(default_factory=dict)
    series: Mapping[str, int] = field(default_factory=dict)
    held_because: str | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """What the signer's journal says of entries above the database's last.

    ``whole`` is false if there is no journal, or if it is not the one of this register up to now.
    """

    beyond: Mapping[int, SignedEntry]
    whole: bool


def raise_numbers(
    session: Session,
    actor: Actor,
    outside: Outside,
    profiles: Profiles,
    *,
    environment: str,
    since: datetime,
    word: PublicWord | None,
    log: LostWord | None = None,
    now: datetime,
) -> Raised:
    """Bring the register above all that is known, in the caller's transaction; see above.

    ``since`` is an instant before which nothing was lost; ``word`` is followed by the entries there are, if given.
    ``log`` is what lost leaves tell, which the entries there are have followed.
    Raises ``StatusUnknown``, ``StatusContradicts``, ``NumberContradicts``, ``StatedTooLow``, ``UnknownSeries``,
    ``StatedTooHigh``, ``NoEpochFor`` or ``NotPermitted``.
    """
    require(actor, Act.VOID, scope=NATIONAL)
    log = log or LostWord()
    require_possible(session, outside.stated, profiles, trust=outside.trust)
    if outside.trust is not None:
        _open_epochs(session, actor, outside.trust, now=now)
    counter = session.get(EntryCounter, COUNTER_ID, with_for_update=True)
    last = counter.last if counter else 0
    signed = _signed(session, outside, last)
    highest = _highest(last, signed, outside, log)
    raised = Raised(last, highest)
    if word is not None:
        moves = follow_public(session, actor, word.after(log), now=now)
        raised.moved = {move: len(entries) for move, entries in moves.items()}
    floors = _floors(signed.beyond, log, profiles)
    _open_series(session, actor, floors.keys(), log, now=now)
    known = signed.whole
    if highest > last:
        candidates = _candidates(session, profiles, environment=environment, since=since, now=now)
        epochs = session.scalars(select(Epoch)).all()
        lost = LostEntries(session, actor, profiles, candidates, outside, epochs, log, now)
        lost.write(last + 1, highest, signed.beyond)
        raised.lost, raised.rejoined = lost.counts, lost.rejoined
        known = known and not lost.unknown_released
    raised.series = _raise_series(session, actor, floors, outside.stated, profiles, now=now)
    if outside.trust is not None:
        _close_epochs(session, actor, outside.trust, now=now)
    if counter is not None:
        counter.last = highest
        counter.held_because = None if known or outside.stated.entry else HELD.format(day=civil_date(now))
        raised.held_because = counter.held_because
        if counter.held_because is not None:
            record(session, "hold_numbering", "register", at=now, by=actor.account_id)
    return raised


def _candidates(
    session: Session, profiles: Profiles, *, environment: str, since: datetime, now: datetime
) -> Candidates:
    days = {"first_day": civil_date(since), "last_day": civil_date(now)}
    return Candidates.read(session, profiles.issuing, environment=environment, **days)


def _signed(session: Session, outside: Outside, last: int) -> Signed:
    newest = session.execute(
        select(Entry.entry, Entry.to_be_signed)
        .where(Entry.token.is_not(None))
        .order_by(Entry.entry.desc())
        .limit(1)
    ).one_or_none()
    if outside.signed is None:
        return Signed({}, whole=False)
    beyond: dict[int, SignedEntry] = {}
    # A journal that does not know the newest token of this database is another one's, or an old copy of ours.
    whole = newest is None
    for one in outside.signed():
        if one.entry > last:
            beyond[one.entry] = one
        elif newest is not None and one.entry == newest.entry:
            if sha256(newest.to_be_signed).digest() != one.digest:
                raise NumberContradicts(
                    one.entry, "the database holds other bytes than those that were signed"
                )
            whole = True
    # One that was made of another database's rows forgot what that database had lost.
    return Signed(beyond, whole and last >= outside.journal_since)


def _highest(last: int, signed: Signed, outside: Outside, log: LostWord) -> int:
    public = outside.status.size if outside.status else 0
    known = max(last, public, log.highest, max(signed.beyond, default=0))
    if outside.stated.entry and outside.stated.entry < known:
        raise StatedTooLow("entry", outside.stated.entry, known)
    highest = max(known, outside.stated.entry)
    if highest > last and outside.status is None and not outside.never_published:
        raise StatusUnknown(last, highest)
    return highest


def _open_epochs(session: Session, actor: Actor, trust: TrustKeys, *, now: datetime) -> None:
    """Enter into the register every epoch of the trust bundle that it does not know."""
    stored = set(session.scalars(select(Epoch.key_id)))
    keys = [key for key in trust.keys.values() if key.kind == Kind.CERTIFICATE and key.key_id not in stored]
    for key in sorted(keys, key=lambda key: key.first_entry):
        enter_epoch(
            session,
            actor,
            key_id=key.key_id,
            first_entry=key.first_entry,
            last_entry=key.last_entry,
            last_on=key.last_on,
            now=now,
        )
    session.flush()


def _close_epochs(session: Session, actor: Actor, trust: TrustKeys, *, now: datetime) -> None:
    """Close the epochs whose keys have come to their end since; what waits for such a signature is void.

    It was never released as far as anybody knows, and its result is numbered anew. What a retired key signed is good.
    """
    for epoch in session.scalars(select(Epoch).where(Epoch.closed_at.is_(None))).all():
        key = trust.keys.get(epoch.key_id)
        distrusted = epoch.key_id in trust.tombstones
        if key is not None and (key.retired or distrusted):
            statuses = UNRELEASED if distrusted else (Status.NUMBERED,)
            abandon(session, actor, epoch.key_id, honest=(), statuses=statuses, now=now)
            session.flush()
            close_epoch(session, actor, epoch.key_id, now=now)


def _floors(beyond: Mapping[int, SignedEntry], log: LostWord, profiles: Profiles) -> dict[str, int]:
    """Return the highest serial of each series that the signer's journal or lost leaves name, 0 if just opened."""
    floors = dict.fromkeys(log.opened, 0)
    named = (read_number(number, profiles) for number in log.numbers)
    for number in chain(known_numbers(beyond, profiles), named):
        floors[number.series_key] = max(number.serial, floors.get(number.series_key, 0))
    return floors


def _open_series(
    session: Session, actor: Actor, keys: Collection[str], log: LostWord, *, now: datetime
) -> None:
    """Open those of these series that the register does not know; the log may have told of it already."""
    stored = set(session.scalars(select(Series.key).where(Series.key.in_(list(keys)))))
    for key in sorted(set(keys) - stored):
        profile = int(key.partition(":")[0])
        series = Series(
            key=key, profile=profile, issued=0, opened_at=now, opened_by=actor.account_id, opening=None
        )
        session.add(series)
        digest, told = series_digest(series), {"known": BY_LOG} if key in log.opened else {}
        record(session, "open_series", f"series:{key}", at=now, by=actor.account_id, digest=digest, **told)
    session.flush()


def _raise_series(
    session: Session,
    actor: Actor,
    floors: Mapping[str, int],
    stated: Stated,
    profiles: Profiles,
    *,
    now: datetime,
) -> dict[str, int]:
    """Bring each series to the highest serial that is known of it, with a number for every serial; return the new N."""
    raised: dict[str, int] = {}
    for key in sorted({*floors, *stated.serials}):
        series = session.get(Series, key, with_for_update=True)
        if series is None:
            raise UnknownSeries(key)
        of_series = Certificate.series_key == key
        known = session.scalar(select(func.max(Certificate.serial)).where(of_series)) or 0
        known = max(known, series.issued, floors.get(key, 0))
        if key in stated.serials and stated.serials[key] < known:
            raise StatedTooLow(f"series {key}", stated.serials[key], known)
        highest = max(known, stated.serials.get(key, 0))
        stored = select(Certificate.serial).where(of_series, Certificate.serial > series.issued)
        missing = sorted(set(range(series.issued + 1, highest + 1)) - set(session.scalars(stored)))
        _add_numbers(session, actor, series, missing, profiles, now=now)
        if highest > series.issued:
            series.issued = raised[key] = highest
    return raised


def _add_numbers(
    session: Session, actor: Actor, series: Series, serials: list[int], profiles: Profiles, *, now: datetime
) -> None:
    """Store the numbers of these serials, of which no entry is known: used, and nobody's."""
    rows = [
        {
            "id": uuid4(),
            "number": number_in(series.key, serial, profiles),
            "profile": series.profile,
            "series_key": series.key,
            "serial": serial,
        }
        for serial in serials
    ]
    if rows:
        session.execute(insert(Certificate.__table__), rows)  # type: ignore[arg-type]
        digest = numbered_digest(rows, [])
        told = {"first": serials[0], "last": serials[-1], "numbers": len(serials)}
        record(session, ACT, f"series:{series.key}", at=now, by=actor.account_id, digest=digest, **told)
