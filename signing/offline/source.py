"""Where a distribution is read from: a folder, such as a USB stick, or an address on the web.

Names are those of ``public/`` (``tuf/timestamp.json``). Nothing read here is believed; every file is bounded,
redirects are refused, and what does not come in time does not come. The web is only loaded when it is used.
"""

import re
import time
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

from signing.errors import DistributionRefused, Refusal
from signing.offline.errors import FileNotReadable, FileTooLarge, WrongArguments
from signing.offline.reading import is_there, read_file

TIMEOUT_SECONDS: Final = 20
"""Longest silence of a server."""

DEADLINE_SECONDS: Final = 180
"""Longest time for one file, however the server spreads it."""

_CHUNK_BYTES: Final = 2**16
_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_MISSING: Final = {403, 404, 410}
"""How a static host says that there is no such file; some say 403."""


class Source(Protocol):
    """Files by name."""

    def read(self, name: str, max_bytes: int) -> bytes | None:
        """Return a file, or ``None`` if there is none.

        Raises ``DistributionRefused``: ``unreachable``, or ``too_large`` for more than ``max_bytes``.
        """


def open_source(text: str, *, named: str = "--from") -> Source:
    """Return the source that an argument names; ``WrongArguments`` for an address of another kind."""
    if "://" not in text:
        return FolderSource(_folder(Path(text)))
    try:
        parts = urlsplit(text)
        complete = bool(parts.hostname) or parts.scheme == "file"
    except ValueError:
        raise WrongArguments(f"{named} {text}") from None
    if parts.query or parts.fragment or parts.username or not complete:
        raise WrongArguments(f"{named} {text}")
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return FolderSource(_folder(Path(unquote(parts.path))))
    if parts.scheme in ("http", "https"):
        return WebSource(text.rstrip("/") + "/")
    raise WrongArguments(f"{named} {text}")


class FolderSource:
    """A folder in the layout of ``public/``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str, max_bytes: int) -> bytes | None:
        """Return a file of the folder; see ``Source``."""
        path = self._folder / _lawful(name)
        try:
            return read_file(path, max_bytes=max_bytes) if is_there(path) else None
        except FileTooLarge:
            raise DistributionRefused(Refusal.TOO_LARGE, name) from None
        except FileNotReadable:
            raise DistributionRefused(Refusal.UNREACHABLE, name) from None


class WebSource:
    """An address that ends with a slash, under which the files lie. Follows no redirect, keeps no cookie."""

    def __init__(self, address: str) -> None:
        from urllib.request import HTTPRedirectHandler, build_opener

        class NoRedirect(HTTPRedirectHandler):
            def redirect_request(self, *_: object) -> None:
                """Let the answer stand as the error that it is."""

        self._address = address
        self._opener = build_opener(NoRedirect)

    def read(self, name: str, max_bytes: int) -> bytes | None:
        """Return what lies at the address; see ``Source``."""
        from http.client import HTTPException
        from urllib.error import HTTPError

        try:
            return self._fetched(name, max_bytes)
        except HTTPError as error:
            error.close()
            if error.code in _MISSING:
                return None
            raise DistributionRefused(Refusal.UNREACHABLE, name) from None
        except (OSError, HTTPException, ValueError):
            raise DistributionRefused(Refusal.UNREACHABLE, name) from None

    def _fetched(self, name: str, max_bytes: int) -> bytes:
        deadline = time.monotonic() + DEADLINE_SECONDS
        content = bytearray()
        with self._opener.open(self._address + _lawful(name), timeout=TIMEOUT_SECONDS) as response:
            while chunk := response.read1(_CHUNK_BYTES):
                content += chunk
                if len(content) > max_bytes:
                    raise DistributionRefused(Refusal.TOO_LARGE, name)
                if time.monotonic() > deadline:
                    raise DistributionRefused(Refusal.UNREACHABLE, name)
            # A connection that ends early ends a chunk early too, without any error.
            if response.length:
                raise DistributionRefused(Refusal.UNREACHABLE, name)
        return bytes(content)


def _folder(path: Path) -> Path:
    if not is_there(path) or not path.is_dir():
        raise FileNotReadable(str(path))
    return path


def _lawful(name: str) -> str:
    """Return the name if it can not lead out of the source; metadata could name anything."""
    if not _NAME.fullmatch(name):
        raise DistributionRefused(Refusal.MALFORMED_METADATA, name)
    return name
