"""Where a number is given. The one place, and inside the issuing transaction only.

A series counts 1..N in its own row; the register counts entries in one row. Both are taken by
``UPDATE … RETURNING``, a whole batch in one step, so the row's lock orders the takers and a rollback takes nothing.
Never a database sequence: a sequence leaves gaps. Lock order: series rows by key, the entry row last.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select, type_coerce, update
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from registry.certificate.coverage import epoch_digest
from registry.certificate.errors import EpochNotOpen, NumberingHeld, SeriesNotOpen
from registry.certificate.tables import EntryCounter, Epoch, Series
from registry.directory.profiles import NumberProfile
from registry.journal.currency import require_up_to_date
from registry.journal.record import record
from registry.people.permission import NATIONAL, Act, Actor, require
from signing.statement import Level

COUNTER_ID = 1

# Made once: making a statement takes longer than running it.
_FOLLOWS = EntryCounter.last + 1
_OPEN_EPOCH = (
    select(EntryCounter.last, EntryCounter.held_because, Epoch.key_id, Epoch.last_entry)
    .outerjoin(
        Epoch,
        Epoch.closed_at.is_(None)
        & (Epoch.first_entry <= _FOLLOWS)
        & (Epoch.last_entry >= _FOLLOWS)
        & (Epoch.last_on >= bindparam("on")),
    )
    .where(EntryCounter.id == COUNTER_ID)
)
_TAKE_SERIALS = (
    update(Series.__table__)  # type: ignore[arg-type]
    .where(Series.key == bindparam("series"))
    .values(issued=Series.issued + bindparam("count"))
    # As it is stored: what is no octet string is no opening.
    .returning(Series.issued, type_coerce(Series.opening, NullType()).label("opening"))
)
_TAKE_ENTRIES = (
    update(EntryCounter.__table__)  # type: ignore[arg-type]
    .where(
        EntryCounter.id == COUNTER_ID,
        EntryCounter.held_because.is_(None),
        EntryCounter.last + bindparam("count") <= bindparam("end"),
    )
    .values(last=EntryCounter.last + bindparam("count"))
    .returning(EntryCounter.last)
)
_STILL_OPEN = select(Epoch.closed_at.is_(None)).where(Epoch.key_id == bindparam("key"))


@dataclass(frozen=True, slots=True)
class Scope:
    """What a series belongs to: body, site in a province, year of 发证日期, level."""

    issuer: str
    province: str
    site: str
    year: int
    level: Level

    def fields(self, profile: NumberProfile) -> dict[str, str]:
        """Return the scope as field texts of the profile (RULES §1.3)."""
        return profile.scope_fields(
            issuer=self.issuer, province=self.province, site=self.site, year=self.year, level=self.level
        )

    def key(self, profile: NumberProfile) -> str:
        """Return the series' key: the profile's code and the scope's field texts in the number's order."""
        return ":".join([str(profile.code), *self.fields(profile).values()])


@dataclass(frozen=True, slots=True)
class OpenEpoch:
    """The issuing key that signs now, and how many entries its block still has."""

    key_id: bytes
    last_entry: int
    entries_left: int

    @property
    def last(self) -> int:
        """The last entry that was given."""
        return self.last_entry - self.entries_left


def open_epoch(
    session: Session,
    actor: Actor,
    *,
    key_id: bytes,
    first_entry: int,
    last_entry: int,
    last_on: date,
    now: datetime,
) -> None:
    """Let the key number entries first..last; the key itself and the trust bundle are made before, in ``keys``.

    Raises ``NotPermitted`` or ``RegisterOutdated``.
    """
    require_up_to_date(session)
    enter_epoch(
        session,
        actor,
        key_id=key_id,
        first_entry=first_entry,
        last_entry=last_entry,
        last_on=last_on,
        now=now,
    )


def enter_epoch(
    session: Session,
    actor: Actor,
    *,
    key_id: bytes,
    first_entry: int,
    last_entry: int,
    last_on: date,
    now: datetime,
) -> None:
    """Enter an epoch that was opened already, as the trust bundle says: even into a register that must not go on.

    For what follows from a restore, or from a key that was distrusted. Raises ``NotPermitted``.
    """
    require(actor, Act.OPEN_EPOCH, scope=NATIONAL)
    epoch = Epoch(
        key_id=key_id,
        first_entry=first_entry,
        last_entry=last_entry,
        last_on=last_on,
        opened_at=now,
        closed_at=None,
    )
    session.add(epoch)
    if session.get(EntryCounter, COUNTER_ID) is None:
        session.add(EntryCounter(id=COUNTER_ID, last=first_entry - 1, held_because=None))
    subject, digest = f"epoch:{key_id.hex()}", epoch_digest(epoch)
    told = {"first": first_entry, "last": last_entry}
    record(session, "open_epoch", subject, at=now, by=actor.account_id, digest=digest, **told)


def find_open_epoch(session: Session, *, on: date) -> OpenEpoch:
    """Return the epoch that the next entry falls into. Raises ``EpochNotOpen`` or ``NumberingHeld``."""
    found = session.connection().execute(_OPEN_EPOCH, {"on": on}).one_or_none()
    if found is None:
        raise EpochNotOpen
    last, held_because, key_id, last_entry = found
    if held_because is not None:
        raise NumberingHeld(held_because)
    if key_id is None:
        raise EpochNotOpen
    return OpenEpoch(key_id, last_entry, last_entry - last)


class Serials(NamedTuple):
    """The next serials of a series, and the signed opening that the signer will ask for."""

    next: Iterator[int]
    opening: bytes


def take_serials(session: Session, wanted: Counter[str]) -> dict[str, Serials]:
    """Take the next serials of each series, in the order of their keys; return them by key.

    Raises ``SeriesNotOpen``. Whether the serials still fit the number's field is the profile's to say.
    """
    taken = {}
    for key in sorted(wanted):
        count = wanted[key]
        found = session.connection().execute(_TAKE_SERIALS, {"series": key, "count": count}).one_or_none()
        if found is None or type(found.opening) is not bytes:
            raise SeriesNotOpen(key)
        taken[key] = Serials(iter(range(found.issued - count + 1, found.issued + 1)), found.opening)
    return taken


def take_entries(session: Session, epoch: OpenEpoch, count: int) -> range | None:
    """Take the next entries of the register within the epoch's block; the last lock of the transaction.

    Returns ``None`` if another transaction was quicker and they no longer fit, or closed the epoch: the caller rolls
    back and plans anew.
    """
    wanted = {"count": count, "end": epoch.last_entry}
    last = session.connection().execute(_TAKE_ENTRIES, wanted).scalar()
    if last is None:
        return None
    # Whoever closes an epoch holds the counter's row; asked now, a closing that this one waited for is seen.
    if not session.connection().execute(_STILL_OPEN, {"key": epoch.key_id}).scalar():
        return None
    return range(last - count + 1, last + 1)
