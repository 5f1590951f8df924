"""What intake knows of one body: a snapshot, read once per submission, that answers without the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from registry.directory.errors import UnknownBody
from registry.directory.stored import (
    stored_bodies,
    stored_directions,
    stored_listings,
    stored_occupations,
    stored_sites,
)
from registry.directory.values import Body, Direction, Listing, NamedOccupation, Site
from signing.statement import Level, Occupation


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyView:
    """A body, its sites and listings, and the occupations and directions of the whole directory.

    ``sites`` by (province, code): each province gives its own codes. ``directions`` by code.
    """

    body: Body
    sites: Mapping[tuple[str, str], Site]
    listings: tuple[Listing, ...]
    occupations: Mapping[Occupation, NamedOccupation]
    directions: Mapping[int, Direction]

    @property
    def issuer(self) -> str:
        """The body's issuer key, ``S0001``."""
        return self.body.issuer

    @property
    def name(self) -> str:
        """The body's name as in the national directory."""
        return self.body.name

    def site(self, *, province: str, code: str) -> Site | None:
        """Return the body's site with this code in this province; ``None`` if it has none."""
        return self.sites.get((province, code))

    def occupation(self, text: str, *, edition: int) -> NamedOccupation | None:
        """Return the occupation printed so (2-02-10-11) in this edition; ``None`` if it is not known."""
        for occupation, named in self.occupations.items():
            if occupation.edition == edition and occupation.text == text:
                return named
        return None

    def occupations_named(self, name: str) -> tuple[NamedOccupation, ...]:
        """Return the occupations of this name, one for each edition that has it, ascending."""
        return tuple(named for named in self.occupations.values() if named.name == name)

    def directions_of(self, occupation: Occupation) -> tuple[Direction, ...]:
        """Return the directions of an occupation; empty if none is known, which is not the same as none."""
        return tuple(found for found in self.directions.values() if found.occupation == occupation)

    def direction_named(self, occupation: Occupation, name: str) -> Direction | None:
        """Return the occupation's direction of this name; ``None`` if it has none."""
        return next((found for found in self.directions_of(occupation) if found.name == name), None)

    def listing_for(self, occupation: Occupation, level: Level, on: date) -> Listing | None:
        """Return the listing that lets the body assess this on that day; ``None`` if no listing does."""
        return next((listing for listing in self.listings if listing.covers(occupation, level, on)), None)


def body_view(session: Session, issuer: str) -> BodyView:
    """Return the snapshot of the body with this issuer key. Raises ``UnknownBody``."""
    body = next((body for body in stored_bodies(session) if body.issuer == issuer), None)
    if body is None:
        raise UnknownBody(issuer)
    return BodyView(
        body=body,
        sites={(site.province, site.code): site for site in stored_sites(session, issuer)},
        listings=stored_listings(session, issuer),
        occupations={named.occupation: named for named in stored_occupations(session)},
        directions={direction.code: direction for direction in stored_directions(session)},
    )
