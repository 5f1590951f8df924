"""A body before its own: what it reads, asks and takes back over HTTP."""

import base64
import io
import json
from datetime import UTC
from uuid import uuid4
from zipfile import ZipFile

import pytest

from keys.signer.journal import SignerJournal
from registry.api import own_certificates
from registry.certificate.lifecycle import Reason, revoke
from registry.database.errors import CommitUnknown
from registry.database.schema import metadata
from registry.holder.files import names_of, qr_files
from registry.journal.sequencer import chain_events
from registry.request.asking import ask
from registry.request.tables import CertificateRequest
from signing.token import open_token
from tests.instants import NOON
from tests.registry.api.own_site import Door, trust_the_world
from tests.registry.staff_site import BodySystem, everything_stored, require_problem, staff_site
from tests.registry.world import BODY, OTHER_BODY

pytestmark = pytest.mark.usefixtures("quick_id_checks")


@pytest.fixture
def world(young_world, tmp_path):
    # The worlds of this room are copies of one, and a signer signs an entry once.
    young_world.journal = SignerJournal.create(tmp_path / "signer" / "journal.txt")
    young_world.open_epoch()
    return young_world


@pytest.fixture
def app(world, tmp_path):
    app = staff_site(world, tmp_path)
    trust_the_world(app, world)
    return app


@pytest.fixture
def door(app, world):
    return Door(app, world)


@pytest.fixture
def other(app, world):
    return Door(app, world, OTHER_BODY)


def released(world, count=2):
    submission = world.numbered(*world.rows(count))
    world.sign()
    world.release()
    return submission, world.numbers(submission)


# Reading.


def test_a_body_turns_the_pages_of_its_submissions(world, door):
    made = {str(world.submitted()) for _ in range(3)}
    found, query = [], {"limit": 2}

    while True:
        page = door.get("/v1/submissions", **query).json
        found += [line["id"] for line in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]

    assert (set(found), len(found)) == (made, 3)


def test_a_submission_tells_where_it_stands(world, door):
    submission = world.checked(*world.rows(2))

    answer = door.get(f"/v1/submissions/{submission}")

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json["submission"]["status"] == "province"
    assert answer.json["statistics"]["entered"] == 2
    assert answer.json["progress"]["id_checked"] == 2
    assert answer.json["withdrawal"] is None


def test_rows_are_written_as_in_the_form_without_the_id_number(world, door):
    row = world.row(1, practice="70")
    submission = world.submitted(row)

    answer = door.get(f"/v1/submissions/{submission}/rows")

    (found,) = answer.json["items"]
    for member in ("edition", "occupation", "direction", "level", "theory", "practice", "id_type"):
        assert found[member] == row[member], member
    assert row["id_number"] not in answer.text


@pytest.mark.parametrize(
    ("theory", "practice"), [("absent", "86.5"), ("70", "absent"), ("absent", "absent"), ("0", "100")]
)
def test_scores_are_told_as_they_were_handed_in(world, door, theory, practice):
    submission = world.submitted(world.row(1, theory=theory, practice=practice))

    (found,) = door.get(f"/v1/submissions/{submission}/rows").json["items"]

    assert (found["theory"], found["practice"]) == (theory, practice)


def test_decisions_tell_returned_rows(world, door):
    submission = world.checked(*world.rows(2))
    world.decide(submission, {2: "照片不符"})

    answer = door.get(f"/v1/submissions/{submission}/decisions")

    (decision,) = answer.json["items"]
    assert decision["returned"] == [{"row": 2, "reason": "照片不符"}]
    assert set(decision) == {"step", "jurisdiction", "decided_at", "confirmed", "returned"}


