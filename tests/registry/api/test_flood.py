"""One body that asks for twenty times its share: it is told to wait, and no other body notices.

Without a clock: what is counted is answers and turns. How long another body's answers take is measured in
``bench/flood.py``.
"""

import json

import pytest

from registry.app import create_app
from registry.draft import quota
from registry.draft.quota import MOST_BYTES, MOST_OPEN_DRAFTS
from registry.work.drafting import STEPS_IN_TURN, Drafting
from tests.instants import NOON
from tests.registry.staff_site import BodySystem, installation_of, require_problem
from tests.registry.world import BODY, OTHER_BODY

SHARE, FOLD = 10, 20
DRAFTS = "/v1/drafts"
AS_JSON = {"Content-Type": "application/json"}


@pytest.fixture
def app(young_world, tmp_path):
    installation = installation_of(young_world, tmp_path, young_world.personal)
    object.__setattr__(installation.settings, "api_requests_per_minute", SHARE)
    return create_app(installation, now=lambda: NOON)


@pytest.fixture
def generous(young_world, tmp_path):
    """The site as it is, for bodies that come to other limits than that of requests."""
    return create_app(installation_of(young_world, tmp_path, young_world.personal), now=lambda: NOON)


def test_a_flood_is_told_to_wait_while_the_other_body_has_all_its_answers(app, young_world):
    flooder, other = BodySystem(app, young_world), BodySystem(app, young_world, OTHER_BODY)
    flooded, answered = [], []
    for _ in range(SHARE):
        flooded += [flooder.send("GET", DRAFTS) for _ in range(FOLD)]
        answered.append(other.send("GET", DRAFTS))

    assert [answer.status_code for answer in answered] == [200] * SHARE
    assert [answer.status_code for answer in flooded] == [200] * SHARE + [429] * (SHARE * FOLD - SHARE)
    for refused in flooded[SHARE:]:
        assert require_problem(refused, 429)["code"] == "too_many_requests"
        assert refused.headers["Retry-After"] == "60"


def test_what_a_flood_sends_above_its_share_is_not_stored(app, young_world):
    flooder = BodySystem(app, young_world)
    statuses = [
        flooder.send("POST", DRAFTS, young_world.file(young_world.row(1)), headers=AS_JSON).status_code
        for _ in range(SHARE + 5)
    ]

    assert statuses == [202] * SHARE + [429] * 5


def test_a_body_has_fifty_open_drafts_and_is_told_what_to_do_then(generous, young_world):
    flooder, other = BodySystem(generous, young_world), BodySystem(generous, young_world, OTHER_BODY)
    statuses = []
    for _ in range(MOST_OPEN_DRAFTS + 1):
        content = young_world.file(young_world.row(1))
        answer = flooder.send("POST", DRAFTS, content, headers=AS_JSON)
        statuses.append(answer.status_code)

    problem = require_problem(answer, 409)
    theirs = other.send("POST", DRAFTS, young_world.file(issuer=OTHER_BODY), headers=AS_JSON)

    assert statuses == [202] * MOST_OPEN_DRAFTS + [409]
    assert problem["code"] == "quota_reached"
    assert problem["title"] == "草稿数量或大小已达上限"
    assert "50 drafts" in problem["detail"]
    assert "submit or discard" in problem["detail"]
    assert theirs.status_code == 202


def test_a_body_has_eight_gibibytes_in_drafts_and_is_told_what_to_do_then(generous, young_world):
    flooder = BodySystem(generous, young_world)
    statuses = []
    # Archives count as announced, before a byte of them is there.
    for number in range(MOST_BYTES // quota.LARGEST["photos"]):
        if number * quota.LARGEST["photos"] % quota.MOST_ARCHIVE_BYTES == 0:
            # One draft has no room for more.
            content = young_world.file(young_world.row(1))
            opened = flooder.send("POST", DRAFTS, content, headers=AS_JSON).headers["Location"]
        announced = {"size": quota.LARGEST["photos"], "sha256": f"{number:064x}"}
        answer = flooder.send("POST", f"{opened}/photos", json.dumps(announced).encode(), headers=AS_JSON)
        statuses.append(answer.status_code)

    problem = require_problem(answer, 409)

    assert statuses == [201] * 7 + [409]
    assert problem["code"] == "quota_reached"
    assert "8 GiB" in problem["detail"]


@pytest.mark.parametrize("first", [BODY, OTHER_BODY])
def test_a_heap_of_drafts_keeps_no_other_bodys_draft_waiting(generous, young_world, tmp_path, first):
    flooder, other = BodySystem(generous, young_world), BodySystem(generous, young_world, OTHER_BODY)
    worker = Drafting(
        installation_of(young_world, tmp_path, young_world.personal), worker="worker", now=lambda: NOON
    )
    heap = [
        flooder.send("POST", DRAFTS, young_world.file(young_world.row(1)), headers=AS_JSON).headers[
            "Location"
        ]
        for _ in range(FOLD)
    ]
    if first == BODY:
        # The worker is at the heap already when the other body comes.
        list(worker.batches())
    single = other.send("POST", DRAFTS, young_world.file(issuer=OTHER_BODY), headers=AS_JSON).headers[
        "Location"
    ]

    steps = 0
    while other.send("GET", single).json["status"] == "received":
        list(worker.batches())
        steps += STEPS_IN_TURN

    # A draft takes two steps; of the steps of a turn every second one is the other body's.
    assert steps == STEPS_IN_TURN
    assert [flooder.send("GET", each).json["status"] for each in heap].count("received") >= FOLD - 4
