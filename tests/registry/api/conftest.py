"""A body's system before the staff application, each test with its own copy of one world.

On SQLite alone: what a door refuses, it refuses before any database. The rooms behind it are tested on both.
"""

import copy
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from registry.database.engine import open_engine
from registry.database.sessions import Sessions
from tests.registry.staff_site import BodySystem, staff_site
from tests.registry.world import World


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> tuple[World, Path]:
    """One world, and the file of its register with nothing open in it."""
    folder = tmp_path_factory.mktemp("world")
    file = folder / "register.sqlite3"
    shutil.copyfile(sqlite_template, file)
    engine = open_engine(f"sqlite:///{file}")
    founded = World(Sessions(engine), folder)
    engine.dispose()
    return founded, file


@pytest.fixture
def young_world(founded: tuple[World, Path], tmp_path: Path) -> Iterator[World]:
    """The world with a register of its own."""
    world, file = copy.copy(founded[0]), tmp_path / "register.sqlite3"
    shutil.copyfile(founded[1], file)
    engine = open_engine(f"sqlite:///{file}")
    world.sessions = Sessions(engine)
    yield world
    engine.dispose()


@pytest.fixture
def app(young_world: World, tmp_path: Path) -> Flask:
    return staff_site(young_world, tmp_path)


@pytest.fixture
def body(app: Flask, young_world: World) -> BodySystem:
    return BodySystem(app, young_world)
