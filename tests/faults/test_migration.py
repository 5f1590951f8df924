"""A migration that is killed on its way leaves the shape it found; program and register of different shapes refuse."""

import os
import shutil
import signal

import pytest
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Engine, MetaData, event, select

from registry.database import migrate
from registry.database.errors import SchemaMismatch
from registry.installation import open_installation
from registry.settings import load_settings
from signing.statement import Level
from tests.faults.judging import require_dense
from tests.keys.small_register import ending_of
from tests.registry.world import BODY, ENVIRONMENT

SCRIPTS = ScriptDirectory(str(migrate.MIGRATIONS_DIR))
NEWEST = SCRIPTS.get_revision("head")
BEFORE = NEWEST.down_revision


def contents(engine):
    """Return every row of every table as the database itself describes them."""
    shape = MetaData()
    shape.reflect(engine)
    with engine.connect() as connection:
        return {
            name: sorted(repr(tuple(row)) for row in connection.execute(select(table)))
            for name, table in shape.tables.items()
        }


@pytest.fixture
def older(theatre, engine):
    """A register with two certificates, one of them unsigned, taken back to the shape before the newest."""
    theatre.world.issued(theatre.world.row(1))
    theatre.world.numbered(theatre.world.row(1))
    migrate.downgrade(engine, revision=BEFORE)
    engine.dispose()
    return theatre


def killed_upgrade(url, *, at=None):
    """Let a child process upgrade, and be killed before its statement ``at``; ``None``: before it commits.

    Returns how many statements it ran, the one that it died of included.
    """
    told, tell = os.pipe()
    ran = 0

    def die():
        os.write(tell, b"%d" % ran)
        os.kill(os.getpid(), signal.SIGKILL)

    def on_statement(*_):
        nonlocal ran
        ran += 1
        if ran == at:
            die()

    def act():
        event.listen(Engine, "before_cursor_execute", on_statement)
        event.listen(Engine, "commit", lambda _: die())
        migrate.upgrade(url)

    assert ending_of(act) == -signal.SIGKILL
    os.close(tell)
    with os.fdopen(told, "rb") as answer:
        return int(answer.read())


@pytest.mark.parametrize("moment", [0.0, 0.25, 0.5, 0.75, 0.9, 1.0])
def test_a_migration_killed_at_any_moment_leaves_the_shape_and_every_row_it_found(older, engine, moment):
    world, before = older.world, contents(engine)
    engine.dispose()
    statements = killed_upgrade(older.url)
    assert contents(engine) == before
    engine.dispose()

    assert killed_upgrade(older.url, at=max(1, round(moment * statements))) <= statements

    assert contents(engine) == before
    with pytest.raises(SchemaMismatch) as refusal:
        migrate.require_current(engine)
    assert (refusal.value.found, refusal.value.needed) == (BEFORE, NEWEST.revision)
    migrate.upgrade(engine)
    migrate.require_current(engine)
    require_dense(world, world.entries())
    assert world.statuses() == ["released", "numbered"]
    # The shape before knew no openings: the registrar signs those of the series that are there.
    for level in Level:
        world.open_series(BODY, level)
    assert (world.sign(), world.release()) == (1, 1)
    assert world.issued(world.row(1))[0].endswith("000003")


def settings(theatre):
    return load_settings({"CERTREG_ENVIRONMENT": ENVIRONMENT, "CERTREG_DATABASE_URL": theatre.url})


def test_a_new_program_does_not_work_on_an_older_register(older):
    with pytest.raises(SchemaMismatch, match="certreg init"):
        open_installation(settings(older))


def test_an_old_program_does_not_work_on_a_newer_register_and_does_not_mend_it(theatre, engine, tmp_path):
    old_program = tmp_path / "migrations"
    shutil.copytree(migrate.MIGRATIONS_DIR, old_program, ignore=shutil.ignore_patterns("__pycache__"))
    (old_program / "versions" / os.path.basename(NEWEST.path)).unlink()
    before = contents(engine)

    with pytest.raises(SchemaMismatch) as refusal:
        migrate.require_current(engine, directory=old_program)
    assert (refusal.value.found, refusal.value.needed) == (NEWEST.revision, BEFORE)
    with pytest.raises(CommandError):
        migrate.upgrade(engine, directory=old_program)

    assert contents(engine) == before
    open_installation(settings(theatre)).sessions.close()
