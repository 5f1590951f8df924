"""Requests over a network that misbehaves: what is repeated, what is not, and what is not believed."""

import ipaddress
import json
import re
import ssl
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from registry.access.idempotency import HOLD
from registry.api.signatures.message import Message
from registry.api.signatures.signature_input import read_signature_input, required_components
from registry.api.signatures.verification import require_digest, verify_signature
from registry.client import Client, ClientKey, Refused, Transport, photos
from registry.client.door import Door
from registry.client.errors import AnswerUnusable, Busy, InDoubt, Unreachable, WrongUse
from registry.client.photos import _put
from registry.client.transport import MOST_FAILURES, PATIENCE_SECONDS, READ_SECONDS
from registry.draft.files import NAME_CHARACTERS
from signing.ed25519 import admit
from tests.instants import NOON
from tests.registry.client.scripted import breaks_off, hangs_up, problem, says, scripted
from tests.registry.operator.serving import free_ports

KEY = ClientKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
FINE = says(200, {"items": [], "next": None})


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def elapsed(self) -> float:
        return sum(self.slept)


def transport(url, clock, **more):
    return Transport(url, KEY, "test", now=lambda: NOON, sleep=clock.sleep, elapsed=clock.elapsed, **more)


@pytest.fixture
def clock():
    return Clock()


def signature(asked):
    """Return what the request's signature says of itself, verified by the register's own code."""
    message = Message(asked.method, asked.headers["host"], asked.target, asked.headers)
    given = read_signature_input(message, environment="test", now=NOON)
    verify_signature(message, given, admit(KEY.public), environment="test")
    require_digest(message, asked.content)
    assert set(required_components(message)) <= set(given.components)
    return given


