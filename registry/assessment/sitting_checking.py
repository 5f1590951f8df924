"""What somebody sat for, and whether the body may assess it: occupation, direction, level, listing."""

from dataclasses import dataclass, field

from registry.assessment import cell_reading
from registry.assessment.cell_reading import CellReading
from registry.assessment.content import Column
from registry.assessment.errors import CellRefused
from registry.assessment.exam_checking import Exam
from registry.directory.body_view import BodyView
from registry.directory.values import Direction, NamedOccupation
from signing.errors import Malformed
from signing.statement import Level, Occupation


@dataclass(frozen=True, slots=True)
class Sitting:
    """An occupation, one of its directions (None where none is named), and a level.

    ``standard_hours`` is the training that the standard asks of it, None where the directory knows none.
    """

    occupation: Occupation
    direction: Direction | None
    level: Level
    standard_hours: int | None


@dataclass(frozen=True, slots=True)
class SittingChecking:
    """The directory's snapshot and the exam; remembers the occupations it looked up."""

    view: BodyView
    exam: Exam
    _occupations: dict[tuple[int, str], NamedOccupation | None] = field(default_factory=dict)

    def checked(self, row: CellReading) -> Sitting | None:
        """Return what the row says he sat for; None if any of it is wrong, all of which is told."""
        occupation = self._occupation(row)
        level = row.required(Column.LEVEL, cell_reading.level)
        direction = self._direction(row, occupation)
        if occupation is None or level is None:
            return None
        self._require_listing(row, occupation, level)
        if direction is None and row.text(Column.DIRECTION):
            return None
        hours = self.view.occupations[occupation].hours(level)
        return Sitting(occupation, direction, level, hours)

    def _occupation(self, row: CellReading) -> Occupation | None:
        edition = row.required(Column.EDITION, cell_reading.edition)

        def known(text: str) -> Occupation | None:
            if edition is None:
                return None
            key = edition, text
            if key not in self._occupations:
                self._occupations[key] = self.view.occupation(text, edition=edition)
            named = self._occupations[key]
            if named is None:
                _require_code(text, edition)
                message = f"大典版本 {edition} 的目录中没有这个职业"
                raise CellRefused("unknown_occupation", message, "请核对职业编码和大典版本")
            return named.occupation

        return row.required(Column.OCCUPATION, known)

    def _direction(self, row: CellReading, occupation: Occupation | None) -> Direction | None:
        """A direction belongs to its occupation; none at all is lawful, many occupations have none."""
        if occupation is None:
            return None

        def known(text: str) -> Direction:
            direction = self.view.direction_named(occupation, text)
            if direction is None:
                names = "、".join(found.name for found in self.view.directions_of(occupation))
                remedy = f"可填：{names}；没有方向的留空" if names else "目录中该职业没有方向，请留空"
                raise CellRefused("unknown_direction", "该职业没有这个方向", remedy)
            return direction

        return row.optional(Column.DIRECTION, known)

    def _require_listing(self, row: CellReading, occupation: Occupation, level: Level) -> None:
        """The body must have been listed on the days of the exam; today does not matter (N 四(六))."""
        exam = self.exam
        if exam.started_on is None or exam.ended_on is None:
            return
        for day in (exam.started_on, exam.ended_on):
            if self.view.listing_for(occupation, level, day) is None:
                message = f"{day.isoformat()}，本机构不在该职业、该等级的评价机构目录中"
                row.tell(
                    Column.OCCUPATION, CellRefused("not_listed", message, "请核对职业编码、等级和考核日期")
                )
                return


def _require_code(text: str, edition: int) -> None:
    try:
        Occupation.parse(text, edition=edition)
    except Malformed:
        raise CellRefused(
            "not_an_occupation_code", "不是职业编码的写法", "请写作 2-02-10-11 的形式"
        ) from None
