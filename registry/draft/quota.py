"""How much a body may have in drafts: nobody fills the register's disk, and nobody's heap keeps others waiting."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.assessment.content import MAX_FILE_BYTES
from registry.draft.errors import DraftFull, FileEmpty, FileTooLarge, QuotaReached
from registry.draft.files import Kind
from registry.draft.status import OPEN
from registry.draft.tables import Draft, DraftFile
from registry.photo.archive import MAX_ARCHIVE_BYTES

MOST_OPEN_DRAFTS: Final = 50
MOST_BYTES: Final = 8 << 30
MOST_CORRECTIONS: Final = 100
MOST_CORRECTED_BYTES: Final = 64 << 20
"""In one draft: each check reads all of them."""

MOST_ARCHIVES: Final = 20
MOST_ARCHIVE_BYTES: Final = 2 << 30
"""In one draft: each check opens all of them at once, on the worker's disk."""

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


def require_room_for_corrections(before: Sequence[DraftFile], size: int) -> None:
    """Return if a draft with these sets of corrections may have another of this size, else raise ``DraftFull``."""
    whole = "hand in the whole file of results, corrected, in the place of all of them"
    if len(before) >= MOST_CORRECTIONS:
        raise DraftFull(f"{MOST_CORRECTIONS} sets of corrections", whole)
    if sum(file.size for file in before) + size > MOST_CORRECTED_BYTES:
        raise DraftFull(f"{MOST_CORRECTED_BYTES >> 20} MiB of corrections", whole)


def require_room_for_archive(before: Sequence[DraftFile], size: int) -> None:
    """Return if a draft with these photo archives may have another of this size, else raise ``DraftFull``."""
    fewer = "drop its photos and send them in fewer archives, or divide the results among several drafts"
    if len(before) >= MOST_ARCHIVES:
        raise DraftFull(f"{MOST_ARCHIVES} photo archives", fewer)
    if sum(file.size for file in before) + size > MOST_ARCHIVE_BYTES:
        raise DraftFull(f"{MOST_ARCHIVE_BYTES >> 30} GiB of photo archives", fewer)
