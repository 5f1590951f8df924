"""One row of a submission: is it a result that could become a certificate?"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from registry.assessment import cell_reading, training
from registry.assessment.cell_reading import CellReading
from registry.assessment.content import Column
from registry.assessment.errors import CellRefused
from registry.assessment.exam_checking import Exam
from registry.assessment.form import ResultForm
from registry.assessment.holder_name import normal_name
from registry.assessment.identity import lawful_number
from registry.assessment.score import Paper, paper, passes
from registry.assessment.sitting_checking import Sitting, SittingChecking
from registry.assessment.written_date import written_date
from registry.jurisdiction.rules import IssueDateRule
from signing.id_check import IdType

# A body may date a certificate a little ahead, so that it is handed out dated as it is printed.
MAX_DAYS_AHEAD = 31


@dataclass(frozen=True, slots=True)
class RowMarks:
    """What tells one row from another, as far as it could be read; rows with other faults are compared too.

    ``person`` is (type, number).
    """

    number: int | None
    name: str | None
    person: tuple[IdType, str] | None
    sitting: Sitting | None
    corrects: str | None


@dataclass(frozen=True, slots=True)
class _RowRead:
    """The cells of one row by themselves; ``None`` for one that is empty or wrong, which is told."""

    number: int | None
    name: str | None
    person: tuple[IdType, str] | None
    sitting: Sitting | None
    theory: Paper | None
    practice: Paper | None
    committed: bool | None
    training_certificate: str | None
    training_hours: int | None
    photo: bytes | None
    issued_on: date | None
    corrects: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class ResultChecking:
    """What every row of a submission is held against."""

    exam: Exam
    sittings: SittingChecking
    today: date

    def checked(self, row: CellReading) -> tuple[RowMarks, ResultForm | None]:
        """Return the row's marks, and the result if nothing is wrong; else it is all told."""
        read = self._read(row)
        marks = RowMarks(read.number, read.name, read.person, read.sitting, read.corrects)
        return marks, _result(row, read)

    def _read(self, row: CellReading) -> _RowRead:
        """Read every cell, and tell what is wrong with each."""
        # 1. Who?
        number = row.required(Column.ROW, cell_reading.row_number)
        name = row.required(Column.NAME, normal_name)
        person = self._person(row)
        # 2. In what, and may this body assess it?
        sitting = self.sittings.checked(row)
        return _RowRead(
            number=number,
            name=name,
            person=person,
            sitting=sitting,
            # 3. With what scores?
            theory=row.required(Column.THEORY, paper),
            practice=row.required(Column.PRACTICE, paper),
            # 4. Admitted on what?
            committed=row.required(
                Column.COMMITMENT, cell_reading.commitment, missing=cell_reading.NO_COMMITMENT
            ),
            training_certificate=row.optional(Column.TRAINING_CERTIFICATE, training.certificate),
            training_hours=row.optional(Column.TRAINING_HOURS, _enough_for(sitting)),
            photo=row.optional(Column.PHOTO, cell_reading.photo),
            # 5. Dated when, and correcting what?
            issued_on=row.optional(Column.ISSUED_ON, self._issue_date),
            corrects=row.optional(Column.CORRECTS, cell_reading.certificate_number),
            reason=row.optional(Column.REASON, cell_reading.reason),
        )

    def _person(self, row: CellReading) -> tuple[IdType, str] | None:
        id_type = row.required(Column.ID_TYPE, cell_reading.id_type)

        def lawful(text: str) -> str | None:
            # Of an unknown type nothing can be said of the number.
            return None if id_type is None else lawful_number(id_type, text, today=self.today)

        number = row.required(Column.ID_NUMBER, lawful)
        return None if id_type is None or number is None else (id_type, number)

    def _issue_date(self, text: str) -> date:
        issued_on = written_date(text)
        if self.exam.ended_on and issued_on < self.exam.ended_on:
            raise CellRefused("issued_before_exam", "发证日期早于考核结束日期", "请核对，或留空由系统填写")
        # Nobody knows the day of the approval yet, so no date can be promised that must not precede it.
        jurisdiction = self.exam.jurisdiction
        if jurisdiction and jurisdiction.issue_date_rule is IssueDateRule.NOT_BEFORE_APPROVAL:
            message = "该省规定办公室审核通过后发证，报送时不能确定发证日期"
            raise CellRefused("issued_before_approval", message, "请留空，由系统在审核通过后填写")
        if issued_on > self.today + timedelta(days=MAX_DAYS_AHEAD):
            raise CellRefused(
                "issued_too_late", f"发证日期在 {MAX_DAYS_AHEAD} 天以后", "请核对，或留空由系统填写"
            )
        return issued_on


def _result(row: CellReading, read: _RowRead) -> ResultForm | None:
    """Return what a row says whose cells are all right; what they say together is told here."""
    number, name, person, sitting = read.number, read.name, read.person, read.sitting
    theory, practice = read.theory, read.practice
    if number is None or name is None or person is None or sitting is None:
        return None
    if theory is None or practice is None or read.committed is None:
        return None
    passed = passes(theory=theory.tenths, practice=practice.tenths)
    _require_whole_correction(row, passed=passed)
    return ResultForm(
        row=number,
        name_received=row.text(Column.NAME),
        name=name,
        id_type=person[0],
        id_number=person[1],
        occupation=sitting.occupation,
        direction=None if sitting.direction is None else sitting.direction.code,
        direction_name=None if sitting.direction is None else sitting.direction.name,
        level=sitting.level,
        theory=theory.tenths,
        practice=practice.tenths,
        absent_theory=theory.absent,
        absent_practice=practice.absent,
        passed=passed,
        training_certificate=read.training_certificate,
        training_hours=read.training_hours,
        issued_on=read.issued_on,
        corrects=read.corrects,
        correction_reason=read.reason,
        photo=read.photo,
    )


def _enough_for(sitting: Sitting | None) -> Callable[[str], int]:
    """Return the reader of training hours, which holds them against what this sitting's standard asks."""

    def enough(text: str) -> int:
        hours = training.hours(text)
        if sitting is not None:
            training.require_enough(hours, sitting.standard_hours)
        return hours

    return enough


def _require_whole_correction(row: CellReading, *, passed: bool) -> None:
    """A correction names its certificate and its reason, and is about someone who passed."""
    corrects, reason = row.text(Column.CORRECTS), row.text(Column.REASON)
    if corrects and not reason:
        row.tell(Column.REASON, CellRefused("missing", "更正证书须写明原因", "请填写更正原因"))
    if reason and not corrects:
        row.tell(
            Column.CORRECTS,
            CellRefused("missing", "写了更正原因，没有写被更正的证书", "请填写更正证书编号，或删去原因"),
        )
    if corrects and not passed:
        row.tell(
            Column.CORRECTS,
            CellRefused("corrects_to_failed", "更正后的成绩不合格", "请申请撤销该证书，不要更正"),
        )
