"""Making a backup: one snapshot of the register, chunk by chunk, then the manifest, then all of it read back.

It goes on while the register works: writers are not held up, and what they commit after the snapshot is not in it.
Killed anywhere, it leaves chunks that the next run finds and does not write again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from registry.backup.folder import BackupFolder
from registry.backup.manifest import Chunk, Manifest, TableContent
from registry.backup.portions import portions, revision_of
from registry.certificate.tables import EntryCounter, Series
from registry.database.schema import kept_tables
from registry.database.sessions import Sessions
from registry.journal.tables import JournalHead

# Told with a number of rows after each piece of work.
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A backup that was written and read back; ``written`` of its chunks were new."""

    name: str
    manifest: Manifest
    written: int


def back_up(
    sessions: Sessions,
    folder: BackupFolder,
    *,
    environment: str,
    now: Callable[[], datetime],
    progress: Progress,
) -> BackedUp:
    """Write a backup and verify it; return it.

    Durable at the end: every chunk, then the manifest. Raises ``BackupInUse``, ``BackupDamaged`` if what was written
    does not come back, or what the store raises. ``progress`` is told every row twice: written, read back.
    """
    with folder.locked():
        copy = _Copy(folder, environment, now, progress)
        # Run again after a lost connection, it finds its own chunks.
        manifest = sessions.read(copy.make)
        name = folder.write(manifest)
        verify(folder, name, now=now(), progress=progress)
        return BackedUp(name, manifest, copy.written)


def verify(folder: BackupFolder, name: str, *, now: datetime, progress: Progress) -> Manifest:
    """Read every chunk of a backup back; return its manifest.

    Raises ``BackupDamaged`` at the first part that is missing or is not what was written, and what opening the
    manifest raises.
    """
    # Until the last chunk came back it counts as unverified, whatever was found the last time.
    folder.unmark(name)
    manifest = folder.manifest(name)
    for chunk in manifest.chunks:
        folder.chunk(chunk)
        progress(chunk.rows)
    folder.mark_verified(name, now=now)
    return manifest


def rows_in(session: Session) -> int:
    """Return how many rows a backup would hold."""
    counts = (session.scalar(select(func.count()).select_from(table)) for table in kept_tables())
    return sum(count or 0 for count in counts)


@dataclass(slots=True)
class _Copy:
    """One run over the snapshot."""

    folder: BackupFolder
    environment: str
    now: Callable[[], datetime]
    progress: Progress
    written: int = 0

    def make(self, session: Session) -> Manifest:
        self.written = 0
        made_at = self.now()
        head = session.execute(select(JournalHead.place, JournalHead.hash)).one()
        series = dict(session.execute(select(Series.key, Series.issued)).all())
        entry = session.scalar(select(EntryCounter.last)) or 0
        tables = tuple(self._table(session, table) for table in kept_tables())
        return Manifest(
            environment=self.environment,
            revision=revision_of(session),
            made_at=made_at,
            ended_at=self.now(),
            place=head.place,
            hash=head.hash.hex(),
            entry=entry,
            series=series,
            tables=tables,
        )

    def _table(self, session: Session, table: Table) -> TableContent:
        chunks = []
        for portion in portions(session, table):
            name, new = self.folder.keep(portion.plain)
            self.written += new
            chunks.append(Chunk(name, portion.rows, sha256(portion.plain).hexdigest()))
            self.progress(portion.rows)
        return TableContent(table.name, tuple(table.columns.keys()), tuple(chunks))
