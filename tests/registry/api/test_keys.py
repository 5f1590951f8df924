"""``/v1/keys``: what a body's administrator does with his key, and nobody with another."""

import base64
import json

import pytest

from registry.people.accounts import Purpose
from registry.people.permission import Role
from registry.people.possession import Possession
from registry.people.tables import EnrolledKey
from tests.instants import THAT_DAY
from tests.registry.staff_site import ADDRESS, BodySystem, everything_stored, require_problem
from tests.registry.world import BODY, ENVIRONMENT, LAST_ON, OTHER_BODY, holder_key, private_key

KEYS = "/v1/keys"
JSON = {"Content-Type": "application/json"}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Chief:
    """A body's administrator."""

    def __init__(self, body: BodySystem, issuer: str = BODY) -> None:
        self.body = body
        self.name = f"chief of {issuer}"
        self.holder = body.world.holder(
            self.name, (Role.BODY_ADMINISTRATOR, issuer), purpose=Purpose.ADMINISTRATION
        )

    def send(self, method: str, address: str = KEYS, content: bytes = b"", **more):
        more.setdefault("key", private_key(self.name))
        headers = {**(JSON if content else {}), **more.pop("headers", {})}
        return self.body.send(method, address, content, headers=headers, **more)

    def document(self, name="new", **changes):
        """Return what registers the key of this name, with a good proof unless the changes spoil it."""
        document = {
            "public_key": b64(holder_key(name).public),
            "purpose": "access",
            "valid_from_on": str(THAT_DAY),
            "valid_to_on": str(LAST_ON),
            "nonce": "0123456789abcdef",
            **changes,
        }
        possession = Possession(
            ENVIRONMENT,
            self.holder.key.key_id,
            document["nonce"],
            document["purpose"],
            holder_key(name).public,
        )
        return {"proof": b64(private_key(name).sign(possession.to_be_signed())), **document}

    def register(self, name="new", **changes):
        return self.send("POST", content=json.dumps(self.document(name, **changes)).encode())


@pytest.fixture
def chief(body) -> Chief:
    return Chief(body)


def test_a_key_is_registered_and_opens_the_api_at_once(chief, body):
    answer = chief.register()

    assert answer.status_code == 201
    assert answer.json == {
        "key_id": holder_key("new").key_id.hex(),
        "public_key": b64(holder_key("new").public),
        "purpose": "access",
        "account_id": str(body.world.bodies[BODY].actor.account_id),
        "account": BODY,
        "valid_from_on": str(THAT_DAY),
        "valid_to_on": str(LAST_ON),
        "revoked_at": None,
    }
    passed = body.send("POST", ADDRESS, b"{}", headers=JSON, key=private_key("new"))
    assert require_problem(passed, 401)["code"] == "submission_not_signed"


def test_a_revoked_key_opens_nothing_from_the_next_request_on(chief, body):
    key_id = chief.register().json["key_id"]

    first, again = (chief.send("DELETE", f"{KEYS}/{key_id}") for _ in range(2))

    assert (first.status_code, again.status_code, first.data) == (204, 204, b"")
    refused = body.send("POST", ADDRESS, b"{}", headers=JSON, key=private_key("new"))
    assert require_problem(refused, 401)["code"] == "key_revoked"
    listed = {key["key_id"]: key for key in chief.send("GET").json["keys"]}
    assert listed[key_id]["revoked_at"] == "2026-11-20T04:00:00+00:00"


def test_the_list_has_the_bodys_own_keys_alone(chief, app, body):
    Chief(BodySystem(app, body.world, OTHER_BODY), OTHER_BODY).register("theirs")

    keys = chief.send("GET").json["keys"]

    assert sorted(key["purpose"] for key in keys) == ["access", "administration", "submission"]
    assert {key["account"] for key in keys} == {BODY, chief.name}


@pytest.mark.parametrize(
    ("method", "address"), [("GET", KEYS), ("POST", KEYS), ("DELETE", f"{KEYS}/01020304")]
)
def test_an_access_key_manages_no_keys(body, method, address):
    content = b"{}" if method == "POST" else b""
    stored = everything_stored(body.world)

    answer = body.send(method, address, content, headers=JSON if content else {})

    assert require_problem(answer, 403)["code"] == "wrong_purpose"
    assert everything_stored(body.world) == stored


def test_an_administration_key_opens_nothing_else(chief):
    assert require_problem(chief.send("POST", ADDRESS, b"{}"), 403)["code"] == "wrong_purpose"


