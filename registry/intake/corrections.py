"""Rows that correct a certificate: which entry they name, and whether they may.

A correction keeps the number, and with it body, site, year and level; if the error is in one of those, the certificate is
revoked and issued anew (DESIGN: Entry).
"""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.assessment.fault import Fault
from registry.assessment.form import ResultForm, SubmissionForm
from registry.assessment.tables import Result, Submission
from registry.certificate.lifecycle import Status
from registry.certificate.tables import Certificate, Entry


def resolve_corrections(session: Session, form: SubmissionForm) -> tuple[Mapping[int, int], tuple[Fault, ...]]:
    """Return row number → entry for the correcting rows of a form, and the faults of those that may not correct."""
    entries, faults = {}, []
    for row in form.rows:
        if row.corrects is None:
            continue
        found = _current(session, row.corrects)
        why = _why_not(form, row, found)
        if why:
            faults.append(Fault(row.row, "corrects", row.corrects, "not_correctable", why, "请核对证书编号"))
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
    form: SubmissionForm, row: ResultForm, found: tuple[Entry, Result, Submission] | None
) -> str | None:
    # Another body's number and no number at all look the same: a body learns nothing about others.
    if found is None or found[2].issuer != form.issuer:
        return "本机构没有此编号的证书"
    entry, result, submission = found
    if entry.status != Status.RELEASED:
        return "此证书当前不是有效状态（或已有更正在办理），不能更正"
    if (submission.site_code, submission.province, result.level) != (form.site_code, form.province, row.level):
        return "站点、省份或等级包含在编号中，不能更正；请撤销后重新颁发"
    if not row.passed:
        return "更正行的成绩不合格"
    return None
