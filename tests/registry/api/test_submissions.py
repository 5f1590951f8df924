"""Handing in over HTTP: what is taken, what is refused, and that a refusal leaves nothing behind."""

import base64
import json
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select

from registry.assessment.csv_template import write_csv
from registry.assessment.reading import CSV_MEDIA_TYPE, JSON_MEDIA_TYPE, WORKBOOK_MEDIA_TYPE
from registry.assessment.tables import Submission
from registry.assessment.template import write_workbook
from registry.people.accounts import Purpose
from registry.people.permission import NATIONAL, Role
from signing.cose import Kind
from tests.registry.assessment import submissions
from tests.registry.staff_site import (
    ADDRESS,
    BodySystem,
    everything_stored,
    require_problem,
    signature_over,
)
from tests.registry.world import BODY, OTHER_BODY, holder_key


def test_a_signed_submission_is_taken(body, young_world):
    answer = body.hand_in(young_world.file())

    assert answer.status_code == 201
    assert answer.content_type == "application/json"
    receipt = answer.json
    assert young_world.all(select(Submission.id)) == [UUID(receipt.pop("submission_id"))]
    assert receipt == {
        "status": "received",
        "late": False,
        "repeated": False,
        "statistics": {
            "entered": 3,
            "absent_theory": 0,
            "absent_practice": 0,
            "absent": 0,
            "passed_theory": 3,
            "passed_practice": 3,
            "passed": 3,
            "failed": 0,
            "pass_rate_of_entered": 1000,
            "pass_rate_of_present": 1000,
        },
    }


def test_the_same_file_again_gets_the_first_receipt(body, young_world):
    content = young_world.file()
    first = body.hand_in(content).json
    stored = everything_stored(young_world)

    answer = body.hand_in(content)

    assert answer.status_code == 200
    assert answer.json == {**first, "repeated": True}
    assert everything_stored(young_world) == stored


def test_a_workbook_is_taken_as_well(body, young_world):
    content = write_workbook(json.loads(young_world.file()))

    assert body.hand_in(content, media_type=WORKBOOK_MEDIA_TYPE).status_code == 201


def test_a_csv_is_taken_as_well(body, young_world):
    content = write_csv(json.loads(young_world.file()))

    assert body.hand_in(content, media_type=CSV_MEDIA_TYPE).status_code == 201


def test_a_parameter_of_the_media_type_changes_nothing(body, young_world):
    content = young_world.file()
    signature = signature_over(content, young_world.bodies[BODY].key)

    answer = body.hand_in(content, media_type="application/json; charset=utf-8", signature=signature)

    assert answer.status_code == 201


def test_a_signature_may_be_padded_or_not(body, young_world):
    content = young_world.file()
    signature = signature_over(content, young_world.bodies[BODY].key)

    padded = body.hand_in(content, signature=signature + "=" * (-len(signature) % 4))

    assert padded.status_code == 201


def test_all_faults_of_all_rows_come_back_at_once(body, young_world):
    rows = [
        young_world.row(1, id_number="210102197001010011", theory="160.0"),
        young_world.row(2),
        young_world.row(3, level="master", occupation="2-02-10-99", name=""),
    ]
    stored = everything_stored(young_world)

    problem = require_problem(body.hand_in(young_world.file(*rows)), 422)

    places = {(fault["row"], fault["column"]) for fault in problem["faults"]}
    assert {(1, "id_number"), (1, "theory"), (3, "level"), (3, "occupation"), (3, "name")} <= places
    assert {row for row, _ in places} == {1, 3}
    assert all(fault["message"] and fault["remedy"] and fault["code"] for fault in problem["faults"])
    assert problem["detail"] == f"the submission is refused: {len(problem['faults'])} faults"
    assert everything_stored(young_world) == stored


def not_base64(body: BodySystem, content: bytes) -> str:
    return "no*base64"


def no_envelope(body: BodySystem, content: bytes) -> str:
    return base64.urlsafe_b64encode(b"\xd2\x84").decode()


