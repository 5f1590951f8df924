"""Looking at a draft: its rows and faults by the page, and a page for people before they sign."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response

from registry.api.cursors import read_cursor, write_cursor
from registry.api.description import refusals
from registry.api.drafts.door import drafts
from registry.api.drafts.preview import POLICY, preview_page
from registry.api.drafts.schemas import DraftRowPage, FaultPage, WorkbookQuery
from registry.api.heavy import heavy
from registry.api.installed import installation, now, representative
from registry.api.own_queries import QUERY, NothingQuery, PageQuery
from registry.assessment.marked_workbook import marked_workbook
from registry.assessment.reading import WORKBOOK_MEDIA_TYPE
from registry.draft.pages import Page, checked_content, draft_faults, draft_preview, draft_rows

HTML = "text/html"


def _cursor(listing: str, query: dict[str, Any]) -> int:
    (start,) = read_cursor(listing, query["cursor"]) or (0,)
    return int(start)


def _page(listing: str, found: Page) -> dict[str, Any]:
    key = None if found.next_cursor is None else (found.next_cursor,)
    return {"items": found.items, "next": write_cursor(listing, key)}


@drafts.get("/drafts/<uuid:draft_id>/rows")
@drafts.doc(operationId="listDraftRows")
@drafts.arguments(PageQuery, **QUERY)
@drafts.response(HTTPStatus.OK, DraftRowPage)
@refusals(drafts)
def rows(query: dict[str, Any], draft_id: UUID) -> dict[str, Any]:
    """List the rows as they were read, corrections in them; none before the check."""
    found, start = installation(), _cursor("draft_rows", query)
    page = draft_rows(
        found.sessions, found.personal.sealer, representative(), draft_id, cursor=start, limit=query["limit"]
    )
    return _page("draft_rows", page)


@drafts.get("/drafts/<uuid:draft_id>/faults")
@drafts.doc(operationId="listDraftFaults")
@drafts.arguments(PageQuery, **QUERY)
@drafts.response(HTTPStatus.OK, FaultPage)
@refusals(drafts)
def faults(query: dict[str, Any], draft_id: UUID) -> dict[str, Any]:
    """List what is wrong, in the words of the body's own file; nothing before the check."""
    found, start = installation(), _cursor("draft_faults", query)
    page = draft_faults(
        found.sessions, found.personal.sealer, representative(), draft_id, cursor=start, limit=query["limit"]
    )
    return _page("draft_faults", page)


@drafts.get("/drafts/<uuid:draft_id>/faults.xlsx")
@drafts.doc(operationId="getFaultsWorkbook")
@drafts.arguments(WorkbookQuery, **QUERY)
@drafts.response(
    HTTPStatus.OK,
    {"type": "string", "format": "binary"},
    content_type=WORKBOOK_MEDIA_TYPE,
    description="Mended, it may be sent back: all rows as other results, faulty ones alone as corrections.",
)
@refusals(drafts)
@heavy
def faults_workbook(query: dict[str, str], draft_id: UUID) -> Response:
    """Fetch the rows as a workbook in which every fault stands where it is to be mended."""
    found = installation()
    content, told = checked_content(found.sessions, found.personal.sealer, representative(), draft_id)
    workbook = marked_workbook(content, told, only_faulty=query["rows"] == "faulty")
    name = {"Content-Disposition": f'attachment; filename="{draft_id}-faults.xlsx"'}
    return Response(workbook, content_type=WORKBOOK_MEDIA_TYPE, headers=name)


@drafts.get("/drafts/<uuid:draft_id>/preview")
@drafts.doc(operationId="previewDraft")
@drafts.arguments(NothingQuery, **QUERY)
@drafts.response(
    HTTPStatus.OK,
    {"type": "string"},
    content_type=HTML,
    description="One page without script, to be read or printed before signing.",
)
@refusals(drafts)
@heavy
def preview(_query: dict[str, Any], draft_id: UUID) -> Response:
    """Show the draft to people: counts, deadline, each name large, rare characters enlarged with their code points."""
    found = installation()
    looked_at = draft_preview(
        found.sessions,
        found.personal.sealer,
        representative(),
        draft_id,
        found.jurisdictions,
        now=now(),
    )
    answer = Response(preview_page(looked_at), content_type=f"{HTML}; charset=utf-8")
    answer.headers["Content-Security-Policy"] = POLICY
    return answer
