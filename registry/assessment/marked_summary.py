"""The sheet 错误汇总 of a workbook that is sent back: how many faults of which kind, and the first of them in full."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from registry.assessment.content import Column
from registry.assessment.fault import MORE_FAULTS, Fault
from registry.assessment.sheet_cells import Cells, Look
from registry.assessment.sheet_layout import lay_out, set_height
from registry.assessment.workbook_form import (
    EXAM_SHEET,
    FAULTS_HEADING,
    HEADINGS,
    RESULTS_SHEET,
    SUMMARY_SHEET,
)

MAX_LISTED = 200
_TEXT_WIDTHS = (18, 26, 46, 46)
_WIDTHS = dict(zip("ABCDEF", (8, *_TEXT_WIDTHS, 10), strict=True))
_TITLE, _LINE, _HEADING, _CELL = Look(title=True), Look(plain=True), Look(heading=True), Look()
_NUMBER = Look(number_format="0")
_MAX_COLUMNS_NAMED = 3
_SEND_ALL = "请在原文件中改正，重新提交整个文件"
# A photo has no cell: by the code of a file in JSON, or by the heading.
_PHOTO = (Column.PHOTO, HEADINGS[Column.PHOTO])


@dataclass(frozen=True, slots=True)
class Summary:
    """What the sheet tells: the faults, their columns' Chinese names, and where their rows stand in this workbook.

    ``lines`` holds the line of each row by its place in the file that was handed in; ``moved`` says that some differ.
    ``left_out`` is how many faulty rows are not in this workbook because corrections can not name them, ``whole`` says
    that there are faults of the file as a whole, which corrections can not mend either.
    """

    faults: Sequence[Fault]
    headings: Mapping[str, str]
    lines: Mapping[int, int]
    moved: bool
    left_out: int = 0
    whole: bool = False

    def write(self, sheet: WriteOnlyWorksheet) -> None:
        """Write the sheet."""
        lay_out(sheet, heading=False)
        for letters, width in _WIDTHS.items():
            sheet.column_dimensions[letters].width = width
        counted = [fault for fault in self.faults if fault.code != MORE_FAULTS]
        table = _Table(sheet, Cells(sheet))
        for text in self._introduction(counted):
            table.append_line(text, _TITLE if text.startswith(SUMMARY_SHEET) else _LINE)
        table.append_line("", _LINE)
        self._write_kinds(table, counted)
        table.append_line("", _LINE)
        self._write_list(table, counted)

    def _introduction(self, counted: Sequence[Fault]) -> Iterator[str]:
        rows = len({fault.row for fault in counted if fault.row is not None})
        yield f"{SUMMARY_SHEET}：{len(counted)} 处，涉及 {rows} 行"
        yield f"请在“{EXAM_SHEET}”“{RESULTS_SHEET}”两张表中改正红色的格子，保存后提交本文件。"
        yield f"本表和“{FAULTS_HEADING}”不会被读取，不必删除。"
        if any(fault.column in _PHOTO for fault in counted):
            yield "照片的错误在照片压缩包中改正，改好后重新上传压缩包。"
        if self.moved:
            yield "“行”是本文件的行号，“原行号”和说明文字中的行号是原文件的。"
        if self.left_out:
            yield f"另有 {self.left_out} 行有错误，但序号无法识别或与别的行相同，不在本文件中：{_SEND_ALL}。"
        if self.whole:
            yield f"有的错误是整个文件的，不能只用更正的行改正：{_SEND_ALL}。"
        for fault in self.faults:
            if fault.code == MORE_FAULTS:
                yield f"{fault.message}，{fault.remedy}。"

    def _write_kinds(self, table: "_Table", counted: Sequence[Fault]) -> None:
        kinds: dict[str, list[Fault]] = {}
        for fault in counted:
            kinds.setdefault(fault.code, []).append(fault)
        table.append_headings("处数", "所在列", "填写值（例）", "错误（例）", "改正办法（例）")
        for faults in sorted(kinds.values(), key=len, reverse=True):
            first = faults[0]
            table.append(len(faults), [self._columns_of(faults), first.value, first.message, first.remedy])

    def _columns_of(self, faults: Sequence[Fault]) -> str:
        named = list(dict.fromkeys(self._heading(fault) for fault in faults))
        return "、".join(named[:_MAX_COLUMNS_NAMED]) + ("等" if len(named) > _MAX_COLUMNS_NAMED else "")

    def _heading(self, fault: Fault) -> str:
        return "" if fault.column is None else self.headings.get(fault.column, fault.column)

    def _write_list(self, table: "_Table", counted: Sequence[Fault]) -> None:
        table.append_headings("行", "列", "填写值", "错误", "改正办法", *(["原行号"] if self.moved else []))
        for fault in counted[:MAX_LISTED]:
            line = self.lines.get(fault.row or 0, None if self.moved else fault.row)
            texts = [self._heading(fault), fault.value, fault.message, fault.remedy]
            table.append(line, texts, *([fault.row] if self.moved else []))
        if len(counted) > MAX_LISTED:
            text = f"以上列出前 {MAX_LISTED} 处；全部见“{RESULTS_SHEET}”表各行的“{FAULTS_HEADING}”。"
            table.append_line(text, _LINE)


class _Table:
    """The sheet while it is written: which line is next."""

    def __init__(self, sheet: WriteOnlyWorksheet, cells: Cells) -> None:
        self._sheet = sheet
        self._cells = cells
        self._line = 0

    def append_line(self, text: str, look: Look) -> None:
        """Write a line of text that runs over its cell."""
        self._append([self._cells.text(text, look)], [("\n" if look.title else "", 1)])

    def append_headings(self, *texts: str) -> None:
        """Write the headings of a table."""
        self._append([self._cells.text(text, _HEADING) for text in texts], [])

    def append(self, number: int | None, texts: Sequence[str], *more: int | None) -> None:
        """Write a row: a number, texts, and perhaps another number."""
        cells = [self._cells.text(text, _CELL) for text in texts]
        numbers = [self._cells.value(value, _NUMBER) for value in (number, *more)]
        self._append([numbers[0], *cells, *numbers[1:]], list(zip(texts, _TEXT_WIDTHS, strict=True)))

    def _append(self, cells: Sequence[WriteOnlyCell], texts: Sequence[tuple[str, int]]) -> None:
        self._line += 1
        set_height(self._sheet, self._line, texts)
        self._sheet.append(cells)
