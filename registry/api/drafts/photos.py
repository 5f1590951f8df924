"""Photo archives of a draft, in parts: begun with size and digest, complete when the last part is there."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import request

from registry.api.body import content_of
from registry.api.description import IDEMPOTENCY, refusals
from registry.api.drafts.door import drafts
from registry.api.drafts.life import state_of
from registry.api.drafts.schemas import DraftSchema, UploadQuerySchema, UploadSchema, UploadsSchema
from registry.api.idempotent import idempotent
from registry.api.installed import installation, now, representative
from registry.api.own_queries import QUERY, NothingQuery
from registry.draft.standing import DraftState
from registry.draft.uploading import SENT_BYTES, Upload, begin_photos, drop_photos, photo_archives, put_part

PART: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        "description": f"{SENT_BYTES} bytes, of the last part what is left.",
    }
}


@drafts.post("/drafts/<uuid:draft_id>/photos")
@idempotent
@drafts.doc(operationId="beginPhotos", **IDEMPOTENCY)
@drafts.arguments(NothingQuery, **QUERY)
@drafts.arguments(UploadQuerySchema)
@drafts.response(HTTPStatus.CREATED, UploadSchema, description="The archive and the parts it lacks.")
@refusals(drafts)
def begin(_query: dict[str, Any], given: dict[str, Any], draft_id: UUID) -> Upload:
    """Announce an archive of photos; announced again, it is gone on with."""
    return begin_photos(
        installation().sessions,
        representative(),
        draft_id,
        size=given["size"],
        digest=given["sha256"],
        name=given["name"],
        now=now(),
    )


@drafts.get("/drafts/<uuid:draft_id>/photos")
@drafts.doc(operationId="listPhotos")
@drafts.arguments(NothingQuery, **QUERY)
@drafts.response(HTTPStatus.OK, UploadsSchema)
@refusals(drafts)
def archives(_query: dict[str, Any], draft_id: UUID) -> dict[str, list[Upload]]:
    """List the photo archives, and which parts are missing."""
    found = installation().sessions.read(lambda session: photo_archives(session, representative(), draft_id))
    return {"items": found}


@drafts.put("/drafts/<uuid:draft_id>/photos/<uuid:file_id>/parts/<int:number>")
@drafts.doc(operationId="putPhotoPart", **PART)
@drafts.arguments(NothingQuery, **QUERY)
@drafts.response(HTTPStatus.OK, UploadSchema, description="The archive and the parts it still lacks.")
@refusals(drafts)
def part(_query: dict[str, Any], draft_id: UUID, file_id: UUID, number: int) -> Upload:
    """Send one part, in any order; the same part again changes nothing."""
    sealer = installation().personal.sealer
    content = content_of(request)
    return put_part(
        installation().sessions, sealer, representative(), draft_id, file_id, number, content, now=now()
    )


@drafts.delete("/drafts/<uuid:draft_id>/photos")
@drafts.doc(operationId="dropPhotos")
@drafts.arguments(NothingQuery, **QUERY)
@drafts.response(HTTPStatus.ACCEPTED, DraftSchema, description="Without photos; a worker checks it.")
@refusals(drafts)
def drop(_query: dict[str, Any], draft_id: UUID) -> DraftState:
    """Drop all photo archives, and what was made of them."""
    drop_photos(installation().sessions, representative(), draft_id, now=now())
    return state_of(draft_id)
