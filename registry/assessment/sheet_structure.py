"""What stands in a sheet besides values: formulas, errors, merged and hidden cells, and how far it reaches.

The reader of values (calamine) gives "" for a formula or an error, knows nothing hidden, and lays a sheet out
as a rectangle: two cells far apart cost memory without end. So each sheet is walked once before it, with
expat, under limits. A text that many cells share is copied by calamine for each of them, so those copies are
counted here too. ECMA-376 part 1, 18.3.1 and 18.4.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from registry.assessment.content import MAX_ROWS
from registry.assessment.errors import ContentUnreadable, WorkbookBroken
from registry.assessment.fault import MAX_FAULTS
from registry.assessment.sheet_columns import column_letters, column_number
from registry.assessment.xml_walk import Walk, walk_xml

MAX_COLUMNS = 26
MAX_COLUMNS_OF_EXCEL = 16_384
MAX_NOTED = 1000
MAX_TEXT_CHARACTERS = 128 * 1024 * 1024
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_INDEX = re.compile(r"0|[1-9][0-9]{0,7}")
_TRUE = ("1", "true")
_NOTHING = re.compile(r"0+(?:\.0*)?")
_DISORDER = "工作表内部的行列次序有误"


@dataclass(slots=True)
class SheetStructure:
    """What was found, with places as (row, column), both from 1.

    A merged region is its first place and its text. ``last_row`` and ``last_column`` are those of the last
    cell that holds a value, 0 if none does. ``hidden_columns`` are ranges, first and last.
    """

    formulas: set[tuple[int, int]] = field(default_factory=set)
    errors: set[tuple[int, int]] = field(default_factory=set)
    merged: list[tuple[int, int, str]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    last_row: int = 0
    last_column: int = 0

    def without(self, places: frozenset[int]) -> "SheetStructure":
        """Return what was found outside of these columns; a merged region counts as soon as it reaches out of one."""
        if not places:
            return self
        return replace(
            self,
            formulas={found for found in self.formulas if found[1] not in places},
            errors={found for found in self.errors if found[1] not in places},
            merged=[found for found in self.merged if not _lies_in(places, *_columns_of(found[2]))],
            hidden_columns=[found for found in self.hidden_columns if not _lies_in(places, *found)],
        )


class _SheetWalk(Walk):
    """The parser's callbacks; cells must come in order, as every writer puts them, each once."""

    def __init__(self, shared_lengths: Sequence[int]) -> None:
        self.structure = SheetStructure()
        self.shared_lengths = shared_lengths
        self.text_left = MAX_TEXT_CHARACTERS
        self.index: list[str] | None = None
        self.row = 0
        self.column = 0
        self.row_hidden = False
        self.in_cell = False
        self.cell_type = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if self.in_cell:
            # Other elements of these names stand elsewhere, as in rules for drop-downs.
            if tag in ("v", "is", "f"):
                self._held(tag)
            elif tag in ("c", "row"):
                raise WorkbookBroken(_DISORDER)
        elif tag == "c":
            self._cell(attributes)
        elif tag == "row":
            self._row(attributes)
        elif tag == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif tag == "col" and _is_hidden(attributes, "width"):
            self._hide_columns(attributes)
        elif tag == "sheetFormatPr" and attributes.get("zeroHeight") in _TRUE:
            raise ContentUnreadable("hidden_sheet", "工作表的行默认隐藏", "请取消隐藏后核对再提交")

    def _hide_columns(self, attributes: dict[str, str]) -> None:
        columns = _number(attributes.get("min")), _number(attributes.get("max"))
        self.structure.hidden_columns.append(columns)
        self._require_few(len(self.structure.hidden_columns))

    def _merge(self, region: str) -> None:
        self.structure.merged.append((*_place(region.partition(":")[0]), region[:20]))
        self._require_few(len(self.structure.merged))

    def _row(self, attributes: dict[str, str]) -> None:
        row = _number(attributes["r"]) if "r" in attributes else self.row + 1
        if row <= self.row:
            raise WorkbookBroken(_DISORDER)
        self.row, self.column = row, 0
        self.row_hidden = _is_hidden(attributes, "ht")

    def _cell(self, attributes: dict[str, str]) -> None:
        column, row = self.column + 1, self.row
        if "r" in attributes:
            row, column = _place(attributes["r"])
        if row != self.row or not self.column < column <= MAX_COLUMNS_OF_EXCEL:
            raise WorkbookBroken(_DISORDER)
        self.column = column
        self.in_cell = True
        self.cell_type = attributes.get("t", "n")

    def _held(self, tag: str) -> None:
        """The cell holds something: a value, a text in place, or a formula."""
        structure = self.structure
        if self.row > MAX_ROWS + 1 or self.column > MAX_COLUMNS:
            message = f"表中最多 {MAX_ROWS} 行成绩、{MAX_COLUMNS} 列"
            raise ContentUnreadable(
                "too_many_cells",
                message,
                "请删去表外的内容，或分成几次提交",
                value=f"{column_letters(self.column)}{self.row}",
            )
        if self.row_hidden and (not structure.hidden_rows or structure.hidden_rows[-1] != self.row):
            structure.hidden_rows.append(self.row)
        structure.last_row = self.row
        structure.last_column = max(structure.last_column, self.column)
        if tag == "f" and len(structure.formulas) < MAX_FAULTS:
            structure.formulas.add((self.row, self.column))
        if self.cell_type == "e" and len(structure.errors) < MAX_FAULTS:
            structure.errors.add((self.row, self.column))
        self.index = [] if tag == "v" and self.cell_type == "s" else None

    def text(self, data: str) -> None:
        if self.index is not None:
            self.index.append(data)

    def end(self, tag: str) -> None:
        """After a value: if it points at a shared text, count that text as if it stood here."""
        if tag == "c":
            self.in_cell = False
        if self.index is None or tag != "v":
            return
        index, self.index = "".join(self.index), None
        if not _INDEX.fullmatch(index) or int(index) >= len(self.shared_lengths):
            raise WorkbookBroken(_DISORDER)
        self.text_left -= self.shared_lengths[int(index)]
        if self.text_left < 0:
            raise ContentUnreadable(
                "too_many_cells", "单元格的文字总量过大", "请删去成绩以外的内容，或分成几次提交"
            )

    def _require_few(self, count: int) -> None:
        if count > MAX_NOTED:
            raise ContentUnreadable("too_many_cells", "合并或隐藏的区域过多", "请取消合并和隐藏后再提交")


