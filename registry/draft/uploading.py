"""Photo archives, part by part: whoever lost his connection asks which parts are missing, and sends those.

An archive is announced with its size and digest. What is sent as one part may have up to 8 MiB and is kept in parts of
1 MiB. When all are there and make the file that was announced, it is complete by itself, and the draft changed.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from registry.database.sessions import Sessions
from registry.draft.author import own_draft, require_author, wait_for_turn
from registry.draft.errors import NoSuchPhotos, PartDiffers, PartMisplaced, PhotosDamaged
from registry.draft.files import (
    ARCHIVE_MEDIA_TYPE,
    PART_BYTES,
    Kind,
    drop,
    drop_parts,
    files_of,
    in_parts,
    sealed_part,
    short_label,
    stored_parts,
)
from registry.draft.quota import require_modest, require_room_for_archive, require_room_for_bytes
from registry.draft.revision import changed
from registry.draft.status import DraftAction, next_status
from registry.draft.tables import DraftFile, DraftPart, Photo
from registry.people.representative import Representative
from registry.personal_data import Sealer

SENT_BYTES: Final = 8 << 20
_KEPT_IN_SENT: Final = SENT_BYTES // PART_BYTES


@dataclass(frozen=True, slots=True)
class Upload:
    """An archive and what is still missing of it.

    ``parts`` is how many parts are sent for it, 0 first, each of ``part_bytes`` but the last; ``missing`` are those
    that are not there.
    """

    file_id: UUID
    name: str | None
    size: int
    digest: bytes
    complete: bool
    parts: int
    missing: tuple[int, ...]
    part_bytes: int = SENT_BYTES


def begin_photos(
    sessions: Sessions,
    author: Representative,
    draft_id: UUID,
    *,
    size: int,
    digest: bytes,
    name: str | None,
    now: datetime,
) -> Upload:
    """Announce a photo archive; return where it stands. Announced again, it is the same one.

    Nothing of the draft changes before the archive is complete. Raises ``FileEmpty``, ``FileTooLarge``,
    ``QuotaReached``, ``DraftFull``, ``NoSuchDraft``, ``NotNow``.
    """
    require_author(author)
    require_modest(Kind.PHOTOS, size)

    def act(session: Session) -> Upload:
        wait_for_turn(session, author.issuer)
        draft = own_draft(session, author, draft_id, lock=True)
        next_status(draft.status, DraftAction.CHANGE)
        before = files_of(session, draft_id, Kind.PHOTOS)
        for present in before:
            if (present.size, present.digest) == (size, digest):
                return _upload(session, present)
        require_room_for_archive(before, size)
        require_room_for_bytes(session, author.issuer, size)
        # Not forgotten by its body, though nothing in it has changed yet.
        draft.changed_at = now
        file = DraftFile(
            id=uuid4(),
            draft_id=draft_id,
            kind=Kind.PHOTOS,
            revision=draft.revision,
            position=before[-1].position + 1 if before else 0,
            name=short_label(name),
            media_type=ARCHIVE_MEDIA_TYPE,
            size=size,
            digest=digest,
            complete=False,
        )
        session.add(file)
        session.flush()
        return _upload(session, file)

    return sessions.run(act, idempotent=True)


def photo_archives(session: Session, author: Representative, draft_id: UUID) -> list[Upload]:
    """Return the draft's photo archives in the order of their coming. Raises ``NoSuchDraft``."""
    own_draft(session, author, draft_id)
    return [_upload(session, file) for file in files_of(session, draft_id, Kind.PHOTOS)]


def put_part(
    sessions: Sessions,
    sealer: Sealer,
    author: Representative,
    draft_id: UUID,
    file_id: UUID,
    number: int,
    content: bytes,
    *,
    now: datetime,
) -> Upload:
    """Keep one part of an archive, and complete the archive if it was the last; return where it stands.

    The same part again changes nothing. Raises ``NoSuchPhotos``, ``PartMisplaced``, ``PartDiffers``, or
    ``PhotosDamaged`` if all parts together are another file than was announced: they are dropped then.
    """
    file = sessions.read(lambda session: _own_archive(session, author, draft_id, file_id))
    if file.complete:
        return sessions.read(lambda session: _upload(session, file))
    _require_place(file, number, content)
    places = enumerate(in_parts(content), start=number * _KEPT_IN_SENT)
    kept = [sealed_part(sealer, file_id, place, plain) for place, plain in places]

    def act(session: Session) -> bool:
        # The lock of the draft: of two that send the same part at once, the second finds it kept.
        draft = own_draft(session, author, draft_id, lock=True)
        _own_archive(session, author, draft_id, file_id)
        # Those of one sent part are kept together or not at all.
        if session.get(DraftPart, (file_id, kept[0]["n"])) is not None:
            return False
        session.execute(insert(DraftPart), kept)
        draft.changed_at = now
        return True

    if not sessions.run(act, idempotent=True):
        _require_same(sessions, sealer, file_id, number, content)
    upload = sessions.read(lambda session: _upload(session, file))
    return upload if upload.missing else _completed(sessions, sealer, author, draft_id, file, now=now)


