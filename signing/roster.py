"""The roster: whose signatures make a certificate lawful (formats.md §13).

The signer of certificates reads no database. Which keys may decide for which step, in which jurisdiction, and
which may open series, it knows from this file, which two custodians sign. Whether the file is the newest is the duty
of whoever keeps it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from itertools import groupby
from typing import Final
from uuid import UUID

from signing import cbor, cose, ed25519, shape
from signing.cbor import Value
from signing.ed25519 import PublicKey
from signing.errors import Malformed, NotEntitled, UnknownKey
from signing.evidence import Step

FORMAT: Final = 1

# Civil days are China's, which has one time zone and no summer time (since 1991).
CHINA: Final = timezone(timedelta(hours=8))


class Duty(StrEnum):
    """What a key of the roster is there for: one of the three steps of review, or the opening of series."""

    PROVINCE = Step.PROVINCE.value
    CENTRE = Step.CENTRE.value
    OFFICE = Step.OFFICE.value
    SERIES = "series"


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterEntry:
    """One duty of one key, admitted when the entry is made (``InadmissibleKey`` if it can not be).

    ``person`` is the account of whoever holds the key: two keys of one person are one person. The duty counts from
    ``first_on`` to ``last_on``, civil days in China, and for what was signed before ``revoked_at`` (aware, in UTC, of
    whole seconds); ``None`` if it was not revoked.
    """

    public: bytes
    person: UUID
    duty: Duty
    jurisdiction: str
    first_on: date
    last_on: date
    revoked_at: datetime | None
    key_id: bytes = field(init=False)
    verifier: PublicKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Find the key id and admit the key, once."""
        object.__setattr__(self, "key_id", cose.key_id(self.public))
        object.__setattr__(self, "verifier", ed25519.admit(self.public))

    @property
    def order(self) -> tuple[bytes, bytes, bytes]:
        """Where the entry stands in the roster."""
        return self.key_id, self.duty.encode(), shape.utf8(self.jurisdiction)

    def to_value(self) -> Value:
        """Return the entry as an item of the roster."""
        revoked_at = None if self.revoked_at is None else shape.seconds(self.revoked_at)
        return [
            self.key_id, self.public, self.person.bytes, str(self.duty), self.jurisdiction,
            shape.days(self.first_on), shape.days(self.last_on), revoked_at,
        ]  # fmt: skip

    @classmethod
    def from_value(cls, value: Value) -> "RosterEntry":
        """Read an item of the roster; ``Malformed`` also if the key id is not that of the key."""
        key_id, public, person, duty, jurisdiction, first_on, last_on, revoked_at = shape.array(value, 8, 8)
        if shape.text(duty) not in _DUTIES:
            raise Malformed("not a duty of the roster")
        entry = cls(
            public=shape.octets(public, 32),
            person=shape.uuid(person),
            duty=Duty(shape.text(duty)),
            jurisdiction=shape.text(jurisdiction),
            first_on=shape.day(first_on),
            last_on=shape.day(last_on),
            revoked_at=None if revoked_at is None else shape.instant(revoked_at),
        )
        if key_id != entry.key_id:
            raise Malformed("key id is not the key's thumbprint")
        return entry


@dataclass(frozen=True, slots=True)
class Roster:
    """The payload of the roster; ``entries`` ascend by key id, duty and jurisdiction, none of them twice."""

    environment: str
    version: int
    made_at: datetime
    entries: tuple[RosterEntry, ...]
    by_key: Mapping[bytes, tuple[RosterEntry, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse entries out of order, and a key in two hands."""
        shape.ascending(entry.order for entry in self.entries)
        by_key = {key: tuple(held) for key, held in groupby(self.entries, lambda entry: entry.key_id)}
        if any(len({(entry.public, entry.person) for entry in held}) > 1 for held in by_key.values()):
            raise Malformed("one key id for two keys or two persons")
        object.__setattr__(self, "by_key", by_key)

    def verifier(self, key_id: bytes) -> PublicKey:
        """Return the key to verify with, whatever it is entitled to; raises ``UnknownKey``."""
        held = self.by_key.get(key_id)
        if held is None:
            raise UnknownKey(key_id)
        return held[0].verifier

    def entitled(self, key_id: bytes, duty: Duty, jurisdiction: str, *, at: datetime) -> RosterEntry:
        """Return the entry that lets this key do this duty, in this jurisdiction, at this instant.

        Raises ``NotEntitled``. That the key signed anything is for the caller to verify, with the entry's
        ``verifier``.
        """
        held = [entry for entry in self.by_key.get(key_id, ()) if entry.duty is duty]
        if not held:
            raise NotEntitled(key_id, duty, "it does not stand in the roster with this duty")
        held = [entry for entry in held if entry.jurisdiction == jurisdiction]
        if not held:
            raise NotEntitled(key_id, duty, f"not in {jurisdiction}")
        (entry,) = held
        if not entry.first_on <= civil_date(at) <= entry.last_on:
            raise NotEntitled(key_id, duty, f"it counts from {entry.first_on} to {entry.last_on}")
        if entry.revoked_at is not None and at >= entry.revoked_at:
            raise NotEntitled(key_id, duty, f"revoked at {entry.revoked_at:%Y-%m-%dT%H:%M:%SZ}")
        return entry

    def to_payload(self) -> bytes:
        """Return the bytes that custodians sign with kind ``roster``."""
        return cbor.encode({
            1: FORMAT,
            2: shape.environment(self.environment),
            3: shape.integer(self.version),
            4: shape.seconds(self.made_at),
            5: [entry.to_value() for entry in self.entries],
        })  # fmt: skip

    @classmethod
    def from_payload(cls, payload: bytes) -> "Roster":
        """Read a payload; ``Malformed`` or ``InadmissibleKey`` unless ``to_payload`` would write it."""
        items = shape.fields(cbor.decode(payload), range(1, 6))
        shape.integer(items[1], FORMAT, FORMAT)
        return cls(
            environment=shape.environment(items[2]),
            version=shape.integer(items[3]),
            made_at=shape.instant(items[4]),
            entries=tuple(RosterEntry.from_value(item) for item in shape.array(items[5])),
        )


def civil_date(instant: datetime) -> date:
    """Return the day in China, the last day there is for the last hours of the year 9999."""
    try:
        return instant.astimezone(CHINA).date()
    except OverflowError:
        return date.max


def in_order(entries: Iterable[RosterEntry]) -> tuple[RosterEntry, ...]:
    """Return the entries as a roster holds them."""
    return tuple(sorted(entries, key=lambda entry: entry.order))


_DUTIES: Final = frozenset(Duty)
