"""What is said of drafts, field by field, and what may be asked of them."""

from typing import Any

from marshmallow import Schema, fields, validate

from registry.api import base64url
from registry.api.description import FaultSchema
from registry.api.own_queries import Closed
from registry.api.own_schemas import paged
from registry.assessment.statistics import COUNTS
from registry.draft.files import NAME_CHARACTERS, Kind
from registry.draft.quota import LARGEST
from registry.draft.status import DraftStatus, Phase


class Hex(fields.Field[bytes]):
    """So many bytes, in lower-case hexadecimal."""

    def __init__(self, size: int, **more: Any) -> None:
        super().__init__(**more)
        self.size = size
        self.metadata = {"type": "string", "pattern": f"^[0-9a-f]{{{2 * size}}}$", **self.metadata}

    def _serialize(self, value: bytes | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.hex()

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bytes:
        if (
            isinstance(value, str)
            and len(value) == 2 * self.size
            and not set(value) - set("0123456789abcdef")
        ):
            return bytes.fromhex(value)
        raise self.make_error("validator_failed")


class SignatureText(fields.Field[bytes]):
    """A detached COSE_Sign1, base64url."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.metadata = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,2000}={0,2}$", **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bytes:
        try:
            return base64url.decode(value)
        except (ValueError, TypeError, AttributeError):
            raise self.make_error("validator_failed") from None


class NewDraftQuery(Closed):
    """How a draft is called, and what it replaces."""

    name = fields.String(load_default=None, validate=validate.Length(1, NAME_CHARACTERS))
    replaces = fields.UUID(load_default=None)


class WorkbookQuery(Closed):
    """Which rows the workbook of faults has."""

    rows = fields.String(load_default="all", validate=validate.OneOf(["all", "faulty"]))


CountsSchema = Schema.from_dict({name: fields.Integer(required=True) for name in COUNTS}, name="CountsSchema")


class DraftSchema(Schema):
    """Where a draft stands. `checked` says whether rows, faults and statistics are of the present revision."""

    id = fields.UUID(required=True)
    name = fields.String(required=True, allow_none=True)
    status = fields.Enum(DraftStatus, by_value=True, required=True)
    revision = fields.Integer(required=True)
    checked = fields.Boolean(required=True)
    created_at = fields.AwareDateTime(required=True)
    changed_at = fields.AwareDateTime(required=True)
    replaces = fields.UUID(required=True, allow_none=True)
    phase = fields.Enum(Phase, by_value=True, required=True, allow_none=True)
    done = fields.Integer(required=True)
    total = fields.Integer(required=True)
    rows = fields.Integer(required=True)
    faults = fields.Integer(required=True)
    statistics = fields.Nested(CountsSchema, required=True, allow_none=True)
    late = fields.Boolean(required=True, allow_none=True)
    deadline_on = fields.Date(required=True, allow_none=True)
    days_left = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Negative once the deadline has passed."}
    )
    settled_sha256 = Hex(32, attribute="settled_digest", required=True, allow_none=True)
    signed_at = fields.AwareDateTime(required=True, allow_none=True)
    submission_id = fields.UUID(required=True, allow_none=True)
    failure = fields.String(required=True, allow_none=True)


class UploadQuerySchema(Closed):
    """A photo archive (.zip) that will come in parts."""

    size = fields.Integer(required=True, validate=validate.Range(1, LARGEST[Kind.PHOTOS]))
    sha256 = Hex(32, required=True)
    name = fields.String(load_default=None, validate=validate.Length(1, NAME_CHARACTERS))


class UploadSchema(Schema):
    """A photo archive: `parts` of `part_bytes` each but the last, counted from 0; `missing` are still to be sent."""

    id = fields.UUID(attribute="file_id", required=True)
    name = fields.String(required=True, allow_none=True)
    size = fields.Integer(required=True)
    sha256 = Hex(32, attribute="digest", required=True)
    complete = fields.Boolean(required=True)
    parts = fields.Integer(required=True)
    part_bytes = fields.Integer(required=True)
    missing = fields.List(fields.Integer(), required=True)


class UploadsSchema(Schema):
    """The photo archives of a draft."""

    items = fields.List(fields.Nested(UploadSchema), required=True)


class CodePointSchema(Schema):
    """A character of a name."""

    character = fields.String(required=True)
    code = fields.String(required=True)
    rare = fields.Boolean(required=True)


class DraftRowSchema(Schema):
    """A row as it stands; `name` as it will be signed, null if it is not fit to be; `cells` as they were read."""

    place = fields.Integer(required=True)
    name = fields.String(required=True, allow_none=True)
    code_points = fields.List(fields.Nested(CodePointSchema), required=True)
    cells = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class SignatureSchema(Closed):
    """The body's signature over the settled content's claim."""

    signature = SignatureText(required=True)


DraftPage = paged("DraftPage", DraftSchema)
DraftRowPage = paged("DraftRowPage", DraftRowSchema)
FaultPage = paged("FaultPage", FaultSchema)
