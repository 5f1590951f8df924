"""Numbers: series exactly 1..N, entries exactly 1..N, each number what its series and serial make, in its epoch."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.audit.entry_rows import Held
from registry.audit.evidence import Evidence
from registry.audit.finding import Finding, Kind
from registry.certificate.numbering import COUNTER_ID, Scope
from registry.certificate.tables import Certificate, Entry, EntryCounter, Epoch, Series
from registry.directory.profiles import Profiles
from registry.directory.series_numbers import SeriesNumbers
from registry.errors import RegistryError
from signing.cose import Kind as Signed
from signing.errors import SigningError
from signing.statement import Level, Statement

Block = tuple[int, int]


@dataclass(slots=True)
class NumberCheck:
    """Holds certificates against their series; remembers the series and scopes it worked out."""

    profiles: Profiles
    blocks: dict[bytes, Block]
    series: dict[str, SeriesNumbers | None] = field(default_factory=dict)
    keys: dict[tuple[object, ...], str] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session, evidence: Evidence) -> "NumberCheck":
        """Read the epochs."""
        rows = session.execute(select(Epoch.key_id, Epoch.first_entry, Epoch.last_entry))
        return cls(evidence.profiles, {key_id: (first, last) for key_id, first, last in rows})

    def faults(self, rows: Sequence[Held], statements: Mapping[int, Statement]) -> Iterator[Finding]:
        """Yield what is wrong with the numbers of these entries; ``statements`` are what their bytes say, by entry."""
        for row in rows:
            block = self.blocks.get(row.key_id)
            if block is None or not block[0] <= row.entry <= block[1]:
                yield Finding(
                    Kind.NUMBER, "entry", str(row.entry), "it does not lie in the block of its key's epoch"
                )
            if row.certificate_id is not None and row.found_certificate is None:
                yield Finding(
                    Kind.NUMBER, "certificate", str(row.certificate_id), "an entry names it, and it is gone"
                )
            elif row.certificate_id is not None:
                for what in self._number_faults(row, statements.get(row.entry)):
                    yield Finding(Kind.NUMBER, "certificate", str(row.certificate_id), what)

    def _number_faults(self, row: Held, statement: Statement | None) -> Iterator[str]:
        numbers = self._series(row.series_key)
        if numbers is None or numbers.profile.code != row.profile:
            yield f"its series {row.series_key} is none of its profile"
            return
        text, packed = numbers.number(row.serial)
        if row.number != text:
            yield f"its number is {row.number}, and serial {row.serial} of its series is {text}"
        if statement is None:
            return
        if statement.number != packed:
            yield f"entry {row.entry} is to be signed for another number"
        if row.found_submission is not None and row.series_key != self._key(row, statement.issued_on.year):
            yield f"entry {row.entry} belongs in another series than {row.series_key}"

    def _series(self, key: str) -> SeriesNumbers | None:
        if key not in self.series:
            self.series[key] = _series_numbers(self.profiles, key)
        return self.series[key]

    def _key(self, row: Held, year: int) -> str:
        scope = (row.profile, row.issuer, row.province, row.site_code, year, row.level)
        if scope not in self.keys:
            of = Scope(row.issuer, row.province, row.site_code, year, Level(row.level))
            self.keys[scope] = of.key(self.profiles.with_code(row.profile))
        return self.keys[scope]


def _series_numbers(profiles: Profiles, key: str) -> SeriesNumbers | None:
    code, *texts = key.split(":")
    try:
        profile = profiles.with_code(int(code))
        names = [part.name for part in profile.layout.fields if part.name in profile.series]
        return SeriesNumbers.of(profile, dict(zip(names, texts, strict=True)))
    except (ValueError, RegistryError, SigningError):
        return None


def series_faults(session: Session) -> Iterator[Finding]:
    """Yield each series whose numbers are not exactly 1..N, N being what the series says."""
    given = select(
        Certificate.series_key,
        func.count().label("count"),
        func.count(Certificate.serial.distinct()).label("different"),
        func.min(Certificate.serial).label("least"),
        func.max(Certificate.serial).label("most"),
    ).group_by(Certificate.series_key)
    found = {row[0]: tuple(row[1:]) for row in session.execute(given)}
    for key, issued in session.execute(select(Series.key, Series.issued)):
        wanted = (issued, issued, 1, issued) if issued else (0, 0, None, None)
        is_ = found.pop(key, (0, 0, None, None))
        if is_ != wanted:
            what = f"it gave {issued} numbers; there are {is_[0]}, from {is_[2]} to {is_[3]}"
            yield Finding(Kind.NUMBER, "series", key, what)
    for key in found:
        yield Finding(Kind.NUMBER, "series", key, "certificates name it, and it is not there")


def counter_faults(session: Session) -> Iterator[Finding]:
    """Yield if the entries are not exactly 1..N, N being what the counter says."""
    counters = session.execute(select(EntryCounter.id, EntryCounter.last)).all()
    epochs = session.scalar(select(func.count()).select_from(Epoch)) or 0
    if [row[0] for row in counters] != ([COUNTER_ID] if epochs else []):
        what = f"there are {len(counters)} rows, and {epochs} epochs"
        yield Finding(Kind.NUMBER, "entry_counter", str(COUNTER_ID), what)
    count, least, most = session.execute(
        select(func.count(), func.min(Entry.entry), func.max(Entry.entry))
    ).one()
    last = counters[0][1] if counters else 0
    if (count, least or 1, most or 0) != (last, 1, last):
        what = f"it counts {last} entries; there are {count}, from {least} to {most}"
        yield Finding(Kind.NUMBER, "entry_counter", str(COUNTER_ID), what)


def version_faults(session: Session) -> Iterator[Finding]:
    """Yield each certificate whose versions are not exactly 1..n."""
    versions = (
        select(Entry.certificate_id, func.count(), func.min(Entry.version), func.max(Entry.version))
        .where(Entry.certificate_id.is_not(None))
        .group_by(Entry.certificate_id)
        .having((func.min(Entry.version) != 1) | (func.max(Entry.version) != func.count()))
    )
    for certificate, count, least, most in session.execute(versions):
        what = f"it has {count} versions, from {least} to {most}"
        yield Finding(Kind.NUMBER, "certificate", str(certificate), what)


def epoch_faults(session: Session, evidence: Evidence) -> Iterator[Finding]:
    """Yield each epoch that the trust bundle does not know so; its block and last day may be narrower there.

    A key that numbers nothing more is retired or distrusted there, and the other way round.
    """
    trust = evidence.trust
    if trust is None:
        return
    for epoch in session.scalars(select(Epoch)):
        key = trust.keys.get(epoch.key_id)
        if (
            key is None
            or key.kind != Signed.CERTIFICATE
            or key.first_entry != epoch.first_entry
            or key.last_entry > epoch.last_entry
            or key.last_on > epoch.last_on
        ):
            what = "the trust bundle does not know this epoch"
            yield Finding(Kind.NUMBER, "epoch", epoch.key_id.hex(), what)
        elif (key.retired or key.key_id in trust.tombstones) != (epoch.closed_at is not None):
            is_ = "open" if epoch.closed_at is None else "closed"
            what = f"it is {is_} here, and not so in the trust bundle: a ceremony is not finished"
            yield Finding(Kind.STATE, "epoch", epoch.key_id.hex(), what)
