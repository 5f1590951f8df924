"""A register with a public log and a witness, on each database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.database.sessions import Sessions
from tests.conftest import OpenRegister
from tests.registry.log.logged_world import LoggedWorld
from tests.registry.world import World


@pytest.fixture
def logged(world: World, tmp_path: Path) -> LoggedWorld:
    """A register with one epoch, whose trust bundle names a log that has no leaf yet."""
    return LoggedWorld.begun(world, tmp_path)


@pytest.fixture
def filed(sqlite_register: OpenRegister, tmp_path: Path, quick_id_checks: None) -> Iterator[LoggedWorld]:
    """The same in one SQLite file, which can be put back to what it was."""
    engine = sqlite_register()
    world = World(Sessions(engine), tmp_path)
    world.open_epoch()
    yield LoggedWorld.begun(world, tmp_path)
    engine.dispose()
