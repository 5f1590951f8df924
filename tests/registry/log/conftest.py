"""A register with a public log and a witness, on each database."""

from pathlib import Path

import pytest

from tests.registry.log.logged_world import LoggedWorld
from tests.registry.world import World


@pytest.fixture
def logged(world: World, tmp_path: Path) -> LoggedWorld:
    """A register with one epoch, whose trust bundle names a log that has no leaf yet."""
    return LoggedWorld.begun(world, tmp_path)
