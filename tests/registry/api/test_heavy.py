"""Answers that take long: one at a time for a body, few in all, and the place is free again whatever happens."""

from uuid import uuid4

import pytest

from registry.access.errors import TooManyAtOnce
from registry.api.heavy import MOST, HeavyAnswers
from tests.registry.api.own_site import Door, trust_the_world
from tests.registry.staff_site import BodySystem, require_problem
from tests.registry.world import BODY, OTHER_BODY

LONG = (
    "/v1/submissions/{}/qr.zip",
    "/v1/submissions/{}/tokens",
    "/v1/drafts/{}/faults.xlsx?rows=all",
    "/v1/drafts/{}/preview",
)


@pytest.fixture
def places(app, young_world):
    trust_the_world(app, young_world)
    return app.extensions["certreg_heavy"]


@pytest.mark.parametrize("address", LONG)
def test_a_second_long_answer_of_a_body_waits_and_another_bodys_does_not(app, young_world, places, address):
    body, other = Door(app, young_world), Door(app, young_world, OTHER_BODY)
    asked = address.format(uuid4())
    end = places.begin(BODY)

    refused = body.get(asked)

    assert require_problem(refused, 429)["code"] == "too_many_at_once"
    assert refused.headers["Retry-After"] == "5"
    assert require_problem(other.get(asked), 404)["code"] == "not_there"
    end()
    # A view that refused has given its place back.
    for _ in range(MOST + 1):
        assert require_problem(body.get(asked), 404)["code"] == "not_there"


def test_a_place_is_held_until_the_answer_is_sent_or_given_up(app, young_world, places):
    body = BodySystem(app, young_world)
    submission_id = young_world.submitted()
    address = f"/v1/submissions/{submission_id}/qr.zip"

    answer = body.send("GET", address, whole=False)
    with pytest.raises(TooManyAtOnce):
        places.begin(BODY)

    answer.close()
    places.begin(BODY)()
    assert body.send("GET", address).status_code == 200
    places.begin(BODY)()
    assert body.send("GET", f"/v1/submissions/{submission_id}").status_code == 200


def test_there_are_few_places_in_all():
    answers = HeavyAnswers()
    ends = [answers.begin(f"S{number:04d}") for number in range(MOST)]

    with pytest.raises(TooManyAtOnce):
        answers.begin("S9999")

    ends[0]()
    answers.begin("S9999")
    # What was given back once gives nothing back any more.
    ends[1]()
    answers.begin("S0001")
    ends[1]()
    with pytest.raises(TooManyAtOnce):
        answers.begin("S0000")
