"""From rows to values: the one place that reads the directory's tables.

Everything here is small (tens to thousands of rows) and read whole, in a fixed order.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.directory.tables import (
    BodyRow,
    DirectionRow,
    ListingRow,
    OccupationRow,
    SiteRow,
    TrainingInstitutionRow,
)
from registry.directory.values import (
    Body,
    Direction,
    Listing,
    NamedOccupation,
    Site,
    TrainingInstitution,
)
from signing.statement import Level, Occupation


def stored_occupations(session: Session) -> tuple[NamedOccupation, ...]:
    """Return all occupations, ascending by edition and code."""
    rows = session.scalars(select(OccupationRow).order_by(OccupationRow.edition, OccupationRow.code))
    return tuple(
        NamedOccupation(
            occupation=Occupation(row.edition, row.code),
            name=row.name,
            hours_junior=row.hours_junior,
            hours_intermediate=row.hours_intermediate,
            hours_senior=row.hours_senior,
            status=row.status,
            source=row.source,
            why=row.why,
        )
        for row in rows
    )


def stored_directions(session: Session) -> tuple[Direction, ...]:
    """Return all directions, ascending by code."""
    return tuple(
        Direction(
            code=row.code,
            occupation=Occupation(row.edition, row.occupation),
            name=row.name,
            status=row.status,
            source=row.source,
            why=row.why,
        )
        for row in session.scalars(select(DirectionRow).order_by(DirectionRow.code))
    )


def stored_bodies(session: Session) -> tuple[Body, ...]:
    """Return all bodies, ascending by issuer key."""
    return tuple(
        Body(issuer=row.issuer, name=row.name, status=row.status, source=row.source, why=row.why)
        for row in session.scalars(select(BodyRow).order_by(BodyRow.issuer))
    )


def stored_sites(session: Session, issuer: str | None = None) -> tuple[Site, ...]:
    """Return the sites of one body, or of all for ``None``, ascending by body, province and code."""
    query = select(SiteRow, BodyRow.issuer).join(BodyRow, SiteRow.body_id == BodyRow.id)
    if issuer is not None:
        query = query.where(BodyRow.issuer == issuer)
    found = session.execute(query.order_by(BodyRow.issuer, SiteRow.province, SiteRow.code))
    return tuple(
        Site(
            issuer=body,
            province=row.province,
            code=row.code,
            name=row.name,
            status=row.status,
            source=row.source,
            why=row.why,
        )
        for row, body in found
    )


def stored_listings(session: Session, issuer: str | None = None) -> tuple[Listing, ...]:
    """Return the listings of one body, or of all for ``None``, ascending by body and occupation."""
    query = select(ListingRow, BodyRow.issuer).join(BodyRow, ListingRow.body_id == BodyRow.id)
    if issuer is not None:
        query = query.where(BodyRow.issuer == issuer)
    order = (BodyRow.issuer, ListingRow.edition, ListingRow.occupation, ListingRow.listed_on)
    return tuple(
        Listing(
            issuer=body,
            occupation=Occupation(row.edition, row.occupation),
            level=None if row.level is None else Level(row.level),
            listed_on=row.listed_on,
            expires_on=row.expires_on,
            removed_on=row.removed_on,
            status=row.status,
            source=row.source,
            why=row.why,
        )
        for row, body in session.execute(query.order_by(*order))
    )


def stored_institutions(session: Session) -> tuple[TrainingInstitution, ...]:
    """Return all training institutions, ascending by province and name."""
    order = (
        TrainingInstitutionRow.province,
        TrainingInstitutionRow.name,
        TrainingInstitutionRow.edition,
        TrainingInstitutionRow.occupation,
    )
    return tuple(
        TrainingInstitution(
            province=row.province,
            name=row.name,
            occupation=_occupation(row.edition, row.occupation),
            status=row.status,
            source=row.source,
            why=row.why,
        )
        for row in session.scalars(select(TrainingInstitutionRow).order_by(*order))
    )


def _occupation(edition: int | None, code: int | None) -> Occupation | None:
    return None if edition is None or code is None else Occupation(edition, code)
