"""The sheet 填写说明 of a template: every rule in plain words with an example, and the lists of drop-downs.

No reader looks at this sheet, so nothing on it can be handed in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from openpyxl import Workbook

from registry.assessment.column_notes import COLUMN_NOTES, GENERAL_NOTES
from registry.assessment.content import HEADER_COLUMNS, Column
from registry.assessment.levels import LEVEL_NAMES
from registry.assessment.sheet_cells import Cells, Look
from registry.assessment.sheet_layout import lay_out, set_height
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

_WIDTHS: Final = (22, 10, 32, 48, 48, 24)
EXAMPLE_TITLE: Final = "“示例”一列只供对照，不会被报送；姓名照抄会被退回。"
_TITLE, _LINE, _HEADING, _CELL = Look(title=True), Look(plain=True), Look(heading=True), Look()
EDITION_NAMES: Final = {int(code): label for label, code in EDITION_LABELS.items()}


@dataclass(slots=True)
class Notes:
    """The lines of the sheet, and where in it the lists for drop-downs stand, as ranges; "" for none."""

    lines: list[tuple[Look, tuple[str, ...]]] = field(default_factory=list)
    sites: str = ""
    directions: str = ""

    def say(self, look: Look, *texts: str) -> None:
        """Add one line."""
        self.lines.append((look, texts))

    def listed(self, title: str, rows: Sequence[tuple[str, ...]]) -> str:
        """Add a list; return the range of its first column, "" if it is empty."""
        if not rows:
            return ""
        self.say(_LINE)
        self.say(_HEADING, title)
        first = len(self.lines) + 1
        for row in rows:
            self.say(_LINE, *row)
        return f"'{NOTES_SHEET}'!$A${first}:$A${len(self.lines)}"


def notes_of(view: BodyView | None, occupation: Occupation | None, level: Level | None) -> Notes:
    """Return what the sheet says to this body about this occupation and level; to everybody if none is named."""
    notes = Notes()
    if view is not None:
        notes.say(_TITLE, f"{view.name}（{view.issuer}）{_of_what(view, occupation, level)}")
    for number, text in enumerate((*GENERAL_NOTES, EXAMPLE_TITLE), start=1):
        notes.say(_LINE, f"{number}. {text}")
    notes.say(_LINE)
    notes.say(_HEADING, "项目", "所在的表", "是否必填", "格式", "常见错误", "示例")
    example = examples(view, occupation, level)
    for column in (*HEADER_COLUMNS, *SHEET_COLUMNS):
        note = COLUMN_NOTES[column]
        sheet = EXAM_SHEET if column in HEADER_COLUMNS else RESULTS_SHEET
        notes.say(_CELL, HEADINGS[column], sheet, note.need, note.form, note.mistakes, example[column])
    if view is not None:
        notes.sites = notes.listed("本机构的站点代码", _sites(view))
    if view is not None and occupation is not None:
        directions = [(direction.name,) for direction in view.directions_of(occupation)]
        notes.directions = notes.listed("该职业的方向", directions)
    return notes


def examples(view: BodyView | None, occupation: Occupation | None, level: Level | None) -> dict[Column, str]:
    """Return one exam and one row, as they would stand; right in everything but the name, which no name can be."""
    example = {column: note.example for column, note in COLUMN_NOTES.items()}
    if view is not None:
        example[Column.ISSUER] = view.issuer
        (example[Column.PROVINCE], example[Column.SITE]) = min(view.sites, default=("", ""))
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
    lay_out(sheet, heading=False)
    for letter, width in zip("ABCDEF", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    cells = Cells(sheet)
    for number, (look, texts) in enumerate(notes.lines, start=1):
        if look in (_CELL, _HEADING):
            set_height(sheet, number, zip(texts, _WIDTHS, strict=False))
        sheet.append([cells.text(text, look) for text in texts])


def _sites(view: BodyView) -> list[tuple[str, str]]:
    """Return each site code once, with the provinces that gave it, each for a site of its own."""
    named: dict[str, list[str]] = {}
    for site in view.sites.values():
        named.setdefault(site.code, []).append(f"{site.province} {site.name}")
    return [(code, "；".join(names)) for code, names in named.items()]


def _of_what(view: BodyView, occupation: Occupation | None, level: Level | None) -> str:
    what = "" if occupation is None else f"{view.occupations[occupation].name}（{occupation.text}）"
    return f"　{what}{'' if level is None else LEVEL_NAMES[level]}" if what or level else ""
