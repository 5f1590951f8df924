"""The API as OpenAPI 3.1 tells it: what is sent, what comes back, every refusal.

Read from the same tables that the code works by, so that it can not say something else: the columns of the form, the
statuses of the refusals.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from flask_smorest import Api, Blueprint
from marshmallow import Schema, fields, validate

from registry.api import problems
from registry.api.problem_list import PROBLEMS
from registry.assessment.content import HEADER_COLUMNS, OPTIONAL_COLUMNS, ROW_COLUMNS, Column
from registry.assessment.json_claims import DRAFT, REPLACES, STATISTICS
from registry.assessment.json_content import FORMAT, WHOLE_NUMBERS
from registry.assessment.reading import CSV_MEDIA_TYPE, JSON_MEDIA_TYPE, WORKBOOK_MEDIA_TYPE
from registry.assessment.score import ABSENT
from registry.assessment.statistics import COUNTS
from registry.assessment.training import MAX_HOURS

SIGNATURE_HEADER = "Submission-Signature"
View = TypeVar("View", bound=Callable[..., Any])

INTRODUCTION = """\
评价机构用此接口报送考核结果。每份报送由机构以 Ed25519 密钥签名；整份接收，或整份退回并列出每一行的每一处错误。

Every request is signed (RFC 9421) with the body's access key, see `docs/api.md`; nothing else opens the API. What a
body answers for is signed besides, with its submission key: the submission claim of the file (`docs/formats.md`,
section 9) as a detached COSE_Sign1, sent base64url-encoded in the header `Submission-Signature`.
`certreg submit` does the same from a terminal.
Handing in the same file again returns the first receipt (200 instead of 201), so a lost answer is asked for again.

Every error is a problem document (RFC 9457) with a stable `code`; all codes: `/v1/docs/problems`. How many requests are
left stands in the headers `RateLimit` and `RateLimit-Policy` of every answer.
"""

SECURITY: dict[str, Any] = {
    "type": "http",
    "scheme": "signature",
    "description": (
        "HTTP Message Signatures (RFC 9421), Ed25519. Covered: @method, @authority, @path, @query (always; ? alone if "
        "there is none), with content also content-digest (RFC 9530), content-type, content-length and "
        "content-encoding as far as they are sent, and idempotency-key and submission-signature when they are sent. "
        "Parameters: created (within 300 s), nonce (16 to 64 characters, new each time), keyid (8 hex digits), "
        'alg="ed25519", tag="certreg-api/ENVIRONMENT"; expires if you like. One signature, any label.'
    ),
}


class StatisticsSchema(Schema):
    """考核有关情况统计表: how many entered, were absent, passed; the pass rates in tenths of a percent.

    ``absent`` missed at least one paper; whoever sat both is present. A rate of nobody is null.
    """

    entered = fields.Integer(required=True)
    absent_theory = fields.Integer(required=True)
    absent_practice = fields.Integer(required=True)
    absent = fields.Integer(required=True)
    passed_theory = fields.Integer(required=True)
    passed_practice = fields.Integer(required=True)
    passed = fields.Integer(required=True)
    failed = fields.Integer(required=True)
    pass_rate_of_entered = fields.Integer(required=True, allow_none=True)
    pass_rate_of_present = fields.Integer(required=True, allow_none=True)


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
    """RFC 9457 problem document; `code` is stable, `detail` is for programmers, `title` and `remedy` are for clerks."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True, validate=validate.OneOf(sorted(PROBLEMS)))
    detail = fields.String(required=True)
    remedy = fields.String()
    missing = fields.List(fields.String(), metadata={"description": "Components that must be covered."})
    covered = fields.List(fields.String(), metadata={"description": "Components that are covered."})
    signature_base_sha256 = fields.String()
    signature_base = fields.String(metadata={"description": "Not told in production."})
    errors = fields.Dict(metadata={"description": "What is wrong, by member."})
    faults = fields.List(fields.Nested(FaultSchema))


class DescribedApi(Api):  # type: ignore[misc]
    """The API with our problem documents in its description, in place of the library's own errors."""

    ERROR_SCHEMA = ProblemSchema
    # Every refusal is listed by its status; there is no other.
    DEFAULT_ERROR_RESPONSE_NAME = None


REFUSALS: dict[HTTPStatus, str] = {
    HTTPStatus.BAD_REQUEST: "The request can not be read.",
    HTTPStatus.UNAUTHORIZED: "A signature is missing or does not hold, or its key is unknown or does not count.",
    HTTPStatus.FORBIDDEN: "The key is for something else, or its account may not do this for this body.",
    HTTPStatus.NOT_FOUND: "There is nothing of this name for this body.",
    HTTPStatus.CONFLICT: "It was done before in another way, is being done, or can not be done as things stand.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The content, or a file in it, is too large; `detail` names the limit.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Of a type that is not read here, or sent compressed.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "What was sent has faults, all of them told. Nothing of it is stored.",
    HTTPStatus.TOO_MANY_REQUESTS: "A limit is used up; Retry-After says for how long.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The register has failed. It may be stored or not: look at the state first.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The register is busy, or can not tell whether it is stored: send the same again, "
    "under the same Idempotency-Key.",
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


SCORE_PATTERN = rf"^({ABSENT}|(0|[1-9][0-9]{{0,2}})(\.[0-9])?)$"
_MORE_OF: dict[Column, dict[str, Any]] = {
    Column.THEORY: {"pattern": SCORE_PATTERN},
    Column.PRACTICE: {"pattern": SCORE_PATTERN},
    Column.COMMITMENT: {
        "const": True,
        "description": "The signed commitment (告知承诺书) is on file at the body.",
    },
    Column.TRAINING_HOURS: {"minimum": 1, "maximum": MAX_HOURS},
    Column.PHOTO: {
        "pattern": "^[0-9a-f]{64}$",
        "description": "SHA-256 of the photo as the register keeps it; in a draft whose archive has it.",
    },
}


def _column(column: Column) -> dict[str, Any]:
    kind = "integer" if column in WHOLE_NUMBERS else "boolean" if column is Column.COMMITMENT else "string"
    return {"type": [kind, "null"] if column in OPTIONAL_COLUMNS else kind, **_MORE_OF.get(column, {})}


def _object(members: dict[str, Any], optional: frozenset[str] = frozenset()) -> dict[str, Any]:
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
        STATISTICS: {
            **_object({name: {"type": "integer"} for name in COUNTS}),
            "type": ["object", "null"],
            "description": "The body's own counts; refused unless they are those of the rows.",
        },
        DRAFT: {
            "type": ["string", "null"],
            "format": "uuid",
            "description": "The draft this was settled from.",
        },
        REPLACES: {
            "type": ["string", "null"],
            "format": "uuid",
            "description": "The submission that is withdrawn for this one.",
        },
    },
    OPTIONAL_COLUMNS | {STATISTICS, DRAFT, REPLACES},
)

IDEMPOTENCY_KEY: dict[str, Any] = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "pattern": '^"[ !#-~]{8,128}"$'},
    "description": "One quoted string; the same request under the same key gets the first answer, for 7 days.",
}
IDEMPOTENCY: dict[str, Any] = {"parameters": [IDEMPOTENCY_KEY]}

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
            "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]+={0,2}$"},
            "description": "Detached COSE_Sign1 of the body over the submission claim, base64url.",
        },
        IDEMPOTENCY_KEY,
    ],
}
