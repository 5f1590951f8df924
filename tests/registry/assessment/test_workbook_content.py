"""A workbook is read cell by cell; what Excel may have changed is named by line and heading."""

import datetime

import pytest
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from registry.assessment.content import HEADER_COLUMNS, Column
from registry.assessment.errors import ContentUnreadable
from registry.assessment.reading import WORKBOOK_MEDIA_TYPE, read_content
from tests.registry.assessment.submissions import faults_of, form, places_and_codes, read_as_workbook, row
from tests.registry.assessment.workbooks import (
    RELATIONS,
    SHARED,
    SHEET,
    edited,
    good_workbook,
    repacked,
    replaced,
    with_shared_texts,
)

WORKBOOK = "xl/workbook.xml"
HEAD = "考核信息"
RESULTS = "成绩"
COMMON = (Column.OCCUPATION, Column.EDITION, Column.LEVEL)
# A workbook knows no time zones.
MIDNIGHT = datetime.datetime(2026, 11, 9, tzinfo=None)  # noqa: DTZ001
EIGHT_THIRTY = MIDNIGHT.replace(hour=8, minute=30)
EPOCH_1904 = MIDNIGHT.replace(year=1904, month=1, day=1)


def set_cell(place, value, sheet=RESULTS, **attributes):
    def change(workbook):
        cell = workbook[sheet][place]
        cell.value = value
        for name, attribute in attributes.items():
            setattr(cell, name, attribute)

    return change


def read(content):
    return read_content(content, WORKBOOK_MEDIA_TYPE)


# Line 3 of the sheet is the second person.
SPOILT_CELLS = [
    (
        "an ID as a number",
        set_cell("D3", 110105194912310021, number_format="0"),
        (3, "证件号码", "numeric_cell"),
    ),
    ("an ID as a short number", set_cell("D3", 12345678), (3, "证件号码", "numeric_cell")),
    ("a passport that Excel made a number", set_cell("D3", 12e45), (3, "证件号码", "numeric_cell")),
    ("a certificate number as a number", set_cell("O3", 1e21), (3, "更正证书编号", "numeric_cell")),
    ("a name as a number", set_cell("B3", 1e10), (3, "姓名", "numeric_cell")),
    ("a name as a date", set_cell("B3", datetime.date(2026, 10, 11)), (3, "姓名", "became_a_date")),
    ("a name as a truth value", set_cell("B3", True), (3, "姓名", "wrong_type")),
    ("a code as a date", set_cell("E3", datetime.date(2002, 10, 11)), (3, "职业编码", "became_a_date")),
    ("a score as a date", set_cell("I3", datetime.date(2026, 8, 6)), (3, "理论成绩", "became_a_date")),
    ("a score as a time", set_cell("I3", datetime.time(8, 30)), (3, "理论成绩", "wrong_type")),
    ("a date as a number", set_cell("N3", 46305, number_format="General"), (3, "发证日期", "not_a_date")),
    (
        "a date with a time",
        set_cell("N3", EIGHT_THIRTY),
        (3, "发证日期", "not_a_date"),
    ),
    ("a formula", set_cell("J3", "=I3"), (3, "专业能力成绩", "formula")),
    ("a formula that calls out", set_cell("B3", '=WEBSERVICE("http://x")'), (3, "姓名", "formula")),
    ("an error value", set_cell("B3", "#N/A", data_type="e"), (3, "姓名", "error_value")),
    ("a formula beside the table", set_cell("S3", "=1+1"), (3, "S 列", "formula")),
    ("a value beside the table", set_cell("Q3", "备注"), (3, "Q 列", "stray_cell")),
    (
        "a merged cell",
        lambda workbook: workbook[RESULTS].merge_cells("P3:P4"),
        (3, "更正原因", "merged_cells"),
    ),
    (
        "a heading merged",
        lambda workbook: workbook[RESULTS].merge_cells("O1:P1"),
        (1, "O 列", "merged_cells"),
    ),
    ("an unknown heading", set_cell("Q1", "身份证"), (1, "Q 列", "unknown_heading")),
    ("a heading twice", set_cell("Q1", "姓名"), (1, "Q 列", "repeated_heading")),
    ("an issuer as a number", set_cell("B1", 2, HEAD), (None, "评价机构代码", "numeric_cell")),
    ("a site that lost its zeros", set_cell("B2", 2, HEAD), (None, "站点代码", "numeric_cell")),
    ("a formula in the head", set_cell("B4", "=TODAY()", HEAD), (None, "考核开始日期", "formula")),
    ("something else in the head", set_cell("A8", "联系人", HEAD), (None, "考核信息!A8", "unknown_heading")),
    ("a note in the head", set_cell("C3", "辽宁", HEAD), (None, "考核省份代码", "stray_cell")),
    ("a head twice", set_cell("A8", "站点代码", HEAD), (None, "考核信息!A8", "repeated_heading")),
    ("a missing head", set_cell("A3", None, HEAD), (None, "考核省份代码", "missing_heading")),
    ("a missing column", set_cell("D1", None), (None, "证件号码", "missing_heading")),
]


