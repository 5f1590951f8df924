"""What may stand in a submission once only; of two rows, the later one is told, and names the earlier."""

from collections.abc import Callable, Hashable, Sequence

from registry.assessment.cell_reading import CellReading
from registry.assessment.content import Column
from registry.assessment.errors import CellRefused
from registry.assessment.result_checking import RowMarks

MarkedRow = tuple[CellReading, RowMarks]


def tell_repetitions(rows: Sequence[MarkedRow]) -> None:
    """Tell rows that repeat a number, a sitting or a correction, and one ID number under two names."""
    number = CellRefused("repeated_row_number", "序号与第 {} 行相同", "请让每行的序号都不同")
    _tell(rows, Column.ROW, lambda marks: marks.number, number)
    sitting = CellRefused(
        "repeated_person", "与第 {} 行是同一人、同一职业、同一方向、同一等级", "请只保留一行"
    )
    _tell(rows, Column.ID_NUMBER, _sitting_of_person, sitting)
    correction = CellRefused("repeated_correction", "与第 {} 行更正的是同一证书", "请只保留一行")
    _tell(rows, Column.CORRECTS, lambda marks: marks.corrects, correction)
    _tell_other_names(rows)


def _sitting_of_person(marks: RowMarks) -> Hashable:
    return None if marks.person is None or marks.sitting is None else (marks.person, marks.sitting)


def _tell(
    rows: Sequence[MarkedRow], column: Column, key: Callable[[RowMarks], Hashable], refusal: CellRefused
) -> None:
    first: dict[Hashable, int | None] = {}
    for row, marks in rows:
        value = key(marks)
        if value is None:
            continue
        place = first.setdefault(value, row.place)
        if place != row.place:
            row.tell(column, CellRefused(refusal.code, refusal.message.format(place), refusal.remedy))


def _tell_other_names(rows: Sequence[MarkedRow]) -> None:
    first: dict[Hashable, tuple[str, int | None]] = {}
    for row, marks in rows:
        if marks.person is None or marks.name is None:
            continue
        name, place = first.setdefault(marks.person, (marks.name, row.place))
        if name != marks.name:
            message = f"与第 {place} 行证件号码相同，姓名不同"
            row.tell(Column.NAME, CellRefused("other_name", message, "请对照证件核对姓名和证件号码"))