def over_another_file(body: BodySystem, content: bytes) -> str:
    return signature_over(content + b" ", body.world.bodies[BODY].key)


def over_another_media_type(body: BodySystem, content: bytes) -> str:
    return signature_over(content, body.world.bodies[BODY].key, media_type=WORKBOOK_MEDIA_TYPE)


def for_another_environment(body: BodySystem, content: bytes) -> str:
    return signature_over(content, body.world.bodies[BODY].key, environment="production")


def for_another_body(body: BodySystem, content: bytes) -> str:
    return signature_over(content, body.world.bodies[BODY].key, issuer=OTHER_BODY)


def of_a_decision(body: BodySystem, content: bytes) -> str:
    return signature_over(content, body.world.bodies[BODY].key, kind=Kind.DECISION)


def by_an_unknown_key(body: BodySystem, content: bytes) -> str:
    return signature_over(content, holder_key("nobody"))


def by_a_reviewer(body: BodySystem, content: bytes) -> str:
    return signature_over(content, holder_key("province"))


def by_an_expired_key(body: BodySystem, content: bytes) -> str:
    world, key = body.world, holder_key("expired")
    last = date(2026, 11, 19)
    world.enrol(world.bodies[BODY].actor, key, Purpose.SUBMISSION, valid_from_on=last, valid_to_on=last)
    return signature_over(content, key)


def by_nobodys_account(body: BodySystem, content: bytes) -> str:
    world, key = body.world, holder_key("registrar")
    world.enrol(world.registrar, key, Purpose.SUBMISSION)
    return signature_over(content, key)


def by_an_account_of_two_bodies(body: BodySystem, content: bytes) -> str:
    world = body.world
    return signature_over(
        content, world.holder("both", (Role.SUBMITTER, BODY), (Role.SUBMITTER, OTHER_BODY)).key
    )


NOT_SIGNED = [
    not_base64,
    no_envelope,
    over_another_file,
    over_another_media_type,
    for_another_environment,
    for_another_body,
    of_a_decision,
    by_an_unknown_key,
    by_a_reviewer,
    by_an_expired_key,
    by_nobodys_account,
    by_an_account_of_two_bodies,
]


@pytest.mark.parametrize("signature", NOT_SIGNED)
def test_what_the_body_did_not_sign_is_not_read(body, young_world, signature):
    content = young_world.file(young_world.row(1, theory="160.0"))
    text = signature(body, content)
    stored = everything_stored(young_world)

    answer = body.hand_in(content, signature=text)

    problem = require_problem(answer, 401)
    assert "faults" not in problem
    assert answer.headers["WWW-Authenticate"].startswith("Submission-Signature")
    assert everything_stored(young_world) == stored


def test_a_header_that_is_not_ascii_can_not_be_signed(body, young_world):
    problem = require_problem(body.hand_in(young_world.file(), signature="签名"), 401)

    assert problem["code"] == "signature_malformed"


def test_the_request_and_the_file_are_signed_by_the_same_body(app, body, young_world):
    other, content = BodySystem(app, young_world, OTHER_BODY), young_world.file()
    stored = everything_stored(young_world)

    answer = other.hand_in(content, signature=signature_over(content, young_world.bodies[BODY].key))

    problem = require_problem(answer, 403)
    assert problem["code"] == "signed_by_another_body"
    assert OTHER_BODY in problem["detail"]
    assert BODY not in problem["detail"]
    assert everything_stored(young_world) == stored


def test_without_a_signature_nothing_is_read(body, young_world):
    problem = require_problem(
        body.send("POST", ADDRESS, b"{}", headers={"Content-Type": JSON_MEDIA_TYPE}), 401
    )

    assert "Submission-Signature is missing" in problem["detail"]
    assert problem["code"] == "submission_not_signed"


def test_a_body_that_the_directory_does_not_have_hands_in_nothing(body, young_world):
    stranger = young_world.holder("stranger", (Role.SUBMITTER, "S0099"))
    content = young_world.file()
    stored = everything_stored(young_world)

    answer = body.hand_in(content, signature=signature_over(content, stranger.key, issuer="S0099"))

    require_problem(answer, 403)
    assert everything_stored(young_world) == stored