def sheet_structure(data: bytes, shared_lengths: Sequence[int]) -> SheetStructure:
    """Walk a worksheet part (``xl/worksheets/….xml``, already without document type declaration)."""
    walk = _SheetWalk(shared_lengths)
    walk_xml(data, walk)
    return walk.structure


def _is_hidden(attributes: dict[str, str], size: str) -> bool:
    """Say whether a row or column is not to be seen: hidden, or of no height or width."""
    return attributes.get("hidden") in _TRUE or _NOTHING.fullmatch(attributes.get(size, "")) is not None


def _place(reference: str) -> tuple[int, int]:
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise WorkbookBroken(_DISORDER)
    return int(match[2]), column_number(match[1])


def _columns_of(region: str) -> tuple[int, int]:
    """Return the first and the last column of a region as it is noted, D2 or D2:E9; 0 for what can not be read."""
    ends = [_REFERENCE.fullmatch(end) for end in region.split(":")]
    columns = [0 if end is None else column_number(end[1]) for end in ends]
    return min(columns), max(columns)


def _lies_in(places: frozenset[int], first: int, last: int) -> bool:
    return last - first < len(places) and places.issuperset(range(first, last + 1))


def _number(text: str | None) -> int:
    if text is None or not re.fullmatch(r"[1-9][0-9]{0,6}", text):
        raise WorkbookBroken(_DISORDER)
    return int(text)
