"""How the sheets of a workbook look, given out or sent back: columns, their formats and drop-downs, and the page.

Columns that hold digits are text, so that Excel keeps them; closed sets are drop-downs; dates are real dates. Printed,
a sheet lies across an A4 page, all columns on it, the headings on every page.
"""

from collections.abc import Iterable
from typing import Final

from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.page import PageMargins

from registry.assessment.content import MAX_ROWS, Column
from registry.assessment.sheet_cells import TEXT_FORMAT
from registry.assessment.sheet_columns import column_letters
from registry.assessment.workbook_form import (
    DATE_COLUMNS,
    HEADINGS,
    LABELS,
    NUMERIC_COLUMNS,
    SCORE_COLUMNS,
    SHEET_COLUMNS,
    written_label,
)

# In digits; what is typed most is seen whole, headings may take two lines.
_WIDTHS: Final = {
    Column.ROW: 7,
    Column.NAME: 16,
    Column.ID_TYPE: 20,
    Column.ID_NUMBER: 22,
    Column.OCCUPATION: 12,
    Column.EDITION: 9,
    Column.LEVEL: 7,
    Column.THEORY: 9,
    Column.PRACTICE: 9,
    Column.COMMITMENT: 7,
    Column.TRAINING_CERTIFICATE: 20,
    Column.TRAINING_HOURS: 7,
    Column.ISSUED_ON: 12,
    Column.CORRECTS: 24,
    Column.REASON: 20,
}
_USUAL_WIDTH: Final = 14
EXAM_WIDTHS: Final = (18, 64)
_A4: Final = "9"
_MARGINS: Final = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.6, header=0.3, footer=0.3)
_PAGE_OF_PAGES: Final = "&A　第 &P 页，共 &N 页"
_LINE_POINTS, _AIR_POINTS, _MAX_POINTS = 15.0, 4.0, 409.0


def column_width(column: Column) -> int:
    """Return the width of a column of the results."""
    return _WIDTHS.get(column, _USUAL_WIDTH)


def number_format(column: Column) -> str:
    """Return the format of a column's cells."""
    if column in DATE_COLUMNS:
        return "yyyy-mm-dd"
    return "General" if column in NUMERIC_COLUMNS else TEXT_FORMAT


def prepare_results(sheet: WriteOnlyWorksheet, directions: str = "") -> None:
    """Give the columns of the results their widths, formats and drop-downs, also for rows still to be written.

    ``directions`` is the range of the notes sheet that holds the occupation's directions, "" for none.
    """
    for place, column in enumerate(SHEET_COLUMNS, start=1):
        letters = column_letters(place)
        sheet.column_dimensions[letters].width = column_width(column)
        sheet.column_dimensions[letters].number_format = number_format(column)
        choices = directions if column is Column.DIRECTION else ""
        offer(sheet, column, f"{letters}2:{letters}{MAX_ROWS + 1}", choices)
    set_height(sheet, 1, [(HEADINGS[column], column_width(column)) for column in SHEET_COLUMNS])


def prepare_exam(sheet: WriteOnlyWorksheet) -> None:
    """Give the sheet of the exam's head its page and its two columns."""
    lay_out(sheet, heading=False)
    for letter, width in zip("AB", EXAM_WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width


def offer(sheet: WriteOnlyWorksheet, column: Column, cells: str, choices: str = "") -> None:
    """Give cells the drop-down of their column, or of ``choices``, a range of the notes sheet.

    Where the column is a closed set, nothing else can be typed; a score can.
    """
    if not choices and column not in LABELS:
        return
    choice = DataValidation(type="list", formula1=choices or _inline(column), allow_blank=True)
    if column not in SCORE_COLUMNS:
        choice.showErrorMessage = True
        choice.errorTitle, choice.error = "请从列表中选择", "该列只能填写列表中的值"
    sheet.data_validations.append(choice)
    choice.add(cells)


def _inline(column: Column) -> str:
    """Return the labels of a column, one for each code."""
    labels = dict.fromkeys(written_label(column, code) for code in LABELS[column].values())
    return f'"{",".join(labels)}"'


def lay_out(sheet: WriteOnlyWorksheet, *, heading: bool) -> None:
    """Give lines some air, and have the sheet printed across, all columns on a page, the headings on each."""
    sheet.sheet_format.defaultRowHeight, sheet.sheet_format.customHeight = _LINE_POINTS + _AIR_POINTS, True
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins = _MARGINS
    # What a clerk types has no borders of its own.
    sheet.print_options.gridLines = heading
    sheet.HeaderFooter.oddFooter.center.text = _PAGE_OF_PAGES
    if heading:
        sheet.print_title_rows = "1:1"


def set_height(sheet: WriteOnlyWorksheet, line: int, texts: Iterable[tuple[str, int]]) -> None:
    """Make a line that is still to be written high enough for its texts, each in a column of some width.

    Left to themselves some programs show the first line of a text only.
    """
    needed = max((_lines_needed(text, width) for text, width in texts), default=1)
    if needed > 1:
        sheet.row_dimensions[line].height = min(needed * _LINE_POINTS + _AIR_POINTS, _MAX_POINTS)


def _lines_needed(text: str, width: int) -> int:
    if len(text) * 2 < width and "\n" not in text:
        return 1
    # The width of a column is counted in digits; a Han character is a little less wide than two.
    units = (sum(1 if character < "\u2000" else 1.8 for character in line) for line in text.split("\n"))
    return sum(1 + int(unit / width) for unit in units)
