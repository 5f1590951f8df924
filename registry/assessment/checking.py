"""The one path from what was handed in to a submission that may be stored; the same for JSON, workbook and CSV.

All faults of all rows are told at once, and one fault refuses the whole. Not checked here: who handed it in
and the body's signature, duplicates of earlier submissions, whether a corrected certificate exists.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from registry.assessment.cell_reading import CellReading
from registry.assessment.content import Content
from registry.assessment.errors import CellRefused, ContentUnreadable, SubmissionRefused
from registry.assessment.exam_checking import Exam, checked_exam
from registry.assessment.fault import FaultList
from registry.assessment.form import ResultForm, SubmissionForm, statistics
from registry.assessment.repetition import MarkedRow, tell_repetitions
from registry.assessment.result_checking import ResultChecking
from registry.assessment.sitting_checking import SittingChecking
from registry.assessment.statistics import require_counts
from registry.directory.body_view import BodyView
from registry.jurisdiction.rules import Jurisdiction


def check(
    content: Content, view: BodyView, *, today: date, jurisdictions: Mapping[str, Jurisdiction]
) -> SubmissionForm:
    """Return the checked submission, or raise ``SubmissionRefused`` with every fault.

    ``view`` is the directory's snapshot of the body that hands in, ``today`` the civil date in China,
    ``jurisdictions`` the policies by the province's two digits.
    A passed deadline is no fault if its reason is given: it makes the submission ``late``.
    """
    faults = FaultList(content.faults)
    # 1. The exam.
    head = CellReading(content, None, content.header, faults)
    exam = checked_exam(head, view, jurisdictions, today=today)
    # 2. Each row by itself.
    checking = ResultChecking(exam, SittingChecking(view, exam), today)
    marked: list[MarkedRow] = []
    results: list[ResultForm] = []
    for row in content.rows:
        reading = CellReading(content, row.place, row.cells, faults)
        marks, result = checking.checked(reading)
        marked.append((reading, marks))
        if result is not None:
            results.append(result)
    # 3. The rows together.
    if not content.rows:
        faults.add(None, None, "", code="no_rows", message="没有一行成绩", remedy="请至少填写一行")
    tell_repetitions(marked)
    # 4. What the body counted, once every row is right: before that, nobody could tell who miscounted.
    if content.counts is not None and not len(faults):
        _check_counts(content.counts, results, faults)
    # 5. One fault refuses the whole.
    if len(faults):
        raise SubmissionRefused(faults.told())
    return _form(exam, results)


def _check_counts(counts: Mapping[str, int], results: Sequence[ResultForm], faults: FaultList) -> None:
    try:
        require_counts(counts, statistics(results))
    except CellRefused as refusal:
        faults.add(None, "statistics", "", code=refusal.code, message=refusal.message, remedy=refusal.remedy)


def _form(exam: Exam, results: Sequence[ResultForm]) -> SubmissionForm:
    jurisdiction, started_on, ended_on = exam.jurisdiction, exam.started_on, exam.ended_on
    if (
        exam.issuer is None
        or exam.site_code is None
        or jurisdiction is None
        or not started_on
        or not ended_on
        or exam.deadline is None
    ):
        # Each of them is told where it is missing. Should one not be, its body is to hear of it, and no program to end.
        raise ContentUnreadable("incomplete_head", "考核信息不完整", "请填写考核信息的各项")
    return SubmissionForm(
        issuer=exam.issuer,
        site_code=exam.site_code,
        province=jurisdiction.province,
        exam_started_on=started_on,
        exam_ended_on=ended_on,
        late_reason=exam.late_reason,
        rows=tuple(sorted(results, key=lambda result: result.row)),
        late=exam.deadline.has_passed,
    )
