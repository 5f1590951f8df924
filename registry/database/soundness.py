"""Whether what the store holds is in order by itself, as far as the store can know that.

What the register's rows say of each other is not looked at here, and neither is whether this is the newest state that
there was: a copy of last week is as sound as it was last week.
"""

from sqlalchemy import Engine

from registry.database.errors import StorageDamaged


def require_sound(engine: Engine) -> None:
    """Raise ``StorageDamaged`` if the pages of an SQLite register contradict each other.

    It reads the whole file, about two gigabytes in a second if they are in memory: once when a program starts that will
    write for days, and after a restore; not before each command. PostgreSQL checks its pages when it reads them.

    It finds less than one would like: a file and a log that were copied at two moments can fit each other page by page
    and have lost hundreds of rows. The full check finds that, since the counter no longer fits the entries.
    """
    if engine.dialect.name != "sqlite":
        return
    with engine.connect() as connection:
        found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    if found != "ok":
        raise StorageDamaged(" ".join(str(found).split()))
