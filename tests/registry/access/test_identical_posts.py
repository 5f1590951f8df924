"""T-15: a thousand identical posts, eight at a time, make one submission; on both databases.

The thousand are sent once, in the way that stands on nothing but the file itself. That the other ways (by
``Idempotency-Key``, to drafts) come to one too, few posts show as well as many: eight are at it at any time.
"""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine

from registry.app import create_app
from registry.assessment.reading import JSON_MEDIA_TYPE
from registry.assessment.tables import Submission
from registry.database.engine import open_engine
from registry.database.sessions import Sessions
from registry.draft.tables import Draft
from tests.instants import NOON
from tests.registry.staff_site import BodySystem, installation_of, require_problem
from tests.registry.world import World

POSTS, FEW, AT_ONCE = 1000, 64, 8
AS_JSON = {"Content-Type": JSON_MEDIA_TYPE}


@pytest.fixture
def crowd(young_world: World, tmp_path: Path, engine: Engine) -> Iterator[BodySystem]:
    """A body whose programs all send at once; each thread has a connection, as each worker of a server has."""
    many = open_engine(engine.url, pool_size=AT_ONCE)
    young_world.sessions = Sessions(many)
    installation = installation_of(young_world, tmp_path, young_world.personal)
    object.__setattr__(installation.settings, "api_requests_per_minute", 10 * POSTS)
    yield BodySystem(create_app(installation, now=lambda: NOON), young_world)
    many.dispose()


@pytest.mark.parametrize(
    ("posts", "headers", "right"),
    [(POSTS, {}, {200, 201}), (FEW, {"Idempotency-Key": '"results of November"'}, {201, 409})],
    ids=["a thousand, by the file alone", "by an Idempotency-Key"],
)
def test_identical_posts_make_one_submission(crowd, posts, headers, right):
    content = crowd.world.file()
    application = crowd.http.application

    def post(_: int) -> tuple[int, str]:
        answer = BodySystem(application, crowd.world).hand_in(content, headers=headers)
        return answer.status_code, (answer.json or {}).get("submission_id", "")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(post, range(posts)))

    statuses = Counter(status for status, _ in answers)
    assert crowd.world.count(Submission) == (1,)
    assert len({receipt for _, receipt in answers if receipt}) == 1
    assert statuses.total() == posts
    assert set(statuses) <= right
    assert post(0)[0] in right - {409}


@pytest.mark.parametrize(
    ("headers", "right"),
    [({}, {200, 202}), ({"Idempotency-Key": '"draft of November"'}, {202, 409})],
    ids=["by the file alone", "by an Idempotency-Key"],
)
def test_identical_posts_make_one_draft(crowd, headers, right):
    content = crowd.world.file()
    application = crowd.http.application

    def post(_: int) -> tuple[int, str]:
        sender = BodySystem(application, crowd.world)
        answer = sender.send("POST", "/v1/drafts", content, headers={**AS_JSON, **headers})
        return answer.status_code, (answer.json or {}).get("id", "")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(post, range(FEW)))

    assert crowd.world.count(Draft) == (1,)
    assert len({draft for _, draft in answers if draft}) == 1
    assert {status for status, _ in answers} <= right
    assert post(0)[0] in right - {409}


@pytest.mark.parametrize("address", ["/v1/drafts", "/v1/submissions"])
def test_another_content_under_the_same_key_is_a_conflict(crowd, address):
    headers = {**AS_JSON, "Idempotency-Key": '"results of November"'}

    def post(content: bytes):
        if address == "/v1/submissions":
            return crowd.hand_in(content, headers=headers)
        return crowd.send("POST", address, content, headers=headers)

    first, other = post(crowd.world.file()), post(crowd.world.file())

    assert first.status_code in (201, 202)
    assert require_problem(other, 409)["code"] == "idempotency_conflict"
    assert sum(crowd.world.count(Submission, Draft)) == 1
