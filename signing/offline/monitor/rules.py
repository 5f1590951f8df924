"""The rules of the log, leaf by leaf, in the order of the log: what may follow what, and what was told once already.

1. Every leaf is one that we know, and dated neither after its checkpoint was cosigned nor long before those around it.
2. A number is of a known profile, lies in a series that a leaf opened, and in the year of its issue.
3. Entries and serials are counted 1, 2, 3 …: none twice, and no hole that stays.
4. What becomes of an entry follows from where it stands (``CHANGES``).

What is cosigned here is on record for ever; whether a body knows of it is asked by ``held_tokens``.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, NamedTuple

from signing.errors import NumberMisfit, SigningError
from signing.log.leaf import DIGEST_SIZE, Change, Issue, KeyEvent, LeafKind, SeriesOpened, Void, read_leaf
from signing.number import Profile, shown
from signing.offline.monitor.finding import Code, Findings
from signing.offline.monitor.ledger import Ledger, Record, Standing
from signing.offline.monitor.news import (
    BACK_DATING_SECONDS,
    CLOCKS_DIFFER_SECONDS,
    WAIT_SECONDS,
    Moment,
    News,
    iso,
)
from signing.offline.monitor.numbering import Numbering

_HIGHEST_MARK: Final = 255
_NO_DIGEST: Final = bytes(DIGEST_SIZE)

CHANGES: Final[Mapping[tuple[Standing, LeafKind], Standing]] = {
    # Signed and logged, then never released: from outside the same as issued. What was never logged may be void too.
    (Standing.ISSUED, LeafKind.VOID): Standing.VOID,
    (Standing.ISSUED, LeafKind.SUSPEND): Standing.SUSPENDED,
    (Standing.ISSUED, LeafKind.REVOKE): Standing.REVOKED,
    (Standing.ISSUED, LeafKind.SUPERSEDE): Standing.SUPERSEDED,
    (Standing.SUSPENDED, LeafKind.REINSTATE): Standing.REINSTATED,
    (Standing.SUSPENDED, LeafKind.REVOKE): Standing.REVOKED,
    (Standing.REINSTATED, LeafKind.SUSPEND): Standing.SUSPENDED,
    (Standing.REINSTATED, LeafKind.REVOKE): Standing.REVOKED,
    (Standing.REINSTATED, LeafKind.SUPERSEDE): Standing.SUPERSEDED,
    # A register that was put back from a copy tells again what became of its entries; that is no second act.
    (Standing.VOID, LeafKind.VOID): Standing.VOID,
    (Standing.SUSPENDED, LeafKind.SUSPEND): Standing.SUSPENDED,
    (Standing.REINSTATED, LeafKind.REINSTATE): Standing.REINSTATED,
    (Standing.REVOKED, LeafKind.REVOKE): Standing.REVOKED,
    (Standing.SUPERSEDED, LeafKind.SUPERSEDE): Standing.SUPERSEDED,
}
IN_FORCE: Final = (Standing.ISSUED, Standing.REINSTATED)


class _Counted(NamedTuple):
    """Where a number was counted; no series for one that none can have."""

    series: int | None
    serial: int


class Rules:
    """Reads leaves into a ledger. ``bodies`` are issuers' texts (``S0001``), whose certificates are news."""

    def __init__(
        self, ledger: Ledger, profiles: Mapping[int, Profile], moment: Moment, bodies: Collection[str]
    ) -> None:
        self.findings, self.news = Findings(), News()
        self._ledger, self._moment, self._bodies = ledger, moment, bodies
        self._profiles, self._numbering = profiles, Numbering(profiles)
        self._acts: Mapping[type, Callable[[int, Any, int], None]] = {
            Issue: self._issue, Void: self._void, Change: self._change,
            SeriesOpened: self._open, KeyEvent: self._ceremony,
        }  # fmt: skip

    def read(self, index: int, data: bytes) -> None:
        """Read the leaf at this index of the log."""
        try:
            leaf = read_leaf(data)
        except SigningError as fault:
            self.findings.note(Code.UNKNOWN_LEAF, index, why=str(fault))
            return
        at = int(leaf.at.timestamp())
        self._date(index, at)
        self._acts[type(leaf)](index, leaf, at)

    def finish(self) -> None:
        """Ask, when the last leaf was read, which holes have been open too long."""
        before = self._moment.head_at - WAIT_SECONDS
        for first, last in self._ledger.entries.overdue(before):
            self.findings.note(Code.ENTRY_GAP, first=first, last=last)
        for series in self._ledger.series:
            for first, last in series.line.overdue(before) if series.opened else ():
                self._gap(None, series.place.shown, first, last)

    def _gap(self, index: int | None, series: str, first: int, last: int) -> None:
        self.findings.note(
            Code.SERIES_GAP, index, series=series, first=first, last=last, voids=self._ledger.voids
        )

    # 1.

    def _date(self, index: int, at: int) -> None:
        head_at, latest = self._moment.head_at, self._ledger.latest
        if at > head_at + CLOCKS_DIFFER_SECONDS:
            # And counts for nothing, or every later leaf would be dated back.
            self.findings.note(Code.DATED_AHEAD, index, at=iso(at), cosigned_at=iso(head_at))
            return
        if at < max(latest, self._moment.seen_at) - BACK_DATING_SECONDS:
            after = iso(max(latest, self._moment.seen_at))
            self.findings.note(Code.BACK_DATED, index, at=iso(at), after=after)
        if at > latest:
            self._ledger.latest = min(at, head_at)

    # 2. and 3.

    def _issue(self, index: int, leaf: Issue, at: int) -> None:
        counted = self._count(index, leaf.number, leaf.version, at)
        if counted.series is not None:
            self._year(index, leaf, counted.series)
        standing = self._ledger.standing(leaf.entry)
        if standing is not Standing.UNSEEN:
            self.findings.note(
                Code.DUPLICATE_ENTRY, index, entry=leaf.entry, number=self._shown(leaf.number),
                standing=standing.name.lower(),
            )  # fmt: skip
            return
        self._enter(index, leaf.entry, Standing.ISSUED, Record(*counted, leaf.version, leaf.digest), at)

    def _year(self, index: int, leaf: Issue, series: int) -> None:
        place = self._ledger.series[series].place
        if not place.is_of_year(leaf.issued_on):
            self.findings.note(
                Code.WRONG_YEAR, index, entry=leaf.entry, number=self._shown(leaf.number),
                issued_on=leaf.issued_on.isoformat(),
            )  # fmt: skip
        if place.issuer in self._bodies:
            self.news.issued.append({
                "index": index, "entry": leaf.entry, "number": self._shown(leaf.number), "version": leaf.version,
                "issued_on": leaf.issued_on.isoformat(), "at": leaf.at.isoformat(),
            })  # fmt: skip

    def _count(self, index: int, number: bytes, version: int, at: int) -> _Counted:
        """Count a number in its series, and tell what is wrong with it."""
        if not self._numbering.knows(number[0]):
            self.findings.note(Code.UNKNOWN_PROFILE, index, profile=number[0], number=self._shown(number))
            return _Counted(None, 0)
        try:
            place, serial = self._numbering.locate(number)
        except NumberMisfit:
            self.findings.note(Code.NUMBER_MISFIT, index, number=self._shown(number))
            return _Counted(None, 0)
        at_place = self._ledger.series_of(place)
        series, mark = self._ledger.series[at_place], min(version, _HIGHEST_MARK)
        if not series.opened:
            self.findings.note(Code.SERIES_NOT_OPENED, index, number=self._shown(number), series=place.shown)
        if series.line.get(serial) >= mark:
            self.findings.note(Code.DUPLICATE_NUMBER, index, number=self._shown(number), version=version)
        elif self._ledger.has_room_in(at_place, serial, leaves=index + 1):
            self._ledger.count(at_place, serial, mark, at=min(at, self._moment.head_at))
        else:
            self._gap(index, place.shown, len(series.line.marks) + 1, max(serial - 1, 0))
        return _Counted(at_place, serial)

    def _enter(self, index: int, entry: int, standing: Standing, record: Record, at: int) -> None:
        if self._ledger.has_room(entry, leaves=index + 1):
            self._ledger.enter(entry, standing, record, at=min(at, self._moment.head_at))
            return
        self.findings.note(Code.ENTRY_GAP, index, first=len(self._ledger.entries.marks) + 1, last=entry - 1)

    # 4.

    def _void(self, index: int, leaf: Void, at: int) -> None:
        standing = self._ledger.standing(leaf.entry)
        if standing is not Standing.UNSEEN:
            if leaf.number is not None and not self._is_its_number(leaf.entry, leaf.number, leaf.version):
                self._unlawful(index, LeafKind.VOID, leaf.entry, standing, "other_number")
                return
            self._move(index, LeafKind.VOID, leaf.entry, leaf.at.isoformat())
            return
        counted = _Counted(None, 0)
        if leaf.number is None:
            self._ledger.voids += 1
        else:
            counted = self._count(index, leaf.number, leaf.version or 1, at)
        self._enter(index, leaf.entry, Standing.VOID, Record(*counted, leaf.version or 1, _NO_DIGEST), at)

    def _is_its_number(self, entry: int, number: bytes, version: int | None) -> bool:
        record = self._ledger.record(entry)
        if record.series is None or not self._numbering.knows(number[0]):
            return True
        try:
            place, serial = self._numbering.locate(number)
        except NumberMisfit:
            return False
        same = (self._ledger.series[record.series].place.key, record.serial) == (place.key, serial)
        return same and version in (None, record.version)

    def _change(self, index: int, leaf: Change, at: int) -> None:
        standing = self._ledger.standing(leaf.entry)
        supersedes = leaf.kind is LeafKind.SUPERSEDE and standing in IN_FORCE
        if supersedes and not self._ledger.is_corrected(self._ledger.record(leaf.entry)):
            self._unlawful(index, leaf.kind, leaf.entry, standing, "no_higher_version")
            return
        self._move(index, leaf.kind, leaf.entry, leaf.at.isoformat())

    def _move(self, index: int, kind: LeafKind, entry: int, at: str) -> None:
        standing = self._ledger.standing(entry)
        after = CHANGES.get((standing, kind))
        if after is None:
            self._unlawful(index, kind, entry, standing, "order")
            return
        self._ledger.move(entry, after)
        record = self._ledger.record(entry)
        place = None if record.series is None else self._ledger.series[record.series].place
        if place is not None and place.issuer in self._bodies:
            self.news.changed.append({
                "index": index, "entry": entry, "number": self._numbering.text(place, record.serial),
                "change": kind.name.lower(), "at": at,
            })  # fmt: skip

    def _unlawful(self, index: int, kind: LeafKind, entry: int, standing: Standing, why: str) -> None:
        self.findings.note(
            Code.UNLAWFUL_CHANGE, index, entry=entry, change=kind.name.lower(),
            standing=standing.name.lower(), why=why,
        )  # fmt: skip

    # Series and keys

    def _open(self, index: int, leaf: SeriesOpened, at: int) -> None:
        shown_parts = " ".join(leaf.parts)
        if not self._numbering.knows(leaf.profile):
            self.findings.note(Code.UNKNOWN_PROFILE, index, profile=leaf.profile, number=shown_parts)
            return
        try:
            place = self._numbering.opened(leaf.profile, leaf.parts)
        except NumberMisfit:
            self.findings.note(Code.NUMBER_MISFIT, index, number=shown_parts)
            return
        series = self._ledger.series[self._ledger.series_of(place)]
        # A second time is no harm: a register that was put back from a copy may not know of the first.
        series.opened = True
        self.news.opened.append({"index": index, "series": place.shown, "at": leaf.at.isoformat()})

    def _ceremony(self, index: int, leaf: KeyEvent, at: int) -> None:
        self.news.key_events.append({
            "index": index, "ceremony": leaf.ceremony, "file": leaf.file, "version": leaf.version,
            "digest": leaf.digest.hex(), "keys": [key_id.hex() for key_id in leaf.keys], "at": leaf.at.isoformat(),
        })  # fmt: skip

    def _shown(self, number: bytes) -> str:
        return shown(number, self._profiles)
