"""Contents that are meant to break a reader, at every address that reads one: refused, in bounded time, and told how.

Before a running server, with connections that lie: ``test_wire``.
"""

import gzip
import time
from tempfile import SpooledTemporaryFile
from uuid import uuid4

import pytest
from werkzeug import formparser

from tests.registry.api.json_texts import NONE, NOT_ASKED_FOR
from tests.registry.api.lively import JSON, Lively, chief_of
from tests.registry.api.own_site import trust_the_world
from tests.registry.staff_site import everything_stored, require_problem, signature_over
from tests.registry.world import BODY, private_key

pytestmark = pytest.mark.usefixtures("quick_id_checks")

SECONDS = 10
BOMB = gzip.compress(bytes(20_000_000))
READING_JSON = {
    "withdrawal of a submission": ("POST", "/v1/submissions/{submission_id}/withdrawal"),
    "withdrawal of a request": ("POST", "/v1/requests/{request_id}/withdrawal"),
    "request": ("POST", "/v1/certificates/{number}/requests"),
    "photos": ("POST", "/v1/drafts/{draft_id}/photos"),
    "signature": ("PUT", "/v1/drafts/{draft_id}/signature"),
    "key": ("POST", "/v1/keys"),
}
TYPES = [
    "text/plain",
    "application/json;charset=utf-16",
    "application/x-www-form-urlencoded",
    "application/xml",
]


@pytest.fixture
def lively(app, young_world, tmp_path):
    object.__setattr__(app.extensions["certreg"].settings, "api_requests_per_minute", 10**6)
    trust_the_world(app, young_world)
    return Lively(young_world, app, tmp_path)


@pytest.fixture
def send(lively):
    chief = private_key(chief_of(lively.world))

    def send(method, address, content, headers=JSON):
        key = chief if address == "/v1/keys" else None
        return lively.body.send(
            method, address.format(**lively.names), content, headers={**JSON, **headers}, key=key
        )

    return send


def test_the_list_of_texts_is_long_enough_and_names_none_twice():
    texts = NONE + NOT_ASKED_FOR

    assert len(texts) == len(set(texts)) >= 250


@pytest.mark.parametrize("name", READING_JSON)
def test_what_is_no_json_and_what_nobody_asked_for_is_refused(lively, send, name):
    method, address = READING_JSON[name]
    stored, began = everything_stored(lively.world), time.monotonic()

    for texts, right in ((NONE, {400}), (NOT_ASKED_FOR, {400, 422})):
        for text in texts:
            answer = send(method, address, text)
            assert answer.status_code in right, (text[:80], answer.text[:300])
            require_problem(answer, answer.status_code)

    assert time.monotonic() - began < SECONDS * 20
    assert everything_stored(lively.world) == stored


def test_no_such_text_is_taken_for_a_file_of_results(lively):
    key = lively.world.bodies[BODY].key
    stored = everything_stored(lively.world)

    for text in NONE + NOT_ASKED_FOR:
        headers = {"Submission-Signature": signature_over(text, key), **JSON}
        answer = lively.body.send("POST", "/v1/submissions", text, headers=headers)
        require_problem(answer, 422)

    assert everything_stored(lively.world) == stored


NO_TEXTS = ["\\ud800", "\\udc00\\ud800", "a\\udfff", "\\u0000", "a\\u0000b"]
ODD_TEXTS = ["\\u202e", "\\u200b", "\\ud83d\\ude00", "\\u007f", "\\ufffe", "../../x.zip", "%00"]
SAYING_A_TEXT = {
    "photos": '{"size": 10, "sha256": "' + "ab" * 32 + '", "name": "%s"}',
    "request": '{"kind": "suspend", "reason": "%s"}',
    "withdrawal of a submission": '{"reason": "%s"}',
}


@pytest.mark.parametrize("name", SAYING_A_TEXT)
def test_what_is_no_text_is_refused_where_all_else_is_right(lively, send, name):
    stored = everything_stored(lively.world)

    for text in NO_TEXTS:
        answer = send(*READING_JSON[name], (SAYING_A_TEXT[name] % text).encode())
        assert require_problem(answer, 400)["code"] == "bad_request", text

    assert everything_stored(lively.world) == stored


@pytest.mark.parametrize("name", SAYING_A_TEXT)
def test_no_odd_text_is_a_fault_of_ours(send, name):
    for text in ODD_TEXTS:
        content = (SAYING_A_TEXT[name] % text).encode()
        assert send(*READING_JSON[name], content).status_code < 500, text


