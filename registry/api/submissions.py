"""``POST /v1/submissions``: the same signed file that ``certreg submit`` hands in, over HTTP."""

from http import HTTPStatus
from typing import Any

from flask import request
from flask.views import MethodView

from registry.api import base64url
from registry.api.body import content_of, require_identity
from registry.api.caller import current_body
from registry.api.description import SIGNATURE_HEADER, SUBMISSION, ReceiptSchema, refusals
from registry.api.door import guard
from registry.api.idempotent import idempotent
from registry.api.installed import installation, now
from registry.api.own_queries import QUERY, NothingQuery
from registry.api.strict_json import StrictBlueprint
from registry.assessment.reading import MEDIA_TYPES
from registry.intake.errors import SubmissionNotSigned
from registry.intake.submission import HandedIn, Receipt, submit

submissions = StrictBlueprint(
    "submissions", "submissions", url_prefix="/v1/submissions", description="考核结果报送"
)
guard(submissions)

# What a receipt leads to.
LINKS: dict[str, Any] = {
    "responses": {
        status: {
            "links": {
                "submission": {
                    "operationId": "getSubmission",
                    "parameters": {"submission_id": "$response.body#/submission_id"},
                }
            }
        }
        for status in (HTTPStatus.OK, HTTPStatus.CREATED)
    }
}


@submissions.route("")
class Submissions(MethodView):
    """Submissions of assessment bodies."""

    @idempotent
    @submissions.doc(**SUBMISSION, **LINKS)
    @submissions.arguments(NothingQuery, **QUERY)
    @submissions.response(HTTPStatus.CREATED, ReceiptSchema, description="The submission was taken.")
    @submissions.alt_response(
        HTTPStatus.OK, schema=ReceiptSchema, description="The same file was taken before."
    )
    @refusals(submissions)
    def post(self, _query: dict[str, Any]) -> tuple[Receipt, HTTPStatus]:
        """Hand in one exam's results. Taken whole, or refused with all faults of all rows."""
        register = installation()
        receipt = submit(
            register.sessions,
            HandedIn(_content(), request.mimetype, _signature()),
            register.personal,
            register.jurisdictions,
            environment=register.settings.environment,
            now=now(),
            issuer=current_body().issuer,
        )
        return receipt, HTTPStatus.OK if receipt.repeated else HTTPStatus.CREATED


def _content() -> bytes:
    require_identity(request, MEDIA_TYPES)
    return content_of(request)


def _signature() -> bytes:
    text = request.headers.get(SIGNATURE_HEADER, "").strip()
    if not text:
        raise SubmissionNotSigned(f"the header {SIGNATURE_HEADER} is missing")
    try:
        return base64url.decode(text)
    except ValueError:
        raise SubmissionNotSigned(f"the header {SIGNATURE_HEADER} is not base64url") from None
