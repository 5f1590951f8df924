"""The least that a register does, for ``power_cut``: a step of the counter and a row with its number, then commit.

It goes through the register's own door (``Sessions`` on the schema of the migrations), so what is tested is how that
door opens the database, not this file. ``normal`` opens it as carelessly as SQLite's usual advice for WAL has it: the
rig must lose rows then, or it can not find anything.
"""

import itertools
import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import event, insert, select, text, update
from sqlalchemy.orm import Session

from registry.certificate.tables import EntryCounter, Epoch
from registry.database import migrate
from registry.database.engine import open_engine
from registry.database.sessions import Sessions

AN_INSTANT = datetime(2026, 6, 1, 4, tzinfo=UTC)
NORMAL = "normal"


def prepare(folder: Path) -> None:
    """Make a register with a counter at zero."""
    migrate.upgrade(_address(folder))
    engine = open_engine(_address(folder))
    Sessions(engine).run(lambda session: session.add(EntryCounter(id=1, last=0)))
    engine.dispose()


def main(folder: Path, *options: str) -> None:
    """Count until killed; say each number on standard output as soon as it is committed."""
    if not {NORMAL}.issuperset(options):
        raise SystemExit(f"unknown: {options}")
    engine = open_engine(_address(folder))
    if NORMAL in options:
        event.listen(engine, "connect", _be_careless)
    sessions = Sessions(engine)
    for _ in itertools.count():
        os.write(sys.stdout.fileno(), b"%d\n" % sessions.run(count))


def survivors(folder: Path) -> set[str]:
    """Return what is there after a recovery. Raises ``ValueError`` if it is not in order by itself."""
    engine = open_engine(_address(folder))
    try:
        with engine.connect() as connection:
            sound = connection.execute(text("PRAGMA integrity_check")).scalar_one()
        last, rows = Sessions(engine).read(found)
    finally:
        engine.dispose()
    if sound != "ok" or rows != list(range(1, last + 1)):
        raise ValueError(f"{sound}; the counter says {last}, the rows are {len(rows)}")
    return set(map(str, rows))


def count(session: Session) -> int:
    """Take the next number and store its row, in one transaction; return the number."""
    step = update(EntryCounter).values(last=EntryCounter.last + 1).returning(EntryCounter.last)
    number = session.execute(step).scalar_one()
    session.execute(
        insert(Epoch).values(
            key_id=number.to_bytes(4, "big"),
            first_entry=number,
            last_entry=number,
            last_on=date(2027, 5, 31),
            opened_at=AN_INSTANT,
        )
    )
    return number


def found(session: Session) -> tuple[int, list[int]]:
    """Return what the counter says, and the numbers of the rows."""
    last = session.execute(select(EntryCounter.last)).scalar_one()
    return last, list(session.execute(select(Epoch.first_entry).order_by(Epoch.first_entry)).scalars())


def _be_careless(connection, _record) -> None:
    connection.execute("PRAGMA synchronous = NORMAL")


def _address(folder: Path) -> str:
    return f"sqlite:///{folder}/register.sqlite3"


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
