"""``/v1/changes``: what happened since the caller last asked, each thing once."""

from http import HTTPStatus
from typing import Any

from marshmallow import Schema, fields

from registry.api import installed
from registry.api.caller import current_body
from registry.api.cursors import read_cursor, write_cursor
from registry.api.description import refusals
from registry.api.door import guard
from registry.api.own_queries import QUERY, PageQuery
from registry.api.own_schemas import ChangeSchema
from registry.api.strict_json import StrictBlueprint
from registry.intake.changes import START, Cursor, changes_after

own_changes = StrictBlueprint("own_changes", "own_changes", url_prefix="/v1/changes", description="变更")
guard(own_changes)


class ChangesSchema(Schema):
    """Changes; `next` is where to go on, now if there is `more`, else later. There may be more and none of it here."""

    items = fields.List(fields.Nested(ChangeSchema), required=True)
    next = fields.String(required=True)
    more = fields.Boolean(required=True)


@own_changes.get("")
@own_changes.doc(operationId="listChanges")
@own_changes.arguments(PageQuery, **QUERY)
@own_changes.response(HTTPStatus.OK, ChangesSchema)
@refusals(own_changes)
def changes(query: dict[str, Any]) -> dict[str, Any]:
    """List what happened to the body's submissions, certificates and requests, in the order of the journal.

    Keep `next` and ask with it again: nothing is missed, and nothing told twice.
    """
    installation, issuer = installed.installation(), current_body().issuer
    cursor = Cursor(*(read_cursor("changes", query["cursor"]) or START))
    items, after, more = installation.sessions.read(
        lambda session: changes_after(session, issuer, installation.profiles, cursor, limit=query["limit"])
    )
    return {"items": items, "next": write_cursor("changes", after), "more": more}
