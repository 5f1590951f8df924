"""The way of a register to its current shape, and the gate before a register of another shape.

Migrations are plain alembic, in ``migrations/`` beside the packages. A migration is one transaction on both
databases, so one that is killed half-way leaves the shape it found.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Engine, inspect
from sqlalchemy.exc import DatabaseError, OperationalError

from registry.database.engine import open_engine
from registry.database.errors import MigrationsMissing, NotReached, SchemaMismatch

MIGRATIONS_DIR = Path(__file__).resolve().parents[2] / "migrations"


def upgrade(
    register: Engine | str | URL, *, revision: str = "head", directory: Path = MIGRATIONS_DIR
) -> None:
    """Bring the register to ``revision``; an address may name an SQLite file that is new.

    Nothing happens if it is there already. ``directory`` holds ``env.py`` and ``versions``. Raises
    ``NotReached`` if no database answers at an address.
    """
    if isinstance(register, Engine):
        command.upgrade(_config(directory, register), revision)
        return
    engine = open_engine(register, create=True)
    try:
        # Only reaching it is judged so: SQLite calls a mistake inside a migration by the same name.
        with _reached(), engine.connect():
            pass
        command.upgrade(_config(directory, engine), revision)
    finally:
        engine.dispose()


def downgrade(engine: Engine, *, revision: str, directory: Path = MIGRATIONS_DIR) -> None:
    """Take the register back to ``revision`` (``base`` drops every table). For tests and drills."""
    command.downgrade(_config(directory, engine), revision)


def require_current(engine: Engine, *, directory: Path = MIGRATIONS_DIR) -> None:
    """Raise ``SchemaMismatch`` unless the register has exactly the shape this program was written for.

    Raises ``NotReached`` if no database answers there.
    """
    needed = ScriptDirectory.from_config(_config(directory, engine)).get_current_head() or "base"
    with _reached(), engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found != needed:
        raise SchemaMismatch(found, needed)


def tables_in(url: str | URL) -> list[str]:
    """Return the names of the tables at an address that exists, ours or not. Raises ``NotReached``."""
    engine = open_engine(url)
    try:
        with _reached(), engine.connect() as connection:
            return inspect(connection).get_table_names()
    finally:
        engine.dispose()


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        # SQLite says of a file that is none, with the family's own class, that it is not a database.
        if isinstance(error, OperationalError) or type(error) is DatabaseError:
            raise NotReached(str(error.orig).strip().splitlines()[0]) from None
        raise


def _config(directory: Path, engine: Engine) -> Config:
    if not (directory / "env.py").is_file():
        raise MigrationsMissing(str(directory))
    config = Config(stdout=io.StringIO(), attributes={"engine": engine})
    config.set_main_option("script_location", str(directory).replace("%", "%%"))
    return config
