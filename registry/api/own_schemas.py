"""What a body reads of its own, as the API writes it: every field by name, as it is written in the form."""

from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, fields

from registry.api.description import SCORE_PATTERN, StatisticsSchema
from registry.assessment.score import Paper, written
from signing.statement import Level, Occupation

SCORE = {"type": "string", "pattern": SCORE_PATTERN}


class Instant(fields.AwareDateTime):
    """An instant, in UTC whatever zone it was read in."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return super()._serialize(value and value.astimezone(UTC), attr, obj, **kwargs)


def level_name(value: int | None) -> str | None:
    """Return a level as it is handed in, ``senior``."""
    return None if value is None else Level(value).name.lower()


def _occupation(row: Any) -> str:
    return Occupation(row.edition, row.occupation).text


class OwnSubmissionSchema(Schema):
    """A submission, in a list."""

    id = fields.UUID(required=True)
    status = fields.String(required=True)
    province = fields.String(required=True)
    site = fields.String(required=True)
    exam_started_on = fields.Date(required=True)
    exam_ended_on = fields.Date(required=True)
    received_at = Instant(required=True)
    submit_by = fields.Date(required=True)
    late = fields.Boolean(required=True)
    content_sha256 = fields.String(required=True)


class ProgressSchema(Schema):
    """How many rows have come how far."""

    rows = fields.Integer(required=True)
    id_checked = fields.Integer(required=True)
    reviewed = fields.Integer(required=True)
    returned = fields.Integer(required=True)
    numbered = fields.Integer(required=True)
    signed = fields.Integer(required=True)
    logged = fields.Integer(required=True)
    released = fields.Integer(required=True)
    void = fields.Integer(required=True)


class WithdrawalSchema(Schema):
    """How a submission was withdrawn."""

    reason = fields.String(required=True)
    withdrawn_at = Instant(required=True)
    replaced_by = fields.UUID(required=True, allow_none=True)


class SubmissionViewSchema(Schema):
    """A submission whole."""

    submission = fields.Nested(OwnSubmissionSchema, required=True)
    late_reason = fields.String(required=True, allow_none=True)
    decide_by = fields.Date(required=True, allow_none=True)
    statistics = fields.Nested(StatisticsSchema, required=True)
    progress = fields.Nested(ProgressSchema, required=True)
    withdrawal = fields.Nested(WithdrawalSchema, required=True, allow_none=True)


class OwnRowSchema(Schema):
    """A row as it was taken. The ID number is not told again."""

    row = fields.Integer(required=True)
    name_received = fields.String(required=True)
    holder_name = fields.String(required=True)
    id_type = fields.String(required=True)
    edition = fields.Integer(required=True)
    occupation = fields.Function(_occupation, required=True, metadata={"type": "string"})
    direction = fields.String(required=True, allow_none=True)
    level = fields.Function(lambda row: level_name(row.level), required=True, metadata={"type": "string"})
    theory = fields.Function(
        lambda row: written(Paper(row.theory, row.absent_theory)), required=True, metadata=SCORE
    )
    practice = fields.Function(
        lambda row: written(Paper(row.practice, row.absent_practice)), required=True, metadata=SCORE
    )
    passed = fields.Boolean(required=True)
    issued_on = fields.Date(required=True, allow_none=True)
    corrects = fields.String(required=True, allow_none=True)
    correction_reason = fields.String(required=True, allow_none=True)
    returned_at_step = fields.String(required=True, allow_none=True)


class ReturnedRowSchema(Schema):
    """A row that a decision sent back."""

    row = fields.Integer(required=True)
    reason = fields.String(required=True)


class DecisionSchema(Schema):
    """The decision of one step; who took it is not told."""

    step = fields.String(required=True)
    jurisdiction = fields.String(required=True)
    decided_at = Instant(required=True)
    confirmed = fields.Integer(required=True)
    returned = fields.List(fields.Nested(ReturnedRowSchema), required=True)


class OwnCertificateSchema(Schema):
    """One version of a certificate."""

    number = fields.String(required=True)
    entry = fields.Integer(required=True)
    version = fields.Integer(required=True, allow_none=True)
    status = fields.String(required=True)
    issued_on = fields.Date(required=True, allow_none=True)
    submission_id = fields.UUID(required=True, allow_none=True)
    row = fields.Integer(required=True, allow_none=True)
    has_token = fields.Boolean(required=True)


class VersionsSchema(Schema):
    """A certificate: its versions, the newest first."""

    number = fields.String(required=True)
    versions = fields.List(fields.Nested(OwnCertificateSchema), required=True)


class RequestSchema(Schema):
    """A request about a certificate."""

    id = fields.UUID(required=True)
    number = fields.String(required=True)
    entry = fields.Integer(required=True)
    kind = fields.String(required=True)
    reason = fields.String(required=True)
    requested_at = Instant(required=True)
    status = fields.String(required=True)
    decided_at = Instant(required=True, allow_none=True)
    answer = fields.String(required=True, allow_none=True)
    correction = fields.UUID(required=True, allow_none=True)


class ChangeSchema(Schema):
    """Something that happened; nothing personal is in it."""

    place = fields.Integer(required=True)
    at = Instant(required=True)
    kind = fields.String(required=True)
    submission_id = fields.UUID(required=True, allow_none=True)
    row = fields.Integer(required=True, allow_none=True)
    number = fields.String(required=True, allow_none=True)
    entry = fields.Integer(required=True, allow_none=True)
    request_id = fields.UUID(required=True, allow_none=True)
    status = fields.String(required=True, allow_none=True)


class ListingSchema(Schema):
    """The right to assess an occupation; `level` null means all levels."""

    edition = fields.Integer(attribute="occupation.edition", required=True)
    occupation = fields.String(attribute="occupation.text", required=True)
    level = fields.Function(
        lambda found: level_name(found.level),
        required=True,
        allow_none=True,
        metadata={"type": ["string", "null"]},
    )
    listed_on = fields.Date(required=True)
    expires_on = fields.Date(required=True)
    removed_on = fields.Date(required=True, allow_none=True)
    provenance = fields.String(attribute="status", required=True)


class SiteSchema(Schema):
    """A site of the body."""

    province = fields.String(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    provenance = fields.String(attribute="status", required=True)


class SeriesSchema(Schema):
    """A series of numbers of the body."""

    key = fields.String(required=True)
    province = fields.String(required=True)
    site = fields.String(required=True)
    year = fields.Integer(required=True)
    level = fields.Function(
        lambda found: level_name(found.level),
        required=True,
        allow_none=True,
        metadata={"type": ["string", "null"]},
    )
    issued = fields.Integer(required=True)
    last_number = fields.String(required=True, allow_none=True)
    opened_at = Instant(required=True)
    is_open = fields.Boolean(required=True)


def listed(name: str, item: type[Schema]) -> type[Schema]:
    """Return the schema of a list that is told whole."""
    return Schema.from_dict({"items": fields.List(fields.Nested(item), required=True)}, name=name)


def paged(name: str, item: type[Schema]) -> type[Schema]:
    """Return the schema of one page of a list; `next` is the cursor of the next page, null at the end."""
    members: dict[str, Any] = {
        "items": fields.List(fields.Nested(item), required=True),
        "next": fields.String(required=True, allow_none=True),
    }
    return Schema.from_dict(members, name=name)