def test_certificates_tokens_and_images_are_fetched(world, door):
    submission, numbers = released(world)

    listed = door.get(f"/v1/submissions/{submission}/certificates").json["items"]
    shown = door.get(f"/v1/certificates/{numbers[0]}").json
    token = door.get(f"/v1/certificates/{numbers[0]}/token")
    lines = door.get(f"/v1/submissions/{submission}/tokens")
    image = door.get(f"/v1/certificates/{numbers[0]}/qr.png")
    drawing = door.get(f"/v1/certificates/{numbers[0]}/qr.svg")
    archive = door.get(f"/v1/submissions/{submission}/qr.zip")

    assert [found["number"] for found in listed] == numbers
    assert [version["status"] for version in shown["versions"]] == ["released"]
    assert open_token(token.data, world.trust).entry == 1
    assert lines.mimetype == "application/jsonl"
    told = [json.loads(line) for line in lines.text.splitlines()]
    assert [line["number"] for line in told] == numbers
    assert base64.b64decode(told[0]["token"]) == token.data
    prefix = door.app.extensions["certreg"].settings.qr_prefix
    assert (image.data, drawing.data) == (
        qr_files(prefix, token.data).png,
        qr_files(prefix, token.data).svg,
    )
    with ZipFile(io.BytesIO(archive.data)) as images:
        assert images.namelist() == [f"{number}.png" for number in numbers]


def test_a_pdf_is_made_when_it_is_asked_for(world, door):
    _, (number, *_) = released(world)

    answer = door.get(f"/v1/certificates/{number}/certificate.pdf")

    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")


def test_a_pdf_is_made_although_its_certificate_is_revoked_in_that_moment(world, door, monkeypatch):
    _, (number, *_) = released(world)

    def names(installation):
        world.sessions.run(
            lambda session: revoke(session, world.registrar, number, Reason.EXAM_FRAUD, now=NOON)
        )
        return names_of(installation)

    monkeypatch.setattr(own_certificates, "names_of", names)

    first = door.get(f"/v1/certificates/{number}/certificate.pdf")

    assert first.data.startswith(b"%PDF-")
    again = require_problem(door.get(f"/v1/certificates/{number}/certificate.pdf"), 409)
    assert again["code"] == "not_in_force"


@pytest.mark.parametrize("file", ["token", "qr.png", "qr.svg", "certificate.pdf"])
def test_nothing_is_made_of_what_is_not_in_force(world, door, file):
    _, (number, *_) = released(world)
    world.sessions.run(lambda session: revoke(session, world.registrar, number, Reason.EXAM_FRAUD, now=NOON))

    require_problem(door.get(f"/v1/certificates/{number}/{file}"), 409)


def test_without_a_trust_bundle_nothing_is_handed_out(world, app, door):
    _, (number, *_) = released(world)
    app.extensions["certreg_trust"] = lambda: None

    require_problem(door.get(f"/v1/certificates/{number}/token"), 503)


def test_what_the_register_knows_a_body_by(world, door):
    released(world)

    listings = door.get("/v1/listings").json["items"]
    sites = door.get("/v1/sites").json["items"]
    series = door.get("/v1/series").json["items"]

    assert {"occupation", "level", "listed_on", "expires_on", "removed_on"} <= set(listings[0])
    assert {(site["province"], site["code"]) for site in sites} >= {("21", "000002")}
    assert sum(found["issued"] for found in series) == 2


def test_changes_are_told_once(world, door):
    submission, numbers = released(world)
    chain_events(world.sessions)
    told, query = [], {"limit": 3}
    while True:
        page = door.get("/v1/changes", **query).json
        told += page["items"]
        query["cursor"] = page["next"]
        if not page["more"]:
            break

    assert [change["number"] for change in told if change["kind"] == "release"] == numbers
    assert next(change["kind"] for change in told if change["submission_id"] == str(submission)) == "submit"
    assert door.get("/v1/changes", **query).json["items"] == []


# Asking and taking back.


def test_a_submission_is_withdrawn_once(world, door):
    submission = world.submitted()
    address = f"/v1/submissions/{submission}/withdrawal"

    first, again = door.post(address, reason="场次有误"), door.post(address, reason="再次")

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json == {
        "reason": "场次有误", "withdrawn_at": NOON.astimezone(UTC).isoformat(), "replaced_by": None,
    }  # fmt: skip
    assert door.get(f"/v1/submissions/{submission}").json["withdrawal"]["reason"] == "场次有误"


