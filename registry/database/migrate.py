"""The way of a register to its current shape, and the gate before a register of another shape.

Migrations are plain alembic, in ``migrations/`` beside the packages. A migration is one transaction on both
databases, so one that is killed half-way leaves the shape it found.
"""

import io
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Engine

from registry.database.engine import open_engine
from registry.database.errors import MigrationsMissing, SchemaMismatch

MIGRATIONS_DIR = Path(__file__).resolve().parents[2] / "migrations"


def upgrade(
    register: Engine | str | URL, *, revision: str = "head", directory: Path = MIGRATIONS_DIR
) -> None:
    """Bring the register to ``revision``; an address may name an SQLite file that is new.

    Nothing happens if it is there already. ``directory`` holds ``env.py`` and ``versions``.
    """
    if isinstance(register, Engine):
        command.upgrade(_config(directory, register), revision)
        return
    engine = open_engine(register, create=True)
    try:
        command.upgrade(_config(directory, engine), revision)
    finally:
        engine.dispose()


def downgrade(engine: Engine, *, revision: str, directory: Path = MIGRATIONS_DIR) -> None:
    """Take the register back to ``revision`` (``base`` drops every table). For tests and drills."""
    command.downgrade(_config(directory, engine), revision)


def require_current(engine: Engine, *, directory: Path = MIGRATIONS_DIR) -> None:
    """Raise ``SchemaMismatch`` unless the register has exactly the shape this program was written for."""
    needed = ScriptDirectory.from_config(_config(directory, engine)).get_current_head() or "base"
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found != needed:
        raise SchemaMismatch(found, needed)


def _config(directory: Path, engine: Engine) -> Config:
    if not (directory / "env.py").is_file():
        raise MigrationsMissing(str(directory))
    config = Config(stdout=io.StringIO(), attributes={"engine": engine})
    config.set_main_option("script_location", str(directory).replace("%", "%%"))
    return config
