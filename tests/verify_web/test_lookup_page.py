"""The look-up confirms what the visitor knows, and every miss is the same page."""

import pytest
from markupsafe import escape

from registry.certificate.lifecycle import Reason
from tests.vectors import world
from tests.verify_web.conftest import ID_NUMBER, NUMBER, public_record
from verify_web.app import create_app
from verify_web.texts import LANGUAGES

BY_NUMBER = {"by": "number", "number": NUMBER, "name": "张小明"}
BY_ID = {"by": "id", "id_type": "resident_id", "id_number": ID_NUMBER, "name": "张小明"}


def test_the_first_page_has_both_forms_and_asks_by_post(visitor):
    page = visitor.get("/").text
    assert page.count('method="post"') == 2
    assert "按证书编号查询" in page
    assert "按证件号码查询" in page


def test_a_certificate_is_found_by_number_and_name(visitor):
    page = visitor.post("/", data=BY_NUMBER)
    assert page.status_code == 200
    for shown in ("证书有效", "张小明", "大数据工程技术人员", "高级", "工业和信息化部教育与考试中心", NUMBER,
                  "2026年10月20日", "2026年11月20日 12:00 北京时间"):  # fmt: skip
        assert shown in page.text
    assert "<dt>职业方向</dt><dd>无</dd>" in page.text


def test_by_id_it_says_that_the_number_matches_and_never_shows_it(visitor):
    page = visitor.post("/", data=BY_ID).text
    assert "与您输入的一致" in page
    assert ID_NUMBER not in page


def test_by_number_nothing_is_said_of_the_id_number(visitor):
    assert "与您输入的一致" not in visitor.post("/", data=BY_NUMBER).text


@pytest.mark.parametrize(
    "typed",
    [
        {"number": "s000123000001263000001"},
        {"number": "Ｓ０００１２３０００００１２６３０００００１"},
        {"number": " S0001 23 000001 26 3\u3000000001 "},
        {"name": "\u3000张小明 "},
    ],
)
def test_writing_is_forgiven(visitor, lookup, typed):
    assert "证书有效" in visitor.post("/", data=BY_NUMBER | typed).text
    assert lookup.asked == [(NUMBER, "张小明")]


def test_an_id_number_may_be_typed_in_any_width_and_case(visitor):
    assert "证书有效" in visitor.post("/", data=BY_ID | {"id_number": " １１０１０５ 19491231 002ⅹ"}).text


@pytest.mark.parametrize(
    ("status", "words", "look"),
    [
        ("released", "证书有效", "valid"),
        ("suspended", "证书已暂停使用", "suspended"),
        ("revoked", "证书已撤销", "revoked"),
        ("superseded", "证书已被更正后的版本取代", "superseded"),
    ],
)
def test_each_status_is_said_in_words_with_its_date_and_mark(visitor, lookup, status, words, look):
    changed_on = None if status == "released" else public_record().issued_on.replace(month=11, day=3)
    lookup.records = [public_record(status=status, changed_on=changed_on)]
    page = visitor.post("/", data=BY_NUMBER).text
    assert words in page
    assert f"#mark-{look}" in page
    assert ("自 2026年11月3日 起" in page) == (changed_on is not None)


@pytest.mark.parametrize("cause", Reason)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_cause_is_said_in_words_of_both_languages(visitor, lookup, cause, language):
    changed_on = public_record().issued_on.replace(month=11, day=3)
    lookup.records = [public_record(status="revoked", changed_on=changed_on, cause=cause)]

    page = visitor.post(f"/?lang={language}", data=BY_NUMBER).text

    words = LANGUAGES[language]
    assert f"<dt>{words.say('field.cause')}</dt><dd>{escape(words.say(f'cause.{cause}'))}</dd>" in page
    assert cause not in page


def test_where_the_register_has_no_cause_none_is_said(visitor, lookup):
    lookup.records = [public_record(status="revoked", changed_on=public_record().issued_on)]

    assert "原因" not in visitor.post("/", data=BY_NUMBER).text


def test_all_certificates_of_a_person_are_shown(visitor, lookup):
    lookup.records = [public_record(), public_record(number="S000123000001262000002", direction="大数据分析")]
    page = visitor.post("/", data=BY_ID).text
    assert "共找到 2 份证书。" in page
    assert "<dt>职业方向</dt><dd>大数据分析</dd>" in page


MISSES = [
    BY_NUMBER | {"number": "S000123000001263000002"},
    BY_NUMBER | {"name": "李四"},
    BY_NUMBER | {"number": "nonsense"},
    BY_NUMBER | {"number": "1"},
    BY_NUMBER | {"name": "<script>alert(1)</script>"},
    BY_ID | {"id_number": "110105194912310020"},
    BY_ID | {"id_type": "passport"},
    BY_ID | {"name": "李四"},
]


def test_every_miss_is_the_same_byte_for_byte(visitor):
    misses = [visitor.post("/", data=asked) for asked in MISSES]
    assert {page.status_code for page in misses} == {200}
    assert len({page.data for page in misses}) == 1
    assert len({tuple(page.headers.items()) for page in misses}) == 1
    assert "常见原因" in misses[0].text
    assert "2026年11月20日 12:00" in misses[0].text


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        ({}, "请填写证书编号"),
        (BY_NUMBER | {"number": "9" * 41}, "请填写证书编号"),
        (BY_NUMBER | {"number": "A\x00B"}, "请填写证书编号"),
        (BY_NUMBER | {"number": " \u3000"}, "请填写证书编号"),
        (BY_NUMBER | {"name": ""}, "请填写持证人姓名"),
        (BY_NUMBER | {"name": "张" * 101}, "请填写持证人姓名"),
        (BY_NUMBER | {"name": "张\x1b小明"}, "请填写持证人姓名"),
        (BY_ID | {"id_type": ""}, "请选择证件类别"),
        (BY_ID | {"id_type": "driving_licence"}, "请选择证件类别"),
        (BY_ID | {"id_number": ""}, "请填写证件号码"),
        (BY_ID | {"id_number": "9" * 41}, "请填写证件号码"),
    ],
)
def test_what_can_not_be_asked_is_said_and_the_register_is_not(visitor, lookup, asked, fault):
    page = visitor.post("/", data=asked)
    assert page.status_code == 400
    assert fault in page.text
    assert lookup.asked == []


def test_the_form_comes_back_empty_so_that_nothing_typed_is_in_a_page(visitor):
    assert "李四光" not in visitor.post("/", data={"by": "number", "name": "李四光"}).text


def test_a_site_without_register_says_so(public_dir):
    visitor = create_app(None, public_dir=public_dir, root=world.root()).test_client()
    assert "证书查询暂不可用" in visitor.get("/").text
    assert visitor.post("/", data=BY_NUMBER).status_code == 503
