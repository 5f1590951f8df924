"""What the leaves of a log have told so far: each entry's standing, number and digest, and every series.

Holds facts, decides nothing: what is lawful is ``rules``. One byte and one record for each entry, one byte for each
serial, so a million certificates take some fifty megabytes, in memory as in the state. Nothing is kept that a hostile
log could make longer than itself: a leaf names one series at most, and entries and serials have as much room as there
are leaves, and ``ROOM``.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, NamedTuple, Self

from signing import cbor, shape
from signing.cbor import Value
from signing.errors import Malformed
from signing.log.leaf import DIGEST_SIZE
from signing.offline.monitor.line import Line
from signing.offline.monitor.numbering import Place
from signing.series import SeriesKey

_RECORD: Final = struct.Struct(f">III{DIGEST_SIZE}s")
_MOST: Final = 2**32 - 1

ROOM: Final = 1 << 16
"""How many more entries there may be than leaves, and serials in all series together. Each has a leaf, and those that
are still to come are no more than this in an honest count."""


class Standing(IntEnum):
    """Where an entry stands by the log; what is issued may or may not have been released."""

    UNSEEN = 0
    ISSUED = 1
    SUSPENDED = 2
    REVOKED = 3
    SUPERSEDED = 4
    VOID = 5
    REINSTATED = 6


class Record(NamedTuple):
    """What a leaf told of an entry.

    ``series`` is a place in ``Ledger.series``, ``None`` where no series has the number. ``digest`` is SHA-256 of the
    token, zeros for an entry that was never issued.
    """

    series: int | None
    serial: int
    version: int
    digest: bytes


@dataclass(slots=True)
class Series:
    """A series that a leaf named; ``opened`` says whether one opened it. Marks are the highest version of a serial."""

    place: Place
    opened: bool = False
    line: Line = field(default_factory=Line)


@dataclass(slots=True)
class Ledger:
    """The facts. ``latest`` is the latest instant that a leaf was dated, in seconds since 1970.

    ``voids`` counts entries that were voided without their number.
    """

    entries: Line = field(default_factory=Line)
    series: list[Series] = field(default_factory=list)
    latest: int = 0
    voids: int = 0
    _serials: int = 0
    _records: bytearray = field(default_factory=bytearray)
    _places: dict[SeriesKey, int] = field(default_factory=dict)
    _corrections: dict[tuple[int, int], list[int]] = field(default_factory=dict)

    def standing(self, entry: int) -> Standing:
        """Return where an entry stands."""
        return Standing(self.entries.get(entry))

    def move(self, entry: int, standing: Standing) -> None:
        """Let a seen entry stand elsewhere."""
        self.entries.marks[entry - 1] = standing

    def has_room(self, entry: int, *, leaves: int) -> bool:
        """Say whether an entry may be entered when so many leaves were read."""
        growth = self.entries.growth(entry)
        return entry > 0 and (not growth or len(self.entries.marks) + growth <= leaves + ROOM)

    def has_room_in(self, series: int, serial: int, *, leaves: int) -> bool:
        """Say the same of a serial that may be counted."""
        growth = self.series[series].line.growth(serial)
        return serial > 0 and (not growth or self._serials + growth <= leaves + ROOM)

    def count(self, series: int, serial: int, version: int, *, at: int) -> None:
        """Mark a serial that there is room for; ``at`` as in ``Line.put``."""
        line = self.series[series].line
        self._serials += line.growth(serial)
        line.put(serial, version, at=at)

    def series_of(self, place: Place) -> int:
        """Return the place of a series in ``series``, which it has from now on."""
        found = self._places.get(place.key)
        if found is None:
            found = self._places[place.key] = len(self.series)
            self.series.append(Series(place))
        return found

    def enter(self, entry: int, standing: Standing, record: Record, *, at: int) -> None:
        """Write down an entry that there is room for; ``at`` as in ``Line.put``."""
        self.entries.put(entry, standing, at=at)
        self._records.extend(bytes(_RECORD.size * len(self.entries.marks) - len(self._records)))
        number = 0 if record.series is None else record.series + 1
        _RECORD.pack_into(
            self._records, (entry - 1) * _RECORD.size, number, min(record.serial, _MOST),
            min(record.version, _MOST), record.digest,
        )  # fmt: skip
        if record.series is not None and record.version > 1:
            self._corrections.setdefault((record.series, record.serial), []).append(entry)

    def record(self, entry: int) -> Record:
        """Return what was told of a seen entry."""
        return _record(_RECORD.unpack_from(self._records, (entry - 1) * _RECORD.size))

    def records(self) -> Iterator[tuple[int, Record]]:
        """Yield every entry that was seen, with what was told of it."""
        for entry, fields in enumerate(_RECORD.iter_unpack(self._records), 1):
            if self.entries.marks[entry - 1]:
                yield entry, _record(fields)

    def is_corrected(self, record: Record) -> bool:
        """Say whether a higher version of the same number was issued."""
        if record.series is None:
            return False
        others = self._corrections.get((record.series, record.serial), ())
        return any(
            self.record(entry).version > record.version and self.standing(entry) is not Standing.VOID
            for entry in others
        )

    def to_value(self) -> Value:
        """Return the facts for the state."""
        # One byte string for each series: a state may have more of them than CBOR of ours has items.
        series: list[Value] = [
            cbor.encode([item.place.to_value(), item.opened, item.line.to_value()]) for item in self.series
        ]
        return [self.entries.to_value(), bytes(self._records), series, self.latest, self.voids]

    @classmethod
    def from_value(cls, value: Value) -> Self:
        """Read the facts; ``Malformed``."""
        entries, records, series, latest, voids = shape.array(value, 5, 5)
        ledger = cls(Line.from_value(entries), latest=shape.integer(latest), voids=shape.integer(voids))
        ledger._records = bytearray(shape.content(records))
        if len(ledger._records) != _RECORD.size * len(ledger.entries.marks):
            raise Malformed("records of another number of entries")
        for item in shape.array(series):
            place, opened, line = shape.array(cbor.decode(shape.content(item)), 3, 3)
            at = ledger.series_of(Place.from_value(place))
            ledger.series[at] = Series(ledger.series[at].place, shape.truth(opened), Line.from_value(line))
            ledger._serials += len(ledger.series[at].line.marks)
        for entry, record in ledger.records():
            if record.series is not None and record.version > 1:
                ledger._corrections.setdefault((record.series, record.serial), []).append(entry)
        return ledger


def _record(fields: tuple[int, int, int, bytes]) -> Record:
    series, serial, version, digest = fields
    return Record(series - 1 if series else None, serial, version, digest)
