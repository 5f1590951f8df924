"""A submission that was checked: nothing in it is left to doubt but its truth, which reviewers judge."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from registry.assessment.score import PASS_MARK
from registry.assessment.statistics import Statistics
from signing.id_check import IdType
from signing.statement import Level, Occupation


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultForm:
    """One person's result.

    ``row`` is the number the body gave it (序号). ``name_received`` is the name as it came, ``name`` the form
    that will be signed. ``id_number`` is canonical. ``theory`` and ``practice`` are tenths of a point of 100, 0
    where he was absent from the paper. ``direction`` is a code, ``direction_name`` its name, both None where the
    row names none. That he signed the commitment (告知承诺书) is a condition of every row, so it is not said here.
    ``training_certificate`` (its number) and ``training_hours`` are None where the row says nothing of them.
    ``issued_on`` is the 发证日期 that the body chose, None for the register's day of issue. ``corrects`` is the
    printed number of the certificate that this row corrects, and then ``correction_reason`` says why; both None
    otherwise. ``photo`` is SHA-256 of the photo as the register keeps it, None where there is none.
    """

    row: int
    name_received: str
    name: str
    id_type: IdType
    id_number: str
    occupation: Occupation
    direction: int | None
    direction_name: str | None
    level: Level
    theory: int
    practice: int
    absent_theory: bool
    absent_practice: bool
    passed: bool
    training_certificate: str | None
    training_hours: int | None
    issued_on: date | None
    corrects: str | None
    correction_reason: str | None
    photo: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionForm:
    """One exam of one body at one site in one province; rows in ascending number.

    ``late`` says that the deadline for reporting had passed on the day it was checked: with a reason no ground to
    refuse, but reviewers see both. ``late_reason`` may be given on time too; None where none is.
    """

    issuer: str
    site_code: str
    province: str
    exam_started_on: date
    exam_ended_on: date
    late_reason: str | None
    rows: tuple[ResultForm, ...]
    late: bool


class Counted(Protocol):
    """What is counted of a result, checked or stored."""

    @property
    def theory(self) -> int: ...
    @property
    def practice(self) -> int: ...
    @property
    def passed(self) -> bool: ...
    @property
    def absent_theory(self) -> bool: ...
    @property
    def absent_practice(self) -> bool: ...


def statistics(rows: Sequence[Counted]) -> Statistics:
    """Count the results of a submission."""
    return Statistics(
        entered=len(rows),
        absent_theory=sum(row.absent_theory for row in rows),
        absent_practice=sum(row.absent_practice for row in rows),
        absent=sum(row.absent_theory or row.absent_practice for row in rows),
        passed_theory=sum(row.theory >= PASS_MARK for row in rows),
        passed_practice=sum(row.practice >= PASS_MARK for row in rows),
        passed=sum(row.passed for row in rows),
    )
