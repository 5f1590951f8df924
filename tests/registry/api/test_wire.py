"""The door as it stands in the network: real server, real bytes, and every oddity that a connection can bring."""

import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress

import pytest

from keys.holder_key import HolderKey
from keys.sealing import Identity
from registry.operator.desk import present
from tests.registry.assessment.submissions import resident_id, row
from tests.registry.operator.office import Office
from tests.registry.operator.serving import Served, get, served
from tests.registry.signed_requests import COVERED_IF_SENT, content_digest, signed_headers
from tests.registry.staff_site import everything_stored, signature_over

LINE = b"POST /v1/submissions HTTP/1.1\r\n"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    office = Office(tmp_path_factory.mktemp("wire"))
    office.found()
    office.let_in("body")
    return office


@pytest.fixture(scope="module")
def sites(office: Office) -> Iterator[Served]:
    with served(office.environ) as sites:
        yield sites


def exchange(sites: Served, *parts: bytes) -> bytes:
    """Send bytes on a connection of their own, say that no more will come, and return what is answered."""
    with socket.create_connection(("127.0.0.1", sites.ports[0]), timeout=30) as connection:
        try:
            for part in parts:
                connection.sendall(part)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            # The server may hang up as soon as it has seen enough; what it said is still to be read.
            pass
        answer = b""
        try:
            while received := connection.recv(65536):
                answer += received
        except ConnectionResetError:
            pass
        return answer


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.") else 0


def request(office: Office, content: bytes, rest: bytes, *, host: str = "127.0.0.1") -> bytes:
    """Return a request: its line, headers with good signatures, and ``rest``: framing, and what follows."""
    framing = [line.decode().partition(":") for line in rest.partition(b"\r\n\r\n")[0].split(b"\r\n")]
    framed = {name.lower(): value.strip() for name, _, value in framing if name.lower() in COVERED_IF_SENT}
    key = HolderKey.open(office.key("body"), Identity.open(office.folder / "secrets" / "identity.txt"))
    headers = {
        "content-type": "application/json",
        "content-digest": content_digest(content),
        "submission-signature": signature_over(content, key, environment="test"),
        **framed,
    }
    url = f"http://{host}/v1/submissions"
    access = office.private_key("access")
    headers = signed_headers("POST", url, b"", access, environment="test", now=present(), headers=headers)
    lines = [f"{name}: {value}\r\n" for name, value in headers.items() if name not in framed]
    return LINE + "".join([f"Host: {host}\r\n", *lines]).encode() + rest


