"""A request counts if a body signed it, just now, once, and all that matters of it; each refusal has its own reason."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import http_sf
import pytest
from werkzeug.exceptions import BadRequest
from werkzeug.test import TestResponse

from keys.holder_key import HolderKey
from registry.access.errors import SignatureFault
from registry.access.tables import RequestNonce
from registry.api import door
from registry.api.body import content_of
from registry.api.signatures.message import target_of
from registry.app import create_app
from registry.people.accounts import Purpose
from registry.people.permission import NATIONAL, Role
from tests.instants import NOON, THAT_DAY
from tests.registry.signed_requests import COVERED_ALWAYS, content_digest, signed_headers
from tests.registry.staff_site import (
    ADDRESS,
    BodySystem,
    access_key,
    everything_stored,
    installation_of,
    require_problem,
    signature_over,
)
from tests.registry.world import BODY, ENVIRONMENT, OTHER_BODY, World, holder_key, private_key

JSON = {"Content-Type": "application/json"}
# What is behind the door answers 401 to these too, but by another name: the submission is not signed.
PASSED = "submission_not_signed"


def send(body: BodySystem, content: bytes = b"{}", **signing: Any) -> TestResponse:
    return body.send("POST", ADDRESS, content, headers={**JSON, **signing.pop("headers", {})}, **signing)


def code(answer: TestResponse) -> str:
    return str(require_problem(answer, answer.status_code)["code"])


def sent_otherwise(body: BodySystem, **changes: Any) -> TestResponse:
    """Sign one request, and send another one."""
    given = {"method": "POST", "address": f"{ADDRESS}?a=1", "content": b"{}", "host": "localhost"}
    signed = signed_headers(
        "POST",
        f"http://localhost{ADDRESS}?a=1",
        b"{}",
        access_key(BODY),
        environment=ENVIRONMENT,
        now=NOON,
        headers={**JSON, "Idempotency-Key": '"0123456789"', "Submission-Signature": "AAAA"},
    )
    sent = {**given, **{name: value for name, value in changes.items() if name in given}}
    headers = {**signed, **changes.get("headers", {})}
    headers = {
        name: value for name, value in headers.items() if value is not None and name != "content-length"
    }
    return body.http.open(
        sent["address"],
        method=sent["method"],
        data=sent["content"],
        headers={**headers, "Host": sent["host"]},
    )


def test_a_request_that_is_signed_as_it_must_be_gets_through_the_door(body):
    assert code(send(body)) == PASSED
    # What is behind the door knows no such query.
    assert code(sent_otherwise(body)) == "unprocessable"


CHANGED: dict[str, tuple[dict[str, Any], str]] = {
    "the path": ({"address": "/v1/keys?a=1"}, "signature_invalid"),
    "the query": ({"address": f"{ADDRESS}?a=2"}, "signature_invalid"),
    "the query is gone": ({"address": ADDRESS}, "signature_invalid"),
    "the query's spelling": ({"address": f"{ADDRESS}?%61=1"}, "signature_invalid"),
    "the host": ({"host": "127.0.0.1"}, "signature_invalid"),
    "the port": ({"host": "localhost:8001"}, "signature_invalid"),
    "the content": ({"content": b"[]"}, "digest_mismatch"),
    "the content's length": ({"content": b"{} "}, "signature_invalid"),
    "the media type": ({"headers": {"content-type": "text/csv"}}, "signature_invalid"),
    "the digest": ({"headers": {"content-digest": content_digest(b"[]")}}, "signature_invalid"),
    "the Idempotency-Key": ({"headers": {"idempotency-key": '"0123456788"'}}, "signature_invalid"),
    "the submission's signature": ({"headers": {"submission-signature": "AAAB"}}, "signature_invalid"),
    "a header is gone": ({"headers": {"idempotency-key": None}}, "signature_malformed"),
    "a coding is added": ({"headers": {"content-encoding": "gzip"}}, "component_missing"),
}


@pytest.mark.parametrize("name", CHANGED)
def test_what_was_changed_on_the_way_is_found(body, young_world, name):
    changes, reason = CHANGED[name]
    stored = everything_stored(young_world)

    answer = sent_otherwise(body, **changes)

    assert (answer.status_code, code(answer)) == (401, reason)
    assert everything_stored(young_world) == stored


def test_another_method_is_found(body):
    # Of the addresses that take two methods; the door stands before both.
    signed = signed_headers(
        "GET", "http://localhost/v1/keys", b"", access_key(BODY), environment=ENVIRONMENT, now=NOON
    )

    assert code(body.http.post("/v1/keys", headers=signed)) == "signature_invalid"


def test_an_unsigned_request_is_told_how_to_sign(body):
    answer = body.http.post(ADDRESS, data=b"{}", headers=JSON)

    problem = require_problem(answer, 401)
    assert problem["code"] == "signature_missing"
    assert problem["type"] == "/v1/docs/problems#signature_missing"
    assert answer.headers["WWW-Authenticate"] == 'Signature realm="certreg"'
    asked = http_sf.parse(answer.headers["Accept-Signature"].encode(), tltype="dictionary")
    components, parameters = asked["sig1"]
    assert {name for name, _ in components} >= {*COVERED_ALWAYS, "content-digest"}
    assert parameters == {"created": True, "alg": "ed25519", "tag": "certreg-api/test"}


# What is said of the signature itself, and the reason for which it is refused.
SAID: dict[str, tuple[dict[str, Any], str]] = {
    "without a time": ({"created": None}, "signature_malformed"),
    "without a nonce": ({"nonce": None}, "signature_malformed"),
    "without a key": ({"keyid": None}, "signature_malformed"),
    "without an algorithm": ({"alg": None}, "signature_malformed"),
    "without a tag": ({"tag": None}, "signature_malformed"),
    "another algorithm": ({"alg": "rsa-pss-sha512"}, "signature_malformed"),
    "a short nonce": ({"nonce": "0123456789abcde"}, "signature_malformed"),
    "a long nonce": ({"nonce": "n" * 65}, "signature_malformed"),
    "a key id in capitals": ({"keyid": "ABCDEF01"}, "signature_malformed"),
    "a key id that is none": ({"keyid": "access"}, "signature_malformed"),
    "a time in quotes": ({"created": str(int(NOON.timestamp()))}, "signature_malformed"),
    "a time beyond measure": ({"created": 999_999_999_999_999}, "signature_malformed"),
    "a time before time": ({"created": -1}, "signature_malformed"),
    "a parameter of its own": ({"priority": 1}, "signature_malformed"),
    "another environment": ({"tag": "certreg-api/production"}, "wrong_tag"),
    "another application": ({"tag": "certreg-witness/test"}, "wrong_tag"),
    "an unknown key": ({"keyid": "01020304"}, "unknown_key"),
    "too old": ({"created": int(NOON.timestamp()) - 301}, "too_old"),
    "from the future": ({"created": int(NOON.timestamp()) + 301}, "from_the_future"),
    "expired": ({"expires": int(NOON.timestamp())}, "expired"),
    "expired, though young": ({"expires": int(NOON.timestamp()) - 1}, "expired"),
}


@pytest.mark.parametrize("name", SAID)
def test_each_wrong_word_of_a_signature_has_its_reason(body, young_world, name):
    parameters, reason = SAID[name]
    stored = everything_stored(young_world)

    problem = require_problem(send(body, **parameters), 401)

    assert problem["code"] == reason
    assert everything_stored(young_world) == stored
    assert young_world.count(RequestNonce) == (0,)


@pytest.mark.parametrize("skew", [-300, -299, 0, 299, 300])
def test_a_clock_may_be_five_minutes_off(body, skew):
    assert code(send(body, created=int(NOON.timestamp()) + skew)) == PASSED


def test_a_signature_may_say_when_it_ends(body):
    assert code(send(body, expires=int(NOON.timestamp()) + 1)) == PASSED


@pytest.mark.parametrize(
    "missing", [*COVERED_ALWAYS, "content-digest", "content-type", "content-length", "idempotency-key"]
)
def test_each_component_that_is_not_covered_is_named(body, missing):
    needed = [*COVERED_ALWAYS, "content-digest", "content-type", "content-length", "idempotency-key"]
    covered = [name for name in needed if name != missing]

    answer = send(body, headers={"Idempotency-Key": '"0123456789"'}, components=covered)

    problem = require_problem(answer, 401)
    assert (problem["code"], problem["missing"]) == ("component_missing", [missing])
    assert missing in problem["detail"]


def test_content_needs_a_digest(body):
    signed = signed_headers(
        "POST", f"http://localhost{ADDRESS}", b"", access_key(BODY), environment=ENVIRONMENT, now=NOON
    )

    problem = require_problem(body.http.post(ADDRESS, data=b"{}", headers=signed), 401)

    assert problem["missing"][0] == "content-digest"


@pytest.mark.parametrize("covered", ["@target-uri", "@scheme", "@request-target", "@status", "date"])
def test_what_a_proxy_may_change_and_what_did_not_arrive_is_not_covered(body, covered):
    values = {"@target-uri": f"http://localhost{ADDRESS}", "@scheme": "http"}
    needed = [*COVERED_ALWAYS, "content-digest", "content-type", "content-length"]
    signed = signed_headers(
        "POST", f"http://localhost{ADDRESS}", b"{}", access_key(BODY), environment=ENVIRONMENT, now=NOON,
        headers={**JSON, covered: values.get(covered, "x")}, components=[*needed, covered],
    )  # fmt: skip
    signed.pop(covered)
    signed.pop("content-length")

    assert code(body.http.post(ADDRESS, data=b"{}", headers=signed)) == "signature_malformed"


@pytest.mark.parametrize("algorithm", ["sha-256", "sha-512"])
def test_both_digests_of_rfc_9530_are_taken(body, algorithm):
    digest = content_digest(b"{}", algorithm)

    assert code(send(body, headers={"Content-Digest": digest})) == PASSED


@pytest.mark.parametrize(
    "digest",
    [
        content_digest(b"[]"),
        content_digest(b"[]", "sha-512"),
        f"{content_digest(b'{}')}, {content_digest(b'[]', 'sha-512')}",
        "md5=:mZFLkyvTelC5g8XnyQrpOw==:",
        "sha-256=:AAAA:",
        "sha-256=text",
        "none",
        "",
    ],
)
def test_a_digest_that_is_not_the_contents_is_found(body, digest):
    problem = require_problem(send(body, headers={"Content-Digest": digest}), 401)

    assert problem["code"] == "digest_mismatch"
    assert sha256(b"{}").hexdigest() in problem["detail"]


def test_a_request_counts_once(body):
    nonce = "0123456789abcdef"
    first, again = send(body, nonce=nonce), send(body, nonce=nonce)

    assert (code(first), code(again)) == (PASSED, "replayed")
    # Of another request, too: a nonce is used up.
    assert code(body.send("POST", f"{ADDRESS}?b", b"{}", headers=JSON, nonce=nonce)) == "replayed"


def test_the_same_nonce_of_another_key_is_another_nonce(app, body, young_world):
    other = BodySystem(app, young_world, OTHER_BODY)

    assert [code(send(who, nonce="0123456789abcdef")) for who in (body, other)] == [PASSED, PASSED]


def test_a_wrong_signature_can_be_looked_into(body):
    problem = require_problem(sent_otherwise(body, address=f"{ADDRESS}?a=2"), 401)

    assert problem["covered"][:4] == ["@method", "@authority", "@path", "@query"]
    lines = problem["signature_base"].split("\n")
    assert lines[:4] == [
        '"@method": POST', '"@authority": localhost', f'"@path": {ADDRESS}', '"@query": ?a=2'
    ]  # fmt: skip
    assert lines[-1].startswith('"@signature-params": ("@method" ')
    assert problem["signature_base_sha256"] == sha256(problem["signature_base"].encode()).hexdigest()


def test_in_production_the_base_itself_is_not_told(young_world, tmp_path):
    installation = installation_of(young_world, tmp_path, young_world.personal)
    object.__setattr__(installation.settings, "environment", "production")
    body = BodySystem(create_app(installation, now=lambda: NOON), young_world)

    problem = require_problem(
        send(body, environment="production", key=private_key("x"), keyid=key_id_of(body)), 401
    )

    assert problem["code"] == "signature_invalid"
    assert "signature_base" not in problem
    assert len(problem["signature_base_sha256"]) == 64


def key_id_of(body: BodySystem) -> str:
    return HolderKey(access_key(body.issuer)).key_id.hex()


def header(*parts: str) -> str:
    return ", ".join(parts)


def broken(signed: dict[str, str], **changes: Callable[[str], str | None]) -> dict[str, str]:
    names = {name.replace("_", "-"): change for name, change in changes.items()}
    made = {name: names.get(name, lambda value: value)(value) for name, value in signed.items()}
    return {name: value for name, value in made.items() if value is not None}


BROKEN: dict[str, tuple[dict[str, Callable[[str], str | None]], str]] = {
    "no input": ({"signature_input": lambda value: None}, "signature_missing"),
    "no signature": ({"signature": lambda value: None}, "signature_missing"),
    "empty": ({"signature": lambda value: "", "signature_input": lambda value: ""}, "signature_missing"),
    "two signatures": (
        {
            "signature": lambda value: f"{value}, b{value}",
            "signature_input": lambda value: f"{value}, b{value}",
        },
        "two_signatures",
    ),
    "two signatures, one input": ({"signature": lambda value: f"{value}, b{value}"}, "two_signatures"),
    "one label twice": (
        {"signature_input": lambda value: f"{value}, {value}"},
        "signature_malformed",
    ),
    "other labels": ({"signature": lambda value: f"b{value}"}, "signature_malformed"),
    "no list": ({"signature_input": lambda value: "sig1=1"}, "signature_malformed"),
    "a flag": ({"signature_input": lambda value: "sig1"}, "signature_malformed"),
    "no bytes": ({"signature": lambda value: 'sig1="AAAA"'}, "signature_malformed"),
    "no base64": ({"signature": lambda value: "sig1=:*:"}, "signature_malformed"),
    "not closed": ({"signature_input": lambda value: value.replace(")", "")}, "signature_malformed"),
    "a component twice": (
        {"signature_input": lambda value: value.replace("(", '("@path" ')},
        "signature_malformed",
    ),
    "a component with a parameter": (
        {"signature_input": lambda value: value.replace('"@path"', '"@path";req')},
        "signature_malformed",
    ),
    "a component in capitals": (
        {"signature_input": lambda value: value.replace('"content-type"', '"content-type" "Content-Type"')},
        "signature_malformed",
    ),
    "a token for a component": (
        {"signature_input": lambda value: value.replace('"@path"', "path")},
        "signature_malformed",
    ),
    "many components": (
        {"signature_input": lambda value: value.replace("(", "(" + '"x" ' * 40)},
        "signature_malformed",
    ),
    "a short signature": ({"signature": lambda value: "sig1=:AAAA:"}, "signature_invalid"),
    "no signature in it": ({"signature": lambda value: "sig1=::"}, "signature_invalid"),
    "the neutral point": (
        {"signature": lambda value: "sig1=:AQ" + "A" * 84 + ":"},
        "signature_invalid",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_signature_is_refused_without_a_failure(body, young_world, name):
    changes, reason = BROKEN[name]
    signed = signed_headers(
        "POST", f"http://localhost{ADDRESS}", b"{}", access_key(BODY), environment=ENVIRONMENT, now=NOON,
        headers=JSON,
    )  # fmt: skip
    signed.pop("content-length")

    answer = body.http.post(ADDRESS, data=b"{}", headers=broken(signed, **changes))

    assert (answer.status_code, code(answer)) == (401, reason)
    assert young_world.count(RequestNonce) == (0,)


# Keys that are enrolled and open nothing, or not this; each with the status and the reason.
LAST_WEEK = THAT_DAY - timedelta(days=7)


def of_a_submission(world: World) -> Any:
    return private_key(BODY)


def of_a_reviewer(world: World) -> Any:
    return private_key("province")


def revoked(world: World) -> Any:
    world.enrol(world.bodies[BODY].actor, holder_key("revoked"), Purpose.ACCESS)
    world.revoke(holder_key("revoked").key_id)
    return private_key("revoked")


def with_days(name: str, first: date, last: date) -> Callable[[World], Any]:
    def enrolled(world: World) -> Any:
        actor = world.bodies[BODY].actor
        world.enrol(actor, holder_key(name), Purpose.ACCESS, valid_from_on=first, valid_to_on=last)
        return private_key(name)

    return enrolled


def of_an_account(
    name: str, *roles: tuple[Role, str], purpose: Purpose = Purpose.ACCESS
) -> Callable[[World], Any]:
    def enrolled(world: World) -> Any:
        world.holder(name, *roles, purpose=purpose)
        return private_key(name)

    return enrolled


KEYS: dict[str, tuple[Callable[[World], Any], int, str]] = {
    "of a submission": (of_a_submission, 401, "wrong_purpose"),
    "of a reviewer": (of_a_reviewer, 401, "wrong_purpose"),
    "revoked": (revoked, 401, "key_revoked"),
    "over since yesterday": (with_days("over", LAST_WEEK, THAT_DAY - timedelta(days=1)), 401, "key_expired"),
    "from tomorrow on": (
        with_days("soon", THAT_DAY + timedelta(days=1), THAT_DAY + timedelta(days=9)),
        401,
        "key_expired",
    ),
    "of nobody": (of_an_account("nobody"), 401, "no_body"),
    "of two bodies": (
        of_an_account("both", (Role.BODY_SYSTEM, BODY), (Role.BODY_SYSTEM, OTHER_BODY)),
        401,
        "no_body",
    ),
    "of a registrar": (of_an_account("another registrar", (Role.REGISTRAR, NATIONAL)), 401, "no_body"),
    "of an administrator's account": (
        of_an_account("admin", (Role.BODY_ADMINISTRATOR, BODY)),
        403,
        "not_permitted",
    ),
    "for administration": (
        of_an_account("chief", (Role.BODY_ADMINISTRATOR, BODY), purpose=Purpose.ADMINISTRATION),
        403,
        "wrong_purpose",
    ),
}


@pytest.mark.parametrize("name", KEYS)
def test_a_key_that_opens_nothing_is_refused_by_its_reason(body, young_world, name):
    make, status, reason = KEYS[name]
    key = make(young_world)
    stored = everything_stored(young_world)

    answer = send(body, key=key)

    assert (answer.status_code, code(answer)) == (status, reason)
    assert everything_stored(young_world) == stored


def test_a_key_that_is_revoked_while_content_comes_acts_no_more(young_world, tmp_path, monkeypatch):
    times = [NOON]
    installation = installation_of(young_world, tmp_path, young_world.personal)
    body = BodySystem(create_app(installation, now=lambda: times[-1]), young_world)

    def slowly(request: Any) -> bytes:
        times.append(times[-1] + timedelta(seconds=3))
        if len(times) > 2:
            young_world.revoke(HolderKey(access_key(BODY)).key_id, now=times[-1])
        return content_of(request)

    monkeypatch.setattr(door, "content_of", slowly)

    assert code(send(body)) == PASSED
    assert code(send(body)) == "key_revoked"


def test_what_a_key_is_is_told_to_its_holder_alone(body, young_world):
    revoked(young_world)
    key_id = holder_key("revoked").key_id.hex()

    assert code(send(body, key=private_key("somebody else"), keyid=key_id)) == "signature_invalid"


def test_a_bodys_program_may_have_an_account_of_its_own(body, young_world):
    young_world.holder("系统", (Role.BODY_SYSTEM, BODY), purpose=Purpose.ACCESS)
    content = young_world.file()
    headers = {**JSON, "Submission-Signature": signature_over(content, young_world.bodies[BODY].key)}

    answer = body.send("POST", ADDRESS, content, headers=headers, key=private_key("系统"))

    assert answer.status_code == 201


def test_every_fault_of_a_signature_is_in_one_of_these_tables():
    named = {reason for _, reason in [*CHANGED.values(), *SAID.values(), *BROKEN.values()]}
    named |= {reason for _, _, reason in KEYS.values()} | {"replayed"}

    assert {str(fault) for fault in SignatureFault} <= named


def test_behind_a_proxy_the_name_of_the_settings_is_what_is_signed(young_world, tmp_path):
    installation = installation_of(young_world, tmp_path, young_world.personal)
    object.__setattr__(installation.settings, "staff_hosts", ("register.example",))
    body = BodySystem(create_app(installation, now=lambda: NOON), young_world)

    assert code(send(body, headers={"Host": "register.example"})) == PASSED
    assert code(send(body, headers={"Host": "other.example"})) == "bad_request"
    # Whoever looks at the pages is asked for nothing, so they are for this machine.
    assert body.http.get("/", headers={"Host": "register.example"}).status_code == 400
    assert body.http.get("/v1/openapi.json", headers={"Host": "register.example"}).status_code == 200


def test_the_description_is_open_and_nothing_else(body, app):
    anonymous = [
        rule.rule for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v1") and "GET" in rule.methods and not rule.arguments
        and body.http.get(rule.rule).status_code != 401
    ]  # fmt: skip

    assert all(path == "/v1/openapi.json" or path.startswith("/v1/docs") for path in anonymous), anonymous
    assert "/v1/openapi.json" in anonymous


@pytest.mark.parametrize(
    ("sent", "target"),
    [
        ("/v1/x?a=%2F", "/v1/x?a=%2F"),
        ("/v1//x/../y?", "/v1//x/../y?"),
        ("http://localhost/v1/x?a", "/v1/x?a"),
        ("http://localhost", "/"),
        ("http://localhost?a", "/?a"),
    ],
)
def test_the_target_is_what_was_sent(app, sent, target):
    with app.test_request_context("/v1/other", environ_overrides={"RAW_URI": sent}) as context:
        assert target_of(context.request) == target


def test_a_target_that_is_no_uri_is_a_bad_request(app):
    with (
        app.test_request_context("/v1/x", environ_overrides={"RAW_URI": "http://[::1/v1/x"}) as context,
        pytest.raises(BadRequest),
    ):
        target_of(context.request)


def test_nothing_of_a_problem_quotes_the_request(body):
    secret = "赫连金丝雀"
    answer = send(body, content=json.dumps({"name": secret}).encode(), created=1)

    assert secret not in json.dumps(require_problem(answer, 401), ensure_ascii=False)
