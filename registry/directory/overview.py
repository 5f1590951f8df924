"""The whole directory at once: for staff pages, and the names that the trust bundle publishes."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry.directory.stored import (
    stored_bodies,
    stored_directions,
    stored_institutions,
    stored_listings,
    stored_occupations,
    stored_sites,
)
from registry.directory.values import Body, Direction, Listing, NamedOccupation, Site, TrainingInstitution


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyOverview:
    """A body with its sites and listings."""

    body: Body
    sites: tuple[Site, ...]
    listings: tuple[Listing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything the directory holds. Each value says ``assumed`` for itself, and a page shows it."""

    occupations: tuple[NamedOccupation, ...]
    directions: tuple[Direction, ...]
    bodies: tuple[BodyOverview, ...]
    institutions: tuple[TrainingInstitution, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleNames:
    """The names of ``trust/names`` (formats.md §6), keyed as ``signing.trust.TrustNames`` keys them.

    ``issuers`` by (profile code, issuer key), ``occupations`` by (edition, code), ``directions`` by code.
    """

    issuers: Mapping[tuple[int, str], str]
    occupations: Mapping[tuple[int, int], str]
    directions: Mapping[int, str]


def overview(session: Session) -> Overview:
    """Return everything the directory holds, in six queries."""
    sites, listings = stored_sites(session), stored_listings(session)
    return Overview(
        occupations=stored_occupations(session),
        directions=stored_directions(session),
        bodies=tuple(
            BodyOverview(
                body=body,
                sites=tuple(site for site in sites if site.issuer == body.issuer),
                listings=tuple(listing for listing in listings if listing.issuer == body.issuer),
            )
            for body in stored_bodies(session)
        ),
        institutions=stored_institutions(session),
    )


def names_for_bundle(session: Session, profile_code: int) -> BundleNames:
    """Return the names to publish; the issuer keys are those of numbers of this profile."""
    return BundleNames(
        issuers={(profile_code, body.issuer): body.name for body in stored_bodies(session)},
        occupations={
            (value.occupation.edition, value.occupation.code): value.name
            for value in stored_occupations(session)
        },
        directions={direction.code: direction.name for direction in stored_directions(session)},
    )
