"""A process that is killed between what a request made and the keeping of its answer: asked again, one thing was made.

So is whatever takes over a request that is only slow: the second attempt does the whole act again.
"""

import base64
import json
from datetime import timedelta
from hashlib import sha256

import pytest

from keys.signer.journal import SignerJournal
from registry.access.idempotency import HOLD
from registry.api import idempotent
from registry.database.errors import CommitUnknown, RegisterBusy
from registry.people.possession import Possession
from tests.instants import NOON, THAT_DAY
from tests.registry.api.lively import DRAFTS, JSON, chief_of
from tests.registry.staff_site import everything_stored, require_problem, signature_over
from tests.registry.world import BODY, ENVIRONMENT, LAST_ON, holder_key, private_key

pytestmark = pytest.mark.usefixtures("quick_id_checks")


class Killed(BaseException):
    """What ends a process: nothing catches it."""


@pytest.fixture(autouse=True)
def journal(young_world, tmp_path):
    # The worlds of this room are copies of one, and a signer signs an entry once.
    young_world.journal = SignerJournal.create(tmp_path / "signer" / "journal.txt")


@pytest.fixture
def clock(app):
    clock = [NOON]
    app.extensions["certreg_now"] = lambda: clock[0]
    return clock


def a_submission(body):
    content = body.world.file()
    signature = signature_over(content, body.world.bodies[BODY].key)
    return "/v1/submissions", content, {"Submission-Signature": signature}


def a_draft(body):
    return DRAFTS, body.world.file(), {}


def of_a_draft(body):
    return body.send("POST", DRAFTS, body.world.file(), headers=JSON).headers["Location"]


def corrections(body):
    return f"{of_a_draft(body)}/corrections", b'{"remove": [1]}', {}


def photos(body):
    said = {"size": 20, "sha256": sha256(b"photos").hexdigest()}
    return f"{of_a_draft(body)}/photos", json.dumps(said).encode(), {}


def a_request(body):
    world = body.world
    world.open_epoch()
    submission = world.numbered(world.row(1))
    world.sign()
    world.release()
    (number,) = world.numbers(submission)
    said = {"kind": "suspend", "reason": "站点有误"}
    return f"/v1/certificates/{number}/requests", json.dumps(said).encode(), {}


def a_key(body):
    chief, new, nonce = chief_of(body.world), holder_key("new"), "0123456789abcdef"
    shown = Possession(ENVIRONMENT, holder_key(chief).key_id, nonce, "access", new.public).to_be_signed()
    said = {
        "public_key": base64.urlsafe_b64encode(new.public).decode(),
        "purpose": "access",
        "valid_from_on": str(THAT_DAY),
        "valid_to_on": str(LAST_ON),
        "nonce": nonce,
        "proof": base64.urlsafe_b64encode(private_key("new").sign(shown)).decode(),
    }
    return "/v1/keys", json.dumps(said).encode(), {"key": private_key(chief)}


MAKING = {
    "/v1/submissions": a_submission,
    "/v1/drafts": a_draft,
    "/v1/drafts/{draft_id}/corrections": corrections,
    "/v1/drafts/{draft_id}/photos": photos,
    "/v1/certificates/{number}/requests": a_request,
    "/v1/keys": a_key,
}


@pytest.fixture
def send(body, clock):
    def send(address, content, more, *, name="the same thing"):
        more = dict(more)
        key = more.pop("key", None)
        headers = {**JSON, **more, "Idempotency-Key": f'"{name}"'}
        return body.send("POST", address, content, headers=headers, key=key, now=clock[0])

    return send


def kill(*_arguments, **_named):
    raise Killed


def killed(monkeypatch, sending):
    with monkeypatch.context() as broken:
        broken.setattr(idempotent, "keep", kill)
        with pytest.raises(Killed):
            sending()


def test_the_list_has_every_route_that_makes_something(app):
    paths = app.test_client().get("/v1/openapi.json").json["paths"]

    named = {
        path
        for path, methods in paths.items()
        for method, operation in methods.items()
        if method != "parameters"
        for parameter in operation.get("parameters", ())
        if parameter.get("name") == "Idempotency-Key"
    }

    assert named == set(MAKING)


@pytest.mark.parametrize("path", MAKING)
def test_what_a_killed_attempt_made_is_not_made_again(body, send, clock, monkeypatch, path):
    asked = MAKING[path](body)
    before = everything_stored(body.world)
    killed(monkeypatch, lambda: send(*asked))
    made = everything_stored(body.world)
    assert made != before
    assert require_problem(send(*asked), 409)["code"] == "idempotency_in_progress"
    clock[0] += HOLD

    taken_over, again = send(*asked), send(*asked)

    assert taken_over.status_code in (200, 201, 202), taken_over.text
    assert (again.status_code, again.data) == (taken_over.status_code, taken_over.data)
    assert everything_stored(body.world) == made


@pytest.mark.parametrize("path", MAKING)
def test_of_two_attempts_at_once_one_makes_something(body, send, clock, monkeypatch, path):
    asked, keep, answers = MAKING[path](body), idempotent.keep, []

    def slow(*arguments):
        with monkeypatch.context() as quick:
            quick.setattr(idempotent, "keep", keep)
            clock[0] += HOLD
            answers.append(send(*asked))
            answers.append(everything_stored(body.world))
        keep(*arguments)

    with monkeypatch.context() as broken:
        broken.setattr(idempotent, "keep", slow)
        first = send(*asked)
    second, made = answers

    assert first.status_code in (200, 201, 202), first.text
    assert second.status_code in (200, 201, 202), second.text
    assert everything_stored(body.world) == made
    # What the second one was told is what is kept.
    assert send(*asked).data == second.data


@pytest.mark.parametrize("fault", [CommitUnknown(), RegisterBusy(8, "lost"), ZeroDivisionError()], ids=repr)
def test_a_fault_after_the_act_does_not_let_it_be_done_again(body, send, monkeypatch, fault):
    address, content, more = corrections(body)

    def fail(*_):
        raise fault

    before = everything_stored(body.world)
    body.http.application.config["PROPAGATE_EXCEPTIONS"] = False
    with monkeypatch.context() as broken:
        broken.setattr("registry.api.drafts.contents.state_of", fail)
        assert send(address, content, more).status_code in (500, 503)
    made = everything_stored(body.world)
    other = send(address, b'{"remove": [2]}', more, name="another thing")

    again = send(address, content, more)

    assert made != before
    # It is not put over what came after it.
    assert (again.status_code, again.json["revision"]) == (202, other.json["revision"])


def test_a_refusal_frees_its_key(body, send):
    address, _, more = corrections(body)

    require_problem(send(address, b'{"rows": [{}]}', more), 422)

    assert send(address, b'{"remove": [1]}', more).status_code == 202


def test_corrections_that_are_taken_over_are_not_put_over_later_ones(body, send, clock, monkeypatch):
    address, content, more = corrections(body)
    killed(monkeypatch, lambda: send(address, content, more))
    later = send(address, b'{"remove": [2]}', more, name="another thing").json
    clock[0] += HOLD + timedelta(seconds=1)

    again = send(address, content, more)

    assert (again.status_code, again.json["revision"]) == (202, later["revision"])
