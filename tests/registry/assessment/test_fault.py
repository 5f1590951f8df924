"""A fault says where, what and how to mend it, and shows nothing that could mislead."""

import pytest

from registry.assessment.errors import SubmissionRefused
from registry.assessment.fault import MAX_FAULTS, Fault, FaultList
from registry.shown_text import shown

FAULT = Fault(7, "证件号码", "11010519491231002Y", "wrong_check_digit", "校验码不符", "请核对")


def test_a_fault_reads_as_one_line():
    assert FAULT.text == "第 7 行“证件号码”：校验码不符（填写值：11010519491231002Y）。请核对。"


def test_a_fault_of_the_whole_file_names_no_place():
    assert Fault(None, None, "", "not_json", "不是 JSON", "请检查").text == "不是 JSON。请检查。"


def test_a_fault_goes_to_json_field_by_field():
    assert FAULT.to_json() == {
        "row": 7,
        "column": "证件号码",
        "value": "11010519491231002Y",
        "code": "wrong_check_digit",
        "message": "校验码不符",
        "remedy": "请核对",
    }


def test_the_text_of_the_refusal_quotes_nothing_that_was_typed():
    assert "11010519491231002Y" not in str(SubmissionRefused([FAULT]))
    assert "11010519491231002Y" not in repr(SubmissionRefused([FAULT]))


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("张三", "张三"),
        ("张\u202e三", "张[U+202E]三"),
        ("a\x00\x1b[31m\nb", "a[U+0000][U+001B][31m[U+000A]b"),
        ("\ud800", "[U+D800]"),
        ("\ue863", "[U+E863]"),
        ("辻\U000e0100", "辻[U+E0100]"),
        ("张\U000323af", "张\U000323af"),
        ("长" * 65, "长" * 64 + "…"),
        ("", ""),
    ],
)
def test_a_value_is_shown_so_that_it_hides_nothing(value, seen):
    assert shown(value) == seen


def test_faults_come_in_the_order_of_the_file():
    faults = FaultList()
    for row in (3, None, 1, 2):
        faults.add(row, "姓名", "", code="missing", message="没有填写", remedy="请填写")

    assert [fault.row for fault in faults.told()] == [None, 1, 2, 3]


def test_a_flood_of_faults_is_counted_and_not_kept():
    faults = FaultList()
    for row in range(MAX_FAULTS + 5):
        faults.add(row, None, "", code="missing", message="没有填写", remedy="请填写")

    told = faults.told()
    assert len(faults) == MAX_FAULTS + 5
    assert len(told) == MAX_FAULTS + 1
    assert told[-1].code == "more_faults"
    assert "5 处" in told[-1].message