@pytest.mark.parametrize(
    ("change", "expected"), [case[1:] for case in SPOILT_CELLS], ids=[case[0] for case in SPOILT_CELLS]
)
def test_a_spoilt_cell_is_named_by_line_and_heading(change, expected):
    faults = read(edited(change)).faults

    assert expected in places_and_codes(faults)
    assert {fault.code for fault in faults} <= {
        expected[2],
        "missing_heading",
        "stray_cell",
        "unknown_heading",
    }
    assert all(fault.remedy for fault in faults)


def test_the_number_that_was_seen_is_told():
    content = read(edited(set_cell("D3", 110105194912310021)))

    assert content.faults[0].value.startswith("1.101051949123")
    assert Column.ID_NUMBER not in content.rows[1].cells


def hide_row(workbook):
    workbook[RESULTS].row_dimensions[3].hidden = True


def hide_column(workbook):
    workbook[RESULTS].column_dimensions["J"].hidden = True


def filter_rows(workbook):
    workbook[RESULTS].auto_filter.ref = "A1:P4"
    workbook[RESULTS].row_dimensions[2].hidden = True


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (hide_row, (3, "序号", "hidden_row")),
        (filter_rows, (2, "序号", "hidden_row")),
        (hide_column, (1, "J 列", "hidden_column")),
    ],
)
def test_what_the_clerk_can_not_see_is_not_handed_in(change, expected):
    assert places_and_codes(read(edited(change)).faults) == [expected]


def test_hidden_emptiness_is_nobodys_fault():
    def change(workbook):
        workbook[RESULTS].row_dimensions[90].hidden = True
        workbook[RESULTS].column_dimensions["Z"].hidden = True

    assert read(edited(change)).faults == ()


def rename(workbook):
    workbook[RESULTS].title = "成绩 (2)"


def copy(workbook):
    workbook.copy_worksheet(workbook[RESULTS])


def hide_sheet(workbook):
    workbook[HEAD].sheet_state = "hidden"


def hide_sheet_well(workbook):
    workbook[HEAD].sheet_state = "veryHidden"


def remove(workbook):
    del workbook[HEAD]


def far_cell(workbook):
    workbook[RESULTS]["XFD1048576"] = "x"


def far_formula(workbook):
    workbook[RESULTS]["AA1"] = "=1"


