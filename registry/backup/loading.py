"""Putting the rows of a backup into an empty register, and holding what stands there against the backup."""

from hashlib import sha256

from sqlalchemy import Table, delete, func, insert, select, text
from sqlalchemy.orm import Session

from registry.backup.errors import BackupDamaged, NotAsBackedUp, OtherShape
from registry.backup.folder import BackupFolder
from registry.backup.manifest import Manifest, TableContent
from registry.backup.portions import portions, revision_of
from registry.backup.row_text import RowText
from registry.backup.writing import Progress
from registry.database.schema import kept_tables
from registry.journal.chain import FIRST_HASH, WRITTEN, Written, event_hash
from registry.journal.tables import Event, JournalHead, LogHead


def load(session: Session, folder: BackupFolder, manifest: Manifest, *, progress: Progress) -> None:
    """Insert every row of the backup, in the caller's transaction.

    Raises ``OtherShape`` unless the register's schema is the backup's, ``BackupDamaged`` for a chunk that is not
    whole.
    """
    needed = revision_of(session)
    contents = {content.name: content for content in manifest.tables}
    tables = kept_tables()
    shape = {table.name: tuple(table.columns.keys()) for table in tables}
    if manifest.revision != needed or shape != {name: each.columns for name, each in contents.items()}:
        raise OtherShape(manifest.revision, needed)
    # The migrations begin a chain and a log; the backup has its own.
    for head in (JournalHead, LogHead):
        session.execute(delete(head))
    for table in tables:
        _load_table(session, folder, table, contents[table.name], progress)
    if session.get_bind().dialect.name == "postgresql":
        _tell_postgresql(session)


def require_as_backed_up(session: Session, manifest: Manifest, *, progress: Progress) -> None:
    """Read the register back and raise ``NotAsBackedUp`` unless each portion has the digest it had in the backup.

    This holds counts, values and their kinds in one go, also from one kind of database to the other. The journal's
    chain is worked out anew.
    """
    contents = {content.name: content for content in manifest.tables}
    for table in kept_tables():
        found = []
        for portion in portions(session, table):
            found.append((portion.rows, sha256(portion.plain).hexdigest()))
            progress(portion.rows)
        if found != [(chunk.rows, chunk.sha256) for chunk in contents[table.name].chunks]:
            raise NotAsBackedUp(f"table {table.name}")
    if chain_end(session) != (manifest.place, bytes.fromhex(manifest.hash)):
        raise NotAsBackedUp("the journal's chain")


def chain_end(session: Session) -> tuple[int, bytes]:
    """Work out the journal's chain from its events; return its last place and the hash there.

    Raises ``NotAsBackedUp`` where an event's place or hash is not what follows from the events before it.
    """
    place, before = 0, FIRST_HASH
    chained = select(*WRITTEN, Event.place, Event.hash).where(Event.place.is_not(None)).order_by(Event.place)
    with session.execute(chained, execution_options={"yield_per": 500}) as rows:
        for row in rows:
            place, before = place + 1, event_hash(before, place + 1, Written._make(row[:-2]))
            if (row.place, row.hash) != (place, before):
                raise NotAsBackedUp(f"place {place} of the journal's chain")
    return place, before


def _load_table(
    session: Session, folder: BackupFolder, table: Table, content: TableContent, progress: Progress
) -> None:
    row_text = RowText(table)
    for chunk in content.chunks:
        try:
            rows = row_text.read(folder.chunk(chunk))
        except ValueError:
            raise BackupDamaged(chunk.name, f"is no part of table {table.name}") from None
        session.execute(insert(table), rows)
        progress(len(rows))


def _tell_postgresql(session: Session) -> None:
    """Tell it what it would have noticed in time: where its counter of events stands, and how large the tables are now.

    The counter knows nothing of rows that bring their own id; and what follows in this transaction would be planned as
    if the tables were empty.
    """
    last = session.scalar(select(func.max(Event.id)))
    if last is not None:
        session.execute(text("SELECT setval(pg_get_serial_sequence('event', 'id'), :last)"), {"last": last})
    session.execute(text("ANALYZE"))
