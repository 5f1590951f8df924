"""The template says whose it is and how it is filled in, and filled in it is read without a fault."""

import dataclasses
import io

import pytest
from openpyxl import load_workbook

from registry.assessment.column_notes import COLUMN_NOTES, EXAMPLE_NAME, PHOTO_NOTE
from registry.assessment.content import HEADER_COLUMNS, Column
from registry.assessment.marked_workbook import marked_workbook
from registry.assessment.template import write_template, write_workbook
from registry.assessment.workbook_form import HEADINGS, LABELS, NOTES_SHEET, SHEET_COLUMNS
from registry.photo.measure import LARGEST, MAX_BYTES, SMALLEST
from signing.statement import Level, Occupation
from tests.registry.assessment.submissions import checked, faults_of, form, resident_id, view
from tests.registry.assessment.test_workbook_content import read
from tests.registry.assessment.workbooks import edited

HEAD, RESULTS = "考核信息", "成绩"
BIG_DATA = Occupation(1, 2021011)
TEMPLATES = {
    "for anybody": lambda: write_template(),
    "for a body": lambda: write_template(view()),
    "for an occupation": lambda: write_template(view(), BIG_DATA),
    "for a level": lambda: write_template(view(), BIG_DATA, Level.SENIOR),
    "without directions": lambda: write_template(view("S0003"), Occupation(1, 2021015), Level.JUNIOR),
}


def opened(content):
    return load_workbook(io.BytesIO(content))


@pytest.fixture(params=TEMPLATES.values(), ids=TEMPLATES)
def template(request):
    return request.param()


def test_it_has_the_two_sheets_and_the_notes(template):
    assert opened(template).sheetnames == [HEAD, RESULTS, NOTES_SHEET]


def test_every_heading_says_how_its_column_is_filled_in(template):
    sheet = opened(template)[RESULTS]

    assert [cell.value for cell in sheet[1]] == [HEADINGS[column] for column in SHEET_COLUMNS]
    for cell, column in zip(sheet[1], SHEET_COLUMNS, strict=True):
        for part in (COLUMN_NOTES[column].need, COLUMN_NOTES[column].form, COLUMN_NOTES[column].mistakes):
            assert part in cell.comment.text


def test_the_notes_tell_of_every_column_in_plain_words(template):
    lines = [[cell.value for cell in line if cell.value] for line in opened(template)[NOTES_SHEET]]

    for column in (*HEADER_COLUMNS, *SHEET_COLUMNS):
        note = COLUMN_NOTES[column]
        assert any(
            line[:1] + line[2:5] == [HEADINGS[column], note.need, note.form, note.mistakes] for line in lines
        )
    assert set(COLUMN_NOTES) == set(Column) - {Column.PHOTO}


def test_no_row_of_it_can_be_handed_in_as_it_is(template):
    content = read(template)

    assert content.faults == ()
    assert content.rows == ()


def test_the_example_stands_in_the_notes_and_could_not_be_handed_in(template):
    workbook = opened(template)
    examples = {line[0].value: line[5].value for line in workbook[NOTES_SHEET] if len(line) > 5}

    def copy(book):
        for place, column in enumerate(SHEET_COLUMNS, start=1):
            book[RESULTS].cell(2, place).value = examples[HEADINGS[column]]

    assert EXAMPLE_NAME not in str([[cell.value for cell in line] for line in workbook[RESULTS]])
    content = read(edited(copy, filled_head(template)))
    faults = faults_of(content, body=view(content.header[Column.ISSUER]))
    # Everything but the name is as it should be.
    assert [(fault.column, fault.code) for fault in faults] == [("姓名", "symbol")]


def filled_head(template):
    """Return the template with its exam filled in, for the body that it is for."""
    issuer = opened(template)[HEAD]["B1"].value or "S0002"
    values = {1: issuer, 2: f"00000{issuer[-1]}", 3: "21", 4: "2026-11-07", 5: "2026-11-08"}

    def fill(workbook):
        for line, value in values.items():
            workbook[HEAD].cell(line, 2).value = value

    return edited(fill, template)


