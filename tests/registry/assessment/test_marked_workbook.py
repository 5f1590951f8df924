"""A refused submission comes back as a workbook with each fault where it is to be mended, and is read when it is."""

import io
import time
import zipfile

import pytest
from openpyxl import load_workbook

from registry.assessment.content import Column
from registry.assessment.fault import MAX_FAULTS, Fault
from registry.assessment.marked_sheets import MAX_NOTES
from registry.assessment.marked_summary import MAX_LISTED
from registry.assessment.marked_workbook import marked_workbook
from registry.assessment.reading import WORKBOOK_MEDIA_TYPE, read_content
from registry.assessment.sheet_cells import AUTHOR, MAX_CELL_CHARACTERS
from registry.assessment.workbook_form import (
    EXAM_SHEET,
    FAULTS_HEADING,
    HEADINGS,
    RESULTS_SHEET,
    SUMMARY_SHEET,
)
from tests.registry.assessment.csv_files import good_text, read_as_csv
from tests.registry.assessment.csv_files import read as read_csv
from tests.registry.assessment.submissions import (
    checked,
    faults_of,
    form,
    places_and_codes,
    read_as_json,
    read_as_workbook,
    resident_id,
    row,
)
from tests.registry.assessment.test_large_submissions import many_rows
from tests.registry.assessment.workbooks import edited

READERS = {"json": read_as_json, "workbook": read_as_workbook, "csv": read_as_csv}
RED = "00FFC7CE"
SPOILT = form(
    row(1),
    row(2, id_number="2.10102E+17", theory="101"),
    row(3),
    row(4, name="=HYPERLINK(1)", level="master"),
    row(5),
)


def marked(document, reader=read_as_workbook, **options):
    content = reader(document)
    return marked_workbook(content, faults_of(content), **options)


def opened(workbook):
    return load_workbook(io.BytesIO(workbook))


def read(workbook):
    return read_content(workbook, WORKBOOK_MEDIA_TYPE)


def cell(workbook, column, line):
    sheet = opened(workbook)[RESULTS_SHEET]
    (found,) = [heading for heading in sheet[1] if heading.value == HEADINGS.get(column, column)]
    return sheet.cell(line, found.column)


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_whatever_came_the_faults_stand_in_the_same_cells(reader):
    workbook = marked(SPOILT, reader)

    for column, line in ((Column.ID_NUMBER, 3), (Column.THEORY, 3), (Column.NAME, 5), (Column.LEVEL, 5)):
        assert cell(workbook, column, line).fill.fgColor.rgb == RED
    assert cell(workbook, Column.NAME, 3).fill.fgColor.rgb != RED
    assert opened(workbook).sheetnames == [SUMMARY_SHEET, EXAM_SHEET, RESULTS_SHEET]


def test_a_note_says_what_is_wrong_and_how_to_mend_it():
    note = cell(marked(SPOILT), Column.THEORY, 3).comment

    assert note.author == AUTHOR
    assert note.text.startswith("成绩超过 100 分。请填写 0 到 100。")


def test_the_last_column_says_all_that_is_wrong_with_a_row():
    workbook = marked(SPOILT)
    sheet = opened(workbook)[RESULTS_SHEET]

    assert sheet.cell(1, sheet.max_column).value == FAULTS_HEADING
    words = cell(workbook, FAULTS_HEADING, 3).value.split("\n")
    assert words[0].startswith("证件号码：")
    assert words[1] == "理论成绩：成绩超过 100 分。请填写 0 到 100。"
    assert cell(workbook, FAULTS_HEADING, 4).value is None


@pytest.mark.parametrize("column", ["照片", "photo"])
def test_the_summary_says_where_photos_are_mended(column):
    fault = Fault(
        row=2, column=column, value="1.jpg", code="photo_empty", message="照片文件是空的", remedy="请重新导出"
    )
    workbook = marked_workbook(read_as_workbook(form(row(1))), [fault])
    told = [line[0] for line in opened(workbook)[SUMMARY_SHEET].iter_rows(values_only=True)]

    assert "照片的错误在照片压缩包中改正，改好后重新上传压缩包。" in told
    assert not any(
        "压缩包" in str(line[0]) for line in opened(marked(SPOILT))[SUMMARY_SHEET].iter_rows(values_only=True)
    )


def test_the_summary_counts_kinds_and_lists_faults():
    lines = [list(line) for line in opened(marked(SPOILT))[SUMMARY_SHEET].iter_rows(values_only=True)]

    assert lines[0][0] == f"{SUMMARY_SHEET}：4 处，涉及 2 行"
    assert [1, "理论成绩", "101", "成绩超过 100 分", "请填写 0 到 100"] in lines
    assert [3, "理论成绩", "101", "成绩超过 100 分", "请填写 0 到 100"] in lines


