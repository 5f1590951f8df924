"""The registers that lives are lived in: one of each database, made fresh for each life."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from registry.database.metadata import Base
from signing import id_check
from tests.life.register_place import Place

# Their assertions show what differs, as those of a test do.
pytest.register_assert_rewrite(*(f"tests.life.{name}" for name in ("comparison", "desk", "laws", "living")))


@pytest.fixture
def quick_id_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an ID check cost one round instead of 100,000; what it is worth is tested where it lives."""
    monkeypatch.setattr(id_check, "ITERATIONS", 1)


@pytest.fixture
def sqlite_place(tmp_path: Path, sqlite_template: Path) -> Iterator[Place]:
    """A register in an SQLite file."""
    file = tmp_path / "register.sqlite3"
    shutil.copyfile(sqlite_template, file)

    def make_fresh() -> None:
        for old in tmp_path.glob("register.sqlite3*"):
            old.unlink()
        shutil.copyfile(sqlite_template, file)

    place = Place(f"sqlite:///{file}", make_fresh)
    yield place
    place.disconnect()


@pytest.fixture
def postgresql_place(postgresql_register: Callable[[], Engine]) -> Iterator[Place]:
    """A register in a PostgreSQL database: emptied, which is quicker than copying one."""
    engine = postgresql_register()
    tables = Base.metadata.sorted_tables
    with engine.begin() as connection:
        shipped = [
            (table, [dict(row) for row in connection.execute(table.select()).mappings()]) for table in tables
        ]

    def make_fresh() -> None:
        with engine.begin() as connection:
            for table in reversed(tables):
                connection.execute(table.delete())
            for table, rows in shipped:
                if rows:
                    connection.execute(table.insert(), rows)

    place = Place(engine.url, make_fresh)
    yield place
    place.disconnect()
    engine.dispose()


@pytest.fixture
def new_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Make a folder for a life's signer."""
    return lambda: tmp_path_factory.mktemp("life")
