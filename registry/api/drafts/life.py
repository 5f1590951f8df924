"""Opening a draft, seeing where it stands, signing or discarding it."""

import base64
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from registry.api import base64url
from registry.api.cursors import page, read_cursor
from registry.api.description import FORM as FORM_OF_RESULTS
from registry.api.description import IDEMPOTENCY_KEY, refusals
from registry.api.drafts.door import drafts
from registry.api.drafts.schemas import DraftPage, DraftSchema, NewDraftQuery, SignatureSchema
from registry.api.drafts.sent import FORM, sent_results
from registry.api.idempotent import idempotent, resource_id
from registry.api.installed import installation, now, representative
from registry.api.own_queries import QUERY, NothingQuery, PageQuery
from registry.assessment.reading import JSON_MEDIA_TYPE, MEDIA_TYPES
from registry.database.paging import page_of
from registry.draft.closing import discard, sign
from registry.draft.opening import open_draft
from registry.draft.settled_content import settled_bytes
from registry.draft.standing import DraftState, draft_state, own_drafts
from registry.intake.submission import claim_for

_BINARY: dict[str, Any] = {"type": "string", "format": "binary"}
RESULTS: dict[str, Any] = {
    media_type: {"schema": FORM_OF_RESULTS} if media_type == JSON_MEDIA_TYPE else {}
    for media_type in MEDIA_TYPES
}
NEW_DRAFT: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            **RESULTS,
            FORM: {
                "schema": {
                    "type": "object",
                    "properties": {"results": _BINARY, "photos": _BINARY},
                    "required": ["results"],
                    "additionalProperties": False,
                }
            },
        },
    },
    "parameters": [IDEMPOTENCY_KEY],
}
# What a new draft leads to.
LINKS: dict[HTTPStatus, Any] = {
    status: {
        "links": {
            "draft": {"operationId": "getDraft", "parameters": {"draft_id": "$response.body#/id"}},
            "faults": {"operationId": "listDraftFaults", "parameters": {"draft_id": "$response.body#/id"}},
            "settled": {"operationId": "getSettledContent", "parameters": {"draft_id": "$response.body#/id"}},
        }
    }
    for status in (HTTPStatus.OK, HTTPStatus.ACCEPTED)
}
CLAIM_HEADER = "Submission-Claim"


def state_of(draft_id: UUID) -> DraftState:
    """Return where a draft of the caller's body stands."""
    found = installation()
    return found.sessions.read(
        lambda session: draft_state(session, representative(), draft_id, found.jurisdictions, now=now())
    )


@drafts.post("/drafts")
@idempotent
@drafts.doc(operationId="openDraft", responses=LINKS, **NEW_DRAFT)
@drafts.arguments(NewDraftQuery, **QUERY)
@drafts.response(HTTPStatus.ACCEPTED, DraftSchema, description="Stored; a worker checks it.")
@drafts.alt_response(
    HTTPStatus.OK, schema=DraftSchema, description="There is an open draft of the same results."
)
@refusals(drafts)
def new_draft(query: dict[str, Any]) -> tuple[DraftState, HTTPStatus, dict[str, str]]:
    """Open a draft with a file of results; a form may bring photos along (32 MiB in all)."""
    results, photos = sent_results(request)
    opened = open_draft(
        installation().sessions,
        installation().personal.sealer,
        representative(),
        results,
        photos=photos,
        name=query["name"],
        replaces=query["replaces"],
        draft_id=resource_id(),
        now=now(),
    )
    place = {"Location": url_for("drafts.draft", draft_id=opened.draft_id)}
    return state_of(opened.draft_id), HTTPStatus.OK if opened.repeated else HTTPStatus.ACCEPTED, place


@drafts.get("/drafts")
@drafts.doc(operationId="listDrafts")
@drafts.arguments(PageQuery, **QUERY)
@drafts.response(HTTPStatus.OK, DraftPage)
@refusals(drafts)
def all_drafts(query: dict[str, Any]) -> dict[str, Any]:
    """List the body's drafts, the newest first."""
    found, limit = installation(), query["limit"]
    after = read_cursor("drafts", query["cursor"])
    states = found.sessions.read(
        lambda session: own_drafts(
            session, representative(), found.jurisdictions, after=after, limit=limit + 1, now=now()
        )
    )
    return page("drafts", page_of(states, limit=limit, key=lambda each: (each.created_at, each.id)))


@drafts.get("/drafts/<uuid:draft_id>")
@drafts.doc(operationId="getDraft")
@drafts.arguments(NothingQuery, **QUERY)
@drafts.response(HTTPStatus.OK, DraftSchema)
@refusals(drafts)
def draft(_query: dict[str, Any], draft_id: UUID) -> DraftState:
    """Show where a draft stands, and how far its check has come."""
    return state_of(draft_id)


@drafts.delete("/drafts/<uuid:draft_id>")
@drafts.doc(operationId="discardDraft")
@drafts.arguments(NothingQuery, **QUERY)
@drafts.response(HTTPStatus.NO_CONTENT)
@refusals(drafts)
def discard_draft(_query: dict[str, Any], draft_id: UUID) -> Response:
    """Discard a draft with all that is in it."""
    discard(installation().sessions, representative(), draft_id, now=now())
    return Response(status=HTTPStatus.NO_CONTENT)


@drafts.get("/drafts/<uuid:draft_id>/settled")
@drafts.doc(operationId="getSettledContent")
@drafts.arguments(NothingQuery, **QUERY)
@drafts.response(
    HTTPStatus.OK,
    {"type": "object"},
    description=f"The bytes to be signed. `Content-Digest` has their SHA-256, `{CLAIM_HEADER}` the claim over it, "
    "base64url: what the submission key signs.",
)
@refusals(drafts)
def settled(_query: dict[str, Any], draft_id: UUID) -> Response:
    """Fetch the settled content: exactly the bytes that the body's signature is about."""
    found = installation()
    content = settled_bytes(found.sessions, found.personal.sealer, representative(), draft_id)
    claim = claim_for(content, JSON_MEDIA_TYPE, issuer=representative().issuer)
    answer = Response(content, content_type=JSON_MEDIA_TYPE)
    answer.headers["Content-Digest"] = f"sha-256=:{base64.b64encode(claim.content_digest).decode()}:"
    answer.headers[CLAIM_HEADER] = base64url.encode(claim.to_bytes())
    return answer


@drafts.put("/drafts/<uuid:draft_id>/signature")
@drafts.doc(operationId="signDraft")
@drafts.arguments(NothingQuery, **QUERY)
@drafts.arguments(SignatureSchema)
@drafts.response(HTTPStatus.ACCEPTED, DraftSchema, description="The signature counts; a worker hands it in.")
@refusals(drafts)
def signature(_query: dict[str, Any], given: dict[str, bytes], draft_id: UUID) -> DraftState:
    """Sign the settled content with the submission key; from here on it can not be changed."""
    found = installation()
    sign(
        found.sessions,
        found.personal.sealer,
        representative(),
        draft_id,
        given["signature"],
        environment=found.settings.environment,
        now=now(),
    )
    return state_of(draft_id)
