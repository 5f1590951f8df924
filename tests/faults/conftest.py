"""A register, on each database, that other processes can open too."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from keys.crash_points import disarm
from tests.faults.theatre import PERSONAL, Hang, Theatre
from tests.registry.conftest import quick_id_checks as quick_id_checks
from tests.registry.conftest import young_world as young_world
from tests.registry.world import World
from tests.rigs.mounts import why_not


@pytest.fixture(autouse=True)
def unarmed():
    """Whatever a test armed, the next one finds unarmed."""
    yield
    disarm()


@pytest.fixture
def mounting():
    """The machine, if it lets us mount a volume; the test can not be run elsewhere, and says so."""
    reason = why_not()
    if reason:
        pytest.skip(reason)


@pytest.fixture
def world(young_world: World) -> World:
    """A register with one epoch of a thousand entries, and secrets that other processes know."""
    young_world.personal = PERSONAL
    young_world.open_epoch()
    return young_world


@pytest.fixture
def theatre(world: World, engine: Engine, tmp_path: Path) -> Theatre:
    """The world with its folder and its address."""
    return Theatre(world, tmp_path, engine.url.render_as_string(hide_password=False))


@pytest.fixture
def hang(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hang]:
    """Let armed hangs last until the test lets them go."""
    hang = Hang()
    monkeypatch.setattr("keys.crash_points.time", hang)
    yield hang
    hang.let_go()
