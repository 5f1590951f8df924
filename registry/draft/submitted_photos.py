"""Photos of what was handed in, for those who have to confirm that they are the holders'.

A reviewer sees the photo of the digest that he signs, or none: whatever else is kept for a row is told and never shown.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import Session

from registry.assessment.tables import Result
from registry.database.typed_rows import OddRow, TypedQuery
from registry.draft.errors import PhotoExchanged
from registry.draft.tables import Photo
from registry.personal_data import Sealer


class PhotoState(StrEnum):
    """Whether a row has a photo.

    ``MISSING``: it names one that is not kept. Somebody took it away or exchanged it, or the row is of before only what
    came out of a draft could name photos.
    """

    NONE = "none"
    KEPT = "kept"
    MISSING = "missing"


PHOTO_STATES: Final[dict[PhotoState, str]] = {
    PhotoState.NONE: "无照片",
    PhotoState.KEPT: "有照片",
    PhotoState.MISSING: "照片未存",
}


@dataclass(frozen=True, slots=True)
class NamedPhoto:
    """The photo that a row names by its SHA-256; ``id`` is where it is kept, ``None`` if it is not."""

    row: int
    digest: bytes
    id: UUID | None


class _Stored(NamedTuple):
    row: int
    named: bytes
    id: UUID | None
    kept: bytes | None


# Made once: making a query takes longer than running it.
_ALL = (
    select(Result.row, Result.photo, Photo.id, Photo.digest)
    .outerjoin(Photo, Photo.result_id == Result.id)
    .where(Result.submission_id == bindparam("submission"), Result.photo.is_not(None))
    .order_by(Result.row)
)
_NAMED = TypedQuery(_ALL)
_NAMED_BETWEEN = TypedQuery(_ALL.where(Result.row.between(bindparam("first"), bindparam("last"))))


def named_photos(
    session: Session, submission_id: UUID, *, between: tuple[int, int] | None = None
) -> dict[int, NamedPhoto]:
    """Return the photos that the rows of a submission name, by the numbers of the rows, in their order.

    ``between`` are the first and the last row that are asked for; ``None`` asks for all.
    """
    if between is None:
        read = _NAMED.read(session, {"submission": submission_id})
    else:
        first, last = between
        read = _NAMED_BETWEEN.read(session, {"submission": submission_id, "first": first, "last": last})
    found = {}
    for row in read:
        # What stands where a photo should be is not one; and a row that can not be read, nobody can decide.
        stored = _Stored._make(row.values if isinstance(row, OddRow) else row)
        kept = stored.id if stored.kept == stored.named else None
        found[stored.row] = NamedPhoto(stored.row, stored.named, kept)
    return found


def state_of(photo: NamedPhoto | None) -> PhotoState:
    """Return what there is of a row's photo; ``None`` for a row that names none."""
    if photo is None:
        return PhotoState.NONE
    return PhotoState.MISSING if photo.id is None else PhotoState.KEPT


def photo_counts(photos: Mapping[int, NamedPhoto], *, rows: int) -> dict[PhotoState, int]:
    """Return how many of so many rows have a photo, have none, or name one that is not kept."""
    counts = Counter(map(state_of, photos.values()))
    return {**{state: counts[state] for state in PhotoState}, PhotoState.NONE: rows - len(photos)}


def stored_photo_counts(session: Session, submission_id: UUID) -> dict[PhotoState, int]:
    """Count the rows of a submission that have a photo, have none, or name one that is not kept, in one query."""
    state = case(
        (Result.photo.is_(None), PhotoState.NONE.value),
        (Photo.digest == Result.photo, PhotoState.KEPT.value),
        else_=PhotoState.MISSING.value,
    ).label("state")
    query = select(state, func.count()).outerjoin_from(Result, Photo, Photo.result_id == Result.id)
    counted = session.execute(query.where(Result.submission_id == submission_id).group_by("state"))
    counts = {PhotoState(each): count for each, count in counted}
    return {state: counts.get(state, 0) for state in PhotoState}


def opened_photo(session: Session, sealer: Sealer, photo: NamedPhoto) -> bytes:
    """Return the JPEG of a photo that is kept. Raises ``PhotoExchanged`` if it is not the one, or ``SealBroken``."""
    sealed = session.scalar(select(Photo.sealed).where(Photo.id == photo.id))
    if sealed is None:
        raise PhotoExchanged(photo.row)
    jpeg = sealer.open(sealed, place=f"photo:{photo.id}")
    if sha256(jpeg).digest() != photo.digest:
        raise PhotoExchanged(photo.row)
    return jpeg
