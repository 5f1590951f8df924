"""T-15: a thousand identical posts, eight at a time, make one submission; on both databases."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine

from registry.app import create_app
from registry.assessment.tables import Submission
from registry.database.engine import open_engine
from registry.database.sessions import Sessions
from tests.instants import NOON
from tests.registry.staff_site import BodySystem, installation_of
from tests.registry.world import World

POSTS, AT_ONCE = 1000, 8


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
    ("headers", "right"),
    [({}, {200, 201}), ({"Idempotency-Key": '"results of November"'}, {201, 409})],
    ids=["by the file alone", "by an Idempotency-Key"],
)
def test_a_thousand_identical_posts_make_one_submission(crowd, headers, right):
    content = crowd.world.file()
    application = crowd.http.application

    def post(_: int) -> tuple[int, str]:
        answer = BodySystem(application, crowd.world).hand_in(content, headers=headers)
        return answer.status_code, (answer.json or {}).get("submission_id", "")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(post, range(POSTS)))

    statuses = Counter(status for status, _ in answers)
    assert crowd.world.count(Submission) == (1,)
    assert len({receipt for _, receipt in answers if receipt}) == 1
    assert statuses.total() == POSTS
    assert set(statuses) <= right
    assert post(0)[0] in right - {409}
