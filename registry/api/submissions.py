"""``POST /v1/submissions``: the same signed file that ``certreg submit`` hands in, over HTTP."""

import base64
import binascii
from datetime import UTC, datetime
from http import HTTPStatus

from flask import current_app, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from registry.api.problems import refused
from registry.assessment.reading import MEDIA_TYPES
from registry.errors import RegistryError
from registry.installation import Installation
from registry.intake.errors import SubmissionNotSigned
from registry.intake.submission import HandedIn, Receipt, submit

SIGNATURE_HEADER = "Submission-Signature"

submissions = Blueprint("submissions", "submissions", url_prefix="/v1/submissions", description="考核结果报送")
submissions.register_error_handler(RegistryError, refused)


class StatisticsSchema(Schema):
    """考核有关情况统计表: how many entered, passed, failed, and passed each paper."""

    entered = fields.Integer(required=True)
    passed = fields.Integer(required=True)
    failed = fields.Integer(required=True)
    passed_theory = fields.Integer(required=True)
    passed_practice = fields.Integer(required=True)


class ReceiptSchema(Schema):
    """The register's receipt."""

    submission_id = fields.UUID(required=True)
    status = fields.String(required=True)
    statistics = fields.Nested(StatisticsSchema, required=True)
    late = fields.Boolean(required=True)
    repeated = fields.Boolean(required=True)


class FaultSchema(Schema):
    """One thing that is wrong in the file."""

    row = fields.Integer(required=True, allow_none=True)
    column = fields.String(required=True, allow_none=True)
    value = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)
    remedy = fields.String(required=True)


class ProblemSchema(Schema):
    """RFC 9457 problem document."""

    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    faults = fields.List(fields.Nested(FaultSchema))


REQUEST_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in MEDIA_TYPES
        },
    },
    "parameters": [
        {
            "in": "header",
            "name": SIGNATURE_HEADER,
            "required": True,
            "schema": {"type": "string"},
            "description": "Detached COSE_Sign1 of the body over the submission claim, base64url (docs/formats.md §9)",
        }
    ],
}


@submissions.route("")
class Submissions(MethodView):
    """Submissions of assessment bodies."""

    @submissions.doc(**REQUEST_BODY)
    @submissions.response(HTTPStatus.CREATED, ReceiptSchema)
    @submissions.alt_response(HTTPStatus.OK, schema=ReceiptSchema, description="the same file was taken before")
    @submissions.alt_response(HTTPStatus.UNPROCESSABLE_ENTITY, schema=ProblemSchema, description="faults, all of them")
    def post(self) -> tuple[Receipt, HTTPStatus]:
        """Hand in one exam's results. Taken whole, or refused with all faults of all rows."""
        installation: Installation = current_app.extensions["certreg"]
        handed_in = HandedIn(request.get_data(), request.mimetype, _signature())
        receipt = submit(
            installation.sessions,
            handed_in,
            installation.personal,
            installation.jurisdictions,
            environment=installation.settings.environment,
            now=datetime.now(UTC),
        )
        return receipt, HTTPStatus.OK if receipt.repeated else HTTPStatus.CREATED


def _signature() -> bytes:
    text = request.headers.get(SIGNATURE_HEADER, "")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise SubmissionNotSigned(f"the header {SIGNATURE_HEADER} is not base64url") from None


