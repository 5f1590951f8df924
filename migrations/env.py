"""Where alembic meets the register: which database, which tables, one transaction per run.

Called from ``registry.database.migrate`` with an engine, or by the ``alembic`` command, which then uses the
register of the settings. Types are written into migrations as plain SQLAlchemy types, so that an old
migration never changes its meaning with the code.
"""

import os
from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from registry.database.engine import open_engine
from registry.database.metadata import Instant
from registry.database.schema import metadata
from registry.settings import load_settings


def migrate() -> None:
    """Run the migrations on the engine that was handed over, or on the register of the settings."""
    given = context.config.attributes.get("engine")
    engine: Engine = given or open_engine(load_settings(os.environ).database_url, create=True)
    try:
        with engine.connect() as connection:
            run_on(connection)
    finally:
        if given is None:
            engine.dispose()


def run_on(connection: Connection) -> None:
    """Run them in one transaction; a rebuilt SQLite table must not lose its references on the way."""
    sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=metadata(),
        render_as_batch=sqlite,
        render_item=render_item,
        transactional_ddl=True,
        transaction_per_migration=False,
    )
    if sqlite:
        set_foreign_keys(connection, enforced=False)
    try:
        with connection.begin():
            context.run_migrations()
            if sqlite:
                require_whole_references(connection)
    finally:
        if sqlite:
            set_foreign_keys(connection, enforced=True)


def set_foreign_keys(connection: Connection, *, enforced: bool) -> None:
    """SQLite ignores this inside a transaction, so it goes around the one that SQLAlchemy begins."""
    driver = connection.connection.driver_connection
    if driver is not None:
        driver.execute(f"PRAGMA foreign_keys = {'ON' if enforced else 'OFF'}")


def require_whole_references(connection: Connection) -> None:
    """With enforcement off, ask SQLite itself whether a reference now points nowhere."""
    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if lost is not None:
        raise IntegrityError(
            "PRAGMA foreign_key_check", None, ValueError(f"a row of {lost[0]} lost its {lost[2]}")
        )


def render_item(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """Write our own column types as the plain ones that they are stored as."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    return False


migrate()
