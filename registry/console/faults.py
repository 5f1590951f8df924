"""The pages for what went wrong: what happened in plain Chinese, and a way back. Nothing of the inside."""

from flask import Response, make_response, render_template
from werkzeug.exceptions import HTTPException

from registry.console.texts import FAULTS

ITS_HEADERS = frozenset({"allow", "retry-after", "location"})


def fault_page(error: HTTPException) -> Response:
    """Return the page of an error that Flask raised, with its status and the headers that belong to it."""
    code = error.code or 500
    title, remedy = FAULTS.get(code) or FAULTS[404 if code < 500 else 500]
    response = make_response(render_template("console/fault.html", title=title, remedy=remedy))
    response.status_code = code
    for name, value in error.get_headers():
        if name.lower() in ITS_HEADERS:
            response.headers[name] = value
    return response
