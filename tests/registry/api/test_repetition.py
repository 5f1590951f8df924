"""What a body sends again: the first answer, and one effect, whatever comes at once."""

import pytest
from sqlalchemy import select

from registry.access.idempotency import KEPT
from registry.access.tables import KeptAnswer
from registry.app import create_app
from registry.assessment.tables import Submission
from tests.instants import NOON
from tests.registry.staff_site import BodySystem, installation_of, require_problem
from tests.registry.world import BODY, OTHER_BODY

KEY = {"Idempotency-Key": '"b5f2a9c4-8a0b-4b7e-9a77"'}


def test_the_same_request_gets_the_first_answer(body, young_world):
    content = young_world.file()

    first, again = (body.hand_in(content, headers=KEY) for _ in range(2))

    # Without the header the second one would be told that it is a repetition.
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.data == first.data
    assert again.content_type == first.content_type
    assert young_world.count(Submission) == (1,)


def test_another_file_under_the_same_key_is_refused(body, young_world):
    body.hand_in(young_world.file(), headers=KEY)

    answer = body.hand_in(young_world.file(), headers=KEY)

    assert require_problem(answer, 409)["code"] == "idempotency_conflict"
    assert young_world.count(Submission) == (1,)


def test_another_body_may_use_the_same_key(app, body, young_world):
    other = BodySystem(app, young_world, OTHER_BODY)

    answers = [
        who.hand_in(young_world.file(issuer=who.issuer), headers=KEY).status_code for who in (body, other)
    ]

    assert answers == [201, 201]


def test_a_refusal_frees_the_key_for_a_better_file(body, young_world):
    refused = body.hand_in(young_world.file(young_world.row(1, theory="160.0")), headers=KEY)
    better = body.hand_in(young_world.file(), headers=KEY)

    assert (refused.status_code, better.status_code) == (422, 201)


def test_what_is_kept_is_sealed(body, young_world):
    content = young_world.file()
    receipt = body.hand_in(content, headers=KEY).json["submission_id"]

    (sealed,) = young_world.all(select(KeptAnswer.sealed))

    assert receipt.encode() not in sealed


@pytest.mark.parametrize(
    "text", ["b5f2a9c4-8a0b", '"short"', '""', f'"{"x" * 129}"', "token", '"a" "b"', "1", "?1"]
)
def test_a_key_that_is_no_quoted_text_is_refused(body, young_world, text):
    answer = body.hand_in(young_world.file(), headers={"Idempotency-Key": text})

    assert require_problem(answer, 400)["code"] == "bad_idempotency_key"
    assert young_world.count(Submission) == (0,)


def test_after_a_week_the_key_is_new(young_world, tmp_path):
    clock = [NOON]
    app = create_app(installation_of(young_world, tmp_path, young_world.personal), now=lambda: clock[0])
    body = BodySystem(app, young_world)
    body.hand_in(young_world.file(), headers=KEY)
    clock[0] += 2 * KEPT

    answer = body.hand_in(young_world.file(), headers=KEY, now=clock[0])

    # Far beyond the deadline, but another request: it was worked on.
    assert answer.status_code in (201, 422)


def test_two_bodies_and_one_key_never_meet(app, body, young_world):
    mine = body.hand_in(young_world.file(), headers=KEY).json["submission_id"]

    theirs = BodySystem(app, young_world, OTHER_BODY).hand_in(
        young_world.file(issuer=OTHER_BODY), headers=KEY
    )

    assert mine not in theirs.text
    assert BODY not in theirs.text
