"""The leaves of the public log, made of the journal's events and of the tokens: the same bytes at any time.

What a leaf says of an entry comes out of the token's own bytes where it has one, so that no column can make the log
say another thing than the certificate does.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from registry.certificate.tables import Certificate, Entry, EntryCounter
from registry.directory.profiles import Profiles
from registry.errors import RegistryError
from registry.journal.leaves import Told, leaf_count, leaf_kind
from registry.journal.tables import Event
from registry.log.errors import LeafUnknown
from signing.cose import SIGNATURE_SIZE
from signing.errors import SigningError
from signing.log.leaf import CHANGES, Change, Issue, KeyEvent, LeafKind, SeriesOpened, Void
from signing.signed_bytes import statement_of_signed_bytes, token_of_signed_bytes

TOGETHER = 1000

# What a value that no act writes can end in: a database without strict types holds anything.
_ODD = (SigningError, RegistryError, AttributeError, KeyError, OverflowError, TypeError, ValueError)

EVENTS = (
    Event.id,
    Event.place,
    Event.at,
    Event.act,
    Event.subject,
    Event.details,
    Event.first_entry,
    Event.last_entry,
)
_UNLOGGED = (
    select(*EVENTS).where(Event.place > bindparam("place")).order_by(Event.place).limit(bindparam("most"))
)
_ENTRIES = (
    select(
        Entry.entry, Entry.version, Entry.to_be_signed, Entry.token, Certificate.number, Certificate.profile
    )
    .outerjoin(Certificate, Certificate.id == Entry.certificate_id)
    .where(Entry.entry.in_(bindparam("entries", expanding=True)))
)


class Acted(NamedTuple):
    """An event, as far as its leaves are made of it."""

    id: int
    place: int
    at: Any
    act: str
    subject: str
    details: dict[str, Any]
    first_entry: int | None
    last_entry: int | None

    @property
    def told(self) -> Told:
        """What decides about its leaves."""
        return Told(self.act, self.details, self.first_entry, self.last_entry)

    @property
    def entries(self) -> range:
        """The run of entries that it was done to."""
        if self.first_entry is None or self.last_entry is None:
            return range(0)
        return range(self.first_entry, self.last_entry + 1)


class _Version(NamedTuple):
    entry: int
    version: int | None
    to_be_signed: bytes | None
    token: bytes | None
    number: str | None
    profile: int | None


@dataclass(frozen=True, slots=True)
class Growth:
    """What comes to the log next: events in the order of their places, and the leaves of all of them.

    ``first`` has the place in ``leaves`` of each event's first leaf, by the event's id; events without leaf are not in
    it. ``place`` is that of the last event that was looked at.
    """

    place: int
    leaves: tuple[bytes, ...]
    first: Mapping[int, int]


def unlogged(session: Session, profiles: Profiles, *, place: int, most: int) -> Growth:
    """Return the leaves of the events behind ``place``: of whole events, ``most`` leaves or few more.

    Raises ``LeafUnknown`` for an event whose leaf can not be made.
    """
    chosen: list[Acted] = []
    count, rows = 0, TOGETHER
    given = session.scalar(select(func.max(EntryCounter.last))) or 0
    while count < most and rows == TOGETHER:
        found = session.execute(_UNLOGGED, {"place": place, "most": TOGETHER}).all()
        rows = len(found)
        for event in map(Acted._make, found):
            place = event.place
            if leaf_kind(event.told) is not None:
                chosen.append(event)
                count += _count(event, given)
            if count >= most:
                break
    return growth_of(session, profiles, chosen, place=place)


def _count(event: Acted, given: int) -> int:
    """Return how many leaves an act has; raise ``LeafUnknown`` unless its entries are among the ``given`` ones."""
    try:
        lawful = event.first_entry is None or 1 <= event.first_entry <= (event.last_entry or 0) <= given
        if lawful:
            return leaf_count(event.told)
    except TypeError:
        pass
    raise LeafUnknown(f"event {event.id} is of entries that were never given")


def growth_of(session: Session, profiles: Profiles, events: Sequence[Acted], *, place: int) -> Growth:
    """Return the leaves of these events, which are in the order of places; ``place`` is the last one seen."""
    leaves: list[bytes] = []
    first: dict[int, int] = {}
    versions = _versions(session, events)
    for event in events:
        made = _made(event, versions, profiles)
        if made:
            first[event.id] = len(leaves)
            leaves += made
    return Growth(place, tuple(leaves), first)


def _made(event: Acted, versions: Mapping[int, _Version], profiles: Profiles) -> list[bytes]:
    """Return the leaves of one event, or raise ``LeafUnknown``: nothing in a row may end whoever reads it."""
    try:
        return list(_leaves_of(event, versions, profiles))
    except LeafUnknown:
        raise
    except _ODD as fault:
        raise LeafUnknown(f"event {event.id} is not what an act writes: {type(fault).__name__}") from None


def _versions(session: Session, events: Iterable[Acted]) -> dict[int, _Version]:
    """Read the entries whose leaf says more than their place."""
    kinds = (LeafKind.ISSUE, LeafKind.VOID)
    wanted = [entry for event in events if leaf_kind(event.told) in kinds for entry in event.entries]
    found: dict[int, _Version] = {}
    for start in range(0, len(wanted), TOGETHER):
        part = wanted[start : start + TOGETHER]
        rows = session.connection().execute(_ENTRIES, {"entries": part})
        found |= {row[0]: _Version._make(row) for row in rows}
    return found


def _leaves_of(event: Acted, versions: Mapping[int, _Version], profiles: Profiles) -> Iterator[bytes]:
    kind, at = leaf_kind(event.told), event.at.replace(microsecond=0)
    if kind is LeafKind.ISSUE:
        for entry in event.entries:
            yield _issue(versions.get(entry), entry, at).to_bytes()
    elif kind is LeafKind.VOID:
        for entry in event.entries:
            yield _void(versions.get(entry), entry, at, profiles).to_bytes()
    elif kind in CHANGES:
        for entry in event.entries:
            yield Change(at, kind, entry).to_bytes()
    elif kind is LeafKind.SERIES:
        profile, *parts = event.subject.removeprefix("series:").split(":")
        yield SeriesOpened(at, int(profile), tuple(parts)).to_bytes()
    elif kind is LeafKind.KEYS:
        yield _key_event(event, at).to_bytes()


def _issue(version: _Version | None, entry: int, at: Any) -> Issue:
    """Return the leaf of a token: what the token itself says, and its digest."""
    if version is None or not isinstance(version.token, bytes) or not isinstance(version.to_be_signed, bytes):
        raise LeafUnknown(f"entry {entry} was signed and has no token")
    if version.version is None:
        raise LeafUnknown(f"entry {entry} was signed and has no version")
    try:
        statement = statement_of_signed_bytes(version.to_be_signed)
        same = token_of_signed_bytes(version.to_be_signed, version.token[-SIGNATURE_SIZE:]) == version.token
    except SigningError as fault:
        raise LeafUnknown(f"the bytes of entry {entry} are no statement: {fault}") from None
    if not same or statement.entry != entry:
        raise LeafUnknown(f"the token of entry {entry} is not over its bytes")
    digest = sha256(version.token).digest()
    return Issue(at, entry, statement.number, version.version, statement.issued_on, digest)


def _void(version: _Version | None, entry: int, at: Any, profiles: Profiles) -> Void:
    if version is None or version.number is None or version.profile is None:
        return Void(at, entry, None, None)
    layout = profiles.by_code[version.profile].layout
    return Void(at, entry, layout.pack(version.number), version.version)


def _key_event(event: Acted, at: Any) -> KeyEvent:
    told = event.details
    try:
        digest, keys = bytes.fromhex(told["sha256"]), tuple(map(bytes.fromhex, told["keys"]))
        return KeyEvent(at, str(told["ceremony"]), str(told["file"]), int(told["version"]), digest, keys)
    except (KeyError, TypeError, ValueError):
        raise LeafUnknown(f"the record {event.id} of a ceremony is not what a ceremony writes") from None