REQUESTS = {
    "nothing but an address": ("GET", "/v1/drafts", b"", {}),
    "an address with a query": ("GET", "/v1/drafts?name=11%E6%9C%88&limit=5", b"", {}),
    "content": ("POST", "/v1/keys", b'{"a":1}', {"Content-Type": "application/json"}),
    "an operation": (
        "POST",
        "/v1/drafts",
        b"x",
        {"Content-Type": "text/csv", "Idempotency-Key": '"12345678"'},
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_is_signed_as_the_register_asks(clock, name):
    method, target, content, headers = REQUESTS[name]
    with scripted(FINE) as script:
        Door(transport(script.url, clock)).send(method, target, content, headers=headers)

    (asked,) = script.asked
    assert (asked.method, asked.target, asked.content) == (method, target, content)
    assert signature(asked).key_id == KEY.key_id


def test_each_attempt_has_its_own_nonce_and_the_same_idempotency_key(clock, tmp_path):
    results = tmp_path / "results.json"
    results.write_bytes(b"{}")
    with (
        scripted(
            hangs_up, breaks_off, problem(503, "register_busy"), problem(422, "submission_refused")
        ) as script,
        pytest.raises(Refused),
    ):
        Client(transport(script.url, clock)).drafts.open(results)

    assert len(script.asked) == 4
    assert len({signature(asked).nonce for asked in script.asked}) == 4
    assert len({asked.headers["idempotency-key"] for asked in script.asked}) == 1


def test_what_is_asked_of_a_certificate_is_asked_again_as_the_same(clock):
    with scripted(hangs_up, breaks_off, says(201, {"id": "x"})) as script:
        asked = Client(transport(script.url, clock)).requests.ask(
            "S000221000002262000001", "revoke", "站点有误"
        )

    assert asked == {"id": "x"}
    assert len(script.asked) == 3
    assert len({each.headers["idempotency-key"] for each in script.asked}) == 1


REPEATED = {
    "a limit that is used up": problem(429, "too_many_requests", Retry_After=7),
    "a register that is busy": problem(503, "register_busy", Retry_After=7),
    "the same, still being done": problem(409, "idempotency_in_progress", Retry_After=7),
}


@pytest.mark.parametrize("name", REPEATED)
@pytest.mark.parametrize("repeatable", [True, False])
def test_it_waits_as_long_as_it_is_told(clock, name, repeatable):
    with scripted(REPEATED[name], FINE) as script:
        Door(transport(script.url, clock)).send("POST", "/v1/x", repeatable=repeatable)

    assert clock.slept == [7]


def test_it_does_not_wait_beyond_its_patience(clock):
    refusing = problem(429, "too_many_requests", Retry_After=600)
    with scripted(refusing) as script, pytest.raises(Busy, match="600 秒") as busy:
        Door(transport(script.url, clock)).get("/v1/drafts")

    assert busy.value.document["code"] == "too_many_requests"
    assert clock.slept == []


IN_DOUBT = {
    "the connection broke": hangs_up,
    "the answer broke off": breaks_off,
    "a proxy gave up": says(504),
    "the register does not know": problem(503, "commit_unknown", Retry_After=1),
    "the register failed": problem(500, "internal_error"),
    "a server before it failed": lambda handler: (handler.send_error(500), None)[1],
}


@pytest.mark.parametrize("name", IN_DOUBT)
def test_what_may_have_been_done_is_sent_again_only_if_that_does_no_harm(clock, name):
    with scripted(IN_DOUBT[name], FINE) as script:
        Door(transport(script.url, clock)).send("PUT", "/v1/x", repeatable=True)
        assert len(script.asked) == 2

    with scripted(IN_DOUBT[name], FINE) as script:
        with pytest.raises((Unreachable, InDoubt), match="先查看状态"):
            Door(transport(script.url, clock)).send("POST", "/v1/x", repeatable=False)
        assert len(script.asked) == 1


def test_a_register_that_is_away_for_a_while_is_waited_for(clock):
    (port,) = free_ports(1)

    told = []
    door = Door(transport(f"http://127.0.0.1:{port}", clock, told=told.append))
    with pytest.raises(Unreachable) as lost:
        door.send("POST", "/v1/x", repeatable=False)

    assert not lost.value.sent
    assert len(clock.slept) == len(told) > 5
    assert sum(clock.slept) <= PATIENCE_SECONDS


def test_a_register_that_fails_again_and_again_is_not_asked_for_ever(clock):
    with scripted(problem(500, "internal_error")) as script, pytest.raises(InDoubt) as failed:
        Door(transport(script.url, clock)).get("/v1/drafts")

    assert (failed.value.code, len(script.asked)) == ("internal_error", MOST_FAILURES)


def test_it_waits_longer_than_an_attempt_that_was_killed_holds_its_key():
    assert READ_SECONDS + HOLD.total_seconds() < PATIENCE_SECONDS


DOUBT = {
    "an answer that was lost": ([hangs_up, problem(429, "too_many_requests", Retry_After=600)], True),
    "the same, still being done": ([problem(409, "idempotency_in_progress", Retry_After=600)], True),
    "nothing of the kind": ([problem(429, "too_many_requests", Retry_After=600)], False),
}


@pytest.mark.parametrize("name", DOUBT)
def test_a_busy_register_says_whether_an_earlier_attempt_is_in_doubt(clock, name):
    steps, in_doubt = DOUBT[name]
    with scripted(*steps) as script, pytest.raises(Busy) as busy:
        Door(transport(script.url, clock)).send("PUT", "/v1/x", repeatable=True)

    assert busy.value.in_doubt is in_doubt
    assert ("先查看状态" in str(busy.value)) is in_doubt


def test_an_attempt_that_may_have_arrived_is_not_forgotten_over_a_later_one(clock):
    with scripted(hangs_up) as script:
        door = Door(transport(script.url, clock))
        end = clock.sleep

        def sleep(seconds):
            """Let the register go away after the first attempt."""
            if not clock.slept:
                script.stop()
            end(seconds)

        object.__setattr__(door.transport, "sleep", sleep)
        with pytest.raises(Unreachable, match="先查看状态") as lost:
            door.send("PUT", "/v1/x", repeatable=True)

    assert len(script.asked) == 1
    assert lost.value.sent


NOT_BELIEVED = {
    "a redirection": says(302, {}, Location="https://elsewhere.example/"),
    "a page of another server": says(200, ["not", "an", "object"]),
    "no JSON": lambda handler: says(200, None)(handler),
    "an error that is no problem": lambda handler: (handler.send_error(404), None)[1],
    "another digest": says(200, {"items": []}, Content_Digest="sha-256=:AAAA:"),
    "a list that is none": says(200, {"items": 5, "next": None}),
}


@pytest.mark.parametrize("name", NOT_BELIEVED)
def test_an_answer_that_is_none_is_not_believed_nor_followed(clock, name):
    with scripted(NOT_BELIEVED[name]) as script, pytest.raises(AnswerUnusable):
        list(Client(transport(script.url, clock)).submissions.all())

    assert len(script.asked) == 1


def test_a_refusal_carries_its_document(clock):
    faults = [
        {
            "row": 2,
            "column": "姓名",
            "value": "",
            "code": "missing",
            "message": "没有填写",
            "remedy": "请填写",
        }
    ]
    with (
        scripted(problem(422, "submission_refused", faults=faults)) as script,
        pytest.raises(Refused) as refused,
    ):
        Client(transport(script.url, clock)).submissions.state(UUID(int=1))

    assert (refused.value.status, refused.value.code) == (422, "submission_refused")
    assert refused.value.faults == faults


def test_a_list_is_fetched_page_after_page(clock):
    pages = [says(200, {"items": [{"n": 1}], "next": "a b"}), says(200, {"items": [{"n": 2}], "next": None})]
    with scripted(*pages) as script:
        found = list(Client(transport(script.url, clock)).submissions.all(status="received"))

    assert [each["n"] for each in found] == [1, 2]
    assert script.asked[1].target == "/v1/submissions?status=received&limit=500&cursor=a+b"


@pytest.mark.parametrize(
    "url",
    [
        "http://register.example",
        "register.example",
        "ftp://register.example",
        "https://register.example/v1",
        "https://a:b@register.example",
        "https://register.example?x",
    ],
)
def test_an_address_that_is_not_safe_is_refused(url):
    with pytest.raises(WrongUse):
        Transport(url, KEY, "test")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for this machine, that nobody signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "register")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "register.pem"
    pem = built.public_bytes(Encoding.PEM)
    path.write_bytes(pem + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


@pytest.fixture
def tls(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_tls_is_verified_by_the_ca_file_that_was_named(clock, tls, certificate):
    with scripted(FINE, tls=tls) as script:
        door = Door(transport(script.url, clock, ca_file=certificate))
        assert door.get("/v1/drafts").status == 200


def test_a_proxy_that_asks_for_a_certificate_is_shown_one(clock, tls, certificate):
    tls.verify_mode = ssl.CERT_REQUIRED
    tls.load_verify_locations(certificate)
    with scripted(FINE, tls=tls) as script:
        shown = transport(script.url, clock, ca_file=certificate, certificate_file=certificate)
        assert Door(shown).get("/v1/drafts").status == 200
        with pytest.raises(Unreachable):
            Door(transport(script.url, clock, ca_file=certificate)).get("/v1/drafts")


def test_a_file_that_holds_no_certificate_is_wrong_use(tmp_path):
    with pytest.raises(WrongUse, match="客户端证书"):
        Transport("https://register.example", KEY, "test", certificate_file=tmp_path / "missing.pem")


def test_a_certificate_that_nobody_vouches_for_is_refused_at_once(clock, tls):
    with scripted(FINE, tls=tls) as script, pytest.raises(AnswerUnusable, match="TLS"):
        Door(transport(script.url, clock)).get("/v1/drafts")

    assert script.asked == []
    assert clock.slept == []


def test_a_ca_file_that_is_none_is_wrong_use(tmp_path):
    with pytest.raises(WrongUse, match="CA"):
        Transport("https://register.example", KEY, "test", ca_file=tmp_path / "missing.pem")


ARCHIVE = bytes(range(256)) * 10
PART = 1000


def upload(*missing, complete=False):
    document = {
        "id": str(UUID(int=7)), "name": "a.zip", "size": len(ARCHIVE), "sha256": sha256(ARCHIVE).hexdigest(),
        "complete": complete, "parts": 3, "part_bytes": PART, "missing": list(missing),
    }  # fmt: skip
    return says(200, document)


UPLOADS = {
    "all of it": ([upload(0, 1, 2), upload(1, 2), upload(2), upload(complete=True)], [0, 1, 2]),
    "what is missing": ([upload(1), upload(complete=True)], [1]),
    "nothing, it is complete": ([upload(complete=True)], []),
    "a part to wake a register that was stopped before the end": ([upload(), upload(complete=True)], [0]),
    "a part whose answer was lost": ([upload(0), hangs_up, upload(complete=True)], [0, 0]),
}


@pytest.mark.parametrize("name", UPLOADS)
def test_of_an_archive_is_sent_what_is_missing(clock, tmp_path, name):
    steps, sent = UPLOADS[name]
    path, told = tmp_path / "a.zip", []
    path.write_bytes(ARCHIVE)
    with scripted(*steps) as script:
        client = Client(transport(script.url, clock))
        done = client.drafts.put_photos(UUID(int=1), path, lambda done, total: told.append((done, total)))

    announced, *parts = script.asked
    assert json.loads(announced.content)["sha256"] == sha256(ARCHIVE).hexdigest()
    assert [int(re.search(r"/parts/(\d)$", each.target)[1]) for each in parts] == sent
    for number, each in zip(sent, parts, strict=True):
        assert each.content == ARCHIVE[number * PART : (number + 1) * PART]
    assert done.complete
    assert told[-1] == (3, 3)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("照" * 76 + ".zip", "照" * 76 + ".zip"),
        ("照" * 80 + ".zip", "照" * 80),
        ("\udcff\udcfe", "photos.zip"),
    ],
)
def test_the_name_of_an_archive_is_one_that_the_register_takes(clock, tmp_path, name, label):
    path = tmp_path / "a.zip"
    path.write_bytes(ARCHIVE)
    with scripted(upload(complete=True)) as script, path.open("rb") as file:
        _put(Door(transport(script.url, clock)), "/v1/drafts/1/photos", name, file, lambda *_: None)

    assert json.loads(script.asked[0].content)["name"] == label
    assert photos.NAME_CHARACTERS == NAME_CHARACTERS
