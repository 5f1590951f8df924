"""How much a body, and an address, may ask: told on every answer, refused above, and nobody else's matter."""

import re

import pytest

from registry.access.tables import RequestNonce
from registry.api.failures import LIMIT, MOST, UNREADABLE, Failures, network_of
from registry.app import create_app
from tests.instants import NOON
from tests.registry.staff_site import ADDRESS, BodySystem, installation_of, require_problem
from tests.registry.world import OTHER_BODY

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def limited(young_world, tmp_path):
    installation = installation_of(young_world, tmp_path, young_world.personal)
    object.__setattr__(installation.settings, "api_requests_per_minute", 3)
    return create_app(installation, now=lambda: NOON)


def told(answer):
    return answer.headers["RateLimit-Policy"], answer.headers["RateLimit"]


def test_every_answer_says_what_is_left(body, young_world):
    taken = body.hand_in(young_world.file())
    refused = body.send("POST", ADDRESS, b"{}", headers=JSON)

    assert told(taken) == ('"requests";q=600;w=60', '"requests";r=599;t=60')
    assert told(refused) == ('"requests";q=600;w=60', '"requests";r=598;t=60')


def test_above_its_limit_a_body_is_told_when_to_come_again(limited, young_world):
    body = BodySystem(limited, young_world)
    for _ in range(3):
        assert body.send("POST", ADDRESS, b"{}", headers=JSON).status_code == 401

    answer = body.send("POST", ADDRESS, b"{}", headers=JSON)

    assert require_problem(answer, 429)["code"] == "too_many_requests"
    assert answer.headers["Retry-After"] == "60"
    assert told(answer) == ('"requests";q=3;w=60', '"requests";r=0;t=60')


def test_one_bodys_flood_takes_nothing_from_another(limited, young_world):
    flooder, other = BodySystem(limited, young_world), BodySystem(limited, young_world, OTHER_BODY)
    statuses = [flooder.send("POST", ADDRESS, b"{}", headers=JSON).status_code for _ in range(100)]

    answer = other.hand_in(young_world.file(issuer=OTHER_BODY))

    assert statuses.count(429) == 97
    # Of those, one has a row: by it, the process knew.
    assert young_world.count(RequestNonce) == (4 + 1,)
    assert answer.status_code == 201
    assert told(answer)[1] == '"requests";r=2;t=60'


def test_a_large_request_counts_more(body):
    answer = body.send("POST", ADDRESS, b" " * (3 * 1024 * 1024), headers=JSON)

    assert told(answer)[1] == '"requests";r=596;t=60'


def test_an_address_that_keeps_failing_has_to_wait(body, young_world):
    answers = [body.http.post(ADDRESS, data=b"{}", headers=JSON) for _ in range(LIMIT + 1)]

    assert [answer.status_code for answer in answers] == [401] * LIMIT + [429]
    assert told(answers[0]) == (f'"failures";q={LIMIT};w=60', f'"failures";r={LIMIT - 1};t=60')
    assert require_problem(answers[-1], 429)["code"] == "too_many_requests"
    assert answers[-1].headers["Retry-After"] == "60"
    assert answers[-1].headers["Cache-Control"] == "no-store"
    # Of another address, nothing was counted; nor does the description wait.
    elsewhere = {"X-Forwarded-For": "203.0.113.9, 192.0.2.7"}
    assert body.hand_in(young_world.file(), headers=elsewhere).status_code == 201
    assert body.http.get("/v1/openapi.json").status_code == 200
    assert body.http.get("/").status_code == 200


def test_what_there_is_not_counts_as_a_failure(body):
    answer = body.http.get("/v1/nothing")

    assert told(answer)[1] == f'"failures";r={LIMIT - 1};t=60'


def test_the_headers_are_structured_fields(body):
    for answer in (body.send("POST", ADDRESS, b"{}", headers=JSON), body.http.get("/v1/nothing")):
        assert re.fullmatch(r'"[a-z]+";q=\d+;w=60', answer.headers["RateLimit-Policy"])
        assert re.fullmatch(r'"[a-z]+";r=\d+;t=\d+', answer.headers["RateLimit"])


def test_the_description_has_no_limit(body):
    assert "RateLimit" not in body.http.get("/v1/openapi.json").headers
    assert "RateLimit" not in body.http.get("/").headers


def test_whoever_signs_is_not_kept_out_by_his_address(body, young_world):
    for _ in range(LIMIT + 1):
        failed = body.http.post(ADDRESS, data=b"{}", headers=JSON)
    assert failed.status_code == 429

    answer = body.hand_in(young_world.file())

    assert answer.status_code == 201
    assert told(answer)[1] == '"requests";r=599;t=60'


def test_a_wrong_signature_of_an_address_that_keeps_failing_is_told_nothing_more(body):
    for _ in range(LIMIT):
        body.http.get("/v1/nothing")

    answer = body.send("POST", ADDRESS, b"{}", headers=JSON, tag="another")

    assert require_problem(answer, 429)["code"] == "too_many_requests"


def place(number):
    return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


def test_failures_are_forgotten_with_the_minute():
    failures = Failures(1)
    assert not failures.note("192.0.2.1", now=NOON)
    assert failures.note("192.0.2.1", now=NOON.replace(second=59))

    assert not failures.note("192.0.2.1", now=NOON.replace(minute=1))


def test_of_too_many_addresses_those_that_failed_longest_ago_are_forgotten():
    failures = Failures(2)
    for number in range(MOST):
        failures.note(place(number), now=NOON)
    failures.note(place(0), now=NOON)
    failures.note(place(MOST), now=NOON)

    left = {each: failures.allowance(place(each), now=NOON).remaining for each in (0, 1, 2, MOST)}

    assert left == {0: 0, 1: 2, 2: 1, MOST: 1}


def test_whatever_others_did_an_address_may_fail_as_often_as_it_may():
    failures = Failures(2)
    for number in range(2 * MOST):
        for _ in range(3):
            failures.note(place(number), now=NOON)

    assert failures.allowance("192.0.2.1", now=NOON).remaining == 2
    assert [failures.note("192.0.2.1", now=NOON) for _ in range(3)] == [False, False, True]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        (" 192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1", "2001:db8::/64"),
        ("unknown", UNREADABLE),
        ("", UNREADABLE),
    ],
)
def test_an_address_is_counted_with_those_that_its_owner_has(address, network):
    assert network_of(address) == network
