"""What the event of a load vouches for: the whole directory as it stands afterwards, because a load amends rows."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.database.metadata import Base
from registry.directory.tables import (
    BodyRow,
    DirectionRow,
    ListingRow,
    OccupationRow,
    SiteRow,
    TrainingInstitutionRow,
)
from registry.journal.row_digest import Value, digest_rows, values_of

TABLES: tuple[type[Base], ...] = (
    OccupationRow,
    DirectionRow,
    BodyRow,
    SiteRow,
    ListingRow,
    TrainingInstitutionRow,
)


def directory_digest(session: Session) -> bytes:
    """Return the digest of ``load_directory``: every row of every table, by primary key. The newest one must hold."""
    return digest_rows(_values(session))


def _values(session: Session) -> Iterator[list[Value]]:
    for table in TABLES:
        yield from values_of(table, session.scalars(select(table).order_by(*table.__table__.primary_key)))
