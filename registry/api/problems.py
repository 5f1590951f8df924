"""Refusals as RFC 9457 problem documents: one table, from error to HTTP status, for the whole API.

An error that is not in the table is a fault of ours: 500, without its text.
"""

from http import HTTPStatus
from typing import Any

from flask import Response, jsonify
from werkzeug.exceptions import HTTPException

from registry.api.cursors import BadCursor
from registry.assessment.errors import ReasonRefused, SubmissionRefused, UnsupportedMediaType
from registry.database.errors import CommitUnknown, RegisterBusy, StorageFault
from registry.directory.errors import UnknownBody
from registry.documents.errors import GlyphMissing
from registry.errors import RegistryError
from registry.holder.errors import NothingToMake, NotInForce, TokenUnusable, TrustMissing
from registry.intake.errors import (
    NoSuchSubmission,
    SubmissionNotSigned,
    TooLateToWithdraw,
    WithdrawnBefore,
)
from registry.journal.errors import RegisterOutdated
from registry.people.errors import KeyNotValid, NotPermitted, UnknownKey
from registry.request.errors import (
    AskedAlready,
    NoSuchCertificate,
    NoSuchRequest,
    NothingToAsk,
    RequestEnded,
)

MEDIA_TYPE = "application/problem+json"

# The first class that the error is an instance of decides: a kind stands before its family.
STATUS_OF: dict[type[RegistryError], HTTPStatus] = {
    BadCursor: HTTPStatus.BAD_REQUEST,
    SubmissionRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    ReasonRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    SubmissionNotSigned: HTTPStatus.UNAUTHORIZED,
    UnknownKey: HTTPStatus.UNAUTHORIZED,
    KeyNotValid: HTTPStatus.UNAUTHORIZED,
    NotPermitted: HTTPStatus.FORBIDDEN,
    UnknownBody: HTTPStatus.FORBIDDEN,
    NoSuchSubmission: HTTPStatus.NOT_FOUND,
    NoSuchCertificate: HTTPStatus.NOT_FOUND,
    NoSuchRequest: HTTPStatus.NOT_FOUND,
    TooLateToWithdraw: HTTPStatus.CONFLICT,
    WithdrawnBefore: HTTPStatus.CONFLICT,
    AskedAlready: HTTPStatus.CONFLICT,
    NothingToAsk: HTTPStatus.CONFLICT,
    RequestEnded: HTTPStatus.CONFLICT,
    NotInForce: HTTPStatus.CONFLICT,
    NothingToMake: HTTPStatus.CONFLICT,
    TokenUnusable: HTTPStatus.CONFLICT,
    GlyphMissing: HTTPStatus.CONFLICT,
    TrustMissing: HTTPStatus.SERVICE_UNAVAILABLE,
    RegisterBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    RegisterOutdated: HTTPStatus.SERVICE_UNAVAILABLE,
    CommitUnknown: HTTPStatus.SERVICE_UNAVAILABLE,
    StorageFault: HTTPStatus.SERVICE_UNAVAILABLE,
}

# What Flask and the server refuse, in words that say what to do. Never their own: those quote the request.
DETAIL_OF: dict[int, str] = {
    400: "the request can not be read: check its Host, its length and its headers",
    404: "there is nothing at this address; the API is described at /v1/openapi.json",
    405: "this address does not take that method; the header Allow says which it takes",
    413: "the file is larger than 16 MB; hand in several submissions",
    401: "the request is not signed by a key of an assessment body",
    422: "members of the request are missing, wrong or unknown: errors names them",
    500: "the register has failed; nothing was stored, and the operator finds the cause in the log",
}
ITS_HEADERS = frozenset({"allow", "retry-after"})
# A lock is free in a moment; a register that is an older copy of itself takes an operator.
SOON_SECONDS, LATER_SECONDS = 5, 600


def problem(status: HTTPStatus, detail: str, **members: Any) -> Response:
    """Return a problem document. ``detail`` is for the caller: no personal data, nothing of our insides."""
    response = jsonify({"title": status.phrase, "status": status.value, "detail": detail, **members})
    response.status_code = status
    response.content_type = MEDIA_TYPE
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(SOON_SECONDS)
    if status is HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Submission-Signature realm="certreg"'
    return response


def refused(error: RegistryError) -> Response:
    """Return the problem of a refusal; faults of a submission are listed one by one."""
    for kind, status in STATUS_OF.items():
        if isinstance(error, kind):
            members = {}
            if isinstance(error, SubmissionRefused):
                members["faults"] = [fault.to_json() for fault in error.faults]
            response = problem(status, str(error), **members)
            if isinstance(error, RegisterOutdated):
                response.headers["Retry-After"] = str(LATER_SECONDS)
            return response
    raise error


def failed(error: HTTPException) -> Response:
    """Return the problem of an error that Flask or the server raised (``Allow`` is kept on 405)."""
    status = HTTPStatus(error.code or 500)
    # What is wrong with which member: said by the schemas, which quote nothing of the request.
    said = getattr(error, "data", {}).get("messages")
    response = problem(status, DETAIL_OF.get(status, status.phrase), **({"errors": said} if said else {}))
    for name, value in error.get_headers():
        if name.lower() in ITS_HEADERS:
            response.headers[name] = value
    return response
