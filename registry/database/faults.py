"""Which database errors are worth another run, and which are the disk's: two tables, for both databases.

Only errors after which the database itself guarantees that nothing was done are worth another run, and lost
connections, of which ``sessions`` decides by the moment they happened. A disk that is full or broken does not mend in
the moment that another run would take: it is refused at once, by a name that an operator can act on. Everything else
is left alone.
"""

from enum import StrEnum

from sqlalchemy.exc import DBAPIError, OperationalError

from registry.database.errors import StorageDamaged, StorageFailed, StorageFault, StorageFull


class Fault(StrEnum):
    """Why a transaction may be run again."""

    LOST_RACE = "lost race"
    BUSY = "locked by another writer"
    CONNECTION_LOST = "connection lost"


# PostgreSQL, Appendix A "Error Codes". Its relatives use 40001 for every lost race.
BY_SQLSTATE = {
    "40001": Fault.LOST_RACE,
    "40P01": Fault.LOST_RACE,
    "55P03": Fault.BUSY,
    "40003": Fault.CONNECTION_LOST,
    "57P01": Fault.CONNECTION_LOST,
    "57P02": Fault.CONNECTION_LOST,
    "57P03": Fault.CONNECTION_LOST,
    "25P03": Fault.CONNECTION_LOST,
}
CONNECTION_EXCEPTION_CLASS = "08"

# SQLite, "Result and Error Codes"; the low byte of an extended code is its primary code.
BY_SQLITE_CODE = {5: Fault.BUSY, 6: Fault.BUSY}

FULL_SQLSTATE, FULL_SQLITE_CODE = "53100", 13
# PostgreSQL's io_error and undefined_file: a file of its own can not be read or written.
FAILED_SQLSTATES = {"58030", "58P01"}
# SQLITE_IOERR, SQLITE_CANTOPEN. A file that had to be made or opened for writing is the latter.
FAILED_SQLITE_CODES = {10, 14}
DAMAGED_SQLSTATES = {"XX001", "XX002"}
# SQLITE_CORRUPT, SQLITE_NOTADB
DAMAGED_SQLITE_CODES = {11, 26}
# SQLITE_READONLY: from a writer it is the disk's; a reader gets it for a query that tries to write.
READONLY_SQLITE_CODE = 8


def fault_of(error: DBAPIError) -> Fault | None:
    """Say why the failed transaction may be run again; ``None`` if it may not."""
    if error.connection_invalidated:
        return Fault.CONNECTION_LOST
    sqlite_code = getattr(error.orig, "sqlite_errorcode", None)
    if sqlite_code is not None:
        return BY_SQLITE_CODE.get(sqlite_code & 0xFF)
    sqlstate = getattr(error.orig, "sqlstate", None)
    if sqlstate is None:
        return _without_a_code(error)
    if sqlstate.startswith(CONNECTION_EXCEPTION_CLASS):
        return Fault.CONNECTION_LOST
    return BY_SQLSTATE.get(sqlstate)


def _without_a_code(error: DBAPIError) -> Fault | None:
    # psycopg reports a server out of reach, or one that hung up, as an OperationalError with no SQLSTATE.
    speaks_sqlstate = hasattr(error.orig, "sqlstate")
    return Fault.CONNECTION_LOST if speaks_sqlstate and isinstance(error, OperationalError) else None


def storage_fault_of(error: DBAPIError, *, writing: bool) -> StorageFault | None:
    """Return the refusal that the error comes to if the disk is its cause, else ``None``.

    ``writing``: the transaction was a writer's.
    """
    sqlite_code = getattr(error.orig, "sqlite_errorcode", None)
    if sqlite_code is not None:
        return _of_sqlite(sqlite_code & 0xFF, str(error.orig), writing=writing)
    sqlstate = getattr(error.orig, "sqlstate", None)
    if sqlstate == FULL_SQLSTATE:
        return StorageFull()
    if sqlstate in FAILED_SQLSTATES:
        return StorageFailed(sqlstate)
    return StorageDamaged(sqlstate) if sqlstate in DAMAGED_SQLSTATES else None


def _of_sqlite(code: int, words: str, *, writing: bool) -> StorageFault | None:
    if code == FULL_SQLITE_CODE:
        return StorageFull()
    if code in FAILED_SQLITE_CODES or (writing and code == READONLY_SQLITE_CODE):
        return StorageFailed(words)
    return StorageDamaged(words) if code in DAMAGED_SQLITE_CODES else None
