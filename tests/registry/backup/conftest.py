"""A world with a folder for its backups, and places to restore to, on each database."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from registry.database.sessions import Sessions
from tests.conftest import OpenRegister
from tests.registry.backup.drill import Drill
from tests.registry.world import World


@pytest.fixture
def drill(world: World, tmp_path: Path, empty_place: Callable[[str], str], engine) -> Iterator[Drill]:
    """A register that is backed up and lost, once on each database."""
    made = Drill(world, tmp_path, empty_place, engine.dialect.name)
    yield made
    made.close()


@pytest.fixture
def file_drill(
    sqlite_register: OpenRegister,
    tmp_path: Path,
    quick_id_checks: None,
    empty_place: Callable[[str], str],
) -> Iterator[Drill]:
    """The same on SQLite alone, for what does not depend on the database."""
    engine = sqlite_register()
    world = World(Sessions(engine), tmp_path)
    world.open_epoch()
    made = Drill(world, tmp_path, empty_place, "sqlite")
    yield made
    made.close()
    engine.dispose()


@pytest.fixture
def empty_place(
    tmp_path: Path, request: pytest.FixtureRequest, postgresql_names: Iterator[str]
) -> Iterator[Callable[[str], str]]:
    """Name addresses at which nothing is yet, on the database asked for."""
    made: list[str] = []

    def make(database: str) -> str:
        name = next(postgresql_names)
        if database == "sqlite":
            return f"sqlite:///{tmp_path / 'restored' / name}.sqlite3"
        server: URL = request.getfixturevalue("postgresql_server")
        _administer(server, f'CREATE DATABASE "{name}"')
        made.append(name)
        return server.set(database=name).render_as_string(hide_password=False)

    yield make
    for name in made:
        _administer(request.getfixturevalue("postgresql_server"), f'DROP DATABASE "{name}" WITH (FORCE)')


def _administer(server: URL, statement: str) -> None:
    address = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement)
