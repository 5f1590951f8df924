"""Sealed columns: every one opens at its place, and says what the rows that were read out of it say.

No name and no number ever leaves this module: a finding names row and column.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.assessment.status import SubmissionStatus
from registry.audit.evidence import Evidence
from registry.audit.finding import Finding, Kind
from registry.audit.rereading import row_differences
from registry.audit.submission_rows import Handed
from registry.certificate.tables import Certificate, Entry
from registry.personal_data import SealBroken, Sealer
from signing.id_check import IdType, id_check


def sealed_faults(session: Session, handed: Handed, evidence: Evidence) -> Iterator[Finding]:
    """Yield what does not open, and what does not say what the rows say."""
    if evidence.sealer is None:
        return
    numbers: dict[int, str | None] = {}
    for result in handed.results:
        number = _opened(evidence.sealer, result.sealed_id_number, f"result:{result.id}")
        numbers[result.row] = None if number is None else number.decode()
        for what in _number_faults(handed, result, numbers[result.row], evidence):
            yield Finding(Kind.SEALED, "result", f"{handed.name}/{result.row}", what)
    submission = handed.submission
    content = _opened(evidence.sealer, submission.sealed_content, f"submission:{submission.id}")
    if content is None:
        yield Finding(Kind.SEALED, "submission", handed.name, "what was handed in does not open")
    elif sha256(content).digest() != submission.content_digest:
        yield Finding(Kind.SEALED, "submission", handed.name, "what was handed in has another digest")
    else:
        corrected = _numbers_corrected(session, handed)
        for row, what in row_differences(handed, content, numbers, corrected):
            yield Finding(Kind.SEALED, "result", f"{handed.name}/{row}", what)


def _opened(sealer: Sealer, sealed: bytes, place: str) -> bytes | None:
    try:
        return sealer.open(sealed, place=place)
    except SealBroken:
        return None


def _number_faults(handed: Handed, result: Any, number: str | None, evidence: Evidence) -> Iterator[str]:
    if number is None:
        yield "its sealed ID number does not open"
        return
    kind = IdType(result.id_type)
    if evidence.matcher is not None and result.id_match != evidence.matcher.match(kind, number):
        yield "its look-up digest is not that of its ID number"
    # What is confirmed is vouched for and signed. Before that, nothing but the number itself can tell; it takes a
    # fortieth of a second for each.
    unconfirmed = handed.submission.status == SubmissionStatus.RECEIVED and result.id_check is not None
    if unconfirmed and evidence.trust and result.id_check != id_check(evidence.trust.salt, kind, number):
        yield "its ID check is not that of its ID number"


def _numbers_corrected(session: Session, handed: Handed) -> dict[int, str]:
    """Return the numbers of the certificates that rows of this submission correct, by entry."""
    entries = [result.corrects for result in handed.results if result.corrects is not None]
    if not entries:
        return {}
    query = select(Entry.entry, Certificate.number).join(Certificate, Certificate.id == Entry.certificate_id)
    return dict(session.execute(query.where(Entry.entry.in_(entries))).all())
