"""What a body says when it asks for its own: members by name, and no others."""

from typing import Any, Final

from marshmallow import RAISE, Schema, fields, validate

from registry.api.cursors import MOST_CHARACTERS
from registry.assessment.status import SubmissionStatus
from registry.assessment.written_reason import MOST_CHARACTERS as MOST_OF_A_REASON
from registry.request.kinds import RequestKind, RequestStatus

MOST_ITEMS, ITEMS = 500, 100

# The library passes by what it does not know in a query, whatever the schema says.
QUERY: Final[dict[str, Any]] = {"location": "query", "unknown": RAISE}


class Closed(Schema):
    """A schema that knows all that may be said."""

    class Meta:
        """What is not named here is refused, never passed by."""

        unknown = RAISE


class PageQuery(Closed):
    """Which page of a list."""

    cursor = fields.String(load_default=None, validate=validate.Length(max=MOST_CHARACTERS))
    limit = fields.Integer(load_default=ITEMS, validate=validate.Range(1, MOST_ITEMS))


class SubmissionsQuery(PageQuery):
    """Which submissions."""

    status = fields.Enum(SubmissionStatus, by_value=True, load_default=None)


class RequestsQuery(PageQuery):
    """Which requests."""

    status = fields.Enum(RequestStatus, by_value=True, load_default=None)


class NothingQuery(Closed):
    """Nothing can be said about it."""


class WithdrawalInput(Closed):
    """Why a submission is withdrawn."""

    reason = fields.String(required=True, validate=validate.Length(min=1, max=MOST_OF_A_REASON))


class RequestInput(Closed):
    """What is asked of a certificate, and why. Name no person: the reason is kept in plain."""

    kind = fields.Enum(RequestKind, by_value=True, required=True)
    reason = fields.String(required=True, validate=validate.Length(min=1, max=MOST_OF_A_REASON))
