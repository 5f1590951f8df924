"""Opening a draft: what a body sends is stored as it came, and checked by a worker later."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.assessment.errors import UnsupportedMediaType
from registry.assessment.reading import MEDIA_TYPES
from registry.assessment.tables import Submission
from registry.database.sessions import Sessions
from registry.draft.author import own_draft, require_author, wait_for_turn
from registry.draft.errors import NothingToReplace
from registry.draft.files import (
    ARCHIVE_MEDIA_TYPE,
    Kind,
    SealedFile,
    bytes_of,
    files_of,
    in_parts,
    keep,
    sealed_file,
    short_label,
)
from registry.draft.mending import damaged_files
from registry.draft.quota import (
    require_modest,
    require_room_for_bytes,
    require_room_for_draft,
)
from registry.draft.revision import same_again
from registry.draft.status import OPEN, DraftStatus
from registry.draft.tables import Draft, DraftFile
from registry.journal.currency import require_up_to_date
from registry.people.representative import Representative
from registry.personal_data import Sealer


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it came through a door."""

    content: bytes
    media_type: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """The draft; ``repeated`` means that it was there before. It may be checked anew all the same."""

    draft_id: UUID
    repeated: bool


def open_draft(
    sessions: Sessions,
    sealer: Sealer,
    author: Representative,
    results: Sent,
    *,
    photos: Sent | None = None,
    name: str | None = None,
    replaces: UUID | None = None,
    draft_id: UUID | None = None,
    now: datetime,
) -> Opened:
    """Store a file of results, and photos if they came with it, as a new draft.

    The same results once more are the same draft as long as it is open, whatever photos and corrections came since:
    whoever lost his connection goes on where he was, and no work on a draft is lost. Photos that come along must be
    among its own. So is whatever comes with the ``draft_id`` of one that is there. Where faults were found, or what is
    stored does not open any more, all is checked anew: whoever sends the same again asks for that. Raises
    ``NotPermitted``, ``UnsupportedMediaType``, ``FileEmpty``, ``FileTooLarge``, ``NothingToReplace``, ``QuotaReached``
    or ``RegisterOutdated``.
    """
    require_author(author)
    draft_id = draft_id or uuid4()
    files = [sealed_results(sealer, draft_id, results, revision=1)]
    if photos is not None:
        require_modest(Kind.PHOTOS, len(photos.content))
        archive = in_parts(photos.content)
        files.append(
            sealed_file(
                sealer,
                draft_id,
                Kind.PHOTOS,
                archive,
                revision=1,
                media_type=ARCHIVE_MEDIA_TYPE,
                name=short_label(photos.name),
            )
        )

    before = sessions.read(lambda session: _same_draft(session, author.issuer, replaces, files))
    damaged = damaged_files(sessions, sealer, author, before, files[0]) if before else frozenset()

    def act(session: Session) -> Opened:
        wait_for_turn(session, author.issuer)
        require_up_to_date(session)
        present = session.get(Draft, draft_id)
        if present is not None and present.issuer == author.issuer:
            return Opened(draft_id, repeated=True)
        same = _same_draft(session, author.issuer, replaces, files)
        if same is not None:
            draft = own_draft(session, author, same, lock=True)
            same_again(session, draft, files[0], damaged, now=now)
            return Opened(same, repeated=True)
        _require_own_submission(session, author.issuer, replaces)
        require_room_for_draft(session, author.issuer)
        require_room_for_bytes(session, author.issuer, bytes_of(files))
        session.add(_new_draft(draft_id, author, short_label(name), replaces, now=now))
        session.flush()
        for file in files:
            keep(session, file)
        return Opened(draft_id, repeated=False)

    return sessions.run(act, idempotent=True)


def sealed_results(sealer: Sealer, draft_id: UUID, results: Sent, *, revision: int) -> SealedFile:
    """Seal a file of results. Raises ``UnsupportedMediaType`` or ``FileTooLarge``."""
    if results.media_type not in MEDIA_TYPES:
        raise UnsupportedMediaType(results.media_type, MEDIA_TYPES)
    require_modest(Kind.RESULTS, len(results.content))
    return sealed_file(
        sealer,
        draft_id,
        Kind.RESULTS,
        in_parts(results.content),
        revision=revision,
        media_type=results.media_type,
        name=short_label(results.name),
    )


def _same_draft(
    session: Session, issuer: str, replaces: UUID | None, files: Iterable[SealedFile]
) -> UUID | None:
    """Return the open draft of the same results that has all these files, of several the one last worked on."""
    wanted = {(str(file.row["kind"]), file.row["digest"], file.row["media_type"]) for file in files}
    results = next(digest for kind, digest, _ in wanted if kind == Kind.RESULTS)
    query = (
        select(Draft.id)
        .join(DraftFile, DraftFile.draft_id == Draft.id)
        .where(Draft.issuer == issuer, Draft.status.in_(OPEN), Draft.replaces.is_not_distinct_from(replaces))
        .where(DraftFile.kind == Kind.RESULTS, DraftFile.digest == results)
        .order_by(Draft.changed_at.desc(), Draft.id)
    )
    for draft_id in session.scalars(query).all():
        present = files_of(session, draft_id, Kind.RESULTS, Kind.PHOTOS)
        if wanted <= {(file.kind, file.digest, file.media_type) for file in present if file.complete}:
            return draft_id
    return None


def _require_own_submission(session: Session, issuer: str, submission_id: UUID | None) -> None:
    if submission_id is None:
        return
    query = select(Submission.id).where(Submission.id == submission_id, Submission.issuer == issuer)
    if session.scalar(query) is None:
        raise NothingToReplace


def _new_draft(
    draft_id: UUID, author: Representative, name: str | None, replaces: UUID | None, *, now: datetime
) -> Draft:
    return Draft(
        id=draft_id,
        issuer=author.issuer,
        name=name,
        created_at=now,
        created_by=author.actor.account_id,
        key_id=author.key_id,
        replaces=replaces,
        status=DraftStatus.RECEIVED,
        revision=1,
        changed_at=now,
        checked_revision=0,
        rows=0,
        faults=0,
        done=0,
        total=0,
        attempts=0,
    )
