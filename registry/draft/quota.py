"""How much a body may have in drafts: nobody fills the register's disk, and nobody's heap keeps others waiting."""

from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.assessment.content import MAX_FILE_BYTES
from registry.draft.errors import FileEmpty, FileTooLarge, QuotaReached
from registry.draft.files import Kind
from registry.draft.status import OPEN
from registry.draft.tables import Draft, DraftFile
from registry.photo.archive import MAX_ARCHIVE_BYTES

MOST_OPEN_DRAFTS: Final = 50
MOST_BYTES: Final = 8 << 30
MOST_CORRECTIONS: Final = 100
"""In one draft: each check reads all of them."""

LARGEST: Final = {
    Kind.RESULTS: MAX_FILE_BYTES,
    Kind.CORRECTIONS: MAX_FILE_BYTES,
    Kind.PHOTOS: MAX_ARCHIVE_BYTES,
}


def require_modest(kind: Kind, size: int) -> None:
    """Return if a file of this kind may have this size, else raise ``FileEmpty`` or ``FileTooLarge``."""
    if size < 1:
        raise FileEmpty(kind)
    if size > LARGEST[kind]:
        raise FileTooLarge(kind, LARGEST[kind])


def require_room_for_draft(session: Session, issuer: str) -> None:
    """Return if the body may open one more draft, else raise ``QuotaReached``. The caller holds the body's lock."""
    query = select(func.count()).where(Draft.issuer == issuer, Draft.status.in_(OPEN))
    if (session.scalar(query) or 0) >= MOST_OPEN_DRAFTS:
        raise QuotaReached(f"{MOST_OPEN_DRAFTS} drafts")


def require_room_for_bytes(session: Session, issuer: str, size: int) -> None:
    """Return if the body may store so many bytes more, else raise ``QuotaReached``. The caller holds the body's lock.

    An archive counts as announced, before its parts are there.
    """
    query = (
        select(func.coalesce(func.sum(DraftFile.size), 0))
        .join(Draft, Draft.id == DraftFile.draft_id)
        .where(Draft.issuer == issuer, Draft.status.in_(OPEN))
    )
    if (session.scalar(query) or 0) + size > MOST_BYTES:
        raise QuotaReached(f"{MOST_BYTES >> 30} GiB")


def require_room_for_corrections(count: int) -> None:
    """Return if a draft with so many sets of corrections may have another, else raise ``QuotaReached``."""
    if count >= MOST_CORRECTIONS:
        raise QuotaReached(f"{MOST_CORRECTIONS} sets of corrections for one draft")
