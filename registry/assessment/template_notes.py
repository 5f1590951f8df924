"""The sheet 填写说明 of a template: every rule in plain words, one example, and the lists that drop-downs offer.

No reader looks at this sheet, so nothing on it can be handed in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from openpyxl import Workbook

from registry.assessment.column_notes import COLUMN_NOTES, GENERAL_NOTES
from registry.assessment.content import HEADER_COLUMNS, Column
from registry.assessment.levels import LEVEL_NAMES
from registry.assessment.sheet_writing import text_cell
from registry.assessment.workbook_form import (
    EDITION_LABELS,
    EXAM_SHEET,
    HEADINGS,
    NOTES_SHEET,
    RESULTS_SHEET,
    SHEET_COLUMNS,
)
from registry.directory.body_view import BodyView
from signing.statement import Level, Occupation

_WIDTHS: Final = (24, 14, 28, 60, 60)
EXAMPLE_TITLE: Final = "示例（只供对照，不会被报送；姓名照抄会被退回）"
EDITION_NAMES: Final = {int(code): label for label, code in EDITION_LABELS.items()}


@dataclass(slots=True)
class Notes:
    """The lines of the sheet, and where in it the lists for drop-downs stand, as ranges; "" for none."""

    lines: list[tuple[str, ...]] = field(default_factory=list)
    bold: set[int] = field(default_factory=set)
    sites: str = ""
    directions: str = ""

    def say(self, *cells: str, bold: bool = False) -> None:
        """Add one line."""
        self.lines.append(cells)
        if bold:
            self.bold.add(len(self.lines))

    def listed(self, title: Sequence[str], rows: Sequence[tuple[str, ...]]) -> str:
        """Add a list; return the range of its first column, "" if it is empty."""
        if not rows:
            return ""
        self.say()
        self.say(*title, bold=True)
        first = len(self.lines) + 1
        for row in rows:
            self.say(*row)
        return f"'{NOTES_SHEET}'!$A${first}:$A${len(self.lines)}"


def notes_of(view: BodyView | None, occupation: Occupation | None, level: Level | None) -> Notes:
    """Return what the sheet says to this body about this occupation and level; to everybody if none is named."""
    notes = Notes()
    if view is not None:
        notes.say(f"{view.name}（{view.issuer}）{_of_what(view, occupation, level)}", bold=True)
    for number, text in enumerate(GENERAL_NOTES, start=1):
        notes.say(f"{number}. {text}")
    notes.say()
    notes.say("项目", "所在的表", "是否必填", "格式", "常见错误", bold=True)
    for column in (*HEADER_COLUMNS, *SHEET_COLUMNS):
        note = COLUMN_NOTES[column]
        sheet = EXAM_SHEET if column in HEADER_COLUMNS else RESULTS_SHEET
        notes.say(HEADINGS[column], sheet, note.need, note.form, note.mistakes)
    notes.say()
    notes.say(EXAMPLE_TITLE, bold=True)
    notes.say(*(HEADINGS[column] for column in SHEET_COLUMNS), bold=True)
    example = example_row(view, occupation, level)
    notes.say(*(example[column] for column in SHEET_COLUMNS))
    if view is not None:
        notes.sites = notes.listed(("本机构的站点代码", "省份代码和站点名称"), _sites(view))
    if view is not None and occupation is not None:
        directions = [(direction.name,) for direction in view.directions_of(occupation)]
        notes.directions = notes.listed(("该职业的方向",), directions)
    return notes


def example_row(
    view: BodyView | None, occupation: Occupation | None, level: Level | None
) -> dict[Column, str]:
    """Return the example, as it would stand in the sheet; right in everything but its name, which no name can be."""
    example: dict[Column, str] = {column: COLUMN_NOTES[column].example for column in SHEET_COLUMNS}
    if level is not None:
        example |= {Column.LEVEL: LEVEL_NAMES[level], Column.TRAINING_HOURS: ""}
    if view is None or occupation is None:
        return example
    directions = view.directions_of(occupation)
    hours = None if level is None else view.occupations[occupation].hours(level)
    return example | {
        Column.OCCUPATION: occupation.text,
        Column.EDITION: EDITION_NAMES[occupation.edition],
        Column.DIRECTION: directions[0].name if directions else "",
        Column.TRAINING_HOURS: "" if hours is None else str(hours),
    }


def write_notes(workbook: Workbook, notes: Notes) -> None:
    """Add the sheet to the workbook."""
    sheet = workbook.create_sheet(NOTES_SHEET)
    for letter, width in zip("ABCDE", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    for number, line in enumerate(notes.lines, start=1):
        sheet.append([text_cell(sheet, text, bold=number in notes.bold) for text in line])


def _sites(view: BodyView) -> list[tuple[str, str]]:
    """Return each site code once, with the provinces that gave it, each for a site of its own."""
    named: dict[str, list[str]] = {}
    for site in view.sites.values():
        named.setdefault(site.code, []).append(f"{site.province} {site.name}")
    return [(code, "；".join(names)) for code, names in named.items()]


def _of_what(view: BodyView, occupation: Occupation | None, level: Level | None) -> str:
    what = "" if occupation is None else f"{view.occupations[occupation].name}（{occupation.text}）"
    return f"　{what}{'' if level is None else LEVEL_NAMES[level]}" if what or level else ""
