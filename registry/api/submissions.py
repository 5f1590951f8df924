"""``POST /v1/submissions``: the same signed file that ``certreg submit`` hands in, over HTTP."""

import base64
import binascii
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import current_app, request
from flask.views import MethodView

from registry.api.body import content_of, require_identity
from registry.api.caller import current_body
from registry.api.description import SIGNATURE_HEADER, SUBMISSION, ReceiptSchema, refusals
from registry.api.door import guard
from registry.api.idempotent import idempotent
from registry.api.own_queries import QUERY, NothingQuery
from registry.api.problems import refused
from registry.api.strict_json import StrictBlueprint
from registry.assessment.reading import MEDIA_TYPES
from registry.errors import RegistryError
from registry.installation import Installation
from registry.intake.errors import SubmissionNotSigned
from registry.intake.submission import HandedIn, Receipt, submit

submissions = StrictBlueprint(
    "submissions", "submissions", url_prefix="/v1/submissions", description="考核结果报送"
)
submissions.register_error_handler(RegistryError, refused)
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
        installation: Installation = current_app.extensions["certreg"]
        now: Callable[[], datetime] = current_app.extensions["certreg_now"]
        receipt = submit(
            installation.sessions,
            HandedIn(_content(), request.mimetype, _signature()),
            installation.personal,
            installation.jurisdictions,
            environment=installation.settings.environment,
            now=now(),
            issuer=current_body().issuer,
        )
        return receipt, HTTPStatus.OK if receipt.repeated else HTTPStatus.CREATED


def _content() -> bytes:
    require_identity(request, MEDIA_TYPES)
    return content_of(request)


def _signature() -> bytes:
    text = request.headers.get(SIGNATURE_HEADER, "").strip().rstrip("=")
    if not text:
        raise SubmissionNotSigned(f"the header {SIGNATURE_HEADER} is missing")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise SubmissionNotSigned(f"the header {SIGNATURE_HEADER} is not base64url") from None