def chunked(content: bytes, size: int = 700) -> bytes:
    pieces = [content[place : place + size] for place in range(0, len(content), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in [*pieces, b""])


def length(content: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n" % len(content)


# What is sent after the request's first lines and a good signature, and the answers that are right. No answer at all
# (0) is right where the request never was whole.
ODDITIES = {
    "a length above what comes": (lambda body: b"Content-Length: 99999\r\n\r\n" + body, {400}),
    "a length below what comes": (lambda body: b"Content-Length: 10\r\n\r\n" + body, {401}),
    "no length": (lambda body: b"\r\n" + body, {401}),
    "a negative length": (lambda body: b"Content-Length: -1\r\n\r\n" + body, {400}),
    "a length in words": (lambda body: b"Content-Length: many\r\n\r\n" + body, {400}),
    "two lengths": (lambda body: b"Content-Length: 5\r\n" + length(body) + body, {400}),
    "a length beyond measure": (
        lambda body: b"Content-Length: " + b"9" * 30 + b"\r\n\r\n" + body,
        {0, 400, 413},
    ),
    "a bad chunk": (lambda body: b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + body, {400}),
    "chunks that break off": (lambda body: b"Transfer-Encoding: chunked\r\n\r\nffff\r\n" + body, {0, 400}),
    "another transfer coding": (lambda body: b"Transfer-Encoding: gzip\r\n\r\n" + body, {400, 401, 501}),
    "chunks and a length": (
        lambda body: b"Transfer-Encoding: chunked\r\n" + length(body) + chunked(body),
        {400},
    ),
    "17 MB in chunks": (
        lambda body: b"Transfer-Encoding: chunked\r\n\r\n" + chunked(b" " * 17_000_000, 1_000_000),
        {413},
    ),
    "17 MB": (lambda body: length(b" " * 17_000_000) + b" " * 17_000_000, {0, 413}),
    "a compressed body": (lambda body: b"Content-Encoding: gzip\r\n" + length(body) + body, {415}),
    "a header of 100 kB": (lambda body: b"X: " + b"x" * 100_000 + b"\r\n" + length(body) + body, {400, 431}),
    "a header that is none": (lambda body: b"no colon\r\n" + length(body) + body, {400}),
    "a header with a NUL": (lambda body: b"X: \0\r\n" + length(body) + body, {400}),
}


@pytest.mark.parametrize("name", ODDITIES)
def test_an_odd_request_is_refused_without_a_failure_and_stores_nothing(office, sites, name):
    make, right = ODDITIES[name]
    content = office.results().read_bytes()
    stored = everything_stored(office.installation)

    answer = exchange(sites, request(office, content, make(content)))

    assert status(answer) in right, answer[:300]
    assert everything_stored(office.installation) == stored
    assert get(sites.staff + "/")[0] == 200


def test_a_foreign_host_is_refused(office, sites):
    content = office.results().read_bytes()
    foreign = request(office, content, length(content) + content, host="rebound.example")

    assert status(exchange(sites, foreign)) == 400


def test_no_header_says_where_the_api_lies(sites):
    for header in (b"SCRIPT_NAME: /nope\r\n", b"PATH_INFO: /v1/keys\r\n"):
        answer = exchange(
            sites,
            b"GET /v1/openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n",
            header,
            b"\r\n",
        )

        assert status(answer) == 200
        assert b'"openapi":' in answer


def test_a_good_file_is_taken_in_chunks_and_known_again_in_one_piece(office, sites):
    content = office.results(row(1, name="王五", id_number=resident_id(700))).read_bytes()
    in_chunks = b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(content)
    in_one = b"Connection: close\r\n" + length(content) + content

    first = exchange(sites, request(office, content, in_chunks))
    again = exchange(sites, request(office, content, in_one))

    assert (status(first), status(again)) == (201, 200), (first, again)
    assert b'"repeated":true' in again.replace(b" ", b"")


# Connections that take their time, or never end: each comes to an end within bounds, and the next request is answered.

PATIENCE_SECONDS = 40
MOST_CHUNKED_BYTES = 64 << 20


def endless(sites, head, piece, *, most):
    """Send pieces until the server has enough; return what it said and how many bytes it was sent."""
    began, sent, answer = time.monotonic(), 0, b""
    with socket.create_connection(("127.0.0.1", sites.ports[0]), timeout=PATIENCE_SECONDS) as connection:
        try:
            connection.sendall(head)
            while sent < most:
                connection.sendall(piece)
                sent += len(piece)
        except OSError:
            pass
        connection.settimeout(PATIENCE_SECONDS)
        try:
            while received := connection.recv(65536):
                answer += received
        except ConnectionResetError:
            pass
    assert time.monotonic() - began < PATIENCE_SECONDS
    return answer, sent


def test_a_header_block_of_ten_megabytes_is_cut_off(office, sites):
    line = b"X-Filler: " + b"x" * 4000 + b"\r\n"

    answer, _ = endless(sites, LINE + b"Host: 127.0.0.1\r\n", line, most=10_000_000)

    assert status(answer) in (0, 400, 431), answer[:300]
    assert get(sites.staff + "/")[0] == 200


def test_one_header_line_of_ten_megabytes_is_cut_off(office, sites):
    answer, _ = endless(sites, LINE + b"Host: 127.0.0.1\r\nX: ", b"x" * 4096, most=10_000_000)

    assert status(answer) in (0, 400, 431), answer[:300]
    assert get(sites.staff + "/")[0] == 200


def test_an_endless_body_in_chunks_is_cut_off(office, sites):
    content = office.results().read_bytes()
    head = request(office, content, b"Transfer-Encoding: chunked\r\n\r\n")
    stored = everything_stored(office.installation)

    answer, sent = endless(sites, head, b"10000\r\n" + b" " * 0x10000 + b"\r\n", most=MOST_CHUNKED_BYTES)

    assert status(answer) in (0, 413), answer[:300]
    assert sent < MOST_CHUNKED_BYTES
    assert everything_stored(office.installation) == stored
    assert get(sites.staff + "/")[0] == 200


def test_an_unsigned_endless_body_is_not_even_read(office, sites):
    head = LINE + b"Host: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"

    answer, sent = endless(sites, head, b"10000\r\n" + b" " * 0x10000 + b"\r\n", most=MOST_CHUNKED_BYTES)

    assert status(answer) in (0, 401), answer[:300]
    assert sent < MOST_CHUNKED_BYTES
    assert get(sites.staff + "/")[0] == 200


THREADS = 8


def test_slow_headers_keep_nobody_waiting_for_long(office, sites):
    # One for each thread of the server: a header of which a byte comes now and then, and never its end.
    slow = [socket.create_connection(("127.0.0.1", sites.ports[0]), timeout=30) for _ in range(THREADS)]
    ended = threading.Event()

    def trickle():
        while not ended.wait(0.2):
            for connection in slow:
                with suppress(OSError):
                    connection.sendall(b"x")

    for connection in slow:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
    sender = threading.Thread(target=trickle)
    sender.start()
    try:
        with urllib.request.urlopen(sites.staff + "/", timeout=PATIENCE_SECONDS) as answer:
            assert answer.status == 200
    finally:
        ended.set()
        sender.join()
        for connection in slow:
            connection.close()
    assert get(sites.staff + "/")[0] == 200
