"""One sheet while it is read: its lines, its cells as text, every fault told where the clerk sees it.

Places are the sheet's own: line 1 is the first line, place 1 is column A.
"""

from collections.abc import Iterator, Sequence

from registry.assessment.cell_text import CellValue, cell_text, shown_value
from registry.assessment.content import Column
from registry.assessment.errors import CellRefused
from registry.assessment.fault import FaultList
from registry.assessment.sheet_columns import column_letters
from registry.assessment.sheet_structure import SheetStructure
from registry.assessment.workbook_form import FAULTS_HEADING

_AS_VALUE = "请删去，直接填写内容"


class SheetReading:
    """A sheet of values together with its structure, and where its faults go.

    ``by_row`` says whether a fault is about a line (the sheet of results) or about a named value (the exam's
    sheet, whose faults carry no row). Formulas, error values, merged and hidden cells are told at once, when
    made. What stands under 错误说明 (the exam's sheet: beside it) was written by us into a workbook that was sent
    back, and is passed over, whatever has become of it.
    """

    def __init__(
        self,
        name: str,
        values: Sequence[Sequence[CellValue]],
        structure: SheetStructure,
        faults: FaultList,
        *,
        by_row: bool,
    ) -> None:
        self._name = name
        self._values = values
        self._faults = faults
        self._by_row = by_row
        self._passed_over = self._places_of_faults()
        if by_row:
            structure = structure.without(self._passed_over)
        else:
            structure.formulas -= {spot for spot in structure.formulas if spot[0] in self._passed_over}
            structure.errors -= {spot for spot in structure.errors if spot[0] in self._passed_over}
        self._told = structure.formulas | structure.errors
        self._tell_structure(structure)

    def lines(self) -> Iterator[tuple[int, Sequence[CellValue]]]:
        """Yield (line, cells) of every line that holds something, be it unreadable."""
        held = {line for line, _ in self._told}
        for line, cells in enumerate(self._values, start=1):
            if line in held or any(
                self._holds(line, place, value) for place, value in enumerate(cells, start=1)
            ):
                yield line, cells

    def cell(self, column: Column, line: int, place: int) -> str | None:
        """Return a cell's text, "" for nothing, None if it could not be read: that fault is told."""
        if (line, place) in self._told:
            return None
        value = self._value(line, place)
        try:
            return cell_text(column, value)
        except CellRefused as refusal:
            self.tell(line, place, shown_value(value), refusal)
            return None

    def tell(self, line: int, place: int, value: str, refusal: CellRefused) -> None:
        """Tell a fault of one cell."""
        self._faults.add(
            line if self._by_row else None,
            self._label(line, place),
            value,
            code=refusal.code,
            message=refusal.message,
            remedy=refusal.remedy,
        )

    def tell_missing(self, heading: str) -> None:
        """Tell that a heading is nowhere in the sheet."""
        message = f"工作表“{self._name}”中没有这一项"
        self._faults.add(
            None, heading, "", code="missing_heading", message=message, remedy="请使用本系统发放的模板填写"
        )

    def tell_strays(self, line: int, cells: Sequence[CellValue], known: frozenset[int]) -> None:
        """Tell every cell that holds something in a place where nothing is read."""
        for place, value in enumerate(cells, start=1):
            if place not in known and self._holds(line, place, value):
                self.tell(line, place, shown_value(value), CellRefused("stray_cell", "表外有内容", "请删去"))

    def _holds(self, line: int, place: int, value: CellValue) -> bool:
        """Say whether this is something that stands there to be read."""
        return not self._is_passed_over(line, place) and (not isinstance(value, str) or bool(value.strip()))

    def _places_of_faults(self) -> frozenset[int]:
        """Return the columns with our heading; of the exam's sheet, whose headings stand in column A, the lines."""
        first = self._values[0] if self._values else ()
        headings = first if self._by_row else [cells[0] if cells else "" for cells in self._values]
        return frozenset(
            place for place, value in enumerate(headings, start=1) if heading_text(value) == FAULTS_HEADING
        )

    def _is_passed_over(self, line: int, place: int) -> bool:
        return (place if self._by_row else line) in self._passed_over

    def _value(self, line: int, place: int) -> CellValue:
        cells = self._values[line - 1] if line <= len(self._values) else ()
        return cells[place - 1] if place <= len(cells) else ""

    def _label(self, line: int, place: int) -> str:
        """Name a place by its heading, or by its letters where it has none."""
        heading = heading_text(self._value(1, place) if self._by_row else self._value(line, 1))
        if self._by_row:
            return heading if heading and line > 1 else f"{column_letters(place)} 列"
        return heading if heading and place > 1 else f"{self._name}!{column_letters(place)}{line}"

    def _tell_structure(self, structure: SheetStructure) -> None:
        for line, place in sorted(structure.formulas):
            self.tell(line, place, "", CellRefused("formula", "单元格是公式", _AS_VALUE))
        for line, place in sorted(structure.errors - structure.formulas):
            self.tell(line, place, "", CellRefused("error_value", "单元格是错误值", _AS_VALUE))
        for line in structure.hidden_rows:
            self.tell(
                line, 1, "", CellRefused("hidden_row", "该行被隐藏或筛选掉", "请取消隐藏和筛选，核对后再提交")
            )
        for first, last in structure.hidden_columns:
            for place in range(first, min(last, structure.last_column) + 1):
                if self._by_row and self._is_passed_over(1, place):
                    continue
                self.tell(
                    1, place, "", CellRefused("hidden_column", "该列被隐藏", "请取消隐藏，核对后再提交")
                )
        for line, place, region in structure.merged:
            self.tell(
                line, place, region, CellRefused("merged_cells", "单元格被合并", "请取消合并，逐格填写")
            )


def heading_text(value: CellValue) -> str:
    """Return a heading without any white space in it."""
    return "".join(str(value).split())
