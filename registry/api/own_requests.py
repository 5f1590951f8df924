"""``/v1/requests``: what a body asked of its certificates, and what became of it."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from registry.api import installed
from registry.api.caller import current_body
from registry.api.cursors import page, read_cursor
from registry.api.description import refusals
from registry.api.door import guard
from registry.api.installed import representative
from registry.api.own_queries import QUERY, NothingQuery, RequestsQuery
from registry.api.own_schemas import RequestSchema, paged
from registry.api.strict_json import StrictBlueprint
from registry.request.asking import withdraw_request
from registry.request.reading import RequestView, request_of_body, requests_of_body, view_of

own_requests = StrictBlueprint(
    "own_requests", "own_requests", url_prefix="/v1/requests", description="对证书的申请"
)
guard(own_requests)


@own_requests.get("")
@own_requests.doc(operationId="listRequests")
@own_requests.arguments(RequestsQuery, **QUERY)
@own_requests.response(HTTPStatus.OK, paged("Requests", RequestSchema))
@refusals(own_requests)
def requests(query: dict[str, Any]) -> dict[str, Any]:
    """List the body's requests, the newest first."""
    issuer, after = current_body().issuer, read_cursor("requests", query["cursor"])
    found = installed.installation().sessions.read(
        lambda session: requests_of_body(
            session, issuer, limit=query["limit"], status=query["status"], after=after
        )
    )
    return page("requests", found)


@own_requests.get("/<uuid:request_id>")
@own_requests.doc(operationId="getRequest")
@own_requests.arguments(NothingQuery, **QUERY)
@own_requests.response(HTTPStatus.OK, RequestSchema)
@refusals(own_requests)
def request(_query: dict[str, Any], request_id: UUID) -> RequestView:
    """Show a request and the registrar's answer."""
    issuer = current_body().issuer
    return installed.installation().sessions.read(
        lambda session: request_of_body(session, issuer, request_id)
    )


@own_requests.post("/<uuid:request_id>/withdrawal")
@own_requests.doc(operationId="withdrawRequest")
@own_requests.arguments(NothingQuery, **QUERY)
@own_requests.arguments(NothingQuery)
@own_requests.response(HTTPStatus.OK, RequestSchema)
@refusals(own_requests)
def withdrawal(_query: dict[str, Any], _said: dict[str, Any], request_id: UUID) -> RequestView:
    """Take back a request that is not decided yet."""
    sessions = installed.installation().sessions
    return view_of(withdraw_request(sessions, representative(), request_id, now=installed.now()))
