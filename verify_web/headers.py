"""The response headers of every page: what a browser may do with it, and who may keep it.

No cookies, nothing inline, nothing from elsewhere. Pages may hold personal data and are stored nowhere.
"""

from http import HTTPStatus
from typing import Final

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY: Final = "; ".join([
    "default-src 'none'",
    "script-src 'self'",
    "connect-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
])  # fmt: skip

HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
ONE_YEAR: Final = "max-age=31536000"


def send_headers(app: Flask) -> None:
    """Give every response of the site its headers; what a view has set already stays."""

    @app.after_request
    def add(response: Response) -> Response:
        # Looked at once: asking the headers for one name reads through all of them.
        already = {name.lower() for name, _ in response.headers}
        for name, value in HEADERS.items():
            if name.lower() not in already:
                response.headers.add(name, value)
        if response.mimetype == "text/html":
            response.vary.add("Accept-Language")
        if request.is_secure:
            response.headers.setdefault("Strict-Transport-Security", ONE_YEAR)
        # An answer without a body never reads the file it was made with, and nothing else would close it.
        if response.status_code == HTTPStatus.NOT_MODIFIED or request.method == "HEAD":
            response.close()
        return response
