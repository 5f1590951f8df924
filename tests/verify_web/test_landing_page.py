"""The QR's page as the server hands it out, and the check for browsers without script."""

import json
import re

import pytest

from signing.link import qr_text
from tests.distribution.repository import repository, root_keys, write
from tests.vectors import world
from verify_web import answer
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


def test_the_page_pins_the_root_and_carries_its_texts(visitor):
    page = visitor.get("/v").text
    data = re.search(r'<script type="application/json" id="settings">(.*?)</script>', page, re.DOTALL)
    assert data is not None
    settings = json.loads(data[1])
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
