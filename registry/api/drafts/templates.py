"""``/v1/templates``: the empty workbook for an occupation and level of the body."""

from http import HTTPStatus
from typing import Any

from flask import Response

from registry.access.errors import NotThere
from registry.api.description import refusals
from registry.api.drafts.door import drafts
from registry.api.installed import installation, representative
from registry.api.own_queries import QUERY, NothingQuery
from registry.assessment.levels import LEVEL_OF_CODE
from registry.assessment.reading import WORKBOOK_MEDIA_TYPE
from registry.assessment.template import write_template
from registry.directory.body_view import body_view


@drafts.get("/templates/<int:edition>/<string:code>/<string:level>.xlsx")
@drafts.doc(operationId="getTemplate")
@drafts.arguments(NothingQuery, **QUERY)
@drafts.response(HTTPStatus.OK, {"type": "string", "format": "binary"}, content_type=WORKBOOK_MEDIA_TYPE)
@refusals(drafts)
def template(_query: dict[str, Any], edition: int, code: str, level: str) -> Response:
    """Fetch the workbook to be filled in: body, site, occupation (2-02-10-11), edition and level are in it already."""
    issuer = representative().issuer
    view = installation().sessions.read(lambda session: body_view(session, issuer))
    found = view.occupation(code, edition=edition)
    if found is None or level not in LEVEL_OF_CODE:
        raise NotThere
    content = write_template(view, found.occupation, LEVEL_OF_CODE[level])
    name = {"Content-Disposition": f'attachment; filename="{code}-{level}.xlsx"'}
    return Response(content, content_type=WORKBOOK_MEDIA_TYPE, headers=name)
