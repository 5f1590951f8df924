"""Rows that correct a certificate: which entry they name, and whether they may.

A correction keeps the number, and with it body, site, year and level; if the error is in one of those, the
certificate is revoked and issued anew.
"""

from collections.abc import Mapping
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
from registry.intake.whereabouts import Whereabouts


def resolve_corrections(
    session: Session, form: SubmissionForm, whereabouts: Whereabouts, *, replaces: UUID | None = None
) -> tuple[Mapping[int, int], tuple[Fault, ...]]:
    """Return row number → entry for the correcting rows of a form, and the faults of those that may not correct.

    Rows of the submission that the form ``replaces`` stand in nobody's way.
    """
    entries, faults = {}, []
    for row in form.rows:
        if row.corrects is None:
            continue
        found = _current(session, row.corrects)
        why = _why_not(session, form, row, found, replaces)
        if why:
            refusal = CellRefused("not_correctable", why, "请核对证书编号")
            faults.append(whereabouts.fault(row.row, Column.CORRECTS, row.corrects, refusal))
        elif found:
            entries[row.row] = found[0].entry
    return entries, tuple(faults)


def _current(session: Session, number: str) -> tuple[Entry, Result, Submission] | None:
    query = (
        select(Entry, Result, Submission)
        .join(Certificate, Certificate.id == Entry.certificate_id)
        .join(Result, Result.id == Entry.result_id)
        .join(Submission, Submission.id == Result.submission_id)
        .where(Certificate.number == number)
        .order_by(Entry.version.desc())
        .limit(1)
    )
    row = session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def _why_not(
    session: Session,
    form: SubmissionForm,
    row: ResultForm,
    found: tuple[Entry, Result, Submission] | None,
    replaces: UUID | None,
) -> str | None:
    # Another body's number and no number at all look the same: a body learns nothing about others.
    if found is None or found[2].issuer != form.issuer:
        return "本机构没有此编号的证书"
    entry, result, submission = found
    if entry.status != Status.RELEASED:
        return "此证书当前不是有效状态（或已有更正在办理），不能更正"
    if _under_way(session, entry, replaces):
        return "此证书已有更正在审核中，不能再次更正"
    if (submission.site_code, submission.province, result.level) != (
        form.site_code,
        form.province,
        row.level,
    ):
        return "站点、省份或等级包含在编号中，不能更正；请撤销后重新颁发"
    return None


def _under_way(session: Session, entry: Entry, replaces: UUID | None) -> bool:
    """Say whether a row that corrects this entry waits for its review or its number."""
    query = (
        select(Result.id)
        .join(Submission, Submission.id == Result.submission_id)
        .outerjoin(Entry, Entry.result_id == Result.id)
        .where(
            Result.corrects == entry.entry,
            Result.returned_at_step.is_(None),
            Submission.status != SubmissionStatus.WITHDRAWN,
            Submission.id.is_distinct_from(replaces),
            Entry.entry.is_(None),
        )
        .limit(1)
    )
    return session.scalar(query) is not None
