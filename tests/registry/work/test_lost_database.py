"""The database goes away under a worker, and comes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.database import migrate
from registry.database.engine import open_engine
from registry.database.sessions import Retry, Sessions
from registry.work.health import read_health
from registry.work.job import Job
from tests.registry.world import World
from tests.rigs.postgres_server import PostgresServer


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with PostgresServer.started() as started:
        yield started


@pytest.fixture
def world(server: PostgresServer, tmp_path: Path, quick_id_checks: None) -> Iterator[World]:
    """A register on a server of its own."""
    address = server.create_database("register")
    migrate.upgrade(address)
    engine = open_engine(address)
    world = World(Sessions(engine, retry=Retry(tries=2, first_pause_seconds=0.01)), tmp_path)
    world.open_epoch()
    yield world
    engine.dispose()


def test_a_worker_outlives_its_database_and_goes_on_when_it_is_back(world, server, shift, tasks_of):
    world.reviewed()
    made = shift(world.sessions, tasks_of(world))
    made.worker.round()
    waiting = world.reviewed()

    server.kill()
    # Connections of before and new ones: both are gone.
    for _ in range(2):
        made.clock.seconds += 60
        lost = made.worker.round()
        assert list(lost.failed) == [Job.ID_CHECKS]
        assert "RegisterBusy" in lost.failed[Job.ID_CHECKS]
    server.start()
    made.clock.seconds += 60

    assert made.worker.run_once()
    assert len(world.numbers(waiting)) == 3
    assert world.statuses() == ["released"] * 6
    health = world.sessions.read(lambda session: read_health(session, now=made.clock.now()))
    assert [worker.name for worker in health.workers] == ["worker"]
    assert {line.failures for line in health.jobs} == {0}
    checked = next(line for line in health.jobs if line.job is Job.ID_CHECKS)
    assert checked.last_failure_at is not None