def test_columns_of_digits_are_text_and_drop_downs_hold_the_labels():
    sheet = opened(write_template(view(), BIG_DATA))[RESULTS]
    letters = {column: chr(65 + place) for place, column in enumerate(SHEET_COLUMNS)}
    rules = {str(rule.sqref).partition(":")[0]: rule for rule in sheet.data_validations.dataValidation}

    for column in (Column.ID_NUMBER, Column.TRAINING_CERTIFICATE, Column.CORRECTS, Column.NAME):
        assert sheet.column_dimensions[letters[column]].number_format == "@"
    for column in (Column.ID_TYPE, Column.LEVEL, Column.EDITION, Column.COMMITMENT):
        rule = rules[f"{letters[column]}2"]
        assert set(rule.formula1.strip('"').split(",")) <= set(LABELS[column])
        assert rule.showErrorMessage
    # A score may be typed beside the one choice.
    for column in (Column.THEORY, Column.PRACTICE):
        rule = rules[f"{letters[column]}2"]
        assert (rule.formula1, bool(rule.showErrorMessage)) == ('"缺考"', False)


def listed(workbook, rule):
    """Return what the range of a drop-down holds."""
    sheet, _, cells = rule.formula1.partition("!")
    return [cell.value for (cell,) in workbook[sheet.strip("'")][cells.replace("$", "")]]


def test_sites_and_directions_are_offered():
    workbook = opened(write_template(view(), BIG_DATA))
    (sites,) = [rule for rule in workbook[HEAD].data_validations.dataValidation if str(rule.sqref) == "B2"]
    (directions,) = [
        rule
        for rule in workbook[RESULTS].data_validations.dataValidation
        if str(rule.sqref).startswith("G2:")
    ]

    assert listed(workbook, sites) == sorted({code for _, code in view().sites})
    assert listed(workbook, directions) == [direction.name for direction in view().directions_of(BIG_DATA)]


def test_what_is_known_is_filled_in_and_fills_every_row():
    template = write_template(view(), BIG_DATA, Level.SENIOR)
    names = {line[0].value: line[1].value for line in opened(template)[HEAD]}
    assert (names["评价机构代码"], names["职业编码"], names["大典版本"], names["等级"]) == (
        "S0002",
        "2-02-10-11",
        "2015版",
        "高级",
    )

    def one_person(workbook):
        for letter, value in zip(
            "ABCDIJK", (1, "张三", "居民身份证", resident_id(1), 86.5, "缺考", "是"), strict=True
        ):
            workbook[RESULTS][f"{letter}2"] = value

    submission = checked(read(edited(one_person, filled_head(template))))

    (result,) = submission.rows
    assert (result.occupation, result.level, result.theory, result.absent_practice) == (
        BIG_DATA,
        Level.SENIOR,
        865,
        True,
    )


def test_the_province_and_the_site_are_filled_in_where_there_is_one():
    place = ("21", "000002")
    alone = dataclasses.replace(view(), sites={place: view().sites[place]})
    names = {line[0].value: line[1].value for line in opened(write_template(alone))[HEAD]}

    assert (names["考核省份代码"], names["站点代码"]) == place
    assert {line[0].value: line[1].value for line in opened(write_template(view()))[HEAD]}[
        "考核省份代码"
    ] is None


def test_every_sheet_is_printed_across_on_pages_of_one_width(template):
    for sheet in opened(template):
        assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert opened(template)[RESULTS].print_title_rows == "$1:$1"


def test_what_is_given_out_and_what_is_sent_back_have_the_same_columns():
    given = opened(write_template(view(), BIG_DATA))[RESULTS]
    sent_back = opened(marked_workbook(read(write_workbook(form())), ()))[RESULTS]

    def columns(sheet):
        rules = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
        looks = [sheet.column_dimensions[chr(65 + place)] for place in range(len(SHEET_COLUMNS))]
        # Directions are those of the template's occupation, listed in its notes.
        return {cells: rule for cells, rule in rules.items() if not cells.startswith("G")}, [
            (look.width, look.number_format) for look in looks
        ]

    assert columns(given) == columns(sent_back)


def test_the_notes_say_how_large_a_photo_may_be():
    assert f"宽 {SMALLEST[0]} 至 {LARGEST[0]}、高 {SMALLEST[1]} 至 {LARGEST[1]} 像素" in PHOTO_NOTE
    assert MAX_BYTES == 1024 * 1024
    assert "不超过 1 MB" in PHOTO_NOTE
