"""The public site on the loopback address, and the browser that opens it."""

import os
import shutil
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class NoBrowser(RuntimeError):
    """There is no Chromium to run these tests with."""

    def __init__(self, looked_for: str) -> None:
        super().__init__(
            f"no Chromium at {looked_for}: install it (apt-get install chromium) or name it in CHROMIUM"
        )


def chromium() -> str:
    """Return the path of Chromium, from ``CHROMIUM`` or where Debian puts it; raise ``NoBrowser``."""
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    if shutil.which(path) is None:
        raise NoBrowser(path)
    return path


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Open a headless Chromium."""
    path = chromium()
    # A busy machine takes longer over a page; what comes is what counts.
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Served:
    """A site that is being served, and everything that reached the server: request lines, headers, bodies."""

    address: str
    received: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)


@contextmanager
def serve(site: Any) -> Iterator[Served]:
    """Serve a WSGI application in a thread, on a free port of the loopback address."""
    served = Served("")

    def listening(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        shown = {
            key: value for key, value in environ.items() if isinstance(value, str) and key not in os.environ
        }
        served.received.append(repr(shown))
        answer: Iterable[bytes] = site(environ, start_response)
        return answer

    class Handler(WSGIRequestHandler):
        def log(self, type: str, message: str, *args: Any) -> None:
            served.log.append(message % args)

    server = make_server("127.0.0.1", 0, listening, threaded=True, request_handler=Handler)
    served.address = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
