"""The staff application: the bodies' API under ``/v1`` and the staff's pages under ``/``."""

import os
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request
from flask_swagger_ui import get_swaggerui_blueprint
from gunicorn.http.errors import NoMoreData, ParseException  # type: ignore[import-untyped]
from werkzeug.exceptions import BadRequest, HTTPException, ServiceUnavailable

from registry.api.description import INTRODUCTION, SECURITY, DescribedApi
from registry.api.door import add_door, is_api
from registry.api.drafts import drafts
from registry.api.form_request import FormRequest
from registry.api.heavy import add_heavy_answers
from registry.api.installed import TRUST, kept_trust
from registry.api.keys import keys
from registry.api.own import OWN
from registry.api.problem_page import problem_page
from registry.api.problems import failed
from registry.api.submissions import submissions
from registry.assessment.content import MAX_FILE_BYTES
from registry.console.faults import fault_page, outdated_page
from registry.console.pages import console
from registry.database.errors import RegisterBusy, StorageFault
from registry.installation import Installation, open_installation
from registry.journal.errors import RegisterOutdated
from registry.loopback import is_loopback
from registry.settings import load_settings

# The docs page is a library's, with its own script and styles in it; all other pages need neither.
POLICY = (
    "default-src 'none'; style-src {style}; script-src {script}; img-src 'self' data:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
PAGES_POLICY = POLICY.format(style="'self'", script="'none'")
DOCS_POLICY = POLICY.format(style="'self' 'unsafe-inline'", script="'self' 'unsafe-inline'")

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class StaffSite(Flask):
    """A Flask that never writes the text of an error to its log: it may quote what a body handed in."""

    request_class = FormRequest

    def log_exception(self, exc_info: ExcInfo) -> None:
        """Log the kind of error and where it arose."""
        kind, _, where = exc_info
        places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(where)]
        self.logger.error("%s at %s", kind.__name__ if kind else "error", " < ".join(reversed(places)))


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def create_app(installation: Installation | None = None, *, now: Callable[[], datetime] = utc_now) -> Flask:
    """Return the staff application; without an installation it is opened from the environment's settings.

    Refuses to start (``DatabaseError``, ``SecretFileUnusable``) rather than to fail at the first submission.
    """
    if installation is None:
        installation = open_installation(load_settings(os.environ))
        installation.require_secrets()
    app = StaffSite(__name__)
    app.extensions["certreg"] = installation
    app.extensions["certreg_now"] = now
    app.extensions[TRUST] = kept_trust(installation.settings)
    app.config["MAX_CONTENT_LENGTH"] = MAX_FILE_BYTES
    app.before_request(_require_own_name)
    _add_api(app)
    app.register_blueprint(console)
    app.register_error_handler(HTTPException, _failed)
    for kind in (RegisterBusy, StorageFault):
        app.register_error_handler(kind, _busy)
    app.register_error_handler(RegisterOutdated, outdated_page)
    # The server reads a body only when it is asked for, and only then finds that its chunks are none.
    for broken in (ParseException, NoMoreData):
        app.register_error_handler(broken, lambda _: _failed(BadRequest()))
    app.after_request(_protect)
    # What is added last sees the answer first: one that it puts in the place of another is protected too.
    add_door(app)
    add_heavy_answers(app)
    return app


def _add_api(app: Flask) -> None:
    app.config.update(
        API_TITLE="专业技术等级证书登记系统：报送接口",
        API_VERSION="v1",
        API_SPEC_OPTIONS={"info": {"description": INTRODUCTION}, "security": [{"signature": []}]},
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/v1",
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = DescribedApi(app)
    # The library announces its page counting; nothing here has pages.
    api.spec.components.schemas.pop("PaginationMetadata", None)
    api.spec.components.security_scheme("signature", SECURITY)
    for blueprint in (submissions, drafts, keys, *OWN):
        api.register_blueprint(blueprint)
    app.register_blueprint(problem_page)
    # Nothing of the page comes from elsewhere, and no badge asks another site whether we are valid.
    choices = {"app_name": "报送接口", "layout": "BaseLayout", "validatorUrl": None, "oauth2RedirectUrl": ""}
    docs = get_swaggerui_blueprint("/v1/docs", "/v1/openapi.json", config=choices)
    app.register_blueprint(docs, url_prefix="/v1/docs")


def _require_own_name() -> None:
    """Refuse another name in the Host header: another site's script that found its way to the loopback address.

    The names of the settings are those of a proxy. They open the API alone, where every request is signed; the pages
    ask nobody who he is. The library's own list of trusted hosts knows no IPv6 address with a port.
    """
    installation: Installation = current_app.extensions["certreg"]
    try:
        name = urlsplit(f"//{request.host}").hostname
    except ValueError:
        name = None
    own = name is not None and is_loopback(name)
    if not own and not (name in installation.settings.staff_hosts and is_api(request.path)):
        raise BadRequest


def _failed(error: HTTPException) -> Response:
    if is_api(request.path):
        return failed(error)
    return fault_page(error)


def _busy(_: RegisterBusy | StorageFault) -> Response:
    return fault_page(ServiceUnavailable(retry_after=5))


def _protect(response: Response) -> Response:
    """Forbid what the pages do not need: outside content, framing, sniffing, caching of personal data."""
    docs = request.path.startswith("/v1/docs/")
    # A page that carries its own style says so itself, more strictly.
    response.headers.setdefault("Content-Security-Policy", DOCS_POLICY if docs else PAGES_POLICY)
    response.headers.update(HEADERS)
    if response.status_code != HTTPStatus.NOT_MODIFIED and not request.path.startswith("/console-static/"):
        response.headers["Cache-Control"] = "no-store"
    return response
