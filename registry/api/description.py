"""The API as OpenAPI 3.1 tells it: what is sent, what comes back, every refusal.

Read from the same tables that the code works by, so that it can not say something else: the columns of the form, the
statuses of the refusals.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from flask_smorest import Api, Blueprint
from marshmallow import Schema, fields

from registry.api import problems
from registry.assessment.content import HEADER_COLUMNS, OPTIONAL_COLUMNS, ROW_COLUMNS, Column
from registry.assessment.json_content import FORMAT
from registry.assessment.reading import CSV_MEDIA_TYPE, JSON_MEDIA_TYPE, WORKBOOK_MEDIA_TYPE

SIGNATURE_HEADER = "Submission-Signature"
View = TypeVar("View", bound=Callable[..., Any])

INTRODUCTION = """\
评价机构用此接口报送考核结果。每份报送由机构以 Ed25519 密钥签名；整份接收，或整份退回并列出每一行的每一处错误。

What is signed: the submission claim of the file (`docs/formats.md`, section 9) as a detached COSE_Sign1, sent
base64url-encoded in the header `Submission-Signature`. `certreg submit` does the same from a terminal.
Handing in the same file again returns the first receipt (200 instead of 201), so a lost answer is asked for again.
"""


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


class DescribedApi(Api):  # type: ignore[misc]
    """The API with our problem documents in its description, in place of the library's own errors."""

    ERROR_SCHEMA = ProblemSchema
    # Every refusal is listed by its status; there is no other.
    DEFAULT_ERROR_RESPONSE_NAME = None


REFUSALS: dict[HTTPStatus, str] = {
    HTTPStatus.BAD_REQUEST: "The request can not be read.",
    HTTPStatus.UNAUTHORIZED: "The signature is missing or does not hold, or its key is unknown or does not count.",
    HTTPStatus.FORBIDDEN: "The key's account may not hand in for this body.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The file is larger than 16 MB.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Neither JSON, nor an .xlsx workbook, nor CSV, or sent compressed.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "The file has faults: all of them, by row and column. Nothing was stored.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The register has failed. Nothing was stored.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The register is busy; hand in the same file again.",
}


def refusals(blueprint: Blueprint) -> Callable[[View], View]:
    """Return the decorator that lists every refusal of a view."""

    def decorate(view: View) -> View:
        for status, text in REFUSALS.items():
            listed = blueprint.alt_response(
                status, schema=ProblemSchema, content_type=problems.MEDIA_TYPE, description=text
            )
            view = listed(view)
        return view

    return decorate


def _column(column: Column) -> dict[str, Any]:
    kind = "integer" if column in (Column.ROW, Column.EDITION) else "string"
    return {"type": [kind, "null"] if column in OPTIONAL_COLUMNS else kind}


def _object(members: dict[str, Any], optional: frozenset[Column] = frozenset()) -> dict[str, Any]:
    required = [name for name in members if name not in optional]
    return {"type": "object", "properties": members, "required": required, "additionalProperties": False}


FORM: dict[str, Any] = _object(
    {
        "format": {"const": FORMAT},
        **{str(column): _column(column) for column in HEADER_COLUMNS},
        "rows": {
            "type": "array",
            "items": _object({str(column): _column(column) for column in ROW_COLUMNS}, OPTIONAL_COLUMNS),
        },
    }
)

SUBMISSION: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {JSON_MEDIA_TYPE: {"schema": FORM}, WORKBOOK_MEDIA_TYPE: {}, CSV_MEDIA_TYPE: {}},
    },
    "parameters": [
        {
            "in": "header",
            "name": SIGNATURE_HEADER,
            "required": True,
            "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]+=*$"},
            "description": "Detached COSE_Sign1 of the body over the submission claim, base64url.",
        }
    ],
}
