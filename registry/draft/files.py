"""Files of a draft, sealed in parts: how they are cut, kept, read and dropped.

Sealing costs time and touches no database, so it is done before a transaction begins (``sealed_file``); the
transaction only puts the rows in (``keep``). A part once kept never changes, so a worker, whose claim holds the files
that it reads, reads one part by part, without one snapshot around all of it. Whoever holds no claim reads row and parts
at one moment (``sealed_parts``), because a check or the draft's end may drop the file in the next.

What the check makes is kept as *pages*: each part is a JSON list of some rows or faults, so that a page of them is
read without the rest.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Session

from registry.database.sessions import Sessions
from registry.draft.errors import FileDamaged
from registry.draft.tables import DraftFile, DraftPart
from registry.personal_data import Sealer

PART_BYTES: Final = 1 << 20
PAGE_ITEMS: Final = 200
ARCHIVE_MEDIA_TYPE: Final = "application/zip"
PAGES_MEDIA_TYPE: Final = "application/json"
NAME_CHARACTERS: Final = 80


class Kind(StrEnum):
    """What a file of a draft is: the first three come from the body, the others are made by the check."""

    RESULTS = "results"
    CORRECTIONS = "corrections"
    PHOTOS = "photos"
    SHEET = "sheet"
    FAULTS = "faults"
    SETTLED = "settled"


MADE: Final = (Kind.SHEET, Kind.FAULTS, Kind.SETTLED)


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A file ready to be kept: the row of it, and of each part."""

    row: Mapping[str, Any]
    parts: Sequence[Mapping[str, Any]]

    @property
    def id(self) -> UUID:
        """The file's id."""
        identifier: UUID = self.row["id"]
        return identifier


def sealed_file(
    sealer: Sealer,
    draft_id: UUID,
    kind: Kind,
    parts: Iterable[bytes],
    *,
    revision: int,
    media_type: str,
    position: int = 0,
    name: str | None = None,
    file_id: UUID | None = None,
) -> SealedFile:
    """Seal the parts of a file, whose bytes are all of them in their order."""
    file_id, digest, size, sealed = file_id or uuid4(), sha256(), 0, []
    for number, plain in enumerate(parts):
        digest.update(plain)
        size += len(plain)
        sealed.append(sealed_part(sealer, file_id, number, plain))
    row = {
        "id": file_id,
        "draft_id": draft_id,
        "kind": kind,
        "revision": revision,
        "position": position,
        "name": name,
        "media_type": media_type,
        "size": size,
        "digest": digest.digest(),
        "complete": True,
    }
    return SealedFile(row, sealed)


def bytes_of(files: Iterable[SealedFile]) -> int:
    """Return how long files are together."""
    return sum(file.row["size"] for file in files)


def short_label(name: str | None) -> str | None:
    """Return a label as far as it can be kept: one visible line of at most 80 characters."""
    visible = "".join(character for character in name or "" if character.isprintable())
    return visible[:NAME_CHARACTERS] or None


def is_same(present: DraftFile, file: SealedFile) -> bool:
    """Say whether a file that is there says the same, read in the same way."""
    return (present.digest, present.media_type) == (file.row["digest"], file.row["media_type"])


def sealed_part(sealer: Sealer, file_id: UUID, number: int, plain: bytes) -> dict[str, Any]:
    """Return the row of one part."""
    return {"file_id": file_id, "n": number, "sealed": sealer.seal(plain, place=_place(file_id, number))}


def in_parts(content: bytes) -> Iterator[bytes]:
    """Cut a file into parts of at most 1 MiB."""
    for start in range(0, len(content), PART_BYTES):
        yield content[start : start + PART_BYTES]


def in_pages(items: Sequence[Any], *, first: Any = None) -> Iterator[bytes]:
    """Write items as pages; ``first`` is a page of its own before them, if there is one."""
    if first is not None:
        yield _page(first)
    for start in range(0, len(items), PAGE_ITEMS):
        yield _page(items[start : start + PAGE_ITEMS])


