"""The staff application: the bodies' API under ``/v1`` and the staff's pages under ``/``."""

import os
from http import HTTPStatus

from flask import Flask, Response, request
from flask_smorest import Api
from flask_swagger_ui import get_swaggerui_blueprint
from werkzeug.exceptions import HTTPException

from registry.api.problems import failed
from registry.api.submissions import submissions
from registry.console.pages import console
from registry.installation import Installation, open_installation
from registry.settings import load_settings

MAX_CONTENT_BYTES = 16 * 1024 * 1024
LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"]


def create_app(installation: Installation | None = None) -> Flask:
    """Return the staff application; without an installation it is opened from the environment's settings."""
    app = Flask(__name__)
    app.extensions["certreg"] = installation or open_installation(load_settings(os.environ))
    app.config.update(
        API_TITLE="Register of 专业技术等级证书",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/v1",
        OPENAPI_JSON_PATH="openapi.json",
        MAX_CONTENT_LENGTH=MAX_CONTENT_BYTES,
        # Another name in the Host header is another site's script that found its way to the loopback address.
        TRUSTED_HOSTS=LOOPBACK_NAMES,
    )
    api = Api(app)
    api.register_blueprint(submissions)
    app.register_blueprint(console)
    docs = get_swaggerui_blueprint("/v1/docs", "/v1/openapi.json", config={"validatorUrl": None})
    app.register_blueprint(docs, url_prefix="/v1/docs")
    app.register_error_handler(HTTPException, _failed)
    app.after_request(_protect)
    return app


def _failed(error: HTTPException) -> Response | HTTPException:
    return failed(error) if request.path.startswith("/v1/") else error


def _protect(response: Response) -> Response:
    """Forbid what the pages do not need: outside content, framing, sniffing, caching of personal data."""
    docs = request.path.startswith("/v1/docs/")
    style = "'self' 'unsafe-inline'" if docs else "'self'"
    script = "'self' 'unsafe-inline'" if docs else "'none'"
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src {style}; script-src {script}; img-src 'self' data:; "
        "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    if response.status_code != HTTPStatus.NOT_MODIFIED and not request.path.startswith("/console-static/"):
        response.headers["Cache-Control"] = "no-store"
    return response