def test_a_file_for_another_body_is_refused_with_its_fault(body, young_world):
    content = young_world.file(issuer=OTHER_BODY)

    problem = require_problem(
        body.hand_in(content, signature=signature_over(content, young_world.bodies[BODY].key)), 422
    )

    assert problem["faults"][0]["column"] == "issuer"


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "multipart/form-data", ""])
def test_other_media_types_are_refused(body, young_world, media_type):
    content = young_world.file()
    stored = everything_stored(young_world)

    answer = body.hand_in(content, media_type=media_type)

    assert "application/json" in require_problem(answer, 415)["detail"]
    assert everything_stored(young_world) == stored


@pytest.mark.parametrize("coding", ["gzip", "br", "gzip, gzip", "deflate"])
def test_a_compressed_file_is_refused_whatever_is_in_it(body, young_world, coding):
    answer = body.hand_in(young_world.file(), headers={"Content-Encoding": coding})

    assert "coding" in require_problem(answer, 415)["detail"]


def test_a_file_above_16_megabytes_is_refused_before_it_is_read(body, young_world):
    content = b" " * (16 * 1024 * 1024 + 1)
    stored = everything_stored(young_world)

    require_problem(body.hand_in(content, signature="AAAA"), 413)

    assert everything_stored(young_world) == stored


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_other_methods_are_refused_with_those_that_there_are(body, method):
    answer = body.http.open(ADDRESS, method=method)

    require_problem(answer, 405)
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


@pytest.mark.parametrize("address", ["/v1", "/v1/", "/v1/submissions/", "/v1/submissions/1", "/v1/docs/x"])
def test_an_unknown_address_is_a_problem_too(body, address):
    require_problem(body.http.get(address), 404)


def test_an_answer_forbids_what_it_does_not_need(body, young_world):
    for answer in (body.hand_in(young_world.file()), body.http.get("/v1/nothing")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert not any(name.startswith("Access-Control") for name, _ in answer.headers)


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "[::2]"])
def test_a_name_that_is_not_this_machine_is_not_answered(body, young_world, host):
    # A page of another site can point its own name at the loopback address; it can not change the Host it sends.
    stored = everything_stored(young_world)

    problem = require_problem(body.hand_in(young_world.file(), headers={"Host": host}), 400)

    assert host not in problem["detail"]
    assert everything_stored(young_world) == stored


@pytest.mark.parametrize("host", ["localhost", "localhost:8001", "127.0.0.1:8001", "[::1]:8001"])
def test_the_names_of_this_machine_are_answered(body, young_world, host):
    assert body.hand_in(young_world.file(), headers={"Host": host}).status_code == 201


def test_what_quotes_a_person_goes_back_to_the_sender_alone(body, young_world, caplog):
    number = submissions.resident_id(777)[:-1] + "?"

    problem = require_problem(body.hand_in(young_world.file(young_world.row(1, id_number=number))), 422)

    assert number in json.dumps(problem, ensure_ascii=False)
    assert number not in problem["detail"]
    assert number not in caplog.text


def test_the_roles_are_asked_at_every_call(body, young_world):
    reviewer = young_world.account("中心", (Role.CENTRE_REVIEWER, NATIONAL))
    key = holder_key("changed hands")
    young_world.enrol(reviewer, key, Purpose.SUBMISSION)
    content = young_world.file()

    answer = body.hand_in(content, signature=signature_over(content, key))

    require_problem(answer, 401)


def test_two_bodies_do_not_see_each_others_receipts(app, body, young_world):
    other = BodySystem(app, young_world, OTHER_BODY)
    content = young_world.file()
    first = body.hand_in(content).json

    answer = other.hand_in(content, media_type=JSON_MEDIA_TYPE)

    assert first["submission_id"] not in answer.text
    require_problem(answer, 422)
