"""A CSV to ``Content``: one table, its first line the headings of the workbook, then one person in each line.

The exam's head (评价机构代码 …) stands in columns of the same table, repeated in every row and the same in all of them.
Lines of ``heading,value`` above the table would be shorter, but then the file is no table any more: what a database, a
spreadsheet or a data library exports has one heading for each column and as many fields in each line. And two exams
joined into one file are seen, row by row.

Refuses what Excel reads as something else than what stands there: ``="0012"`` and any formula, the apostrophe that
means text. Dates are written 2026-10-11. A row's place is the line that Excel shows: records are counted, not the lines
of the text. What the values mean is ``checking``'s.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from registry.assessment.cell_text import cell_text
from registry.assessment.content import (
    HEADER_COLUMNS,
    MAX_FILE_BYTES,
    MAX_TEXT_CHARACTERS,
    ROW_COLUMNS,
    Column,
    Content,
    RawRow,
)
from registry.assessment.csv_records import records
from registry.assessment.csv_text import SAVE_AS_UTF8, csv_text
from registry.assessment.errors import CellRefused
from registry.assessment.fault import FaultList
from registry.assessment.gb18030 import DISPUTED, Marks, hex_of
from registry.assessment.sheet_columns import column_letters
from registry.assessment.sheet_reading import heading_text
from registry.assessment.workbook_form import FAULTS_HEADING, HEADINGS, OPTIONAL_HEADINGS, SHEET_COLUMNS

MEDIA_TYPE = "text/csv"
_SAVED = SAVE_AS_UTF8.replace("请", "再", 1)
_EXCEL_MARKS = frozenset("='")
COLUMNS = (*HEADER_COLUMNS, *SHEET_COLUMNS)
"""The columns of the table, in the order of the template."""
_COLUMN_NAMED = {HEADINGS[column]: column for column in COLUMNS}
_STRAY = CellRefused("stray_cell", "表外有内容", "请删去，或填写该列的表头")


def csv_content(content: bytes, *, max_bytes: int = MAX_FILE_BYTES) -> Content:
    """Read the CSV; ``ContentUnreadable`` if it is none. Faults of cells are in the answer."""
    text, marks = csv_text(content, max_bytes=max_bytes)
    lines = records(text)
    faults = FaultList()
    table = _Table.headed(next(lines, []), marks, faults)
    rows = tuple(table.rows(enumerate(lines, start=2)))
    return Content(table.header, rows, HEADINGS, faults.told())


@dataclass(slots=True)
class _Table:
    """The table while it is read: where its columns are, and the head as the first row has it."""

    headings: Sequence[str]
    places: dict[Column, int]
    marks: Marks
    faults: FaultList
    header: dict[Column, str] = field(default_factory=dict)
    head: tuple[int, Sequence[str]] | None = None

    @classmethod
    def headed(cls, fields: Sequence[str], marks: Marks, faults: FaultList) -> "_Table":
        """Read the first line; tell unknown, repeated and missing headings."""
        table = cls([heading_text(marks.shown(text)) for text in fields], {}, marks, faults)
        for place, heading in enumerate(table.headings):
            column = _COLUMN_NAMED.get(heading)
            if not heading or heading == FAULTS_HEADING:
                continue
            if column is None:
                refusal = CellRefused("unknown_heading", "没有这一项", "请使用本系统发放的模板填写")
                table._tell(1, place, heading, refusal)
            elif column in table.places:
                table._tell(
                    1, place, heading, CellRefused("repeated_heading", "同一项出现两次", "请只保留一个")
                )
            else:
                table.places[column] = place
        for column in COLUMNS:
            if column not in table.places and column not in OPTIONAL_HEADINGS:
                faults.add(
                    None,
                    HEADINGS[column],
                    "",
                    code="missing_heading",
                    message="表头中没有这一项",
                    remedy="请使用本系统发放的模板填写",
                )
        return table

    def rows(self, lines: Iterator[tuple[int, list[str]]]) -> Iterator[RawRow]:
        """Yield each line that holds something."""
        strays = [place for place, heading in enumerate(self.headings) if not heading]
        columns = [column for column in ROW_COLUMNS if column in self.places]
        absent = {column: "" for column in ROW_COLUMNS if column in OPTIONAL_HEADINGS - self.places.keys()}
        for line, fields in lines:
            if not any(text.strip() for text in fields):
                continue
            if len(fields) != len(self.headings):
                self._tell_ragged(line, len(fields))
                yield RawRow(line, {})
                continue
            self._read_head(line, fields)
            cells = dict(absent)
            for column in columns:
                text = self._read(column, line, fields)
                if text is not None:
                    cells[column] = text
            for place in strays:
                if fields[place].strip():
                    self._tell(line, place, fields[place], _STRAY)
            yield RawRow(line, cells)

    def _read_head(self, line: int, fields: Sequence[str]) -> None:
        """Take the head of the first row, and tell where a later row has another."""
        if self.head is None:
            self.head = line, fields
            for column in HEADER_COLUMNS:
                text = self._read(column, line, fields) if column in self.places else None
                if text is not None:
                    self.header[column] = text
                elif column in OPTIONAL_HEADINGS - self.places.keys():
                    self.header[column] = ""
            return
        first, said = self.head
        for column in HEADER_COLUMNS:
            place = self.places.get(column)
            if place is not None and fields[place] != said[place]:
                message = f"与第 {first} 行不同；一个文件只报送一次考核，每行的这一项应相同"
                refusal = CellRefused("differing_head", message, "请改为相同，或把另一次考核分开提交")
                self._tell(line, place, fields[place], refusal)

    def _read(self, column: Column, line: int, fields: Sequence[str]) -> str | None:
        """Return a cell's text, None if it could not be read: that fault is told."""
        text = fields[self.places[column]]
        try:
            self._require_plain(text)
            return cell_text(column, text)
        except CellRefused as refusal:
            place = None if column in HEADER_COLUMNS else line
            self._tell(place, self.places[column], text, refusal)
            return None

    def _require_plain(self, text: str) -> None:
        if self.marks.unread and (unread := self.marks.found_in(text)):
            raise _unread(unread[0])
        if len(text) > MAX_TEXT_CHARACTERS:
            raise CellRefused("too_long", f"超过 {MAX_TEXT_CHARACTERS} 个字符", "请缩短")
        if text[:1] in _EXCEL_MARKS:
            raise _of_excel(text)

    def _tell_ragged(self, line: int, count: int) -> None:
        message = f"这一行有 {count} 格，表头有 {len(self.headings)} 格"
        self.faults.add(
            line,
            None,
            "",
            code="ragged_row",
            message=message,
            remedy="请补齐或删去逗号；内容中有逗号的格子须加引号",
        )

    def _tell(self, line: int | None, place: int, value: str, refusal: CellRefused) -> None:
        heading = self.headings[place]
        self.faults.add(
            line,
            heading if heading and line != 1 else f"{column_letters(place + 1)} 列",
            self.marks.shown(value),
            code=refusal.code,
            message=refusal.message,
            remedy=refusal.remedy,
        )


