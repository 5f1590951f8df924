"""A submission that was checked: nothing in it is left to doubt but its truth, which reviewers judge."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from registry.assessment.score import PASS_MARK
from signing.id_check import IdType
from signing.statement import Level, Occupation


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultForm:
    """One person's result.

    ``row`` is the number the body gave it (序号). ``name_received`` is the name as it came, ``name`` the form
    that will be signed. ``id_number`` is canonical. ``theory`` and ``practice`` are tenths of a point of 100.
    ``direction`` is a code, None where the row names none. ``issued_on`` is the 发证日期 that the body chose,
    None for the register's day of issue. ``corrects`` is the printed number of the certificate that this row
    corrects, and then ``correction_reason`` says why; both None otherwise.
    """

    row: int
    name_received: str
    name: str
    id_type: IdType
    id_number: str
    occupation: Occupation
    direction: int | None
    level: Level
    theory: int
    practice: int
    passed: bool
    issued_on: date | None
    corrects: str | None
    correction_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionForm:
    """One exam of one body at one site in one province; rows in ascending number.

    ``late`` says that the deadline for reporting had passed on the day it was checked: no reason to refuse,
    but reviewers see it.
    """

    issuer: str
    site_code: str
    province: str
    exam_started_on: date
    exam_ended_on: date
    rows: tuple[ResultForm, ...]
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """The counts of 考核有关情况统计表 [N 四(六)3]: people, and how many reached 60 in which paper."""

    entered: int
    passed: int
    failed: int
    passed_theory: int
    passed_practice: int


def statistics(rows: Sequence[ResultForm]) -> Statistics:
    """Count the results of a submission."""
    passed = sum(row.passed for row in rows)
    return Statistics(
        entered=len(rows),
        passed=passed,
        failed=len(rows) - passed,
        passed_theory=sum(row.theory >= PASS_MARK for row in rows),
        passed_practice=sum(row.practice >= PASS_MARK for row in rows),
    )
