"""Refusals as RFC 9457 problem documents: one table, from error to HTTP status, for the whole API.

Each has a ``code`` that programs may rely on (``problem_list``): the error's own, or else the name of its class. An
error that is not in the table is a fault of ours: 500, without its text.
"""

import re
from http import HTTPStatus
from typing import Any

from flask import Response, current_app, jsonify, request
from werkzeug.exceptions import HTTPException

from registry.access.errors import (
    BadIdempotencyKey,
    KeyReused,
    NotThere,
    RequestNotSigned,
    StillWorking,
    TooManyAtOnce,
    TooManyRequests,
    WrongPurpose,
)
from registry.api.cursors import BadCursor
from registry.api.problem_list import PAGE, PROBLEMS
from registry.api.signatures.challenge import challenge
from registry.assessment.errors import ReasonRefused, SubmissionRefused, UnsupportedMediaType
from registry.database.errors import CommitUnknown, RegisterBusy, StorageFault
from registry.directory.errors import UnknownBody
from registry.documents.errors import GlyphMissing
from registry.draft.errors import (
    DraftFull,
    FileEmpty,
    FileTooLarge,
    NoSuchDraft,
    NoSuchPhotos,
    NothingToReplace,
    NotNow,
    PartDiffers,
    PartMisplaced,
    PhotosDamaged,
    PhotosIncomplete,
    QuotaReached,
)
from registry.errors import RegistryError
from registry.holder.errors import NothingToMake, NotInForce, TokenUnusable, TrustMissing
from registry.intake.errors import (
    NoSuchSubmission,
    SignedByAnotherBody,
    SubmissionNotSigned,
    TooLateToWithdraw,
    WithdrawnBefore,
)
from registry.journal.errors import RegisterOutdated
from registry.people.errors import (
    KeyAlreadyEnrolled,
    KeyNotValid,
    KeyRefused,
    LastAdministrationKey,
    NoSuchKey,
    NotPermitted,
    UnknownKey,
)
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
    RequestNotSigned: HTTPStatus.UNAUTHORIZED,
    WrongPurpose: HTTPStatus.FORBIDDEN,
    NotThere: HTTPStatus.NOT_FOUND,
    TooManyAtOnce: HTTPStatus.TOO_MANY_REQUESTS,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    BadIdempotencyKey: HTTPStatus.BAD_REQUEST,
    KeyReused: HTTPStatus.CONFLICT,
    StillWorking: HTTPStatus.CONFLICT,
    BadCursor: HTTPStatus.BAD_REQUEST,
    SubmissionRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    ReasonRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    SubmissionNotSigned: HTTPStatus.UNAUTHORIZED,
    SignedByAnotherBody: HTTPStatus.FORBIDDEN,
    UnknownKey: HTTPStatus.UNAUTHORIZED,
    KeyNotValid: HTTPStatus.UNAUTHORIZED,
    KeyRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    KeyAlreadyEnrolled: HTTPStatus.CONFLICT,
    NoSuchKey: HTTPStatus.NOT_FOUND,
    LastAdministrationKey: HTTPStatus.CONFLICT,
    NoSuchDraft: HTTPStatus.NOT_FOUND,
    NoSuchPhotos: HTTPStatus.NOT_FOUND,
    NothingToReplace: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotNow: HTTPStatus.CONFLICT,
    DraftFull: HTTPStatus.CONFLICT,
    QuotaReached: HTTPStatus.CONFLICT,
    FileEmpty: HTTPStatus.UNPROCESSABLE_ENTITY,
    FileTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    PartMisplaced: HTTPStatus.UNPROCESSABLE_ENTITY,
    PartDiffers: HTTPStatus.CONFLICT,
    PhotosDamaged: HTTPStatus.UNPROCESSABLE_ENTITY,
    PhotosIncomplete: HTTPStatus.CONFLICT,
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

# Where neither the class nor its own code would say it: the first two are about the key that signed a submission, not
# the request; the others have a code of what is wrong in the content, which is a fault's and not the problem's.
CODE_OF: dict[type[RegistryError], str] = {
    UnknownKey: "unknown_submission_key",
    KeyNotValid: "submission_key_not_valid",
    SubmissionRefused: "submission_refused",
    ReasonRefused: "reason_refused",
}

