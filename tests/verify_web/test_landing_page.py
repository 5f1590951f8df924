"""The QR's page as the server hands it out, and the check for browsers without script."""

import json
import os
import re
from datetime import date
from pathlib import Path

import pytest

from registry.certificate.lifecycle import Reason
from registry.publication.errors import LookupUnavailable
from signing.freshness import Freshness
from signing.link import qr_text
from signing.root_mldsa import MldsaKeys
from tests.distribution.repository import repository, root_keys, write
from tests.vectors import world
from tests.verify_web.conftest import NUMBER, FakeLookup, public_record
from verify_web import answer
from verify_web.app import create_app
from verify_web.bundle import STATUS, BundleReader
from verify_web.texts import LANGUAGES

PREFIX = "https://elsewhere.example/v#"
TOKEN = world.BASE_TOKENS["nineteen characters with U+00B7, a direction"]
CHECKED = [
    (TOKEN, "证书真实有效", True),
    (world.token(world.statement(203)), "证书已撤销", True),
    (world.token(world.statement(205)), "证书已被取代", True),
    (world.token(world.statement(206)), "证书已暂停使用", True),
    (world.token(world.statement(202)), "目前不能判断", True),
    (world.token(world.statement(201)), "不是真证书", False),
    (world.token(world.statement(), world.STRANGER), "不是真证书", False),
    (TOKEN[:-1] + bytes((TOKEN[-1] ^ 1,)), "不是真证书", False),
    (b"\x01", "不是真证书", False),
]


@pytest.mark.parametrize(("token", "headline", "shown"), CHECKED)
def test_a_pasted_address_is_checked_on_the_server(visitor, token, headline, shown):
    page = visitor.post("/v/check", data={"address": qr_text(PREFIX, token)})
    assert page.status_code == 200
    assert f"<h1>{headline}</h1>" in page.text
    assert ("<dt>姓名</dt>" in page.text) == shown


def checked(visitor, token):
    return visitor.post("/v/check", data={"address": qr_text(PREFIX, token)}).text


REVOKED, SUSPENDED = (world.token(world.statement(entry)) for entry in (203, 206))
SINCE = date(2026, 11, 3)


@pytest.mark.parametrize(
    ("token", "status", "cause", "lines"),
    [
        (REVOKED, "revoked", Reason.EXAM_FRAUD, {"撤销日期": "2026年11月3日", "原因": "考核作弊"}),
        (
            SUSPENDED,
            "suspended",
            Reason.UNDER_INVESTIGATION,
            {"暂停日期": "2026年11月3日", "原因": "正在调查"},
        ),
        (REVOKED, "revoked", None, {"撤销日期": "2026年11月3日"}),
    ],
)
def test_the_server_says_since_when_and_why(visitor, lookup, token, status, cause, lines):
    lookup.records = [public_record(status=status, changed_on=SINCE, cause=cause)]

    page = checked(visitor, token)

    for label, value in lines.items():
        assert f"<dt>{label}</dt><dd>{value}</dd>" in page
    assert ("<dt>原因</dt>" in page) == (cause is not None)
    assert lookup.asked == [(NUMBER, "张小明")]


@pytest.mark.parametrize(
    "token",
    [
        TOKEN,
        world.token(world.statement(205)),
        world.token(world.statement(201)),
        world.token(world.statement(203), world.STRANGER),
    ],
    ids=["valid", "superseded", "not issued", "forged"],
)
def test_of_anything_else_the_register_is_not_asked(visitor, lookup, token):
    checked(visitor, token)

    assert lookup.asked == []


@pytest.mark.parametrize(
    "records",
    [
        [],
        [public_record(status="released")],
        [public_record(status="suspended", changed_on=SINCE, cause=Reason.EXAM_FRAUD)],
        [public_record(status="revoked", changed_on=SINCE, cause=Reason.EXAM_FRAUD, holder_name="李四")],
    ],
    ids=["none", "in force", "another status", "another name"],
)
def test_where_the_register_says_something_else_the_status_stands_alone(visitor, lookup, records):
    lookup.records = records

    page = checked(visitor, REVOKED)

    assert "<h1>证书已撤销</h1>" in page
    assert "撤销日期" not in page
    assert "<dt>原因</dt>" not in page


def test_a_look_up_that_is_not_available_takes_nothing_from_the_verdict(public_dir):
    class Unavailable:
        def by_number(self, number, name):
            raise LookupUnavailable

    for lookup in (Unavailable(), None):
        site = create_app(lookup, public_dir=public_dir, root=world.root(), now=lambda: world.NOW)
        page = checked(site.test_client(), REVOKED)
        assert "<h1>证书已撤销</h1>" in page
        assert "撤销日期" not in page


def test_the_page_offers_to_ask_only_where_there_is_a_look_up(visitor, public_dir):
    alone = create_app(None, public_dir=public_dir, root=world.root()).test_client()

    assert 'id="ask"' in visitor.get("/v").text
    assert 'id="ask"' not in alone.get("/v").text


