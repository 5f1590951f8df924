"""Cells of a workbook, given out or sent back: styles made once, text that is never anything but text, notes on cells.

What a clerk typed is written so that no program computes it: text cells only, with the mark of a quoted text where it
begins like a formula.
"""

import re
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

AUTHOR = "证书登记系统"
MAX_CELL_CHARACTERS = 32_767
TEXT_FORMAT = "@"
_NOTE_WIDTH, _NOTE_LINE, _NOTE_CHARACTERS = 300, 18, 20
_FORMULA_BEGINNINGS = frozenset("=+-@\t\r")
# What XML 1.0 can not hold, and a return, which it would make a line feed; Excel reads _x0041_ as an A.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE_OF_EXCEL = re.compile("_(?=x[0-9A-Fa-f]{4}_)")

_THIN = Side(style="thin", color="D9D9D9")
_GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_FAULTY = PatternFill("solid", fgColor="FFC7CE")
_HEADING = PatternFill("solid", fgColor="DDEBF7")
_MUST = PatternFill("solid", fgColor="FFF2CC")


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell looks: ``title`` and ``plain`` lines of text run over their cell, all others are cells of a table.

    ``must`` marks the heading of what has to be filled in for everybody.
    """

    number_format: str = TEXT_FORMAT
    faulty: bool = False
    heading: bool = False
    must: bool = False
    title: bool = False
    plain: bool = False
    words: bool = False
    quoted: bool = False


class Cells:
    """Makes the cells of one sheet; each look is made once."""

    def __init__(self, sheet: WriteOnlyWorksheet) -> None:
        self._sheet = sheet
        self._styles: dict[Look, Any] = {}

    def text(self, value: str, look: Look, note: str = "") -> WriteOnlyCell:
        """Return a text cell, never a formula; with a note on it unless that is empty."""
        quoted = value[:1] in _FORMULA_BEGINNINGS
        cell = WriteOnlyCell(self._sheet, writable(value) or None)
        if value:
            cell.data_type = "s"
        return self._finished(cell, replace(look, quoted=True) if quoted else look, note)

    def value(self, value: Any, look: Look, note: str = "") -> WriteOnlyCell:
        """Return a cell with a number or a date."""
        return self._finished(WriteOnlyCell(self._sheet, value), look, note)

    def _finished(self, cell: WriteOnlyCell, look: Look, note: str) -> WriteOnlyCell:
        if look not in self._styles:
            self._styles[look] = _style(self._sheet, look)
        cell._style = self._styles[look]
        if note:
            lines = sum(1 + len(line) // _NOTE_CHARACTERS for line in note.split("\n"))
            cell.comment = Comment(writable(note), AUTHOR, _NOTE_LINE * (lines + 1), _NOTE_WIDTH)
        return cell


def _style(sheet: WriteOnlyWorksheet, look: Look) -> Any:
    model = WriteOnlyCell(sheet)
    model.number_format = look.number_format
    color = "C00000" if look.words else None
    bold = look.title or look.heading
    model.font = Font(name="等线", size=14 if look.title else 11, bold=bold, color=color)
    in_table = not (look.title or look.plain)
    model.alignment = Alignment(horizontal="left", vertical="center", wrap_text=in_table)
    if in_table:
        model.border = _GRID
    if look.faulty:
        model.fill = _FAULTY
    elif look.must:
        model.fill = _MUST
    elif look.heading:
        model.fill = _HEADING
    model.quotePrefix = look.quoted
    return copy(model._style)


def writable(text: str) -> str:
    """Return the text as a workbook can hold it: at most 32,767 characters, controls as ``[U+0007]``."""
    text = _UNWRITABLE.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)
    text = _ESCAPE_OF_EXCEL.sub("_x005F_", text)
    return text if len(text) <= MAX_CELL_CHARACTERS else text[: MAX_CELL_CHARACTERS - 1] + "…"
