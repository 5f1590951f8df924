"""The door of the API: every request behind it is signed by a body's key, counted, and taken once.

``guard`` sets the door before a blueprint. What is asked, in this order: nothing of the content is read, and nothing is
written, before the signature holds.

An address that keeps failing is told to wait, in place of what was wrong this time. A request whose signature holds is
never refused for its address: a body must not be shut out by a neighbour behind the same one.
"""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from flask import Blueprint, Flask, Response, current_app, g, request
from sqlalchemy.orm import Session

from registry.access.caller import Caller, caller_of, enrolled_key
from registry.access.errors import NotThere, TooManyRequests
from registry.access.exhausted import Exhausted
from registry.access.nonces import Allowance, Use, seconds_left, spend
from registry.api.body import content_of
from registry.api.failures import Failures
from registry.api.problems import refused
from registry.api.signatures.message import Message, message_of
from registry.api.signatures.signature_input import SignatureInput, read_signature_input
from registry.api.signatures.verification import require_digest, verify_signature
from registry.errors import RegistryError
from registry.installation import Installation
from registry.loopback import is_loopback
from registry.people.accounts import Purpose
from signing.ed25519 import admit

API = "/v1"
OPEN: Final = ("/v1/openapi.json", "/v1/docs")
MEBIBYTE: Final = 1024 * 1024

AT_ONCE: Final = timedelta(seconds=1)
"""What comes within this time was sent while its key counted."""

FAILED, COUNTED = "failures", "requests"


def add_door(app: Flask) -> None:
    """Let the application count what fails at its API, and say on every answer what is left of the limits."""
    app.extensions["certreg_failures"] = Failures()
    app.extensions["certreg_exhausted"] = Exhausted()
    app.after_request(_tell_limits)


def guard(blueprint: Blueprint, purpose: Purpose = Purpose.ACCESS) -> None:
    """Let every view of a blueprint be called by a body's key of this purpose alone, and tell what it refuses."""
    blueprint.register_error_handler(RegistryError, refused)
    blueprint.before_request(lambda: _enter(purpose))


def is_api(path: str) -> bool:
    """Tell whether an address belongs to the API."""
    return path == API or path.startswith(f"{API}/")


def is_open(path: str) -> bool:
    """Tell whether an address of the API is for everybody: its description."""
    return path in OPEN or path.startswith(f"{OPEN[1]}/")


def _enter(purpose: Purpose) -> None:
    installation: Installation = current_app.extensions["certreg"]
    now: datetime = current_app.extensions["certreg_now"]()
    settings, message = installation.settings, message_of(request)
    # 1. Does the signature say what it must?
    given = read_signature_input(message, environment=settings.environment, now=now)
    # 2. Does it hold, and may whoever made it?
    caller = installation.sessions.read(
        lambda session: _identify(session, message, given, purpose, environment=settings.environment, now=now)
    )
    # 3. Is it new, and within the body's limit?
    exhausted: Exhausted = current_app.extensions["certreg_exhausted"]
    limit = settings.api_requests_per_minute
    use = Use(
        key_id=given.key_id,
        nonce=given.nonce,
        issuer=caller.issuer,
        cost=cost_of(message, most=request.max_content_length or 0),
        seen_at=now,
        valid_until=given.valid_until,
    )
    try:
        exhausted.require_left(caller.issuer, limit=limit, now=now)
        g.allowance = spend(installation.sessions, use, limit=limit)
    except TooManyRequests as refusal:
        exhausted.note(caller.issuer, now=now)
        g.allowance = Allowance(refusal.limit, 0, refusal.wait_seconds)
        raise
    # 4. Is its content what was signed?
    require_digest(message, content_of(request))
    # 5. Does its key still count? Content may take two minutes to come, and a revoked key acts no more.
    later = current_app.extensions["certreg_now"]()
    if later - now > AT_ONCE:
        installation.sessions.read(lambda session: _require_standing(session, given, purpose, now=later))
    # 6. Could there be anything of the names in its path? No database keeps NUL, and PostgreSQL can not be asked.
    if "\0" in request.path:
        raise NotThere
    g.caller = caller


def _require_standing(session: Session, given: SignatureInput, purpose: Purpose, *, now: datetime) -> None:
    caller_of(session, enrolled_key(session, given.key_id), purpose, now=now)


def _identify(
    session: Session,
    message: Message,
    given: SignatureInput,
    purpose: Purpose,
    *,
    environment: str,
    now: datetime,
) -> Caller:
    # What the key is, and whose, is told to none but its holder: so the signature comes first.
    key = enrolled_key(session, given.key_id)
    verify_signature(message, given, admit(key.public), environment=environment)
    return caller_of(session, key, purpose, now=now)


def cost_of(message: Message, *, most: int) -> int:
    """Return what a request counts: one, and one more for each mebibyte that it announces, chunks as the most."""
    length = message.headers.get("content-length", "").strip()
    announced = int(length[:12]) if length.isascii() and length.isdecimal() else most * message.has_body
    return 1 + min(announced, most) // MEBIBYTE


def _address() -> str:
    """Return the client's address; a proxy on this machine says whose it is."""
    peer = request.remote_addr or ""
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return forwarded if forwarded and is_loopback(peer) else peer


def _tell_limits(response: Response) -> Response:
    if not is_api(request.path) or is_open(request.path):
        return response
    allowance: Allowance | None = g.get("allowance")
    if allowance is not None:
        return _with_limits(response, COUNTED, allowance)
    failures: Failures = current_app.extensions["certreg_failures"]
    address, now = _address(), current_app.extensions["certreg_now"]()
    # A fault of ours is none of the caller's.
    if response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR and failures.note(address, now=now):
        response = refused(TooManyRequests(failures.limit, seconds_left(now), failed=True))
    return _with_limits(response, FAILED, failures.allowance(address, now=now))


def _with_limits(response: Response, name: str, allowance: Allowance) -> Response:
    response.headers["RateLimit-Policy"] = f'"{name}";q={allowance.limit};w=60'
    response.headers["RateLimit"] = f'"{name}";r={allowance.remaining};t={allowance.reset_seconds}'
    return response