def test_what_is_decided_on_is_not_withdrawn(world, door):
    submission = world.reviewed()

    problem = require_problem(door.post(f"/v1/submissions/{submission}/withdrawal", reason="迟了"), 409)

    assert "不能撤回" in problem["detail"]


def test_the_same_file_after_its_withdrawal_is_refused(world, door):
    content = world.file()
    handed_in = world.signed(content)
    submission = world.submit(handed_in).submission_id
    door.post(f"/v1/submissions/{submission}/withdrawal", reason="场次有误")
    body = BodySystem(door.app, world)
    problem = require_problem(body.hand_in(content), 409)

    assert str(submission) in problem["detail"]


def test_a_request_is_asked_shown_and_taken_back(world, door):
    _, (number, *_) = released(world)

    asked = door.post(f"/v1/certificates/{number}/requests", kind="revoke", reason="站点有误")
    address = f"/v1/requests/{asked.json['id']}"
    shown = door.get(address)
    listed = door.get("/v1/requests", status="open")
    taken_back = door.post(f"{address}/withdrawal")

    assert asked.status_code == 201
    assert shown.json == asked.json
    assert [request["id"] for request in listed.json["items"]] == [asked.json["id"]]
    assert taken_back.json["status"] == "withdrawn"
    assert door.get("/v1/requests", status="open").json["items"] == []


def asked_again(app, world, number, **said):
    """Ask for something under a key that is always the same."""
    content = json.dumps({"kind": "revoke", "reason": "站点有误", **said}).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": '"revoke-of-november"'}
    return BodySystem(app, world).send(
        "POST", f"/v1/certificates/{number}/requests", content, headers=headers
    )


def test_a_request_that_is_asked_again_is_the_same(app, world):
    _, (number, *_) = released(world)

    first, again = (asked_again(app, world, number) for _ in range(2))

    # Without the key it would be refused, as asked already.
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json
    assert world.count(CertificateRequest) == (1,)


def test_another_request_under_the_same_key_is_refused(app, world):
    _, (number, *_) = released(world)
    asked_again(app, world, number)

    problem = require_problem(asked_again(app, world, number, kind="suspend"), 409)

    assert problem["code"] == "idempotency_conflict"
    assert world.count(CertificateRequest) == (1,)


def test_a_request_of_which_nobody_knew_whether_it_is_stored_is_met_again(app, world, monkeypatch):
    _, (number, *_) = released(world)

    def stored_and_unknown(*arguments, **named):
        ask(*arguments, **named)
        raise CommitUnknown

    with monkeypatch.context() as broken:
        broken.setattr(own_certificates, "ask", stored_and_unknown)
        unknown = require_problem(asked_again(app, world, number), 503)
    again = asked_again(app, world, number)

    assert unknown["code"] == "commit_unknown"
    assert again.status_code == 201
    assert world.count(CertificateRequest) == (1,)


# Other bodies, wrong questions.


OWN = [
    "/v1/submissions/{submission}",
    "/v1/submissions/{submission}/rows",
    "/v1/submissions/{submission}/decisions",
    "/v1/submissions/{submission}/certificates",
    "/v1/submissions/{submission}/qr.zip",
    "/v1/submissions/{submission}/tokens",
    "/v1/certificates/{number}",
    "/v1/certificates/{number}/token",
    "/v1/certificates/{number}/qr.png",
    "/v1/certificates/{number}/qr.svg",
    "/v1/certificates/{number}/certificate.pdf",
    "/v1/requests/{request}",
]
WRITES = {
    "/v1/submissions/{submission}/withdrawal": {"reason": "场次有误"},
    "/v1/certificates/{number}/requests": {"kind": "revoke", "reason": "站点有误"},
    "/v1/requests/{request}/withdrawal": {},
}


@pytest.fixture
def names(world, door):
    """The names of one body's things, and names of nothing."""
    submission, (number, *_) = released(world)
    request = door.post(f"/v1/certificates/{number}/requests", kind="suspend", reason="核实").json["id"]
    real = {"submission": str(submission), "number": number, "request": request}
    nothing = {"submission": str(uuid4()), "number": "S000221000002262999999", "request": str(uuid4())}
    return real, nothing


