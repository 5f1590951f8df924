"""The whole directory at once: for staff pages, and the names that the trust bundle publishes."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry.directory.reading import shipped_directory
from registry.directory.stored import (
    stored_bodies,
    stored_directions,
    stored_institutions,
    stored_listings,
    stored_occupations,
    stored_sites,
)
from registry.directory.values import (
    Body,
    Direction,
    DirectoryData,
    Listing,
    NamedOccupation,
    Site,
    TrainingInstitution,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyOverview:
    """A body with its sites and listings; ``uscc`` is its 统一社会信用代码, ``None`` where no source gives it."""

    body: Body
    uscc: str | None
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


def overview(session: Session, data: DirectoryData | None = None) -> Overview:
    """Return everything the directory holds, in six queries.

    ``data`` says what is not stored, the 统一社会信用代码 of the bodies; it defaults to what the package carries.
    """
    usccs = {body.issuer: body.uscc for body in (data or shipped_directory()).bodies}
    sites, listings = stored_sites(session), stored_listings(session)
    return Overview(
        occupations=stored_occupations(session),
        directions=stored_directions(session),
        bodies=tuple(
            BodyOverview(
                body=body,
                uscc=usccs.get(body.issuer),
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