def low_cell(workbook):
    workbook[RESULTS]["A100002"] = "x"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (rename, "unknown_sheet"),
        (copy, "unknown_sheet"),
        (hide_sheet, "hidden_sheet"),
        (hide_sheet_well, "hidden_sheet"),
        (remove, "missing_sheet"),
        (far_cell, "too_many_cells"),
        (far_formula, "too_many_cells"),
        (low_cell, "too_many_cells"),
        (lambda workbook: setattr(workbook, "epoch", EPOCH_1904), "dates_of_1904"),
    ],
)
def test_a_workbook_of_another_shape_is_refused_as_a_whole(change, code):
    with pytest.raises(ContentUnreadable) as refusal:
        read(edited(change))

    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b'r="B3"', b'r="XFD3"', "too_many_cells"),
        (b'r="B3"', b'r="A3"', "broken_workbook"),
        (b'r="B3"', b'r="B4"', "broken_workbook"),
        (b'r="B3"', b'r="b3"', "broken_workbook"),
        (b'r="B3"', b'r="B99999999999"', "broken_workbook"),
        (b'<row r="3"', b'<row r="2"', "broken_workbook"),
        (b'<row r="3"', b'<row r="x"', "broken_workbook"),
        (b'<c r="B3"', b'<c r="A4"/><c r="B3"', "broken_workbook"),
        (b'<c r="B3"', b'<c r="B3"><c r="XFD9"/></c><c r="C3"', "broken_workbook"),
        (b'<c r="B3"', b'<c r="B3"><row r="9"/></c><c r="C3"', "broken_workbook"),
        (b't="n"', b't="unknown"', "broken_workbook"),
        (
            b"</sheetData>",
            b'</sheetData><mergeCell ref="A1"/>' + b'<mergeCell ref="A1"/>' * 1000,
            "too_many_cells",
        ),
        (b"<sheetData>", b'<sheetFormatPr zeroHeight="1"/><sheetData>', "hidden_sheet"),
        (b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="x"/></mergeCells>', "broken_workbook"),
    ],
)
def test_a_sheet_that_two_readers_could_read_in_two_ways_is_refused(old, new, code):
    with pytest.raises(ContentUnreadable) as refusal:
        read(replaced(SHEET, old, new))

    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        (RELATIONS, b'Id="rId2"', b'Id="rId1"'),
        (RELATIONS, b"/xl/worksheets/sheet2.xml", b"/xl/worksheets/sheet9.xml"),
        (RELATIONS, b"/xl/worksheets/sheet2.xml", b"../xl/worksheets/sheet2.xml"),
        (WORKBOOK, b'r:id="rId2"', b'r:id="rId9"'),
        (WORKBOOK, b'r:id="rId2"', b'id="rId1" r:id="rId2"'),
        (WORKBOOK, b"<sheets>", b"<sheets"),
    ],
)
def test_a_workbook_whose_sheets_are_not_plain_to_find_is_refused(part, old, new):
    with pytest.raises(ContentUnreadable) as refusal:
        read(replaced(part, old, new))

    assert refusal.value.code == "broken_workbook"


def test_a_workbook_without_its_list_of_sheets_is_refused():
    with pytest.raises(ContentUnreadable) as refusal:
        read(repacked(lambda parts: parts.pop(WORKBOOK)))

    assert refusal.value.code == "broken_workbook"


def test_a_shared_text_that_is_not_there_is_refused():
    with pytest.raises(ContentUnreadable) as refusal:
        read(replaced(SHEET, b't="s"><v>', b't="s"><v>9999', with_shared_texts(good_workbook())))

    assert refusal.value.code == "broken_workbook"


def test_one_long_text_in_many_cells_does_not_grow_without_end():
    rows = b"".join(
        b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (line, line) for line in range(5, 5000)
    )
    content = replaced(SHEET, b"</sheetData>", rows + b"</sheetData>", with_shared_texts(good_workbook()))
    content = replaced(SHARED, b"<si><t>", b"<si><t>" + b"x" * 32_000, content)

    with pytest.raises(ContentUnreadable) as refusal:
        read(content)

    assert refusal.value.code == "too_many_cells"


def test_a_false_dimension_costs_nothing():
    content = edited(lambda workbook: None)

    assert (
        read(replaced(SHEET, b'<dimension ref="A1:P4"', b'<dimension ref="A1:XFD1048576"', content)).faults
        == ()
    )


def test_all_ways_of_writing_are_read_alike():
    written = read(good_workbook())

    assert read(edited(lambda workbook: None)) == written
    assert read(with_shared_texts(good_workbook())) == written


def test_labels_become_codes():
    cells = read(good_workbook()).rows[0].cells

    assert cells[Column.ID_TYPE] == "resident_id"
    assert cells[Column.LEVEL] == "intermediate"
    assert cells[Column.EDITION] == "1"