def _of_excel(text: str) -> CellRefused:
    """Say what Excel makes of a text that begins so."""
    if text.startswith("'"):
        message = "以撇号开头：Excel 用来表示文本的撇号被写进了内容"
        return CellRefused("leading_apostrophe", message, "请删去开头的撇号")
    if text.startswith('="'):
        message = '写成了 Excel 的公式（="…"）'
        return CellRefused("formula", message, "请只写引号中的内容，不要等号；CSV 中的数字本来就是文本")
    return CellRefused("formula", "以等号开头，Excel 会当作公式计算", "请删去等号，直接填写内容")


def _unread(unit: bytes) -> CellRefused:
    """Say why these bytes were not read."""
    if unit in DISPUTED:
        private, character = DISPUTED[unit]
        message = (
            f"字节 {hex_of(unit)} 在 GB18030 的不同版本中是不同的字："
            f"“{character}”（U+{ord(character):04X}）或自造字 U+{ord(private):04X}"
        )
        return CellRefused("ambiguous_bytes", message, f"请核对这个字，{_SAVED}")
    for encoding in ("gb18030", "utf-8"):
        try:
            character = unit.decode(encoding)
        except UnicodeDecodeError:
            continue
        if len(character) == 1 and character >= "\ue000":
            message = f"含有自造字 U+{ord(character):04X}（字节 {hex_of(unit)}），别的计算机上显示不出"
            return CellRefused("private_use", message, f"请用该字的 Unicode 编码重新录入，{_SAVED}")
    message = f"字节 {hex_of(unit)} 不是文件所用编码的文字"
    return CellRefused("undecodable_bytes", message, f"请重新录入，{_SAVED}")
