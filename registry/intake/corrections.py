"""Rows that correct a certificate: which entry they name, and whether they may.

A correction keeps the number, and with it body, site, year and level; if the error is in one of those, the
certificate is revoked and issued anew.

Asked under the one lock of intake, so for many rows at once, and of columns alone.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.assessment.content import Column
from registry.assessment.errors import CellRefused
from registry.assessment.fault import Fault
from registry.assessment.form import ResultForm, SubmissionForm
from registry.assessment.status import SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.certificate.lifecycle import Status
from registry.certificate.tables import Certificate, Entry
from registry.intake.duplicates import CHUNK
from registry.intake.whereabouts import Whereabouts


class _Current(NamedTuple):
    """The newest version of a certificate, as far as it decides whether it may be corrected."""

    entry: int
    status: str
    issuer: str
    site_code: str
    province: str
    level: int


def resolve_corrections(
    session: Session, form: SubmissionForm, whereabouts: Whereabouts, *, replaces: UUID | None = None
) -> tuple[Mapping[int, int], tuple[Fault, ...]]:
    """Return row number → entry for the correcting rows of a form, and the faults of those that may not correct.

    Rows of the submission that the form ``replaces`` stand in nobody's way. Two queries for each ``CHUNK`` of rows.
    """
    correcting = [(row, row.corrects) for row in form.rows if row.corrects is not None]
    entries: dict[int, int] = {}
    faults: list[Fault] = []
    for start in range(0, len(correcting), CHUNK):
        chunk = correcting[start : start + CHUNK]
        current = _current(session, [number for _, number in chunk])
        under_way = _under_way(session, [found.entry for found in current.values()], replaces)
        for row, number in chunk:
            found = current.get(number)
            why = _why_not(form, row, found, under_way)
            if why:
                refusal = CellRefused("not_correctable", why, "请核对证书编号")
                faults.append(whereabouts.fault(row.row, Column.CORRECTS, number, refusal))
            elif found:
                entries[row.row] = found.entry
    return entries, tuple(faults)


def _current(session: Session, numbers: Sequence[str]) -> Mapping[str, _Current]:
    """Return the newest version of each of these certificates, by number."""
    query = (
        select(
            Certificate.number,
            Entry.entry,
            Entry.status,
            Submission.issuer,
            Submission.site_code,
            Submission.province,
            Result.level,
        )
        .join(Certificate, Certificate.id == Entry.certificate_id)
        .join(Result, Result.id == Entry.result_id)
        .join(Submission, Submission.id == Result.submission_id)
        .where(Certificate.number.in_(numbers))
        .order_by(Entry.version)
    )
    # In the order of versions, so that the newest stays.
    return {row[0]: _Current._make(row[1:]) for row in session.execute(query)}


def _under_way(session: Session, entries: Sequence[int], replaces: UUID | None) -> frozenset[int]:
    """Return those of these entries that a row corrects which waits for its review or its number."""
    query = (
        select(Result.corrects)
        .join(Submission, Submission.id == Result.submission_id)
        .outerjoin(Entry, Entry.result_id == Result.id)
        .where(
            Result.corrects.in_(entries),
            Result.returned_at_step.is_(None),
            Submission.status != SubmissionStatus.WITHDRAWN,
            Submission.id.is_distinct_from(replaces),
            Entry.entry.is_(None),
        )
    )
    return frozenset(entry for entry in session.scalars(query) if entry is not None)


def _why_not(
    form: SubmissionForm, row: ResultForm, found: _Current | None, under_way: frozenset[int]
) -> str | None:
    # Another body's number and no number at all look the same: a body learns nothing about others.
    if found is None or found.issuer != form.issuer:
        return "本机构没有此编号的证书"
    if found.status != Status.RELEASED:
        return "此证书当前不是有效状态（或已有更正在办理），不能更正"
    if found.entry in under_way:
        return "此证书已有更正在审核中，不能再次更正"
    named = (found.site_code, found.province, found.level)
    if named != (form.site_code, form.province, row.level):
        return "站点、省份或等级包含在编号中，不能更正；请撤销后重新颁发"
    return None