def test_the_first_two_hundred_are_listed_and_the_rest_counted():
    document = form(*({**good, "theory": "101"} for good in many_rows(MAX_LISTED + 50)))
    sheet = opened(marked(document))[SUMMARY_SHEET]
    lines = list(sheet.iter_rows(values_only=True))

    assert lines[0][0].startswith(f"{SUMMARY_SHEET}：{MAX_LISTED + 50} 处")
    assert sum(line[3] == "成绩超过 100 分" for line in lines) == MAX_LISTED + 1
    assert f"以上列出前 {MAX_LISTED} 处" in lines[-1][0]


def test_faults_of_the_head_and_of_the_file_stand_with_the_exam():
    content = read_as_workbook(form(site="000009", exam_ended_on="2026/11/8"))
    sheet = opened(marked_workbook(content, faults_of(content)))[EXAM_SHEET]
    lines = {line[0].value: line[1] for line in sheet}

    assert lines["站点代码"].fill.fgColor.rgb == RED
    assert lines["站点代码"].comment.text
    assert lines["评价机构代码"].comment is None
    words = [line[1].value for line in sheet if line[0].value == FAULTS_HEADING]
    assert words[0].startswith("站点代码：")
    assert words[1].startswith("考核结束日期：")


def test_a_missing_column_is_marked_at_its_heading_and_told_with_the_exam():
    content = read_csv(good_text().replace("证件号码", "").encode())
    workbook = marked_workbook(content, faults_of(content))

    assert cell(workbook, Column.ID_NUMBER, 1).fill.fgColor.rgb == RED
    words = [line[1].value for line in opened(workbook)[EXAM_SHEET] if line[0].value == FAULTS_HEADING]
    assert any(text.startswith("证件号码：") for text in words)


@pytest.mark.parametrize("reader", [read_as_workbook, read_as_csv])
def test_the_workbook_is_read_again_with_the_same_faults(reader):
    document = {
        **SPOILT,
        "rows": [{**line, "name": line["name"].replace("=", "<")} for line in SPOILT["rows"]],
    }
    content = reader(document)
    again = read(marked_workbook(content, faults_of(content)))

    assert again.header == content.header
    assert again.rows == content.rows
    assert places_and_codes(faults_of(again)) == places_and_codes(faults_of(content))


def test_a_cell_of_a_csv_that_could_not_be_read_says_what_was_seen():
    assert cell(marked(SPOILT, read_as_csv), Column.NAME, 5).value == "=HYPERLINK(1)"


def mend(workbook):
    sheet = workbook[RESULTS_SHEET]
    for line in sheet.iter_rows(min_row=2):
        number = line[0].value
        if number in (2, 4):
            line[1].value = f"张三{chr(0x4E00 + number)}"
            line[3].value = resident_id(number)
            line[7].value = "中级"
            line[8].value = 86.5


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_mended_it_is_accepted_as_it_is(reader):
    mended = edited(mend, marked(SPOILT, reader))

    assert checked(read(mended)) == checked(read_as_json(form(*(row(n) for n in range(1, 6)))))


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_faulty_rows_alone_are_mended_and_accepted(reader):
    workbook = marked(SPOILT, reader, only_faulty=True)
    summary = list(opened(workbook)[SUMMARY_SHEET].iter_rows(values_only=True))

    assert [line.cells[Column.ROW] for line in read(workbook).rows] == ["2", "4"]
    assert checked(read(edited(mend, workbook))) == checked(read_as_json(form(row(2), row(4))))
    assert any("原行号" in line for line in summary)


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_faulty_rows_that_no_correction_can_name_are_told_and_left_out(reader):
    twice = {**row(4), "row": 3}
    content = reader(form(row(1, theory="101"), {**row(2), "row": 0}, row(3, theory="101"), twice, row(5)))
    workbook = marked_workbook(content, faults_of(content), only_faulty=True)
    summary = list(opened(workbook)[SUMMARY_SHEET].iter_rows(values_only=True))

    assert [line.cells[Column.ROW] for line in read(workbook).rows] == ["1"]
    (told,) = [line[0] for line in summary if line[0] and "不在本文件中" in str(line[0])]
    assert told.startswith("另有 3 行有错误")
    assert told.endswith("请在原文件中改正，重新提交整个文件。")
    # Of those no line of this workbook is named, which would be another row's.
    assert {line[0] for line in summary if line[2] in ("0", "3")} <= {None, 1, 2}


def test_faults_of_the_whole_file_are_told_with_the_faulty_rows_alone():
    text = good_text().replace("理论成绩", "理论", 1)
    content = read_csv(text.encode())
    whole, faulty = (
        list(opened(marked_workbook(content, faults_of(content), only_faulty=only))[SUMMARY_SHEET].values)
        for only in (False, True)
    )

    assert not any("整个文件的" in str(line[0]) for line in whole)
    assert any("整个文件的" in str(line[0]) for line in faulty)


