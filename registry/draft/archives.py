"""The photo archives of a draft, opened in files without a name.

Nobody else finds such a file, and it ends with the worker.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Final, cast
from uuid import UUID

from sqlalchemy.orm import Session

from registry.assessment.fault import Fault
from registry.draft.claiming import Claim
from registry.draft.files import PART_BYTES, Kind, files_of, plain_parts
from registry.draft.status import Phase
from registry.draft.workshop import Workshop, note
from registry.photo.archive import PhotoArchive
from registry.photo.errors import ArchiveRefused

HEADING: Final = "照片"
_PARTS_IN_STEP: Final = 64


def has_archives(session: Session, draft_id: UUID) -> bool:
    """Say whether a draft has photo archives that count."""
    return any(file.complete for file in files_of(session, draft_id, Kind.PHOTOS))


def open_archives(
    workshop: Workshop, claimed: Claim, opened: ExitStack
) -> Generator[int, None, tuple[dict[UUID, PhotoArchive], list[Fault]]]:
    """Open the draft's archives in their order; with them the faults of archives and of entries that are no photos."""
    sessions = workshop.sessions
    files = sessions.read(lambda session: files_of(session, claimed.draft_id, Kind.PHOTOS))
    workshop.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    archives: dict[UUID, PhotoArchive] = {}
    faults: list[Fault] = []
    for file in (file for file in files if file.complete):
        target = _unnamed(workshop.folder)
        opened.callback(target.close)
        for number, plain in enumerate(plain_parts(sessions, workshop.personal.sealer, file), start=1):
            target.write(plain)
            if number % _PARTS_IN_STEP == 0:
                note(workshop, claimed, Phase.READING, number, -(-file.size // PART_BYTES))
                yield 1
        target.seek(0)
        try:
            archives[file.id] = PhotoArchive(target)
        except ArchiveRefused as refused:
            target.close()
            faults.append(Fault(None, HEADING, refused.value, refused.code, refused.message, refused.remedy))
    return archives, [*faults, *_faults_of_entries(list(archives.values()))]


def _unnamed(folder: Path) -> BinaryIO:
    # Its mode is 600; where the system can, it never has a name.
    return cast(BinaryIO, TemporaryFile(dir=folder))


def _faults_of_entries(archives: Sequence[PhotoArchive]) -> Iterator[Fault]:
    """Yield the fault of each entry that is no photo of a row, unless a later archive has a photo of its name."""
    mended: set[str] = set()
    for archive in reversed(archives):
        for entry in archive.refused:
            if _last(entry.name) not in mended:
                yield Fault(None, HEADING, entry.name, entry.code, entry.message, entry.remedy)
        mended |= {_last(entry.name) for _, entry in archive.names()}


def _last(name: str) -> str:
    return name.rpartition("/")[2].lower()