@pytest.mark.parametrize(
    ("age", "headline", "note"),
    [
        (2 * world.DAY - world.SECOND, "证书真实有效", False),
        (2 * world.DAY, "证书真实有效", True),
        (3 * world.DAY, "证书真实有效", True),
        (3 * world.DAY + world.SECOND, "目前不能判断", True),
    ],
    ids=str,
)
def test_server_and_page_have_the_policy_of_the_settings(public_dir, age, headline, note):
    made_at = world.status().made_at
    site = create_app(
        FakeLookup(),
        public_dir=public_dir,
        root=world.root(),
        freshness=Freshness(2, 3),
        now=lambda: made_at + age,
    )

    page = checked(site.test_client(), TOKEN)

    assert f"<h1>{headline}</h1>" in page
    assert ("已有 2 天或更久" in page) == note
    assert ("超过 3 天" in page) == (headline != "证书真实有效")
    assert settings_of(site.test_client().get("/v").text)["freshness"] == [2, 3]


def test_content_is_shown_with_the_names_of_its_codes(visitor):
    page = visitor.post("/v/check", data={"address": qr_text(PREFIX, TOKEN)}).text
    for line in (
        "阿卜杜热依木·买买提艾力江·艾合买提江",
        "大数据工程技术人员",
        "大数据分析",
        "初级",
        "工业和信息化部教育与考试中心",
        "S000123000001263000001",
        "2026年10月20日",
        "2026年11月20日 11:00 北京时间",
    ):
        assert f"<dd>{line}</dd>" in page


def test_unknown_codes_are_shown_as_codes(visitor):
    token = world.token(
        world.statement(number=b"\xc8\x01\x02", occupation=world.Occupation(1, 2021011), direction=9)
    )
    page = visitor.post("/v/check", data={"address": qr_text(PREFIX, token)}).text
    assert "证书真实有效" in page
    assert page.count("200:0102") == 2
    assert "代码 2-02-10-11" in page
    assert "代码 9" in page


def test_line_breaks_of_a_pasted_text_do_not_matter(visitor):
    text = qr_text(PREFIX, TOKEN)
    assert "证书真实有效" in visitor.post("/v/check", data={"address": f" {text[:40]}\r\n{text[40:]}\t"}).text


@pytest.mark.parametrize(
    "text", ["", "https://dte.example/v", "https://dte.example/v#abc", "#0", "#" + "9" * 7090]
)
def test_a_text_without_certificate_is_no_verdict(visitor, text):
    page = visitor.post("/v/check", data={"address": text})
    assert page.status_code == 400
    assert "这里面没有证书" in page.text
    assert "verdict" not in page.text


def test_the_page_says_that_the_text_is_sent(visitor):
    noscript = re.search(r"<noscript>(.*?)</noscript>", visitor.get("/v").text, re.DOTALL)
    assert noscript is not None
    assert "会发送到本服务器" in noscript[1]
    assert 'action="/v/check"' in noscript[1]


def test_the_page_is_given_the_part_of_the_pin_that_a_browser_can_use(public_dir):
    keys = MldsaKeys.of(1, {world.ROOTS[0].public: world.MldsaSeedKey("root 0").public})
    site = create_app(FakeLookup(), public_dir=public_dir, root=world.root(mldsa=keys))

    page = site.test_client().get("/v").text

    assert settings_of(page)["root"] == json.loads(world.root().to_json())
    assert keys.keys[0][1].hex() not in page


def settings_of(page):
    data = re.search(r'<script type="application/json" id="settings">(.*?)</script>', page, re.DOTALL)
    assert data is not None
    return json.loads(data[1])


def test_the_page_pins_the_root_and_carries_its_texts(visitor):
    settings = settings_of(visitor.get("/v").text)
    assert settings["freshness"] == [7, 30]
    assert settings["root"] == json.loads(world.root().to_json())
    assert settings["public"] == "/public/"
    assert settings["texts"] == dict(LANGUAGES["zh"].entries)


def test_a_new_status_is_seen_at_once_and_an_unreadable_one_is_no_status(public_dir):
    reader = BundleReader(public_dir, world.root())
    first = reader.bundle()
    assert reader.bundle() is first
    (public_dir / STATUS).write_bytes(b"\x00")
    assert reader.bundle().state.status_refused
    (public_dir / STATUS).unlink()
    assert reader.bundle().state.status is None


@pytest.mark.parametrize(
    "lay", [os.mkfifo, lambda path: path.symlink_to("aside"), Path.mkdir], ids=["pipe", "link", "folder"]
)
def test_what_is_no_file_is_no_status_and_keeps_nobody_waiting(public_dir, lay):
    path = public_dir / STATUS
    path.rename(path.with_name("aside"))
    lay(path)

    assert BundleReader(public_dir, world.root()).bundle().state.status is None


def test_the_server_follows_the_root_to_its_newest_version(public_dir, visitor):
    made = repository(world.NOW)
    address = {"address": qr_text(PREFIX, TOKEN)}
    assert "证书真实有效" in visitor.post("/v/check", data=address).text
    for generation in (2, 3):
        made.rotate(root_keys(generation)).publish()
        write(public_dir, made.files)
        assert "证书真实有效" in visitor.post("/v/check", data=address).text

    (public_dir / "tuf/4.root.json").write_bytes(b"{}")

    assert "目前不能判断" in visitor.post("/v/check", data=address).text


def test_without_names_the_verdict_stands(site, public_dir, visitor):
    (public_dir / "trust/names.cbor").write_bytes(b"")
    page = visitor.post("/v/check", data={"address": qr_text(PREFIX, TOKEN)}).text
    assert "证书真实有效" in page
    assert "代码 S0001" in page


def test_each_status_of_the_register_has_a_mark():
    assert set(answer.LOOKS) == {"released", "suspended", "revoked", "superseded"}