# What Flask and the server refuse, in words that say what to do. Never their own: those quote the request.
DETAIL_OF: dict[int, str] = {
    400: "the request can not be read: check its Host, its length, its headers, and its JSON: UTF-8, each name once, "
    "no NUL and no half of a surrogate pair",
    404: "there is nothing at this address; the API is described at /v1/openapi.json",
    405: "this address does not take that method; the header Allow says which it takes",
    422: "members of the request are missing, wrong or unknown: errors names them",
    500: "the register has failed, and it is not known whether this was stored: look at the state before you send it "
    "again; the operator finds the cause in the log",
}
CODE_OF_STATUS: dict[int, str] = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "content_too_large",
    415: "unsupported_media_type",
    422: "unprocessable",
    500: "internal_error",
    503: "register_busy",
}
ITS_HEADERS = frozenset({"allow", "retry-after"})
# A lock is free in a moment; a register that is an older copy of itself takes an operator.
SOON_SECONDS, LATER_SECONDS = 5, 600


def problem(status: HTTPStatus, code: str, detail: str, **members: Any) -> Response:
    """Return a problem document. ``detail`` is for the caller: no personal data, nothing of our insides."""
    listed = PROBLEMS.get(code)
    document = {
        "type": f"{PAGE}#{code}",
        "title": listed.title if listed else status.phrase,
        "status": status.value,
        "code": code,
        "detail": detail,
    }
    if listed:
        document["remedy"] = listed.remedy
    response = jsonify({**members, **document})
    response.status_code = status
    response.content_type = MEDIA_TYPE
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(SOON_SECONDS)
    return response


def refused(error: RegistryError) -> Response:
    """Return the problem of a refusal; faults of a submission are listed one by one."""
    status = status_of(error)
    if status is None:
        raise error
    response = problem(status, code_of(type(error), error), str(error), **_members(error))
    _add_headers(response, error)
    return response


def status_of(error: Exception) -> HTTPStatus | None:
    """Return the status that an error is answered with; ``None`` for a fault of ours."""
    if isinstance(error, HTTPException):
        return HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    return next((status for kind, status in STATUS_OF.items() if isinstance(error, kind)), None)


def code_of(kind: type[RegistryError], error: RegistryError | None = None) -> str:
    """Return the code of a kind of refusal: the table's, its own, or the name of the class that stands for it."""
    for known in STATUS_OF:
        if issubclass(kind, known):
            own: str | None = getattr(error or kind, "code", None)
            return CODE_OF.get(known) or own or _snake(known.__name__)
    return CODE_OF_STATUS[HTTPStatus.INTERNAL_SERVER_ERROR]


def failed(error: HTTPException) -> Response:
    """Return the problem of an error that Flask or the server raised (``Allow`` is kept on 405)."""
    status = status_of(error) or HTTPStatus.INTERNAL_SERVER_ERROR
    members = {}
    if status is HTTPStatus.UNPROCESSABLE_ENTITY:
        members["errors"] = getattr(error, "data", {}).get("messages", {})
    response = problem(
        status,
        CODE_OF_STATUS.get(status, _snake(status.name)),
        _detail_of(status),
        **members,
    )
    for name, value in error.get_headers():
        if name.lower() in ITS_HEADERS:
            response.headers[name] = value
    return response


def _detail_of(status: HTTPStatus) -> str:
    if status is not HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return DETAIL_OF.get(status, status.phrase)
    most = (request.max_content_length or 0) >> 20
    return (
        f"the content is larger than {most} MiB, or a form has more parts than may be; "
        "hand in several submissions, and send photos in parts"
    )


def _members(error: RegistryError) -> dict[str, Any]:
    if isinstance(error, SubmissionRefused):
        return {"faults": [fault.to_json() for fault in error.faults]}
    return dict(error.evidence) if isinstance(error, RequestNotSigned) else {}


def _add_headers(response: Response, error: RegistryError) -> None:
    if isinstance(error, RegisterOutdated):
        response.headers["Retry-After"] = str(LATER_SECONDS)
    if isinstance(error, TooManyAtOnce | TooManyRequests | StillWorking):
        response.headers["Retry-After"] = str(error.wait_seconds)
    if isinstance(error, RequestNotSigned):
        response.headers.update(challenge(current_app.extensions["certreg"].settings.environment))
    elif response.status_code == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Submission-Signature realm="certreg"'


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