def drop_photos(sessions: Sessions, author: Representative, draft_id: UUID, *, now: datetime) -> int:
    """Drop all photo archives of a draft, complete or not, and what was made of them; return the revision.

    Raises ``NoSuchDraft`` or ``NotNow``.
    """
    require_author(author)

    def act(session: Session) -> int:
        draft = own_draft(session, author, draft_id, lock=True)
        archives = files_of(session, draft_id, Kind.PHOTOS)
        if not archives:
            return draft.revision
        # What is under way belongs to no revision yet.
        if any(file.complete for file in archives):
            changed(session, draft, now=now)
        else:
            next_status(draft.status, DraftAction.CHANGE)
        session.execute(delete(Photo).where(Photo.draft_id == draft_id))
        drop(session, [file.id for file in archives])
        return draft.revision

    return sessions.run(act, idempotent=True)


def any_under_way(session: Session, draft_id: UUID) -> bool:
    """Say whether a photo archive of the draft still waits for parts."""
    return not all(file.complete for file in files_of(session, draft_id, Kind.PHOTOS))


def _completed(
    sessions: Sessions,
    sealer: Sealer,
    author: Representative,
    draft_id: UUID,
    file: DraftFile,
    *,
    now: datetime,
) -> Upload:
    """Hold the whole archive against its announcement, and let it count from here on."""
    digest = sha256()
    for plain in stored_parts(sessions, sealer, file.id):
        digest.update(plain)
    if digest.digest() != file.digest:
        sessions.run(lambda session: _begin_again(session, author, draft_id, file.id), idempotent=True)
        raise PhotosDamaged

    def act(session: Session) -> Upload:
        draft = own_draft(session, author, draft_id, lock=True)
        found = _own_archive(session, author, draft_id, file.id)
        if not found.complete:
            found.revision = changed(session, draft, now=now)
            found.complete = True
            session.flush()
        return _upload(session, found)

    return sessions.run(act, idempotent=True)


def _begin_again(session: Session, author: Representative, draft_id: UUID, file_id: UUID) -> None:
    own_draft(session, author, draft_id, lock=True)
    if not _own_archive(session, author, draft_id, file_id).complete:
        drop_parts(session, [file_id])


def _own_archive(session: Session, author: Representative, draft_id: UUID, file_id: UUID) -> DraftFile:
    """Return an archive of this draft, as a row that no session keeps. Raises ``NoSuchDraft`` or ``NoSuchPhotos``."""
    own_draft(session, author, draft_id)
    for file in files_of(session, draft_id, Kind.PHOTOS):
        if file.id == file_id:
            return file
    raise NoSuchPhotos(file_id)


def _require_place(file: DraftFile, number: int, content: bytes) -> None:
    parts = _count(file.size, SENT_BYTES)
    size = min(SENT_BYTES, file.size - number * SENT_BYTES)
    if not 0 <= number < parts or len(content) != size:
        raise PartMisplaced(number, parts, size if 0 <= number < parts else SENT_BYTES)


def _require_same(sessions: Sessions, sealer: Sealer, file_id: UUID, number: int, content: bytes) -> None:
    first = number * _KEPT_IN_SENT
    stored = stored_parts(sessions, sealer, file_id, first=first)
    if any(next(stored, None) != plain for plain in in_parts(content)):
        raise PartDiffers(number)


def _upload(session: Session, file: DraftFile) -> Upload:
    parts = _count(file.size, SENT_BYTES)
    missing: tuple[int, ...] = ()
    if not file.complete:
        # The first kept part of each sent one stands for all of it.
        first = select(DraftPart.n).where(DraftPart.file_id == file.id, DraftPart.n % _KEPT_IN_SENT == 0)
        present = {number // _KEPT_IN_SENT for number in session.scalars(first)}
        missing = tuple(number for number in range(parts) if number not in present)
    return Upload(file.id, file.name, file.size, file.digest, file.complete, parts, missing)


def _count(size: int, part: int) -> int:
    return -(-size // part)
