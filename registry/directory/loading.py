"""Taking the data files into the register: again and again with the same outcome.

New codes are added, what is said beside a code (hours, period, status, source) follows the files, and
nothing is deleted: a line that left the files stays in the register, because certificates may name it. A
code never changes its name. Ending a listing early (``removed_on``) is an act of its own, not the files'.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.directory.coverage import directory_digest
from registry.directory.errors import CodeRenamed, NameTaken
from registry.directory.provenance import Sourced
from registry.directory.reading import shipped_directory
from registry.directory.tables import (
    BodyRow,
    DirectionRow,
    ListingRow,
    OccupationRow,
    SiteRow,
    TrainingInstitutionRow,
)
from registry.directory.values import Body, DirectoryData
from registry.journal.record import record

Columns = dict[str, Any]
Row = TypeVar("Row", OccupationRow, DirectionRow, BodyRow, SiteRow, ListingRow, TrainingInstitutionRow)

# What a code stands for: never amended, so that no token ever changes its meaning.
_FIXED = ("name", "edition", "occupation")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many lines of one kind were new, changed in what stands beside the code, or as before."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did, by kind."""

    kinds: Mapping[str, Tally]

    @property
    def changed_nothing(self) -> bool:
        """Say whether the register was as the files are."""
        return all(tally.new == tally.changed == 0 for tally in self.kinds.values())


def load_directory(session: Session, *, now: datetime, data: DirectoryData | None = None) -> LoadReport:
    """Bring the directory up to the data files; the event is written in the same transaction.

    ``data`` defaults to what the package carries. Raises ``DataRefused`` (files), ``CodeRenamed`` or
    ``NameTaken``; then nothing is kept.
    """
    data = data or shipped_directory()
    bodies = _settle(session, "body", BodyRow, ("issuer",), _body_columns(session, data.bodies), now)
    ids = {row.issuer: row.id for row in session.scalars(select(BodyRow))}
    occupations = _settle(session, "occupation", OccupationRow, ("edition", "code"), _occupations(data), now)
    kinds = {
        "occupations": occupations,
        "directions": _settle(session, "direction", DirectionRow, ("code",), _directions(data), now),
        "bodies": bodies,
        "sites": _settle(session, "site", SiteRow, ("body_id", "province", "code"), _sites(data, ids), now),
        "listings": _settle(session, "listing", ListingRow, _LISTING_KEY, _listings(data, ids), now),
        "training_institutions": _settle(
            session, "institution", TrainingInstitutionRow, _INSTITUTION_KEY, _institutions(data), now
        ),
    }
    report = LoadReport(kinds)
    if not report.changed_nothing:
        counts: dict[str, Any] = {
            kind: {"new": tally.new, "changed": tally.changed} for kind, tally in kinds.items()
        }
        record(session, "load_directory", "directory", at=now, digest=directory_digest(session), **counts)
    return report


_LISTING_KEY = ("body_id", "edition", "occupation", "level", "listed_on")
_INSTITUTION_KEY = ("province", "name", "edition", "occupation")


def _settle(
    session: Session,
    kind: str,
    table: type[Row],
    key: tuple[str, ...],
    wanted: Iterable[Columns],
    now: datetime,
) -> Tally:
    """Add what is new, amend what differs beside the code; flush, so that the next kind can refer to it."""
    held = {tuple(getattr(row, column) for column in key): row for row in session.scalars(select(table))}
    new = changed = unchanged = 0
    for columns in wanted:
        row = held.get(tuple(columns[column] for column in key))
        if row is None:
            session.add(table(**columns, added_at=now))
            new += 1
            continue
        differing = {name: value for name, value in columns.items() if getattr(row, name) != value}
        _require_same_meaning(kind, key, row, differing)
        for name, value in differing.items():
            setattr(row, name, value)
        changed += bool(differing)
        unchanged += not differing
    session.flush()
    return Tally(new, changed, unchanged)


def _require_same_meaning(kind: str, key: tuple[str, ...], row: Any, differing: Columns) -> None:
    for name in _FIXED:
        if name in differing:
            code = "/".join(str(getattr(row, column)) for column in key if column != "body_id")
            raise CodeRenamed(kind, code, held=str(getattr(row, name)), offered=str(differing[name]))


def _sourced(value: Sourced) -> Columns:
    return {"status": value.status, "source": value.source, "why": value.why}


def _body_columns(session: Session, bodies: Iterable[Body]) -> list[Columns]:
    """Return the bodies' columns. Raises ``NameTaken``, which says more than the constraint."""
    holders = {row.name: row.issuer for row in session.scalars(select(BodyRow))}
    columns = []
    for body in bodies:
        holder = holders.setdefault(body.name, body.issuer)
        if holder != body.issuer:
            raise NameTaken(body.name, held_by=holder, offered_to=body.issuer)
        columns.append({"issuer": body.issuer, "name": body.name, **_sourced(body)})
    return columns


def _occupations(data: DirectoryData) -> list[Columns]:
    return [
        {
            "edition": value.occupation.edition,
            "code": value.occupation.code,
            "name": value.name,
            "hours_junior": value.hours_junior,
            "hours_intermediate": value.hours_intermediate,
            "hours_senior": value.hours_senior,
            **_sourced(value),
        }
        for value in data.occupations
    ]


def _directions(data: DirectoryData) -> list[Columns]:
    return [
        {
            "code": value.code,
            "edition": value.occupation.edition,
            "occupation": value.occupation.code,
            "name": value.name,
            **_sourced(value),
        }
        for value in data.directions
    ]


def _sites(data: DirectoryData, ids: Mapping[str, UUID]) -> list[Columns]:
    return [
        {
            "body_id": ids[value.issuer],
            "province": value.province,
            "code": value.code,
            "name": value.name,
            **_sourced(value),
        }
        for value in data.sites
    ]


def _listings(data: DirectoryData, ids: Mapping[str, UUID]) -> list[Columns]:
    return [
        {
            "body_id": ids[value.issuer],
            "edition": value.occupation.edition,
            "occupation": value.occupation.code,
            "level": None if value.level is None else int(value.level),
            "listed_on": value.listed_on,
            "expires_on": value.expires_on,
            **_sourced(value),
        }
        for value in data.listings
    ]


def _institutions(data: DirectoryData) -> list[Columns]:
    return [
        {
            "province": value.province,
            "name": value.name,
            "edition": value.occupation and value.occupation.edition,
            "occupation": value.occupation and value.occupation.code,
            **_sourced(value),
        }
        for value in data.institutions
    ]