@pytest.mark.parametrize(
    ("place", "value", "column", "text"),
    [
        ("A3", 2, Column.ROW, "2"),
        ("A3", "2", Column.ROW, "2"),
        ("A3", 2.5, Column.ROW, "2.5"),
        ("B3", " 张三 ", Column.NAME, " 张三 "),
        ("B3", "=张三", Column.NAME, None),
        ("C3", " 护照 ", Column.ID_TYPE, "passport"),
        ("D3", "12E4567", Column.ID_NUMBER, "12E4567"),
        ("C3", "台湾居民居住证", Column.ID_TYPE, "residence_permit"),
        ("C3", "学生证", Column.ID_TYPE, "学生证"),
        ("F3", "2022版", Column.EDITION, "2"),
        ("F3", 2, Column.EDITION, "2"),
        ("I3", 86, Column.THEORY, "86"),
        ("I3", 86.5, Column.THEORY, "86.5"),
        ("I3", 86.55, Column.THEORY, "86.55"),
        ("I3", "86.5", Column.THEORY, "86.5"),
        ("I3", 1e300, Column.THEORY, "1e+300"),
        ("N3", datetime.date(2026, 11, 9), Column.ISSUED_ON, "2026-11-09"),
        ("N3", MIDNIGHT, Column.ISSUED_ON, "2026-11-09"),
        ("N3", "2026-11-09", Column.ISSUED_ON, "2026-11-09"),
        ("N3", "   ", Column.ISSUED_ON, ""),
    ],
)
def test_a_cell_is_read_as_the_text_it_stands_for(place, value, column, text):
    assert read(edited(set_cell(place, value))).rows[1].cells.get(column) == text


def test_headings_may_stand_in_any_order_and_hold_blanks():
    def change(workbook):
        sheet = workbook[RESULTS]
        for line in range(1, 5):
            sheet.cell(line, 2).value, sheet.cell(line, 4).value = (
                sheet.cell(line, 4).value,
                sheet.cell(line, 2).value,
            )
        sheet["D1"] = " 姓 名\u3000"

    content = read(edited(change))

    assert content.faults == ()
    assert content.rows == read(good_workbook()).rows


def test_columns_that_may_be_empty_may_be_missing():
    def change(workbook):
        workbook[RESULTS].delete_cols(11, 6)

    content = read(edited(change))

    assert content.faults == ()
    assert content.rows[0].cells[Column.CORRECTS] == ""
    # What they said may still be asked for: a file from before the commitment came is refused row by row.
    assert places_and_codes(faults_of(content)) == [(line, "告知承诺", "no_commitment") for line in (2, 3, 4)]


def test_empty_lines_are_passed_over_and_lines_keep_their_number():
    def change(workbook):
        workbook[RESULTS].insert_rows(3, 2)

    assert [line.place for line in read(edited(change)).rows] == [2, 5, 6]


def test_notes_and_rules_for_drop_downs_are_no_values():
    def change(workbook):
        workbook.create_sheet("填写说明")["A1"] = "=1+1"
        rule = DataValidation(type="custom", formula1="LEN(B2)>1")
        workbook[RESULTS].add_data_validation(rule)
        rule.add("B2:B9")

    assert read(edited(change)).faults == ()


def test_a_name_that_looks_like_a_formula_is_text_when_the_cell_is_text():
    content = read_as_workbook(form(row(1, name="=张三")))

    assert content.faults == ()
    assert content.rows[0].cells[Column.NAME] == "=张三"


def with_faults_column(*cells, heading="错误说明"):
    """Return the change that puts a column behind the others, with a heading and cells below it."""

    def change(workbook):
        for line, value in enumerate((heading, *cells), start=1):
            workbook[RESULTS].cell(line, 17).value = value

    return change


def with_looks(workbook):
    with_faults_column("第 2 行：姓名有误", "=1+1")(workbook)
    sheet = workbook[RESULTS]
    sheet["Q4"].value, sheet["Q4"].data_type = "#N/A", "e"
    sheet["B2"].fill = PatternFill("solid", fgColor="FF0000")
    sheet["B2"].comment = Comment("姓名有误", "登记系统")
    sheet["Q9"] = "没有这一行"
    sheet.merge_cells("Q5:Q7")
    sheet.column_dimensions["Q"].hidden = True


