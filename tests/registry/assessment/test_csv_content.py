"""A CSV is read strictly: one encoding that the file proves, one grammar, one table; each fault has its place."""

import codecs
import time
from contextlib import suppress

import pytest

from registry.assessment.content import MAX_ROWS, Column
from registry.assessment.csv_content import COLUMNS
from registry.assessment.csv_template import write_csv, write_csv_template
from registry.assessment.csv_text import csv_text
from registry.assessment.errors import ContentUnreadable
from registry.assessment.reading import media_type_of
from registry.assessment.workbook_form import HEADINGS
from tests.registry.assessment.csv_files import good_text, read, read_as_csv, spoilt
from tests.registry.assessment.submissions import (
    checked,
    faults_of,
    form,
    places_and_codes,
    read_as_json,
    read_as_workbook,
    row,
)
from tests.registry.assessment.test_large_submissions import many_rows

WIDE = form(*(row(n, name=name) for n, name in enumerate(("张䶮", "买买提江·艾合买提", "𬭸㐀龥"), start=1)))


def test_a_csv_says_what_json_and_workbook_say():
    document = form(row(1), row(2, direction=None, level="senior", id_type="passport", id_number="E12345678"))

    assert (
        checked(read_as_csv(document))
        == checked(read_as_json(document))
        == checked(read_as_workbook(document))
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("line_end", ["\r\n", "\n"])
def test_three_encodings_and_two_line_ends_are_one_content(encoding, line_end):
    text = write_csv(WIDE).decode("utf-8-sig").replace("\r\n", line_end)

    assert checked(read(text.encode(encoding))) == checked(read_as_json(WIDE))


def test_gb18030_with_its_own_byte_order_mark_is_read():
    assert read(("\ufeff" + good_text()).encode("gb18030")).faults == ()


def test_the_template_is_one_line_of_the_headings_and_lacks_nothing_but_rows():
    template = write_csv_template()

    assert template.startswith(codecs.BOM_UTF8)
    assert template.decode("utf-8-sig") == ",".join(HEADINGS[column] for column in COLUMNS) + "\r\n"
    assert {fault.code for fault in faults_of(read(template))} >= {"no_rows"}
    assert read(template).faults == ()


def test_a_csv_is_known_by_its_name():
    assert media_type_of("成绩.CSV") == "text/csv"


def test_columns_may_stand_in_any_order_and_optional_ones_be_missing():
    lines = [line.split(",") for line in good_text().splitlines()]
    kept = [
        place
        for place, heading in enumerate(lines[0])
        if heading not in ("发证日期", "更正证书编号", "更正原因")
    ]
    text = "\n".join(",".join(line[place] for place in reversed(kept)) for line in lines)

    assert checked(read(text.encode())) == checked(read_as_json(form()))


def test_quoted_fields_hold_commas_quotes_and_line_breaks():
    document = form(row(1, reason='他说"改",\n再说'))

    assert read_as_csv(document).rows[0].cells[Column.REASON] == '他说"改",\n再说'


def test_every_field_may_be_quoted():
    text = "\r\n".join(
        ",".join(f'"{field}"' for field in line.split(",")) for line in good_text().splitlines()
    )

    assert checked(read(text.encode())) == checked(read_as_json(form()))


def test_a_row_is_named_by_the_line_that_excel_shows():
    lines = good_text().splitlines()
    lines[2] = lines[2].replace("86.5", "186.5")
    text = "\n".join([lines[0], lines[1][:-1] + ',"a\nb"', "", "," * lines[0].count(","), lines[2]])

    faults = faults_of(read(text.encode()))

    assert (5, "理论成绩", "score_out_of_range") in places_and_codes(faults)
    assert {fault.row for fault in faults} == {2, 5}


def test_the_column_of_faults_in_a_workbook_saved_as_csv_is_passed_over():
    lines = good_text().splitlines()
    text = "\n".join([lines[0] + ",错误说明", *(f'{line},"=错, 误"' for line in lines[1:])])

    assert read(text.encode()) == read(good_text().encode())


# What is spoilt, and the fault that is told: its row, column, code.
SPOILT_CELLS = [
    (
        "an ID that Excel made a number",
        "210102197001010024",
        "2.10102E+17",
        (3, "证件号码", "scientific_notation"),
    ),
    ("an ID as a formula", "210102197001010024", '="210102197001010024"', (3, "证件号码", "formula")),
    ("a quoted formula", "210102197001010024", '"=""210102197001010024"""', (3, "证件号码", "formula")),
    ("a formula with a comma", "210102197001010024", '="2,1"', (3, "证件号码", "formula")),
    ("a call", "张三丂", "=CMD()", (3, "姓名", "formula")),
    ("an apostrophe", "210102197001010024", "'210102197001010024", (3, "证件号码", "leading_apostrophe")),
    ("a long field", "张三丂", "张" * 1001, (3, "姓名", "too_long")),
    ("a date of Excel's", "2026-11-08,,1,", "2026/11/8,,1,", (None, "考核结束日期", "not_a_date")),
    (
        "a site without its zeros",
        "000002,21,2026-11-07,2026-11-08,,1,",
        "2,21,2026-11-07,2026-11-08,,1,",
        (None, "站点代码", "unknown_site"),
    ),
    ("a formula in the head", "S0002", '="S0002"', (None, "评价机构代码", "formula")),
    ("another exam", "2026-11-08,,3,", "2026-11-09,,3,", (4, "考核结束日期", "differing_head")),
    (
        "another body",
        "S0002,000002,21,2026-11-07,2026-11-08,,2,",
        "S0003,000002,21,2026-11-07,2026-11-08,,2,",
        (3, "评价机构代码", "differing_head"),
    ),
    (
        "a head that is missing in a row",
        "S0002,000002,21,2026-11-07,2026-11-08,,2,",
        ",000002,21,2026-11-07,2026-11-08,,2,",
        (3, "评价机构代码", "differing_head"),
    ),
    ("a field too many", "2026-11-08,,2,", "2026-11-08,,2,,", (3, None, "ragged_row")),
    ("a field too few", "2026-11-08,,2,", "2026-11-08,2,", (3, None, "ragged_row")),
    ("an unknown heading", "姓名", "名字", (1, "H 列", "unknown_heading")),
    ("a missing heading", "证件号码", "", (None, "证件号码", "missing_heading")),
    ("a missing heading of the head", "站点代码", "", (None, "站点代码", "missing_heading")),
    ("a heading twice", "更正原因", "姓名", (1, "V 列", "repeated_heading")),
    ("a value without heading", "证件号码", "", (2, "J 列", "stray_cell")),
    ("an invisible character", "张三丂", "张\u200b三", (3, "姓名", "invisible_character")),
    ("private use in UTF-8", "张三丂", "张\ue863", (3, "姓名", "private_use")),
]


@pytest.mark.parametrize(
    ("old", "new", "expected"), [case[1:] for case in SPOILT_CELLS], ids=[case[0] for case in SPOILT_CELLS]
)
def test_a_spoilt_cell_is_named_by_line_and_heading(old, new, expected):
    faults = faults_of(read(spoilt(old, new).encode()))

    assert expected in places_and_codes(faults)
    assert all(fault.message and fault.remedy for fault in faults)


# Bytes put in place of the second name, as GB 18030.
UNREAD = [
    (b"\xd5\xc5\xfe\x59", "ambiguous_bytes", "FE 59", "U+9FB4"),
    (b"\xd5\xc5\x82\x35\x90\x37", "ambiguous_bytes", "82 35 90 37", "U+9FB4"),
    (b"\xd5\xc5\xfe\x51", "ambiguous_bytes", "FE 51", "U+20087"),
    (b"\xd5\xc5\xa8\xbc", "ambiguous_bytes", "A8 BC", "U+1E3F"),
    (b"\xd5\xc5\xaa\xa1", "private_use", "AA A1", "U+E000"),
    (b"\xd5\xc5\xff", "undecodable_bytes", "FF", ""),
    (b"\xd5\xc5\xb0", "undecodable_bytes", "B0", ""),
    (b"\xd5\xc5\x84\x31\xa5\x30", "undecodable_bytes", "84 31 A5 30", ""),
]


@pytest.mark.parametrize(("name", "code", "in_hex", "said"), UNREAD, ids=[case[2] for case in UNREAD])
def test_bytes_that_are_not_certain_are_told_by_row_column_and_hex(name, code, in_hex, said):
    content = good_text().encode("gb18030").replace("张三丂".encode("gb18030"), name)

    (fault,) = faults_of(read(content))

    assert (fault.row, fault.column, fault.code) == (3, "姓名", code)
    assert in_hex in fault.message
    assert said in fault.message
    assert fault.value == f"张[{in_hex}]"
    assert "CSV UTF-8" in fault.remedy


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_one_damaged_byte_of_utf8_is_told_where_it_stands(mark):
    content = mark + good_text().encode().replace("丂".encode(), b"\xff")

    (fault,) = faults_of(read(content))

    assert (fault.row, fault.column, fault.code) == (3, "姓名", "undecodable_bytes")
    assert "FF" in fault.message


def test_private_use_in_damaged_utf8_is_told_too():
    content = good_text().encode().replace("丂".encode(), "\ue863".encode()).replace("丁".encode(), b"\xff")

    assert [(fault.row, fault.code) for fault in faults_of(read(content))] == [
        (2, "undecodable_bytes"),
        (3, "private_use"),
    ]


def test_what_is_valid_as_utf8_is_utf8():
    content = "姓名,张三\r\n".encode()

    assert content.decode("gb18030") != content.decode("utf-8")
    assert csv_text(content)[0] == "姓名,张三\r\n"


LONG_LINE = "a" * 2_000_000
UNREADABLE = [
    ("nothing", b"", "empty_file"),
    ("a byte order mark alone", b"\xef\xbb\xbf", "empty_file"),
    ("a byte order mark and blanks", b"\xef\xbb\xbf \r\n", "empty_file"),
    ("blanks", b" \r\n \r\n", "empty_file"),
    ("UTF-16 with mark", good_text().encode("utf-16"), "wrong_encoding"),
    (
        "UTF-16 big end first, with mark",
        codecs.BOM_UTF16_BE + good_text().encode("utf-16-be"),
        "wrong_encoding",
    ),
    ("UTF-16 without mark", good_text().encode("utf-16-le"), "wrong_encoding"),
    ("UTF-32", good_text().encode("utf-32"), "wrong_encoding"),
    ("UTF-32 without mark", good_text().encode("utf-32-be"), "wrong_encoding"),
    ("a NUL", good_text().replace("张", "\0").encode(), "wrong_encoding"),
    ("Big5", "序號,姓名\n1,張三\n".encode("big5"), "unknown_encoding"),
    ("Shift JIS", "番号,氏名\n1,山田\n".encode("shift_jis"), "unknown_encoding"),
    ("Latin 1", "numéro,nom\n1,é\n".encode("latin-1"), "unknown_encoding"),
    ("a picture", b"\x89PNG\r\n\x1a\n" + bytes(range(1, 256)) * 9, "unknown_encoding"),
    ("headings, then no text", (good_text() + "x").encode("gb18030") + b"\xff" * 20_000, "unknown_encoding"),
    ("semicolons", good_text().replace(",", ";").encode(), "wrong_separator"),
    ("tabs", good_text().replace(",", "\t").encode(), "wrong_separator"),
    ("wide commas", good_text().replace(",", "，").encode(), "wrong_separator"),
    ("a hint for Excel", ("sep=,\r\n" + good_text()).encode(), "wrong_separator"),
    ("a quote that never ends", spoilt("张三丂", '"张三丂').encode(), "unterminated_quote"),
    ("a quote that ends too early", spoilt("张三丂", '"张"三').encode(), "stray_quote"),
    ("a quote inside", spoilt("张三丂", '张"三"').encode(), "stray_quote"),
    ("a blank before a quote", spoilt("张三丂", ' "张三"').encode(), "stray_quote"),
    ("two kinds of line ends", spoilt("\r\n", "\n").encode(), "mixed_line_ends"),
    (
        "two kinds of line ends, quoted",
        spoilt("张三丂", '"张三丂"').replace("\r\n", "\n", 1).encode(),
        "mixed_line_ends",
    ),
    ("returns alone", good_text().replace("\r\n", "\r").encode(), "lone_carriage_return"),
    ("a return inside", spoilt("张三丂", "张\r三").encode(), "lone_carriage_return"),
    ("a return after a quote", spoilt("张三丂,", '"张三丂"\r,').encode(), "stray_quote"),
    (
        "a return in a bare field of a quoted line",
        spoilt("张三丂", '"张三丂",\r').encode(),
        "lone_carriage_return",
    ),
    ("too many rows", ("序号,姓名\n" + "1,张三\n" * (MAX_ROWS + 1)).encode(), "too_many_rows"),
    ("too many empty lines", (good_text().splitlines()[0] + "\n" * (MAX_ROWS + 5)).encode(), "too_many_rows"),
    ("too many columns", (good_text().rstrip() + "," * 1_000_000).encode(), "too_many_columns"),
    ("too many quoted columns", (good_text() + '"",' * 1_000_000).encode(), "too_many_columns"),
    ("too many bytes", b"a," * 9_000_000, "too_large"),
    ("quotes without end", ("序号,姓名\n" + '"' * 5_000_001).encode(), "unterminated_quote"),
    ("quoted commas without end", ('序号,姓名\n"' + "," * 5_000_000).encode(), "unterminated_quote"),
]


@pytest.mark.parametrize(
    ("content", "code"), [case[1:] for case in UNREADABLE], ids=[case[0] for case in UNREADABLE]
)
def test_a_file_that_could_be_read_in_two_ways_or_none_is_refused_with_the_remedy(content, code):
    before = time.process_time()
    with pytest.raises(ContentUnreadable) as refusal:
        read(content)

    (fault,) = refusal.value.faults
    assert fault.code == code
    assert fault.message
    assert fault.remedy
    # What grows with the square of it would take hours.
    assert time.process_time() - before < 20


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (spoilt("张三丂", '"张三丂').encode(), "第 3 行的引号没有闭合"),
        (spoilt("张三七", '张"三七').encode(), "第 4 行的引号不合规"),
        (spoilt("张三七", "张三\r七").encode(), "第 4 行"),
        (good_text().replace("张三丂", "张\0三").encode(), "第 3 行含有字节 00"),
        ("a,b\n1,2\n3,\xe9\n".encode("latin-1"), "第 3 行第 3 个字节 E9"),
    ],
)
def test_a_break_is_named_by_its_line(content, words):
    with pytest.raises(ContentUnreadable) as refusal:
        read(content)

    assert words in refusal.value.faults[0].message


def test_a_document_without_one_heading_of_ours_is_told_all_that_is_missing():
    faults = read(b"a,b\n1,2\n").faults

    assert [fault.code for fault in faults].count("unknown_heading") == 2
    assert [fault.code for fault in faults].count("missing_heading") >= 14


def test_every_cut_of_a_csv_is_read_or_refused_and_nothing_else_happens():
    for encoding in ("utf-8", "gb18030"):
        content = (good_text() + '"a""b",\r\n').encode(encoding)
        for length in range(0, len(content), 3):
            with suppress(ContentUnreadable):
                assert read(content[:length]).headings == HEADINGS


def test_ten_thousand_rows_are_read_as_their_json_is():
    document = form(*many_rows(10_000))
    before = time.process_time()
    submission = checked(read_as_csv(document))

    assert time.process_time() - before < 10
    assert submission == checked(read_as_json(document))
