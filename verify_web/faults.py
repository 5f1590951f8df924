"""The pages for what went wrong. They say what to do next, and nothing of the inside.

An error is logged by its kind and place, without its text: a message of the database may hold what a
visitor typed.
"""

import traceback
from types import TracebackType

from flask import Flask, Response, make_response, render_template, request
from gunicorn.http.errors import NoMoreData, ParseException  # type: ignore[import-untyped]
from werkzeug.exceptions import BadHost, BadRequest, HTTPException

from verify_web.language import texts

WORDED = frozenset({400, 404, 405, 413, 500, 503})

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class PublicSite(Flask):
    """A Flask that never writes the text of an error to its log."""

    def log_exception(self, exc_info: ExcInfo) -> None:
        """Log the kind of error and where it arose."""
        kind, _, where = exc_info
        places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(where)]
        self.logger.error("%s at %s", kind.__name__ if kind else "error", " < ".join(reversed(places)))


def show_faults(app: Flask) -> None:
    """Answer every HTTP error of the site with a plain page."""

    @app.errorhandler(HTTPException)
    def page(error: HTTPException) -> Response:
        if isinstance(request.routing_exception, BadHost):
            return _without_links()
        code = error.code or 500
        worded = code if code in WORDED else (404 if code < 500 else 500)
        response = make_response(
            render_template("fault.html", title=texts().say(f"fault.{worded}"), fault=worded)
        )
        response.status_code = code
        for name, value in error.get_headers():
            if name in {"Allow", "Retry-After", "Location"}:
                response.headers[name] = value
        return response

    # The server reads a body only when it is asked for, and only then finds that its chunks are none.
    for broken in (ParseException, NoMoreData):
        app.register_error_handler(broken, lambda _: page(BadRequest()))


def _without_links() -> Response:
    """Return the page for a Host header that names no host: no address of ours can be made from it."""
    response = make_response(f"{texts().say('fault.host')}\n", 400)
    response.mimetype = "text/plain"
    return response
