"""Changing what is in a draft: other results, or corrected rows alone. Each change is checked anew."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import request

from registry.api.description import FORM, IDEMPOTENCY, refusals
from registry.api.drafts.door import drafts
from registry.api.drafts.life import RESULTS, state_of
from registry.api.drafts.schemas import DraftSchema
from registry.api.drafts.sent import sent_file
from registry.api.idempotent import idempotent, resource_id
from registry.api.installed import installation, now, representative
from registry.api.own_queries import QUERY, NothingQuery
from registry.assessment.json_content import FORMAT
from registry.assessment.reading import JSON_MEDIA_TYPE
from registry.draft.changing import add_corrections, replace_results
from registry.draft.standing import DraftState

CORRECTED: dict[str, Any] = {
    "type": "object",
    "properties": {
        **FORM["properties"],
        "format": {"const": FORMAT},
        "remove": {"type": "array", "items": {"type": "integer", "minimum": 1}},
    },
    "additionalProperties": False,
    "description": "Rows by their number: one that is there is replaced, another is added, those in `remove` go. "
    "Members of the head count where they are given.",
}
CORRECTIONS: dict[str, Any] = {
    "requestBody": {"required": True, "content": {**RESULTS, JSON_MEDIA_TYPE: {"schema": CORRECTED}}},
    **IDEMPOTENCY,
}


@drafts.put("/drafts/<uuid:draft_id>/results")
@drafts.doc(operationId="replaceResults", requestBody={"required": True, "content": RESULTS})
@drafts.arguments(NothingQuery, **QUERY)
@drafts.response(HTTPStatus.ACCEPTED, DraftSchema, description="Stored; a worker checks it.")
@refusals(drafts)
def results(_query: dict[str, Any], draft_id: UUID) -> DraftState:
    """Put another file of results in the place of the one before and of its corrections; photos stay."""
    sealer = installation().personal.sealer
    replace_results(
        installation().sessions, sealer, representative(), draft_id, sent_file(request), now=now()
    )
    return state_of(draft_id)


@drafts.post("/drafts/<uuid:draft_id>/corrections")
@idempotent
@drafts.doc(operationId="addCorrections", **CORRECTIONS)
@drafts.arguments(NothingQuery, **QUERY)
@drafts.response(HTTPStatus.ACCEPTED, DraftSchema, description="Stored; a worker checks all rows anew.")
@refusals(drafts)
def corrections(_query: dict[str, Any], draft_id: UUID) -> DraftState:
    """Hand in corrected rows alone: as JSON, or as the workbook of faults, mended."""
    sealer = installation().personal.sealer
    add_corrections(
        installation().sessions,
        sealer,
        representative(),
        draft_id,
        sent_file(request),
        file_id=resource_id(),
        now=now(),
    )
    return state_of(draft_id)
