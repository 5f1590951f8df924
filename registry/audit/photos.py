"""Photos: each that a row names is there, is the one, opens, and has its digest.

What else is in drafts is no evidence, and nobody asks for it here. What came out of a draft names photos that the
register had; which draft it was, the event tells, whatever became of the draft. A file without a draft names none
(``intake.claims``); in older rows it may, and of a photo that never came nobody can tell that it is missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from registry.audit.evidence import Evidence
from registry.audit.finding import Finding, Kind
from registry.audit.submission_rows import Handed
from registry.draft.status import DraftStatus
from registry.draft.tables import Draft, Photo
from registry.personal_data import SealBroken, Sealer

_IN_MEMORY = 20


@dataclass(frozen=True, slots=True)
class _Source:
    """The drafts that a submission came out of, none for a file; ``linked``: its photos were given to its results."""

    drafts: frozenset[UUID]
    linked: bool


def photo_faults(session: Session, handed: Handed, evidence: Evidence) -> Iterator[Finding]:
    """Yield the rows whose photo is missing or another one; without the data key, only what digests tell."""
    named = [result for result in handed.results if result.photo is not None]
    if not named:
        return
    source = _source(session, handed)
    if not source.drafts:
        return
    missing = {result.id if source.linked else result.row: result for result in named}
    kept = select(Photo.id, Photo.result_id, Photo.row, Photo.digest, Photo.sealed)
    photos = kept.where(Photo.draft_id.in_(source.drafts))
    for photo in session.execute(photos, execution_options={"yield_per": _IN_MEMORY}):
        result = missing.pop(photo.result_id if source.linked else photo.row, None)
        if result is not None:
            for what in _faults(photo, result, evidence.sealer):
                yield _finding(handed, result.row, what)
    for result in missing.values():
        yield _finding(handed, result.row, "its photo is not there")


def _faults(photo: Any, result: Any, sealer: Sealer | None) -> Iterator[str]:
    """Yield what is wrong with the photo that is kept for a row."""
    if photo.digest != result.photo:
        yield "the photo that is kept for it is another than it names"
    if sealer is None:
        return
    try:
        jpeg = sealer.open(photo.sealed, place=f"photo:{photo.id}")
    except SealBroken:
        yield "its photo does not open"
        return
    if sha256(jpeg).digest() != photo.digest:
        yield "its photo has another digest"


def _source(session: Session, handed: Handed) -> _Source:
    """Return where the photos are.

    Between handing in and the end of its draft, photos are known by the rows of the draft.
    """
    told = frozenset(UUID(event.details["draft"]) for event in handed.events if "draft" in event.details)
    of_it = Draft.submission_id == handed.submission.id
    drafts = session.execute(select(Draft.id, Draft.status).where(or_(of_it, Draft.id.in_(told)))).all()
    under_way = bool(drafts) and all(status == DraftStatus.SIGNED for _, status in drafts)
    return _Source(told | {identifier for identifier, _ in drafts}, not under_way)


def _finding(handed: Handed, row: int, what: str) -> Finding:
    return Finding(Kind.SEALED, "result", f"{handed.name}/{row}", what)