WRONG = {
    "no proof": ({"proof": b64(bytes(64))}, 422, "possession_not_shown"),
    "a proof that is short": ({"proof": "AAAA"}, 422, "unprocessable"),
    "no key": ({"public_key": "AAAA"}, 422, "unprocessable"),
    "no base64": ({"public_key": "*" * 43}, 422, "unprocessable"),
    "a number for a key": ({"public_key": 1}, 422, "unprocessable"),
    "a weak key": ({"public_key": b64(b"\x01" + bytes(31))}, 422, "key_refused"),
    "a decision key": ({"purpose": "decision"}, 422, "unprocessable"),
    "an administration key": ({"purpose": "administration"}, 422, "unprocessable"),
    "a day that is none": ({"valid_to_on": "2027-02-30"}, 422, "unprocessable"),
    "a day that is over": ({"valid_from_on": "2020-01-01", "valid_to_on": "2020-01-02"}, 422, "key_refused"),
    "a short nonce": ({"nonce": "short"}, 422, "unprocessable"),
    "an account that is none": ({"account_id": "00000000-0000-0000-0000-000000000000"}, 422, "key_refused"),
    "a member that there is not": ({"revoked_at": None}, 422, "unprocessable"),
    "another body": ({"issuer": OTHER_BODY}, 422, "unprocessable"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_key_is_not_registered(chief, body, name):
    changes, status, code = WRONG[name]
    stored = everything_stored(body.world)

    problem = require_problem(chief.register(**changes), status)

    assert problem["code"] == code
    assert everything_stored(body.world) == stored
    if code == "unprocessable":
        assert problem["errors"]["json"].keys() == changes.keys()


@pytest.mark.parametrize("column", [column.name for column in EnrolledKey.__table__.columns])
def test_no_column_is_set_by_its_name(chief, body, column):
    document = chief.document()
    allowed = column in document
    stored = everything_stored(body.world)
    value = document[column] if allowed else "x"

    answer = chief.send("POST", content=json.dumps({**document, column: value}).encode())

    if column == "account_id":
        require_problem(answer, 422)
    elif not allowed:
        assert require_problem(answer, 422)["errors"]["json"] == {column: ["Unknown field."]}
    assert allowed or everything_stored(body.world) == stored


BAD_JSON = [
    b'{"purpose":"access","purpose":"submission"}',
    b"{",
    b"\xef\xbb\xbf{}",
    b'{"nonce":NaN}',
    b"\xff",
    b"[" * 100_000,
    '{"nonce":"x"}'.encode("utf-16"),
    b'{"a":"\xed\xa0\x80"}',
    b"{} {}",
    b"{'a':1}",
]


@pytest.mark.parametrize("content", BAD_JSON, ids=lambda content: repr(content[:20]))
def test_json_that_two_readers_would_read_otherwise_is_refused(chief, content):
    assert require_problem(chief.send("POST", content=content), 400)["code"] == "bad_request"


@pytest.mark.parametrize("content", [b"[]", b"1", b"null", b'"x"', b"{}", b"[{}]"])
def test_json_that_is_no_key_is_refused(chief, content):
    assert require_problem(chief.send("POST", content=content), 422)["code"] == "unprocessable"


def test_another_media_type_is_refused(chief):
    answer = chief.send("POST", content=b"{}", headers={"Content-Type": "text/plain"})

    assert require_problem(answer, 415)["code"] == "unsupported_media_type"


def test_a_key_that_is_there_is_not_registered_again(chief, app, body):
    first = chief.register()
    other = Chief(BodySystem(app, body.world, OTHER_BODY), OTHER_BODY)
    stored = everything_stored(body.world)

    again = chief.register(nonce="another-nonce-of-16")

    assert (again.status_code, again.json) == (200, first.json)
    assert require_problem(other.register(), 409)["code"] == "key_already_enrolled"
    for change in ({"purpose": "submission"}, {"valid_from_on": "2026-11-01"}, {"valid_to_on": "2027-01-01"}):
        assert require_problem(chief.register(**change), 409)["code"] == "key_already_enrolled"
    assert everything_stored(body.world) == stored


def test_a_revoked_key_is_not_registered_again(chief):
    chief.send("DELETE", f"{KEYS}/{chief.register().json['key_id']}")

    assert require_problem(chief.register(), 409)["code"] == "key_already_enrolled"


def test_another_bodys_key_looks_like_one_that_is_not_there(chief, body):
    theirs = body.world.bodies[OTHER_BODY].key.key_id.hex()
    answers = {}
    for key_id in (theirs, "01020304"):
        answer = chief.send("DELETE", f"{KEYS}/{key_id}")
        assert require_problem(answer, 404)["code"] == "not_there"
        answers[answer.data.replace(key_id.encode(), b"KEY")] = key_id

    assert len(answers) == 1


@pytest.mark.parametrize("name", ["x", "0102030", "ABCDEF01", "010203040", "%2e%2e", "..."])
def test_what_is_no_key_id_is_not_there(chief, name):
    assert chief.send("DELETE", f"{KEYS}/{name}").status_code == 404


def test_the_last_administration_key_goes_only_when_that_is_confirmed(chief):
    address = f"{KEYS}/{chief.holder.key.key_id.hex()}"

    assert require_problem(chief.send("DELETE", address), 409)["code"] == "last_administration_key"
    assert (
        require_problem(chief.send("DELETE", f"{address}?confirm_last=yes"), 422)["code"] == "unprocessable"
    )
    assert require_problem(chief.send("DELETE", f"{address}?force=true"), 422)["code"] == "unprocessable"
    assert chief.send("DELETE", f"{address}?confirm_last=true").status_code == 204
    assert require_problem(chief.send("GET"), 401)["code"] == "key_revoked"


def test_a_lost_answer_is_asked_for_again(chief, body):
    content = json.dumps(chief.document()).encode()
    headers = {"Idempotency-Key": '"register the key of May"'}
    first = chief.send("POST", content=content, headers=headers)
    stored = everything_stored(body.world)

    again = chief.send("POST", content=content, headers=headers)

    assert (again.status_code, again.data, again.content_type) == (201, first.data, "application/json")
    assert everything_stored(body.world) == stored
