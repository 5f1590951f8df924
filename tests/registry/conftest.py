"""What the tests of the register have in common: a world, on each database."""

from pathlib import Path

import pytest

from registry.database.sessions import Sessions
from signing import id_check
from tests.registry.world import World


@pytest.fixture
def quick_id_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an ID check cost one round instead of 100,000; what it is worth is tested where it lives."""
    monkeypatch.setattr(id_check, "ITERATIONS", 1)


@pytest.fixture
def young_world(sessions: Sessions, tmp_path: Path, quick_id_checks: None) -> World:
    """A register without an epoch."""
    return World(sessions, tmp_path)


@pytest.fixture
def world(young_world: World) -> World:
    """A register with one epoch of a thousand entries."""
    young_world.open_epoch()
    return young_world