def test_rows_keep_their_lines_over_empty_ones():
    def leave_empty(workbook):
        workbook[RESULTS_SHEET].insert_rows(3, 2)
        workbook[RESULTS_SHEET]["I6"] = 101

    content = read(edited(leave_empty))
    again = read(marked_workbook(content, faults_of(content)))

    assert [line.place for line in again.rows] == [2, 5, 6]
    assert again.rows == content.rows


def test_what_has_become_of_our_words_does_not_matter():
    def change(workbook):
        sheet = workbook[RESULTS_SHEET]
        places = {heading.value: heading.column_letter for heading in sheet[1]}
        column = places[FAULTS_HEADING]
        sheet[f"{column}3"] = "=1+1"
        sheet[f"{column}4"] = "#N/A"
        sheet[f"{column}60"] = "已改"
        sheet.column_dimensions[column].hidden = True
        workbook[EXAM_SHEET]["A9"], workbook[EXAM_SHEET]["B9"] = FAULTS_HEADING, "=A1"
        workbook[SUMMARY_SHEET]["A1"] = "=1+1"
        workbook[SUMMARY_SHEET].sheet_state = "hidden"
        mend(workbook)

    assert checked(read(edited(change, marked(SPOILT)))).rows


DANGEROUS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    '=cmd|" /C calc"!A0',
    '=HYPERLINK("http://x")',
    "'=1",
]


@pytest.mark.parametrize("text", DANGEROUS)
def test_nothing_is_ever_a_formula(text):
    columns = {
        "name": text,
        "id_number": text,
        "occupation": text,
        "reason": text,
        "corrects": text,
        "direction": text,
    }
    document = form(
        row(1, theory=text, practice=text, issued_on=text, level=text, **columns), issuer=text, site=text
    )
    workbook = marked(document, read_as_json)
    with zipfile.ZipFile(io.BytesIO(workbook)) as parts:
        sheets = [parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]

    assert not any(b"<f>" in sheet or b"<f " in sheet for sheet in sheets)
    assert all(found.data_type != "f" for sheet in opened(workbook) for line in sheet for found in line)
    assert not any(fault.code == "formula" for fault in read(workbook).faults)
    found = cell(workbook, Column.NAME, 2)
    assert found.value == text.replace("\r", "[U+000D]")
    assert found.quotePrefix == (text[0] != "'")


@pytest.mark.parametrize(
    "text",
    [
        "张\0三",
        "\x01\x1f",
        "\ufffe\uffff",
        "\x7f\x85",
        "_x0041_",
        "&<>\"']]>",
        "\U0010ffff",
        "行\n行",
        "a" * 1000,
    ],
    ids=ascii,
)
def test_what_a_workbook_can_not_hold_is_written_so_that_it_can(text):
    workbook = marked(form(row(1, name=text, reason=text)), read_as_json)

    assert len(cell(workbook, Column.NAME, 2).value) <= MAX_CELL_CHARACTERS
    assert read(workbook).rows


def test_a_code_that_two_labels_have_is_written_as_the_first():
    workbook = marked(form(row(1, id_type="residence_permit")), read_as_json)

    assert cell(workbook, Column.ID_TYPE, 2).value == "港澳台居民居住证"


def test_more_faults_than_are_told_are_counted_and_notes_have_a_bound():
    rows = [{**good, "theory": "x", "practice": "x", "level": "x"} for good in many_rows(7_000)]
    content = read_as_json(form(*rows))
    faults = faults_of(content)
    workbook = opened(marked_workbook(content, faults))

    assert len(faults) == MAX_FAULTS + 1
    assert any("另有 1000 处" in str(line[0]) for line in workbook[SUMMARY_SHEET].iter_rows(values_only=True))
    noted = sum(found.comment is not None for line in workbook[RESULTS_SHEET] for found in line)
    assert MAX_NOTES <= noted <= MAX_NOTES + 3


def test_the_headings_stay_in_sight():
    sheet = opened(marked(SPOILT))[RESULTS_SHEET]

    assert sheet.freeze_panes == "C2"
    assert sheet.print_title_rows == "$1:$1"


def test_ten_thousand_rows_with_three_thousand_faults_are_marked_in_seconds():
    rows = [{**good, "theory": "101"} if good["row"] % 3 == 0 else good for good in many_rows(10_000)]
    content = read_as_json(form(*rows))
    faults = faults_of(content)
    before = time.process_time()
    workbook = marked_workbook(content, faults)

    assert time.process_time() - before < 20
    assert len(workbook) < 4_000_000
