"""``@idempotent``: a view whose request may be sent again under the same Idempotency-Key.

It stands outermost on a view, so that it sees the finished answer::

    @idempotent
    @drafts.response(HTTPStatus.ACCEPTED, DraftSchema)
    def post(self): ...

The first answer that made something is kept, sealed, and given again. A view that makes a row takes its key from
``resource_id()``: then what a killed attempt made is met again by the next one.
"""

import base64
import json
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Final, TypeVar, cast
from uuid import UUID, uuid4

import http_sf
from flask import Response, g, make_response, request

from registry.access.errors import BadIdempotencyKey
from registry.access.idempotency import Attempt, Named, begin, free, keep, let_go, request_digest
from registry.api.body import content_of
from registry.api.caller import current_body
from registry.api.installed import installation, now
from registry.api.problems import status_of
from registry.api.signatures.message import target_of
from registry.database.sessions import Sessions

HEADER: Final = "Idempotency-Key"
LENGTHS: Final = range(8, 129)
KEPT_HEADERS: Final = ("Content-Type", "Location")

View = TypeVar("View", bound=Callable[..., Any])


def idempotent(view: View) -> View:
    """Let the view be done once for each Idempotency-Key of a body; without the header it is done each time."""

    @wraps(view)
    def once(*arguments: Any, **named: Any) -> Response:
        key = idempotency_key()
        if key is None:
            return make_response(view(*arguments, **named))
        sessions, sealer = installation().sessions, installation().personal.sealer
        digest = request_digest(request.method, target_of(request), content_of(request))
        body_request = Named(current_body().issuer, key, digest)
        # 1. Was it done before?
        begun = begin(sessions, body_request, now=now())
        if isinstance(begun, bytes):
            return _opened(sealer.open(begun, place=body_request.place))
        # 2. Do it.
        answer = _done(sessions, begun, lambda: make_response(view(*arguments, **named)))
        # 3. Keep the answer. A crash before this line: the next attempt meets what this one made, by its resource id.
        if answer.status_code < HTTPStatus.MULTIPLE_CHOICES:
            keep(sessions, begun, sealer.seal(_packed(answer), place=body_request.place))
        else:
            free(sessions, begun)
        return answer

    return cast(View, once)


def resource_id() -> UUID:
    """Return the identifier for what this request makes: the same in every attempt under one Idempotency-Key."""
    attempt: Attempt | None = g.get("attempt")
    return uuid4() if attempt is None else attempt.resource_id


def idempotency_key() -> str | None:
    """Return the request's key, ``None`` if it has none. Raises ``BadIdempotencyKey``."""
    text = request.headers.get(HEADER)
    if text is None:
        return None
    try:
        found = http_sf.parse(text.encode("latin-1", "replace"), tltype="item")
    except (ValueError, TypeError, KeyError):
        raise BadIdempotencyKey from None
    value = found[0] if isinstance(found, tuple) else found
    if type(value) is not str or len(value) not in LENGTHS:
        raise BadIdempotencyKey
    return value


def _done(sessions: Sessions, attempt: Attempt, work: Callable[[], Response]) -> Response:
    g.attempt = attempt
    try:
        return work()
    except Exception as error:
        if _is_refusal(error):
            free(sessions, attempt)
        else:
            # Perhaps it is stored: the next attempt looks for it under the same resource id.
            let_go(sessions, attempt, now=now())
        raise


def _is_refusal(error: Exception) -> bool:
    """Tell whether it is known that nothing was made: a fault of ours may come after what a view did."""
    status = status_of(error)
    return status is not None and status < HTTPStatus.INTERNAL_SERVER_ERROR


def _packed(answer: Response) -> bytes:
    headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
    body = base64.b64encode(answer.get_data()).decode()
    return json.dumps({"status": answer.status_code, "headers": headers, "body": body}).encode()


def _opened(packed: bytes) -> Response:
    kept = json.loads(packed)
    answer = Response(base64.b64decode(kept["body"]), kept["status"])
    for name, value in kept["headers"].items():
        answer.headers[name] = value
    return answer