@pytest.mark.parametrize("address", OWN)
def test_another_bodys_object_looks_exactly_like_none_at_all(door, other, names, address):
    real, nothing = names

    theirs, nobodys = other.get(address.format(**real)), other.get(address.format(**nothing))

    assert door.get(address.format(**real)).status_code == 200
    require_problem(theirs, 404)
    texts = set()
    for answer, named in ((theirs, real), (nobodys, nothing)):
        text = answer.text
        for name in named.values():
            text = text.replace(name, "NAME")
        texts.add((answer.status_code, text, tuple(sorted(answer.headers.keys()))))
    assert len(texts) == 1


@pytest.mark.parametrize("address", WRITES)
def test_nothing_of_another_body_is_written_to(world, other, names, address):
    real, _ = names
    stored = everything_stored(world)

    require_problem(other.post(address.format(**real), **WRITES[address]), 404)

    assert everything_stored(world) == stored


@pytest.mark.parametrize("address", ["/v1/submissions", "/v1/requests", "/v1/sites", "/v1/series"])
def test_lists_hold_nothing_of_another_body(door, other, names, address):
    own, others = door.get(address).json["items"], other.get(address).json["items"]

    assert own
    assert all(item not in others for item in own)


COLUMNS = sorted({column.name for table in metadata().sorted_tables for column in table.columns})


@pytest.mark.parametrize("address", WRITES)
def test_no_column_is_written_because_somebody_named_it(world, door, names, address):
    real, _ = names
    said, stored = WRITES[address], everything_stored(world)

    for column in set(COLUMNS) - set(said):
        problem = require_problem(door.post(address.format(**real), **said, **{column: "1"}), 422)
        assert column in problem["errors"]["json"]

    assert len(COLUMNS) > 100
    assert everything_stored(world) == stored


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("/v1/submissions", {"limit": 0}),
        ("/v1/submissions", {"limit": 501}),
        ("/v1/submissions", {"limit": "all"}),
        ("/v1/submissions", {"status": "gone"}),
        ("/v1/submissions", {"issuer": OTHER_BODY}),
        ("/v1/requests", {"status": "gone"}),
        ("/v1/changes", {"since": "2026-01-01"}),
        ("/v1/series", {"issuer": OTHER_BODY}),
    ],
)
def test_a_question_that_is_not_understood_is_refused_by_its_member(door, address, query):
    problem = require_problem(door.get(address, **query), 422)

    assert set(problem["errors"]["query"]) == set(query)


@pytest.mark.parametrize("address", ["/v1/submissions", "/v1/requests", "/v1/changes"])
def test_a_broken_or_foreign_cursor_is_refused(world, door, address):
    world.submitted()
    foreign = "WzEsInJvd3MiLDFd"

    for cursor in ("x", foreign, "%00"):
        require_problem(door.get(address, cursor=cursor), 400)


def test_a_request_of_nobody_is_refused(app):
    answer = app.test_client().get("/v1/submissions")

    require_problem(answer, 401)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"kind": "void", "reason": "有误"},
        {"kind": "revoke"},
        {"kind": "revoke", "reason": ""},
        {"kind": "revoke", "reason": "错" * 201},
        {"kind": "revoke", "reason": 5},
        {"kind": "revoke", "reason": "210102199001010011"},
        {"kind": ["revoke"], "reason": "有误"},
    ],
)
def test_a_request_that_is_not_one_is_refused(world, door, said):
    _, (number, *_) = released(world)

    require_problem(door.post(f"/v1/certificates/{number}/requests", **said), 422)


def test_links_lead_from_what_was_made_to_what_is_read(door):
    paths = door.get("/v1/openapi.json").json["paths"]
    named = {
        operation["operationId"]
        for path in paths.values()
        for operation in path.values()
        if isinstance(operation, dict) and "operationId" in operation
    }

    handed_in = paths["/v1/submissions"]["post"]["responses"]["201"]["links"]["submission"]
    asked = paths["/v1/certificates/{number}/requests"]["post"]["responses"]["201"]["links"]["request"]

    assert {handed_in["operationId"], asked["operationId"]} <= named
    assert BODY not in json.dumps(paths)