def _page(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def read_page(page: bytes) -> Any:
    """Return what ``in_pages`` wrote."""
    return json.loads(page.decode("utf-8", "surrogatepass"))


def keep(session: Session, file: SealedFile) -> None:
    """Put a sealed file into the register."""
    session.execute(insert(DraftFile), [file.row])
    if file.parts:
        session.execute(insert(DraftPart), list(file.parts))


def files_of(session: Session, draft_id: UUID, *kinds: Kind) -> list[DraftFile]:
    """Return a draft's files of these kinds in the order of their coming, incomplete ones too."""
    query = select(DraftFile).where(DraftFile.draft_id == draft_id, DraftFile.kind.in_(kinds))
    return list(session.scalars(query.order_by(DraftFile.position, DraftFile.id)))


def drop(session: Session, files: Collection[UUID]) -> None:
    """Delete files with their parts; whatever else refers to them is gone already."""
    drop_parts(session, files)
    session.execute(delete(DraftFile).where(DraftFile.id.in_(files)))


def drop_parts(session: Session, files: Collection[UUID]) -> None:
    """Delete the parts of files whose rows stay."""
    session.execute(delete(DraftPart).where(DraftPart.file_id.in_(files)))


_PART = select(DraftPart.sealed).where(
    DraftPart.file_id == bindparam("file"), DraftPart.n == bindparam("number")
)


def stored_parts(sessions: Sessions, sealer: Sealer, file_id: UUID, *, first: int = 0) -> Iterator[bytes]:
    """Yield the parts that are there from the ``first`` on, up to one that is missing; each in a reading of its own.

    For whoever does not want a whole file, or knows himself what it should be. Raises ``SealBroken``.
    """
    number = first
    while rows := sessions.rows(_PART, {"file": file_id, "number": number}):
        yield sealer.open(rows[0].sealed, place=_place(file_id, number))
        number += 1


def plain_parts(sessions: Sessions, sealer: Sealer, file: DraftFile) -> Iterator[bytes]:
    """Yield the parts of a complete file. Raises ``SealBroken``, or ``FileDamaged`` at the end if they are not all."""
    return _all_of(file, stored_parts(sessions, sealer, file.id))


def sealed_parts(session: Session, file_id: UUID, numbers: range | None = None) -> list[bytes]:
    """Return parts of a file at one moment, all or those of these ``numbers``, still sealed.

    They are opened outside of the transaction, in which the file was found: it may be dropped right after.
    """
    query = select(DraftPart.sealed).where(DraftPart.file_id == file_id).order_by(DraftPart.n)
    if numbers is not None:
        query = query.where(DraftPart.n >= numbers.start, DraftPart.n < numbers.stop)
    return list(session.scalars(query))


def opened_in_place(
    sealer: Sealer, file_id: UUID, sealed: Iterable[bytes], *, first: int = 0
) -> Iterator[bytes]:
    """Yield the plain bytes of parts in a row, from the ``first`` on. Raises ``SealBroken``."""
    for number, part in enumerate(sealed, first):
        yield sealer.open(part, place=_place(file_id, number))


def opened_parts(sealer: Sealer, file: DraftFile, sealed: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the parts of a file, all of which ``sealed_parts`` returned. Raises what ``plain_parts`` raises."""
    return _all_of(file, opened_in_place(sealer, file.id, sealed))


def plain_file(sessions: Sessions, sealer: Sealer, file: DraftFile) -> bytes:
    """Return the bytes of a complete file. Raises ``SealBroken``, or ``FileDamaged`` if they are not those it had."""
    return b"".join(plain_parts(sessions, sealer, file))


def _all_of(file: DraftFile, parts: Iterable[bytes]) -> Iterator[bytes]:
    size, digest = 0, sha256()
    for plain in parts:
        size += len(plain)
        digest.update(plain)
        yield plain
    if size != file.size or digest.digest() != file.digest:
        raise FileDamaged(file.id)


def _place(file_id: UUID, number: int) -> str:
    return f"draft:{file_id}:{number}"
