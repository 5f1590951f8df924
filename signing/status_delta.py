"""A delta: what brings a status that a verifier holds up to the present one without fetching all of it (formats.md §7).

A delta lists every entry whose place changed since its base, and where it stands now, so it applies to whatever
status was signed between the base and the present. The result is the present file byte for byte, with the status
key's signature, and must be opened like any other: a delta itself is signed by nobody and believed by nobody. Whatever
is wrong with one, the whole file is fetched instead.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from signing import cbor, entry_set, shape
from signing.cose import Envelope
from signing.errors import DeltaMisfit, Malformed
from signing.status import PLACES, SETS, Status

FORMAT: Final = 1
FOLDER: Final = "status/since"
"""In the public tree."""
HOURS: Final = 6
DAYS: Final = 8
"""How far back deltas reach: to the first status of an hour, six hours ago at the most, or of a day, eight days ago."""

_CLEARED, _BASE, _SIGNATURE = 13, 14, 15
_NAME: Final = re.compile(FOLDER + r"/\d{4}-\d\d-\d\d(T\d\d)?\.cbor", re.ASCII)
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)

Entries: TypeAlias = frozenset[int]


@dataclass(frozen=True, slots=True)
class Step:
    """From the status of version ``before`` to ``after``: the entries that stand in another place then.

    A new entry counts if it stands in a set.
    """

    before: int
    after: Status
    changed: Entries

    @classmethod
    def between(cls, before: Status, after: Status) -> "Step":
        """Compare two statuses."""
        moved = (old ^ new for old, new in zip(before.sets, after.sets, strict=True))
        return cls(before.version, after, frozenset().union(*moved))


@dataclass(frozen=True, slots=True)
class StatusDelta:
    """What changed between two versions of the status.

    ``base`` is the oldest version it applies to. ``after`` is the status that it leads to, but with only the changed
    entries in its sets; ``cleared`` are the changed entries that stand in none of them. ``signature`` is the detached
    signature of the status that it leads to. Raises ``Malformed`` for a contradiction in these.
    """

    base: int
    after: Status
    cleared: Entries
    signature: Envelope

    def __post_init__(self) -> None:
        """Refuse a base after the end, and entries that are in two places or beyond the last."""
        shape.integer(self.base, 0, self.after.version)
        if self.signature.payload is not None:
            raise Malformed("a delta with the payload that it should spare")
        if self.cleared and not 1 <= min(self.cleared) <= max(self.cleared) <= self.after.size:
            raise Malformed("an entry outside 1..size")
        if not self.cleared.isdisjoint(frozenset().union(*self.after.sets)):
            raise Malformed("an entry both in a set and in none")

    @classmethod
    def starting_at(cls, status: Status, signature: Envelope) -> "StatusDelta":
        """Return the delta from a status to itself, to be extended as others follow."""
        return cls(status.version, _with_only(status, frozenset()), frozenset(), signature)

    def extended(self, step: Step, signature: Envelope) -> "StatusDelta":
        """Return the delta from the same base to the end of a step that begins where this one ends.

        Remembers every entry that ever changed in between, also one that is back where it was: somebody may hold
        the status in which it was not. Raises ``DeltaMisfit`` for a step from elsewhere.
        """
        if step.before != self.after.version:
            raise DeltaMisfit(f"it leads to version {self.after.version}, not {step.before}")
        touched = self.touched | step.changed
        after = _with_only(step.after, touched)
        return replace(self, after=after, cleared=touched.difference(*after.sets), signature=signature)

    @property
    def touched(self) -> Entries:
        """The entries that changed."""
        return self.cleared.union(*self.after.sets)

    def to_bytes(self) -> bytes:
        """Return the file."""
        [cleared] = entry_set.to_values([self.cleared])
        signature = cbor.decode(self.signature.to_bytes())
        items = self.after.to_items() | {
            1: FORMAT,
            _CLEARED: cleared,
            _BASE: self.base,
            _SIGNATURE: signature,
        }
        return cbor.encode(items)

    @classmethod
    def from_bytes(cls, data: bytes) -> "StatusDelta":
        """Read a file; ``Malformed`` unless ``to_bytes`` would write it. Whether it is true is not seen here."""
        items = shape.fields(cbor.decode(data), range(PLACES.start, _SIGNATURE + 1))
        [cleared] = entry_set.from_values([items[_CLEARED]])
        return cls(
            base=shape.integer(items[_BASE]),
            after=Status.from_items(items),
            cleared=cleared,
            signature=Envelope.from_value(items[_SIGNATURE]),
        )


def apply(delta: bytes, held: Status) -> bytes:
    """Return the whole signed status file that a delta makes of a status that was verified before.

    To be opened with ``signing.status.open_status``, which alone says whether it is the truth. Raises ``Malformed``
    for bytes that are no delta, ``DeltaMisfit`` for one that does not apply to this status.
    """
    # 1. Is it a delta?
    read = StatusDelta.from_bytes(delta)
    # 2. Does it begin at or before what is held, and end at or after it?
    after = read.after
    if held.environment != after.environment:
        raise DeltaMisfit("of another environment")
    if not read.base <= held.version <= after.version or held.size > after.size:
        raise DeltaMisfit(f"from version {read.base} to {after.version}; version {held.version} is held")
    # 3. What did not change is as it was; what did is where the delta says.
    touched = read.touched
    merged = {name: getattr(held, name) - touched | getattr(after, name) for name in SETS}
    payload = replace(after, **merged).to_payload()
    return replace(read.signature, payload=payload).to_bytes()


def delta_name(held_since: datetime, now: datetime) -> str | None:
    """Return the name in the public tree of the delta for a status made at an instant; ``None`` if it is too old.

    Whether the file is there is another question; if it is not, the whole status is fetched.
    """
    held_since, now = held_since.astimezone(UTC), now.astimezone(UTC)
    if _whole(now, _HOUR) - _whole(held_since, _HOUR) <= HOURS * _HOUR:
        return hour_name(held_since)
    if _whole(now, _DAY) - _whole(held_since, _DAY) <= DAYS * _DAY:
        return day_name(held_since)
    return None


def kept_names(now: datetime) -> Mapping[str, bool]:
    """Return the names of all deltas that there may be; of each, whether a status made now may be its base."""
    now = now.astimezone(UTC)
    hours = {hour_name(now - back * _HOUR): back == 0 for back in range(HOURS + 1)}
    return hours | {day_name(now - back * _DAY): back == 0 for back in range(DAYS + 1)}


def hour_name(at: datetime) -> str:
    """Return the name of the delta whose base is the first status of the hour (UTC) of an instant in UTC."""
    return f"{FOLDER}/{at:%Y-%m-%dT%H}.cbor"


def day_name(at: datetime) -> str:
    """Return the name of the delta whose base is the first status of the day (UTC) of an instant in UTC."""
    return f"{FOLDER}/{at:%Y-%m-%d}.cbor"


def is_delta_name(name: str) -> bool:
    """Say whether a name in the public tree is that of a delta."""
    return _NAME.fullmatch(name) is not None


def _whole(at: datetime, unit: timedelta) -> datetime:
    return at - (at - datetime.min.replace(tzinfo=UTC)) % unit


def _with_only(status: Status, entries: Entries) -> Status:
    return replace(status, **{name: getattr(status, name) & entries for name in SETS})
