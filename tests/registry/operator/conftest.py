"""Offices: an empty one, and one that is founded with its people, copied for each test."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from tests.registry.operator.office import Office


@pytest.fixture
def empty_office(tmp_path: Path) -> Office:
    """A folder with nothing in it."""
    return Office(tmp_path)


@pytest.fixture(scope="session")
def founded_office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A founded register, to be copied."""
    office = Office(tmp_path_factory.mktemp("office"))
    office.found()
    return office


@pytest.fixture
def office(founded_office: Office, tmp_path: Path, quick_id_checks: None) -> Office:
    """A founded register of one's own."""
    return founded_office.copied_to(tmp_path)


@pytest.fixture
def empty_postgresql(postgresql_server: URL, postgresql_names: Iterator[str]) -> Iterator[str]:
    """The address of a PostgreSQL database with nothing in it."""
    name = next(postgresql_names)
    server = postgresql_server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield postgresql_server.set(database=name).render_as_string(hide_password=False)
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
