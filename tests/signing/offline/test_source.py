"""Where distributions are read from: bounded, without redirects, and never taken for an empty one."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from signing.errors import DistributionRefused, Refusal
from signing.offline.source import FolderSource, WebSource, open_source

CONTENT = b"x" * 100_000


class Host(BaseHTTPRequestHandler):
    """A host of every kind; the name asked for says which."""

    def do_GET(self) -> None:
        getattr(self, self.path.rpartition("/")[2])()

    def answer(self, code: int, *, length: int | None = None, body: bytes = b"", **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)

    def whole(self) -> None:
        self.answer(200, length=len(CONTENT), body=CONTENT)

    def without_length(self) -> None:
        self.answer(200, body=CONTENT)

    def missing(self) -> None:
        self.answer(404, length=2, body=b"no")

    def forbidden(self) -> None:
        self.answer(403, length=0)

    def broken(self) -> None:
        self.answer(500, length=0)

    def moved(self) -> None:
        self.answer(302, length=0, Location="/public/whole")

    def cut_short(self) -> None:
        self.answer(200, length=len(CONTENT) + 1, body=CONTENT)

    def endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(CONTENT)
        except OSError:
            return

    def nonsense(self) -> None:
        self.wfile.write(b"not HTTP\r\n\r\n")

    def silent(self) -> None:
        self.server.done.wait(10)

    def trickling(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while not self.server.done.wait(0.01):
                self.wfile.write(b"x")
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Host)
    server.done = threading.Event()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/public"
    finally:
        server.done.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving() as at:
        yield at


@pytest.fixture
def web(address, monkeypatch) -> WebSource:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return open_source(address)


@pytest.mark.parametrize("name", ["whole", "without_length"])
def test_a_file_is_read_whole(web, name):
    assert web.read(name, len(CONTENT)) == CONTENT


@pytest.mark.parametrize("name", ["missing", "forbidden"])
def test_a_missing_file_is_none(web, name):
    assert web.read(name, 10) is None


@pytest.mark.parametrize("name", ["broken", "moved", "cut_short", "nonsense"])
def test_no_answer_is_not_a_missing_file(web, name):
    with pytest.raises(DistributionRefused) as refused:
        web.read(name, len(CONTENT) * 2)
    assert refused.value.reason is Refusal.UNREACHABLE


@pytest.mark.parametrize(("name", "most"), [("whole", len(CONTENT) - 1), ("endless", 10), ("endless", 10**6)])
def test_no_more_is_read_than_is_allowed(web, name, most):
    with pytest.raises(DistributionRefused) as refused:
        web.read(name, most)
    assert refused.value.reason is Refusal.TOO_LARGE


@pytest.mark.parametrize(
    ("name", "setting"), [("silent", "TIMEOUT_SECONDS"), ("trickling", "DEADLINE_SECONDS")]
)
def test_what_does_not_come_in_time_does_not_come(web, monkeypatch, name, setting):
    monkeypatch.setattr(f"signing.offline.source.{setting}", 0.2)
    with pytest.raises(DistributionRefused) as refused:
        web.read(name, 10**6)
    assert refused.value.reason is Refusal.UNREACHABLE


def test_nobody_there_is_unreachable(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving() as gone:
        source = open_source(gone)
    with pytest.raises(DistributionRefused) as refused:
        source.read("whole", 10)
    assert refused.value.reason is Refusal.UNREACHABLE


@pytest.mark.parametrize(
    "name", ["../secret", "/etc/passwd", "tuf/../../x", "tuf//x", ".hidden", "a b", "", "x/"]
)
def test_a_name_never_leads_out_of_the_source(web, tmp_path, name):
    for source in (web, FolderSource(tmp_path)):
        with pytest.raises(DistributionRefused) as refused:
            source.read(name, 10)
        assert refused.value.reason is Refusal.MALFORMED_METADATA


def test_a_folder_and_its_address_are_the_same(tmp_path):
    folder = tmp_path / "U 盘"
    (folder / "tuf").mkdir(parents=True)
    (folder / "tuf" / "timestamp.json").write_bytes(b"{}")

    for text in (str(folder), folder.as_uri(), folder.as_uri().replace("file://", "file://localhost")):
        source = open_source(text)
        assert source.read("tuf/timestamp.json", 2) == b"{}"
        assert source.read("tuf/2.root.json", 2) is None
        with pytest.raises(DistributionRefused) as refused:
            source.read("tuf/timestamp.json", 1)
        assert refused.value.reason is Refusal.TOO_LARGE


def test_what_is_no_file_is_unreachable(tmp_path):
    (tmp_path / "tuf").mkdir()
    with pytest.raises(DistributionRefused) as refused:
        FolderSource(tmp_path).read("tuf", 10)
    assert refused.value.reason is Refusal.UNREACHABLE
