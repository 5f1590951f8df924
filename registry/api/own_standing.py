"""``/v1/listings``, ``/v1/sites``, ``/v1/series``: what the register knows a body by."""

from http import HTTPStatus
from typing import Any

from registry.api import installed
from registry.api.caller import current_body
from registry.api.description import refusals
from registry.api.door import guard
from registry.api.own_queries import QUERY, NothingQuery
from registry.api.own_schemas import ListingSchema, SeriesSchema, SiteSchema, listed
from registry.api.strict_json import StrictBlueprint
from registry.certificate.own_series import series_with_numbers
from registry.directory.stored import stored_listings, stored_sites

own_standing = StrictBlueprint(
    "own_standing", "own_standing", url_prefix="/v1", description="本机构的目录信息"
)
guard(own_standing)


@own_standing.get("/listings")
@own_standing.doc(operationId="listListings")
@own_standing.arguments(NothingQuery, **QUERY)
@own_standing.response(HTTPStatus.OK, listed("Listings", ListingSchema))
@refusals(own_standing)
def listings(_query: dict[str, Any]) -> dict[str, Any]:
    """List what the body may assess, from when to when."""
    issuer = current_body().issuer
    return {"items": installed.installation().sessions.read(lambda session: stored_listings(session, issuer))}


@own_standing.get("/sites")
@own_standing.doc(operationId="listSites")
@own_standing.arguments(NothingQuery, **QUERY)
@own_standing.response(HTTPStatus.OK, listed("Sites", SiteSchema))
@refusals(own_standing)
def sites(_query: dict[str, Any]) -> dict[str, Any]:
    """List the body's sites."""
    issuer = current_body().issuer
    return {"items": installed.installation().sessions.read(lambda session: stored_sites(session, issuer))}


@own_standing.get("/series")
@own_standing.doc(operationId="listSeries")
@own_standing.arguments(NothingQuery, **QUERY)
@own_standing.response(HTTPStatus.OK, listed("SeriesList", SeriesSchema))
@refusals(own_standing)
def series(_query: dict[str, Any]) -> dict[str, Any]:
    """List the body's series of numbers, with how many were given and the last of them."""
    installation, issuer = installed.installation(), current_body().issuer
    found = installation.sessions.read(
        lambda session: series_with_numbers(session, issuer, installation.profiles)
    )
    return {"items": found}
