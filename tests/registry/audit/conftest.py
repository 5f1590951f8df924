"""Audited worlds: one that lived on SQLite, copied for each test, and fresh ones on either database."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.database.engine import open_engine
from signing import id_check
from tests.conftest import DATABASES, OpenRegister
from tests.registry.audit.audited import Audited, founded, lived


@pytest.fixture(scope="session")
def life(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a world in which everything happened, published and chained."""
    folder = tmp_path_factory.mktemp("life")
    shutil.copyfile(sqlite_template, folder / "register.sqlite3")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(id_check, "ITERATIONS", 1)
        lived(open_engine(f"sqlite:///{folder / 'register.sqlite3'}"), folder).put_down(folder)
    return folder


@pytest.fixture
def audited(life: Path, tmp_path: Path) -> Iterator[Audited]:
    """A world in which everything happened, published and chained, on SQLite."""
    shutil.copytree(life, tmp_path / "life")
    taken_up = Audited.taken_up(tmp_path / "life")
    yield taken_up
    taken_up.engine.dispose()


@pytest.fixture(params=DATABASES)
def fresh_audited(request: pytest.FixtureRequest, tmp_path: Path, quick_id_checks: None) -> Iterator[Audited]:
    """The same, made anew, once on each database."""
    open_register: OpenRegister = request.getfixturevalue(f"{request.param}_register")
    fresh = lived(open_register(), tmp_path)
    yield fresh
    fresh.engine.dispose()


@pytest.fixture
def fresh_audited_without_log(
    sqlite_register: OpenRegister, tmp_path: Path, quick_id_checks: None
) -> Iterator[Audited]:
    """A world that was founded and published, whose trust bundle names no public log."""
    young = founded(sqlite_register(), tmp_path)
    young.world.open_epoch()
    young.world.issued()
    young.publish()
    young.chain()
    yield young
    young.engine.dispose()


@pytest.fixture
def young_audited(sqlite_register: OpenRegister, tmp_path: Path) -> Iterator[Audited]:
    """A world that was founded, and nothing else."""
    young = founded(sqlite_register(), tmp_path)
    yield young
    young.engine.dispose()
