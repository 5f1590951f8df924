"""``/v1/submissions``: what a body handed in, where it stands, and taking it back."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, json

from registry.api import installed
from registry.api.caller import current_body
from registry.api.cursors import page, read_cursor
from registry.api.description import refusals
from registry.api.door import guard
from registry.api.heavy import heavy
from registry.api.installed import representative
from registry.api.own_queries import QUERY, NothingQuery, PageQuery, SubmissionsQuery, WithdrawalInput
from registry.api.own_schemas import (
    DecisionSchema,
    OwnCertificateSchema,
    OwnRowSchema,
    OwnSubmissionSchema,
    SubmissionViewSchema,
    WithdrawalSchema,
    listed,
    paged,
)
from registry.api.strict_json import StrictBlueprint
from registry.holder.own_certificates import OwnToken, certificates_of_submission, tokens_of_submission
from registry.holder.qr_archive import qr_archive
from registry.intake.own_submissions import (
    decisions_on_submission,
    rows_of_submission,
    submission_of_body,
    submissions_of_body,
)
from registry.intake.withdrawal import Withdrawn, withdraw
from signing.log.note import encode_base64

JSON_LINES = "application/jsonl"

own_submissions = StrictBlueprint(
    "own_submissions", "own_submissions", url_prefix="/v1/submissions", description="本机构的报送"
)
guard(own_submissions)

Submissions = paged("Submissions", OwnSubmissionSchema)
Rows = paged("Rows", OwnRowSchema)
Decisions = listed("Decisions", DecisionSchema)
Certificates = paged("Certificates", OwnCertificateSchema)


@own_submissions.get("")
@own_submissions.doc(operationId="listSubmissions")
@own_submissions.arguments(SubmissionsQuery, **QUERY)
@own_submissions.response(HTTPStatus.OK, Submissions)
@refusals(own_submissions)
def submissions(query: dict[str, Any]) -> dict[str, Any]:
    """List the body's submissions, the newest first."""
    installation, issuer = installed.installation(), current_body().issuer
    after = read_cursor("submissions", query["cursor"])
    found = installation.sessions.read(
        lambda session: submissions_of_body(
            session,
            issuer,
            installation.jurisdictions,
            limit=query["limit"],
            status=query["status"],
            after=after,
        )
    )
    return page("submissions", found)


@own_submissions.get("/<uuid:submission_id>")
@own_submissions.doc(operationId="getSubmission")
@own_submissions.arguments(NothingQuery, **QUERY)
@own_submissions.response(HTTPStatus.OK, SubmissionViewSchema)
@refusals(own_submissions)
def submission(_query: dict[str, Any], submission_id: UUID) -> Any:
    """Show where a submission stands: statistics, deadlines, progress."""
    installation, issuer = installed.installation(), current_body().issuer
    return installation.sessions.read(
        lambda session: submission_of_body(session, issuer, submission_id, installation.jurisdictions)
    )


@own_submissions.get("/<uuid:submission_id>/rows")
@own_submissions.doc(operationId="listRows")
@own_submissions.arguments(PageQuery, **QUERY)
@own_submissions.response(HTTPStatus.OK, Rows)
@refusals(own_submissions)
def rows(query: dict[str, Any], submission_id: UUID) -> dict[str, Any]:
    """List the rows as they were taken, by row."""
    issuer, (after,) = current_body().issuer, read_cursor("rows", query["cursor"]) or (0,)
    found = installed.installation().sessions.read(
        lambda session: rows_of_submission(session, issuer, submission_id, limit=query["limit"], after=after)
    )
    return page("rows", found)


@own_submissions.get("/<uuid:submission_id>/decisions")
@own_submissions.doc(operationId="listDecisions")
@own_submissions.arguments(NothingQuery, **QUERY)
@own_submissions.response(HTTPStatus.OK, Decisions)
@refusals(own_submissions)
def decisions(_query: dict[str, Any], submission_id: UUID) -> dict[str, Any]:
    """List the decisions of the review, with every returned row and its reason."""
    issuer = current_body().issuer
    found = installed.installation().sessions.read(
        lambda session: decisions_on_submission(session, issuer, submission_id)
    )
    return {"items": found}


@own_submissions.get("/<uuid:submission_id>/certificates")
@own_submissions.doc(operationId="listCertificates")
@own_submissions.arguments(PageQuery, **QUERY)
@own_submissions.response(HTTPStatus.OK, Certificates)
@refusals(own_submissions)
def certificates(query: dict[str, Any], submission_id: UUID) -> dict[str, Any]:
    """List the certificates that rows of a submission became, by row."""
    issuer, (after,) = current_body().issuer, read_cursor("certificates", query["cursor"]) or (0,)
    found = installed.installation().sessions.read(
        lambda session: certificates_of_submission(
            session, issuer, submission_id, limit=query["limit"], after=after
        )
    )
    return page("certificates", found)


@own_submissions.get("/<uuid:submission_id>/qr.zip")
@own_submissions.doc(operationId="getQrArchive")
@own_submissions.arguments(NothingQuery, **QUERY)
@own_submissions.response(
    HTTPStatus.OK, {"type": "string", "format": "binary"}, content_type="application/zip"
)
@refusals(own_submissions)
@heavy
def qr_zip(_query: dict[str, Any], submission_id: UUID) -> Response:
    """Send the QR images of all certificates in force, `NUMBER.png`, as an archive."""
    installation, trust = installed.installation(), installed.trust()
    tokens = tokens_of_submission(installation.sessions, current_body().issuer, submission_id)
    archive = qr_archive(tokens, trust, prefix=installation.settings.qr_prefix)
    name = {"Content-Disposition": f'attachment; filename="{submission_id}.zip"'}
    return Response(archive, mimetype="application/zip", headers=name)


@own_submissions.get("/<uuid:submission_id>/tokens")
@own_submissions.doc(operationId="listTokens")
@own_submissions.arguments(NothingQuery, **QUERY)
@own_submissions.response(HTTPStatus.OK, {"type": "string"}, content_type=JSON_LINES)
@refusals(own_submissions)
@heavy
def tokens(_query: dict[str, Any], submission_id: UUID) -> Response:
    """Send the tokens of all certificates in force, one JSON object a line: number, entry, token in base64."""
    found = tokens_of_submission(installed.installation().sessions, current_body().issuer, submission_id)
    return Response(_lines(found), mimetype=JSON_LINES)


def _lines(found: Iterator[OwnToken]) -> Iterator[str]:
    for held in found:
        line = {"number": held.number, "entry": held.entry, "token": encode_base64(held.token)}
        yield json.dumps(line) + "\n"


@own_submissions.post("/<uuid:submission_id>/withdrawal")
@own_submissions.doc(operationId="withdrawSubmission")
@own_submissions.arguments(NothingQuery, **QUERY)
@own_submissions.arguments(WithdrawalInput)
@own_submissions.response(HTTPStatus.CREATED, WithdrawalSchema, description="The submission is withdrawn.")
@own_submissions.alt_response(HTTPStatus.OK, schema=WithdrawalSchema, description="It was withdrawn before.")
@refusals(own_submissions)
def withdrawal(
    _query: dict[str, Any], said: dict[str, Any], submission_id: UUID
) -> tuple[Withdrawn, HTTPStatus]:
    """Take back a submission that nobody has decided on yet. The same file is not taken again."""
    done = withdraw(
        installed.installation().sessions,
        representative(),
        submission_id,
        said["reason"],
        now=installed.now(),
    )
    return done, HTTPStatus.OK if done.repeated else HTTPStatus.CREATED
