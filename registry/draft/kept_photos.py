"""Photos that were made, kept sealed, and whose they are.

A photo that was made once is not made again, whatever becomes of rows and workers: it is known by its archive and the
place of its entry there. Whose it is, is asked at each check anew, because a row's number or ID number may have been
mended since.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from registry.draft.tables import Photo
from registry.personal_data import Sealer
from registry.photo.photo import Photo as MadePhoto


class Source(NamedTuple):
    """Where a photo comes from: an archive, and where in it the entry begins."""

    file_id: UUID
    offset: int


class _Kept(NamedTuple):
    """A photo that was made before."""

    id: UUID
    file_id: UUID
    entry: int
    row: int | None


def give_to_rows(
    session: Session, sealer: Sealer, draft_id: UUID, rows_of: Mapping[Source, Sequence[int]]
) -> list[Source]:
    """Give the photos of a draft that were made before to the rows that they are of now; return those to be made yet.

    A photo that is of more rows than before is kept once for each. Raises ``SealBroken``.
    """
    kept = _kept(session, draft_id)
    freed: list[UUID] = []
    moved: list[dict[str, Any]] = []
    copied: list[tuple[UUID, Source, int]] = []
    for source, photos in kept.items():
        wanted = rows_of.get(source, ())
        in_place = {photo.row for photo in photos}.intersection(wanted)
        spare = [photo for photo in photos if photo.row not in in_place]
        lacking = [number for number in wanted if number not in in_place]
        freed += [photo.id for photo in spare if photo.row is not None]
        moved += [{"id": photo.id, "row": number} for photo, number in zip(spare, lacking, strict=False)]
        copied += [(photos[0].id, source, number) for number in lacking[len(spare) :]]
    # Nobody's first: two that change places would meet in between.
    if freed:
        session.execute(update(Photo), [{"id": identifier, "row": None} for identifier in freed])
    if moved:
        session.execute(update(Photo), moved)
    for identifier, source, number in copied:
        session.execute(insert(Photo), [_copy(session, sealer, identifier, source, number)])
    return [source for source in rows_of if source not in kept]


def keep_photos(
    session: Session,
    sealer: Sealer,
    draft_id: UUID,
    made: Iterable[tuple[Source, MadePhoto]],
    rows_of: Mapping[Source, Sequence[int]],
) -> None:
    """Keep photos that were made, once for each of their rows."""
    rows = [
        _photo_row(sealer, draft_id, source, number, photo)
        for source, photo in made
        for number in rows_of[source]
    ]
    if rows:
        session.execute(insert(Photo), rows)


def photo_digests(session: Session, draft_id: UUID) -> dict[int, bytes]:
    """Return the digest of each row's photo, by the row's number."""
    query = select(Photo.row, Photo.digest).where(Photo.draft_id == draft_id)
    return {row: digest for row, digest in session.execute(query) if row is not None}


def _kept(session: Session, draft_id: UUID) -> Mapping[Source, Sequence[_Kept]]:
    query = select(Photo.id, Photo.file_id, Photo.entry, Photo.row).where(Photo.draft_id == draft_id)
    kept: defaultdict[Source, list[_Kept]] = defaultdict(list)
    for row in session.execute(query.order_by(Photo.row, Photo.id)):
        photo = _Kept(*row)
        kept[Source(photo.file_id, photo.entry)].append(photo)
    return kept


def _copy(session: Session, sealer: Sealer, identifier: UUID, source: Source, number: int) -> dict[str, Any]:
    photo = session.get_one(Photo, identifier)
    jpeg = sealer.open(photo.sealed, place=f"photo:{identifier}")
    made = MadePhoto(jpeg, photo.width, photo.height, photo.digest)
    return _photo_row(sealer, photo.draft_id, source, number, made)


def _photo_row(
    sealer: Sealer, draft_id: UUID, source: Source, number: int, photo: MadePhoto
) -> dict[str, Any]:
    identifier = uuid4()
    return {
        "id": identifier,
        "draft_id": draft_id,
        "file_id": source.file_id,
        "entry": source.offset,
        "row": number,
        "digest": photo.digest,
        "width": photo.width,
        "height": photo.height,
        "sealed": sealer.seal(photo.jpeg, place=f"photo:{identifier}"),
        "result_id": None,
    }