def test_a_name_with_nul_in_it_is_nothings(lively):
    for address in ("/v1/certificates/%00", "/v1/certificates/1%00/token", "/v1/templates/1/%00/junior.xlsx"):
        assert require_problem(lively.body.send("GET", address), 404)["code"] == "not_there"


def test_the_name_of_an_archive_is_kept_as_one_visible_line(lively, send):
    said = (SAYING_A_TEXT["photos"] % "a\\u202e\\u000a\\u007fb.zip").encode()

    answer = send(*READING_JSON["photos"], said)

    assert (answer.status_code, answer.json["name"]) == (201, "ab.zip")


@pytest.mark.parametrize("name", READING_JSON)
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "identity, gzip"])
def test_a_compressed_content_is_not_opened(lively, send, name, coding):
    method, address = READING_JSON[name]

    require_problem(send(method, address, BOMB, {"Content-Encoding": coding}), 415)


@pytest.mark.parametrize("name", READING_JSON)
def test_another_type_than_json_is_refused(send, name):
    for media_type in TYPES:
        answer = send(*READING_JSON[name], b"<a/>", {"Content-Type": media_type})
        assert require_problem(answer, answer.status_code)["status"] in (400, 415), media_type


def test_a_hundred_thousand_parts_of_a_form_are_not_read(lively):
    part = b'--x\r\nContent-Disposition: form-data; name="results"; filename="a"\r\n\r\n\r\n'
    began = time.monotonic()

    answer = lively.body.send(
        "POST",
        "/v1/drafts",
        part * 100_000 + b"--x--\r\n",
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )

    assert require_problem(answer, answer.status_code)["status"] in (400, 413)
    assert time.monotonic() - began < SECONDS


LARGE = bytes(600_000)
PART = b'--x\r\nContent-Disposition: form-data; name="%s"; filename="a"\r\n\r\n' + LARGE + b"\r\n"
FORMS_OF_FILES = {
    "two files": (PART % b"results" + PART % b"photos" + b"--x--\r\n", 2),
    "fifty files": (PART % b"results" * 50 + b"--x--\r\n", 4),
    "files that break off": (PART % b"results" + PART % b"photos" + b"--x\r\nContent-Dispo", 2),
}


@pytest.mark.parametrize("name", FORMS_OF_FILES)
def test_no_file_of_a_form_stays_open(lively, monkeypatch, name):
    content, count = FORMS_OF_FILES[name]
    unpacked = []

    class Noted(SpooledTemporaryFile):
        def __init__(self, *arguments, **named):
            super().__init__(*arguments, **named)
            unpacked.append(self)

    monkeypatch.setattr(formparser, "SpooledTemporaryFile", Noted)

    answer = lively.body.send(
        "POST", "/v1/drafts", content, headers={"Content-Type": "multipart/form-data; boundary=x"}
    )

    assert require_problem(answer, answer.status_code)["status"] in (400, 413, 415)
    assert len(unpacked) == count
    # All are on disk: they are larger than what is kept in memory.
    assert all(file._rolled and file.closed for file in unpacked)


FORMS = {
    "no boundary": ("multipart/form-data", b"--x--"),
    "an endless boundary": (f"multipart/form-data; boundary={'x' * 5000}", b"--x--"),
    "a boundary that never comes": ("multipart/form-data; boundary=x", b"-" * 1_000_000),
    "a part without end": ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data"),
    "a part with a header without end": ("multipart/form-data; boundary=x", b"--x\r\nA: " + b"a" * 10**6),
    "a part within a part": (
        "multipart/form-data; boundary=x",
        b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\n--y--\r\n--x--",
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_that_is_none_is_refused(lively, name):
    media_type, content = FORMS[name]

    answer = lively.body.send("POST", "/v1/drafts", content, headers={"Content-Type": media_type})

    assert require_problem(answer, answer.status_code)["status"] in (400, 413)


HOSTS = [
    "",
    " ",
    "a b",
    "[",
    "[::1",
    "localhost:99999999",
    "localhost:-1",
    "localhost@evil",
    "evil\x7f",
    "%00",
    "a" * 9000,
]


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_that_is_none_is_refused(app, host):
    answer = app.test_client().get(f"/v1/drafts/{uuid4()}", headers={"Host": host})

    assert answer.status_code in (400, 401), answer.text
    require_problem(answer, answer.status_code)
