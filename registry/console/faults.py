"""The pages for what went wrong: what happened in plain Chinese, and a way back. Nothing of the inside."""

from http import HTTPStatus

from flask import Response, make_response, render_template, request
from werkzeug.exceptions import BadHost, HTTPException

from registry.console.texts import FAULTS, OUTDATED
from registry.journal.errors import RegisterOutdated

ITS_HEADERS = frozenset({"allow", "retry-after", "location"})


def fault_page(error: HTTPException) -> Response:
    """Return the page of an error that Flask raised, with its status and the headers that belong to it."""
    if isinstance(request.routing_exception, BadHost):
        return _without_links()
    code = error.code or 500
    title, remedy = FAULTS.get(code) or FAULTS[404 if code < 500 else 500]
    response = make_response(render_template("console/fault.html", title=title, remedy=remedy))
    response.status_code = code
    for name, value in error.get_headers():
        if name.lower() in ITS_HEADERS:
            response.headers[name] = value
    return response


def outdated_page(error: RegisterOutdated) -> Response:
    """Return the page of a register that is an older copy of itself, with the reason."""
    title, remedy = OUTDATED
    page = render_template("console/fault.html", title=title, remedy=remedy.format(why=error.why))
    return make_response(page, HTTPStatus.SERVICE_UNAVAILABLE)


def _without_links() -> Response:
    """Return the page for a Host header that names no host: no address of ours can be made from it."""
    response = make_response("\n".join(FAULTS[400]) + "\n", 400)
    response.mimetype = "text/plain"
    return response
