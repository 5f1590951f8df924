"""The page's verifier in headless Chromium, where there is one: for times, not for verdicts."""

import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

STATIC = Path(__file__).parents[1] / "verify_web" / "static"
TIMES = """async (repeats) => {
  const { Status } = await import("/verifier/status.js");
  const payload = new Uint8Array(await (await fetch("/payload")).arrayBuffer());
  Status.fromPayload(payload);
  return Array.from({ length: repeats }, () => {
    const started = performance.now();
    Status.fromPayload(payload);
    return performance.now() - started;
  });
}"""


def times_in_chromium(payload: bytes, repeats: int) -> Sequence[float]:
    """Return how many milliseconds each reading of a status took; nothing where there is no Chromium."""
    chromium = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    if chromium is None:
        return ()
    with TemporaryDirectory() as folder:
        shutil.copytree(STATIC / "verifier", Path(folder) / "verifier")
        (Path(folder) / "payload").write_bytes(payload)
        (Path(folder) / "index.html").write_text("<!doctype html><title>bench</title>", "utf-8")
        with _served(folder) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page()
            page.goto(address)
            times: list[float] = page.evaluate(TIMES, repeats)
            browser.close()
    return times


@contextmanager
def _served(folder: str) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""
