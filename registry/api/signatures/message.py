"""A request as its signature covers it: method, authority, target and header fields, as they came.

The target is taken undecoded, as the client wrote and signed it. The scheme is not ours to see: a proxy ends TLS. It
matters only for the port that ``@authority`` leaves out, so a name that is not this machine is taken to be behind TLS.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from flask import Request
from werkzeug.exceptions import BadRequest

from registry.loopback import is_loopback


@dataclass(frozen=True, slots=True)
class Message:
    """A request; ``headers`` by lower-case name, ``target`` with its query. In the form that the library reads."""

    method: str
    authority: str
    target: str
    headers: Mapping[str, str]

    @property
    def url(self) -> str:
        """The target URI."""
        name = urlsplit(f"//{self.authority}").hostname or ""
        return f"{'http' if is_loopback(name) else 'https'}://{self.authority}{self.target}"

    @property
    def has_body(self) -> bool:
        """Whether content comes with it: a length above 0, or chunks."""
        length = self.headers.get("content-length", "0").strip()
        return "transfer-encoding" in self.headers or length.lstrip("0") != ""


def message_of(request: Request) -> Message:
    """Return a request of the server as a message."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Message(request.method, request.host, target_of(request), headers)


def target_of(request: Request) -> str:
    """Return path and query as they were sent (RFC 9112 3.2.1; of the absolute form, its path and query)."""
    sent = str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or "")
    if sent.startswith("/"):
        return sent
    try:
        parts = urlsplit(sent)
    except ValueError:
        raise BadRequest from None
    if parts.scheme and parts.netloc:
        return (parts.path or "/") + (f"?{parts.query}" if "?" in sent else "")
    query = request.query_string.decode("latin-1")
    return quote(request.path) + (f"?{query}" if query else "")