def test_what_the_register_told_the_clerk_in_his_sheet_is_passed_over():
    told = read(edited(with_looks))

    assert told.faults == ()
    assert told.rows == read(good_workbook()).rows


def test_a_merged_cell_that_reaches_out_of_the_faults_column_is_told():
    def change(workbook):
        with_faults_column("错")(workbook)
        workbook[RESULTS].merge_cells("Q2:R3")

    assert places_and_codes(read(edited(change)).faults) == [(2, "错误说明", "merged_cells")]


def test_only_the_heading_makes_a_column_one_of_faults():
    (heading, stray) = read(edited(with_faults_column("错", heading="错误说明2"))).faults

    assert (heading.code, stray.code) == ("unknown_heading", "stray_cell")


def test_the_exam_sheet_may_speak_for_every_row_that_is_silent():
    def change(workbook):
        head, results = workbook[HEAD], workbook[RESULTS]
        for line, cells in enumerate(
            (("职业编码", "2-02-10-10"), ("大典版本", "2015版"), ("等级", "高级")), start=7
        ):
            head.cell(line, 1).value, head.cell(line, 2).value = cells
        for place in ("E2", "F2", "H2", "G2"):
            results[place] = None

    first, second, _ = read(edited(change)).rows

    assert [first.cells[column] for column in COMMON] == ["2-02-10-10", "1", "senior"]
    assert [second.cells[column] for column in COMMON] == ["2-02-10-11", "1", "intermediate"]


def test_columns_that_the_exam_sheet_speaks_for_may_be_missing():
    def change(workbook):
        for line, cells in enumerate(
            (("职业编码", "2-02-10-11"), ("大典版本", "2015版"), ("等级", "中级")), start=7
        ):
            workbook[HEAD].cell(line, 1).value, workbook[HEAD].cell(line, 2).value = cells
        workbook[RESULTS].delete_cols(8)
        workbook[RESULTS].delete_cols(5, 2)

    content = read(edited(change))

    assert content.faults == ()
    assert content.rows == read(good_workbook()).rows
    assert set(content.header) == set(HEADER_COLUMNS)


def test_what_can_not_be_read_for_all_rows_is_told_once():
    def change(workbook):
        workbook[HEAD]["A7"], workbook[HEAD]["B7"] = "职业编码", datetime.date(2002, 10, 11)
        for line in range(2, 5):
            workbook[RESULTS].cell(line, 5).value = None

    content = read(edited(change))

    assert places_and_codes(content.faults) == [(None, "职业编码", "became_a_date")]
    assert places_and_codes(faults_of(content)) == [(None, "职业编码", "became_a_date")]


@pytest.mark.parametrize(
    ("place", "value", "column", "text"),
    [
        ("I3", "缺考", Column.THEORY, "absent"),
        ("J3", " 缺考 ", Column.PRACTICE, "absent"),
        ("K3", "是", Column.COMMITMENT, "true"),
        ("K3", True, Column.COMMITMENT, "true"),
        ("K3", False, Column.COMMITMENT, "False"),
        ("K3", "否", Column.COMMITMENT, "否"),
        ("L3", "培〔2026〕17", Column.TRAINING_CERTIFICATE, "培〔2026〕17"),
        ("L3", 20260017, Column.TRAINING_CERTIFICATE, None),
        ("M3", 128, Column.TRAINING_HOURS, "128"),
        ("M3", "128", Column.TRAINING_HOURS, "128"),
        ("M3", 128.5, Column.TRAINING_HOURS, "128.5"),
    ],
)
def test_a_cell_of_the_newer_columns_is_read_as_the_text_it_stands_for(place, value, column, text):
    assert read(edited(set_cell(place, value))).rows[1].cells.get(column) == text


def test_a_column_of_photos_has_no_place_in_a_workbook():
    assert (1, "Q 列", "unknown_heading") in places_and_codes(
        read(edited(with_faults_column(heading="照片"))).faults
    )
