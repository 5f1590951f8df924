"""Where a register is restored to: a place with nothing in it, filled in one step or not at all.

SQLite: built in a file beside, which takes its name when it is whole. PostgreSQL: an empty database; its tables are
made first, everything in them in one transaction that holds the row of the journal's head, so of two restores one is
refused. Killed anywhere, there is no register at the place, and the restore can be run again.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Engine, func, make_url, select
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from registry.backup.errors import BackupInUse, TargetTaken
from registry.database.engine import Limits, open_engine
from registry.database.migrate import tables_in, upgrade
from registry.database.schema import OPERATIONAL, kept_tables
from registry.journal.tables import JournalHead, LogHead

# Nobody else is at work in the place, and a check may think for long between two questions.
PATIENT: Final = Limits(lock_seconds=60.0, statement_seconds=3600.0, idle_in_transaction_seconds=3600.0)

# A journal of the lost register beside the restored file would be played into it.
SIDE_FILES: Final = ("", "-wal", "-shm", "-journal")

_NO_HARD_LINKS: Final = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}


@contextmanager
def building_site(url: str | URL) -> Iterator[Engine]:
    """Give an engine on an empty register; what is in it when the block ends well is the register.

    Raises ``TargetTaken`` if there is anything at the address, ``BackupInUse`` if another restore works there; on
    PostgreSQL only the transaction that fills it can be sure of both (``require_unused``).
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and address.database:
        with _sqlite_site(Path(address.database), address) as engine:
            yield engine
        return
    if tables_in(url):
        _require_shape_alone(url)
    _make_shape(url)
    engine = open_engine(url, limits=PATIENT)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _sqlite_site(place: Path, address: URL) -> Iterator[Engine]:
    place.parent.mkdir(parents=True, exist_ok=True)
    with _alone(place.parent):
        _require_free(place)
        draft = place.with_name(f".{place.name}.restoring")
        _clear(draft)
        upgrade(address.set(database=str(draft)))
        engine = open_engine(address.set(database=str(draft)), limits=PATIENT)
        try:
            yield engine
        except BaseException:
            engine.dispose()
            _clear(draft)
            raise
        # The last connection that closes brings everything into the one file.
        engine.dispose()
        _put_in_place(draft, place)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupInUse(folder) from None
        yield
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _beside(place: Path) -> list[Path]:
    return [place.with_name(place.name + side) for side in SIDE_FILES]


def _require_free(place: Path) -> None:
    for path in _beside(place):
        if path.exists() or path.is_symlink():
            raise TargetTaken(str(path))


def _clear(draft: Path) -> None:
    for path in _beside(draft):
        path.unlink(missing_ok=True)


def _put_in_place(draft: Path, place: Path) -> None:
    if any(path.exists() for path in _beside(draft)[1:]):
        raise TargetTaken(f"{draft}-wal")
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    _require_free(place)
    try:
        os.link(draft, place)
    except FileExistsError:
        raise TargetTaken(str(place)) from None
    except OSError as fault:
        if fault.errno not in _NO_HARD_LINKS:
            raise
        os.rename(draft, place)
        return
    draft.unlink()


def require_unused(session: Session) -> None:
    """Take the place for this transaction: with the lock of the journal's head, nobody else fills it until the end.

    Raises ``BackupInUse`` if another restore has the lock, ``TargetTaken`` if one was here before.
    """
    address = _shown(session.get_bind().engine.url)
    head = select(JournalHead.id).with_for_update(skip_locked=True)
    if session.execute(head).first() is None:
        raise BackupInUse(address)
    _require_no_rows(session, address)


def _make_shape(url: str | URL) -> None:
    try:
        upgrade(url)
    except (IntegrityError, ProgrammingError):
        # Of two that make the same tables at once, the database lets one through.
        if not tables_in(url):
            raise
        raise BackupInUse(_shown(url)) from None


def _require_shape_alone(url: str | URL) -> None:
    """Allow the shape without a row in it, which a restore that was killed leaves; raise ``TargetTaken`` otherwise."""
    known = {table.name for table in kept_tables()} | {"alembic_version"} | OPERATIONAL
    if set(tables_in(url)) != known:
        raise TargetTaken(_shown(url))
    engine = open_engine(url)
    try:
        with Session(engine) as session:
            _require_no_rows(session, _shown(url))
    finally:
        engine.dispose()


def _require_no_rows(session: Session, address: str) -> None:
    for table in kept_tables():
        count = select(func.count()).select_from(table)
        if table is JournalHead.__table__:
            count = count.where(JournalHead.place > 0)
        if table is LogHead.__table__:
            count = count.where(LogHead.size > 0)
        if session.scalar(count):
            raise TargetTaken(address)


def _shown(url: str | URL) -> str:
    return make_url(url).render_as_string(hide_password=True)
