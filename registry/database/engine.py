"""The door to the store: opens SQLite (embedded) or PostgreSQL (production), strict from the first use.

SQLite: through ``pysqlite3``, because the library of many systems (3.7.0 to 3.51.2) can corrupt a WAL
database that two connections write to; such a library is refused here, before a byte is written. A writer
takes the write lock when it begins, so that no transaction fails half-way for having read first, and looks whether
the files that it writes to are still the ones that others see.

PostgreSQL: every connection carries time limits, so that no client can hold a lock for ever. Nothing here
uses what its distributed relatives lack (notifications, advisory locks, sequences).

The values of a statement are never part of an error's text, nor of a log, whoever asks the library for all it can say:
they may be names of people. So may the rows that come back.

It refuses to create a database by the way: a mistyped path must not look like an empty register.
"""

import logging
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from registry.database.errors import (
    FaultySqlite,
    RegisterEmpty,
    RegisterMissing,
    StorageDamaged,
    UnknownDatabase,
)
from registry.database.side_files import SideFiles

OLDEST_SOUND_SQLITE = (3, 51, 3)

# The execution option by which ``sessions`` says what a transaction is for.
ACCESS = "certreg_access"


class Access(StrEnum):
    """What a transaction may do."""

    READ = "read"
    WRITE = "write"
    # One SELECT alone: it is a snapshot by itself, so there is nothing to begin.
    SELECT = "select"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long a connection may wait or work, in seconds."""

    lock_seconds: float = 10.0
    statement_seconds: float = 60.0
    idle_in_transaction_seconds: float = 60.0


def open_engine(
    url: str | URL, *, limits: Limits = Limits(), pool_size: int = 5, create: bool = False
) -> Engine:
    """Open the store that ``url`` names (``sqlite:///FILE`` or ``postgresql://…``).

    A transaction on the engine is a writer's unless its connection says otherwise (``ACCESS``).
    ``create``: an SQLite file, and its directory, may be new; only ``certreg init`` asks for that.
    Raises ``UnknownDatabase``, ``FaultySqlite``, ``RegisterMissing`` or ``RegisterEmpty``. PostgreSQL is first
    reached when first used.
    """
    logging.getLogger("sqlalchemy.engine.Engine").addFilter(_is_no_row)
    address = _address(url)
    if address.get_backend_name() == "sqlite":
        return _open_sqlite(address, limits=limits, pool_size=pool_size, create=create)
    return _open_postgresql(address, limits=limits, pool_size=pool_size)


def _is_no_row(record: logging.LogRecord) -> bool:
    # ``hide_parameters`` hides what goes in. What comes out, the library tells at the level of debugging alone.
    return record.levelno > logging.DEBUG


def require_sound_sqlite(version: tuple[int, ...]) -> None:
    """Raise ``FaultySqlite`` if this version of the SQLite library can corrupt a WAL database."""
    if version < OLDEST_SOUND_SQLITE:
        raise FaultySqlite(_dotted(version), _dotted(OLDEST_SOUND_SQLITE))


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)


def _address(url: str | URL) -> URL:
    try:
        address = make_url(url)
    except ArgumentError:
        # The text may hold a password, so it is not repeated.
        raise UnknownDatabase("that address", "write sqlite:///FILE or postgresql://USER@HOST/NAME") from None
    if address.drivername in ("sqlite", "postgresql+psycopg"):
        return address
    if address.drivername in ("postgresql", "postgres"):
        return address.set(drivername="postgresql+psycopg")
    raise UnknownDatabase(address.drivername, "write sqlite:///FILE or postgresql://USER@HOST/NAME")


def _open_sqlite(address: URL, *, limits: Limits, pool_size: int, create: bool) -> Engine:
    require_sound_sqlite(pysqlite3.dbapi2.sqlite_version_info)
    if address.database in (None, "", ":memory:"):
        raise UnknownDatabase("SQLite in memory", "a register needs a file: sqlite:///FILE")
    file = Path(address.database)
    if create:
        file.parent.mkdir(parents=True, exist_ok=True)
        # It holds names in plain; the library gives its side files the same mode.
        file.touch(mode=0o600)
    elif not file.is_file():
        raise RegisterMissing(str(file))
    _require_not_emptied(file, new=create)
    engine = create_engine(address, module=pysqlite3.dbapi2, pool_size=pool_size, hide_parameters=True)

    def prepare(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        _prepare_sqlite(connection, lock_seconds=limits.lock_seconds)

    files = SideFiles(file)

    def begin(connection: Connection) -> None:
        _begin_sqlite(connection, files)

    def commit(connection: Connection) -> None:
        _before_commit_sqlite(connection, files)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "connect", files.opened)
    event.listen(engine, "close", files.closed)
    event.listen(engine, "begin", begin)
    event.listen(engine, "commit", commit)
    return engine


def _require_not_emptied(file: Path, *, new: bool) -> None:
    """Raise ``RegisterEmpty`` for a file without a byte, unless it is new and nothing of an older one is beside it."""
    log = file.with_name(f"{file.name}-wal")
    log_bytes = log.stat().st_size if log.is_file() else 0
    if file.stat().st_size == 0 and (log_bytes or not new):
        raise RegisterEmpty(str(file), log_bytes)


def _prepare_sqlite(connection: Any, *, lock_seconds: float) -> None:
    # The driver would begin transactions by its own rules; we say BEGIN ourselves (see ``_begin_sqlite``).
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {int(lock_seconds * 1000)}")
    cursor.execute("PRAGMA journal_mode = WAL")
    # FULL, because NORMAL may lose the last commits at a power cut: acknowledged means durable.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # The first reading opens log and index, so that ``SideFiles`` sees them.
    cursor.execute("PRAGMA schema_version")
    cursor.close()


def _begin_sqlite(connection: Connection, files: SideFiles) -> None:
    access = connection.get_execution_options().get(ACCESS)
    if access == Access.SELECT:
        return
    if access == Access.READ:
        connection.exec_driver_sql("PRAGMA query_only = ON")
        connection.exec_driver_sql("BEGIN")
        return
    files.require_same()
    connection.exec_driver_sql("PRAGMA query_only = OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _before_commit_sqlite(connection: Connection, files: SideFiles) -> None:
    try:
        files.require_same()
    except StorageDamaged:
        # The transaction counts as ended when its COMMIT raises, so nobody else would undo it.
        connection.connection.rollback()
        raise


def _open_postgresql(address: URL, *, limits: Limits, pool_size: int) -> Engine:
    milliseconds = {
        "statement_timeout": limits.statement_seconds,
        "lock_timeout": limits.lock_seconds,
        "idle_in_transaction_session_timeout": limits.idle_in_transaction_seconds,
    }
    options = [f"-c {name}={int(seconds * 1000)}" for name, seconds in milliseconds.items()]
    own = address.query.get("options")
    if own:
        options.append(own if isinstance(own, str) else " ".join(own))
    # Acts lock the rows they decide on, so they need no more than READ COMMITTED; said aloud, so that
    # a server's default can not change what a lock means.
    engine = create_engine(
        address,
        connect_args={"options": " ".join(options), "application_name": "certreg", "connect_timeout": 10},
        isolation_level="READ COMMITTED",
        hide_parameters=True,
        # No ping before each use: it would cost a round trip, and ``Sessions`` repeats what a lost connection undid.
        pool_size=pool_size,
    )
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _prepare_postgresql(connection: Any, _record: ConnectionPoolEntry) -> None:
    # Here, so that a register on SQLite needs not load this driver.
    from psycopg.types.array import ListBinaryDumper

    # Arrays go as bytes, as single values do; the driver's default writes them as text, ten times as slowly.
    connection.adapters.register_dumper(list, ListBinaryDumper)
