"""Which database errors are worth another run: one table, for both databases.

Only errors after which the database itself guarantees that nothing was done are named here, and lost
connections, of which ``sessions`` decides by the moment they happened. Everything else is not a fault of
the moment and is left alone.
"""

from enum import StrEnum

from sqlalchemy.exc import DBAPIError, OperationalError


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
