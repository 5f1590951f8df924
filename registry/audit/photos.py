"""Photos: each that a row names is there, opens, and is the one.

What else is in drafts is no evidence, and nobody asks for it here. Only what came out of a draft names photos
(``intake.claims``), so each that is named is one that the register had.
"""

from collections.abc import Iterator
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.assessment.tables import Result
from registry.audit.evidence import Evidence
from registry.audit.finding import Finding, Kind
from registry.audit.submission_rows import Handed
from registry.draft.tables import Photo
from registry.personal_data import SealBroken

_IN_MEMORY = 20


def photo_faults(session: Session, handed: Handed, evidence: Evidence) -> Iterator[Finding]:
    """Yield the rows whose photo is missing or another one; nothing where the data key is not at hand."""
    named = {result.id: result for result in handed.results if result.photo is not None}
    if evidence.sealer is None or not named:
        return
    missing = dict(named)
    query = select(Photo.id, Photo.result_id, Photo.sealed).join(Result, Result.id == Photo.result_id)
    photos = query.where(Result.submission_id == handed.submission.id)
    for photo in session.execute(photos, execution_options={"yield_per": _IN_MEMORY}):
        result = missing.pop(photo.result_id, None)
        if result is None:
            continue
        try:
            plain = evidence.sealer.open(photo.sealed, place=f"photo:{photo.id}")
        except SealBroken:
            yield _finding(handed, result.row, "its photo does not open")
            continue
        if sha256(plain).digest() != result.photo:
            yield _finding(handed, result.row, "its photo has another digest")
    for result in missing.values():
        yield _finding(handed, result.row, "its photo is not there")


def _finding(handed: Handed, row: int, what: str) -> Finding:
    return Finding(Kind.SEALED, "result", f"{handed.name}/{row}", what)
