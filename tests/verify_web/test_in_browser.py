"""The QR's page in headless Chromium: what it says, what it shows first, and that it keeps it to itself."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from registry.certificate.lifecycle import Reason
from signing.id_check import IdType, id_check
from signing.link import qr_text
from tests.distribution.repository import KEYS, NAMES, STATUS, around, write
from tests.vectors import world
from tests.verify_web.browser import NoBrowser, Served, chromium, open_browser, serve
from tests.verify_web.conftest import ID_NUMBER, NUMBER, public_record

pytestmark = pytest.mark.browser

VECTORS = Path(__file__).parents[1] / "vectors" / "ed25519" / "expected.json"
PHONE = {"width": 360, "height": 640}
DESK = {"width": 1280, "height": 900}
ID_CHECK = id_check(world.SALT, IdType.RESIDENT_ID, ID_NUMBER)
NEXT_ROOT = "/public/tuf/2.root.json"
LONG_NAME = "阿卜杜热依木·买买提艾力江·艾合买提江"


def certificate(entry: int, **changed: Any) -> bytes:
    return world.token(world.statement(entry, id_check=ID_CHECK, **changed))


VALID = certificate(100)

# What is scanned; the verdict; the words of its headline; words of its reason; whether the content is shown.
CASES = {
    "valid": (VALID, "valid", "证书真实有效", "签名属实，没有撤销", True),
    "valid-long": (
        certificate(101, holder_name=LONG_NAME, direction=3),
        "valid",
        "证书真实有效",
        "签名属实",
        True,
    ),
    "suspended": (certificate(206), "suspended", "证书已暂停使用", "可能恢复", True),
    "superseded": (certificate(205), "superseded", "证书已被取代", "以更正后的证书为准", True),
    "revoked": (certificate(203), "revoked", "证书已撤销", "不再有效", True),
    "tampered": (
        VALID.replace("张".encode(), "李".encode()),
        "not_genuine",
        "不是真证书",
        "内容被改动过",
        False,
    ),
    "unknown-key": (
        world.token(world.statement(), world.STRANGER),
        "not_genuine",
        "不是真证书",
        "从来不属于",
        False,
    ),
    "not-released": (certificate(202), "cannot_tell", "目前不能判断", "还没有发布", True),
    "malformed": (b"\x01\x02", "not_genuine", "不是真证书", "不是本系统发出的证书", False),
}


# Every text that is seen and has less than the contrast of WCAG AA to its ground.
CONTRAST = """() => {
  const channel = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = numbers(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.offsetParent) continue;
    const [a, b] = [numbers(getComputedStyle(element).color), ground(element)].map(luminance);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push([element.tagName, element.textContent.slice(0, 20), ratio]);
  }
  return faint;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def served(site: Flask) -> Iterator[Served]:
    with serve(site) as running:
        yield running


@dataclass
class Visit:
    """One page of a fresh visitor; collects what it asks for and what it complains about."""

    page: Page
    address: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def scan(self, token: bytes, *, query: str = "") -> None:
        self.page.goto(qr_text(f"{self.address}/v{query}#", token))
        expect(self.page.locator(".verdict[data-look]:not([data-look=checking])")).to_be_visible()

    def hear(self, message: ConsoleMessage) -> None:
        """Keep what the browser complains of; that there is no later root is asked and answered each time."""
        if not message.location["url"].endswith(NEXT_ROOT):
            self.complaints.append(message.text)

    def text(self) -> str:
        return self.page.locator("main").inner_text()


@pytest.fixture
def visit(browser: Browser, served: Served) -> Iterator[Visit]:
    with browser.new_context(viewport=PHONE, locale="zh-CN") as context:
        opened = Visit(context.new_page(), served.address)
        opened.page.clock.set_fixed_time(world.NOW)
        opened.page.on("request", lambda request: opened.requests.append(request.url))
        opened.page.on("console", opened.hear)
        opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        yield opened


def keep_picture(page: Page, name: str, tmp_path: Path) -> None:
    """Write screenshots of a phone and a desk; ``CERTREG_SCREENSHOTS`` names a folder to keep them in."""
    folder = Path(os.environ.get("CERTREG_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    for size, where in ((DESK, "1280"), (PHONE, "360")):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.screenshot(path=folder / f"{name}-{where}.png", full_page=where == "1280")


@pytest.mark.parametrize("name", CASES)
def test_each_certificate_gets_its_answer_and_nothing_leaves_the_page(visit, served, name, tmp_path):
    token, look, headline, reason, is_shown = CASES[name]

    visit.scan(token)

    assert visit.page.locator(".verdict").get_attribute("data-look") == look
    assert visit.page.locator(".verdict h1").inner_text() == headline
    assert visit.page.locator(".verdict use").get_attribute("href") == f"#mark-{look}"
    assert reason in visit.text()
    assert (visit.page.locator(".lines [data-look=name]").count() == 1) == is_shown
    assert visit.page.locator("#compare").is_visible() == is_shown
    assert visit.page.title().startswith(headline)
    assert visit.page.evaluate(CONTRAST) == []
    keep_picture(visit.page, name, tmp_path)
    assert visit.complaints == []
    assert_kept_to_itself(visit, served, token)


def assert_kept_to_itself(visit: Visit, served: Served, token: bytes) -> None:
    """Only the page, its own files and the public files were asked for; no fragment reached the server."""
    for url in visit.requests:
        assert url.startswith(visit.address), url
        path = urlsplit(url).path
        assert path == "/v" or path.startswith(("/static/", "/public/")), url
    assert {urlsplit(url).path for url in visit.requests} >= {
        "/public/tuf/timestamp.json", "/public/tuf/1.snapshot.json", "/public/tuf/2.root.json"
    }  # fmt: skip
    digits = str(int.from_bytes(token, "big"))
    seen = "\n".join(served.received + served.log)
    assert ".status.cbor" in seen
    assert digits not in seen
    assert len(digits) < 20 or digits[:20] not in seen
    assert "张" not in seen


@pytest.mark.parametrize("name", ["valid", "valid-long"])
def test_on_a_phone_the_four_fields_are_seen_without_scrolling(visit, name):
    visit.scan(CASES[name][0])

    labels = visit.page.locator(".lines dt").all_inner_texts()
    assert labels[:2] == ["姓名", "职业"]
    lines = visit.page.locator(".lines > div")
    for part in (
        lines.nth(0),
        lines.nth(1),
        lines.nth(labels.index("等级")),
        visit.page.locator("#compare button"),
    ):
        box = part.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= PHONE["height"]
    assert visit.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_all_lines_of_a_certificate_are_there_in_order(visit):
    visit.scan(VALID)

    shown = visit.page.locator(".lines > div").all_inner_texts()

    assert [line.replace("\n", " ") for line in shown] == [
        "姓名 张小明",
        "职业 大数据工程技术人员",
        "职业方向 无",
        "等级 高级",
        "评价机构 工业和信息化部教育与考试中心",
        f"证书编号 {NUMBER}",
        "发证日期 2026年10月20日",
        "状态截至 2026年11月20日 11:00 北京时间",
    ]


@pytest.mark.parametrize(
    ("id_type", "typed", "outcome", "words"),
    [
        ("resident_id", ID_NUMBER, "match", "一致"),
        ("resident_id", " １１０１０５ 19491231 002ⅹ", "match", "一致"),
        ("resident_id", "440524188001010014", "no_match", "不一致"),
        ("passport", ID_NUMBER, "no_match", "不一致"),
        ("resident_id", "  ", "empty", "请填写"),
    ],
)
def test_an_id_number_is_compared_in_the_page(visit, served, id_type, typed, outcome, words):
    visit.scan(VALID)
    before = len(visit.requests)

    visit.page.select_option("#compare-type", id_type)
    visit.page.fill("#compare-number", typed)
    visit.page.click("#compare button")

    expect(visit.page.locator("#compared")).to_have_attribute("data-outcome", outcome)
    assert visit.page.locator("#compared").inner_text().startswith(words)
    assert visit.page.locator("#compared-note").is_visible() == (outcome == "match")
    assert len(visit.requests) == before
    assert ID_NUMBER not in "\n".join(served.received + served.log)
    assert ID_NUMBER not in visit.page.url


@pytest.mark.parametrize(
    ("name", "status", "cause", "words"),
    [
        ("revoked", "revoked", Reason.EXAM_FRAUD, "考核作弊"),
        ("suspended", "suspended", Reason.UNDER_INVESTIGATION, "正在调查"),
    ],
)
def test_the_register_is_asked_for_date_and_reason_when_the_visitor_says_so(
    visit, served, lookup, tmp_path, name, status, cause, words
):
    lookup.records = [public_record(status=status, changed_on=date(2026, 11, 3), cause=cause)]
    visit.scan(CASES[name][0])
    assert "会发送到本服务器" in visit.page.locator("#ask").inner_text()
    keep_picture(visit.page, f"{name}-ask", tmp_path)
    assert lookup.asked == []
    assert_kept_to_itself(visit, served, CASES[name][0])

    visit.page.click("#ask button")

    expect(visit.page.locator(".verdict p")).to_have_text("自 2026年11月3日 起")
    assert words in visit.text()
    assert lookup.asked == [(NUMBER, "张小明")]
    assert urlsplit(visit.page.url).path == "/"
    assert "张" not in "\n".join(served.log)


def test_nothing_is_offered_for_a_certificate_in_force_and_nothing_is_left_of_the_one_before(visit):
    visit.scan(CASES["revoked"][0])
    expect(visit.page.locator("#ask")).to_be_visible()

    visit.page.evaluate("digits => { location.hash = digits; }", str(int.from_bytes(VALID, "big")))

    expect(visit.page.locator(".verdict h1")).to_have_text("证书真实有效")
    expect(visit.page.locator("#ask")).to_be_hidden()
    assert visit.page.input_value("#ask-name") == ""


def test_the_comparison_as_people_see_it(visit, tmp_path):
    visit.scan(VALID)
    visit.page.fill("#compare-number", ID_NUMBER)
    visit.page.click("#compare button")
    expect(visit.page.locator("#compared")).to_be_visible()
    keep_picture(visit.page, "compared", tmp_path)


def test_a_name_is_text_whatever_it_holds(visit):
    name = "<img src=x onerror=alert(1)><b>&amp;"
    visit.scan(certificate(100, holder_name=name))
    assert visit.page.locator(".lines [data-look=name] dd").inner_text() == name
    assert visit.complaints == []


def test_another_certificate_in_the_same_page_replaces_the_answer(visit):
    visit.scan(VALID)
    visit.page.fill("#compare-number", ID_NUMBER)

    visit.page.evaluate(
        "digits => { location.hash = digits; }", str(int.from_bytes(CASES["revoked"][0], "big"))
    )

    expect(visit.page.locator(".verdict h1")).to_have_text("证书已撤销")


def test_without_the_public_files_nothing_is_claimed(visit):
    visit.page.route("**/public/**", lambda route: route.abort())
    visit.scan(VALID)
    assert visit.page.locator(".verdict h1").inner_text() == "目前不能判断"
    assert "没能取得登记系统的公开文件（tuf/1.root.json）" in visit.text()
    assert "张小明" not in visit.text()


@pytest.mark.parametrize("name", ["keys", "names", "status"])
def test_without_one_of_the_files_the_page_says_that_it_does_not_know(visit, name):
    visit.page.route(f"**/*.{name}.cbor", lambda route: route.fulfill(status=404))
    visit.scan(VALID)
    assert visit.page.locator(".verdict h1").inner_text() == "目前不能判断"
    assert f"{name}.cbor）" in visit.text()
    assert "张小明" not in visit.text()


def test_an_old_status_is_noted(visit, public_dir):
    later = world.NOW + 8 * world.DAY
    content = {name: (public_dir / name).read_bytes() for name in (KEYS, NAMES, STATUS)}
    write(public_dir, around(content, later))
    visit.page.clock.set_fixed_time(later)
    visit.scan(VALID)
    assert visit.page.locator(".verdict h1").inner_text() == "证书真实有效"
    assert "已有 7 天或更久" in visit.text()


def test_in_english_too_and_the_switch_keeps_the_certificate(visit, served, tmp_path):
    visit.scan(VALID)
    visit.page.click("#switch")
    expect(visit.page.locator(".verdict h1")).to_have_text("Genuine and valid")
    for line in ("Senior (高级)", "20 October 2026", "20 November 2026, 11:00 Beijing time"):
        assert line in visit.text()
    keep_picture(visit.page, "valid-en", tmp_path)
    assert_kept_to_itself(visit, served, VALID)


def test_an_address_can_be_pasted(visit, served):
    visit.page.goto(f"{visit.address}/v")
    visit.page.fill("#pasted", "https://dte.example/v#12x")
    visit.page.click("#paste button")
    expect(visit.page.locator("#paste-fault")).to_be_visible()

    text = qr_text("https://dte.example/v#", VALID)
    visit.page.fill("#pasted", f"{text[:60]}\n{text[60:]} ")
    visit.page.click("#paste button")

    expect(visit.page.locator(".verdict h1")).to_have_text("证书真实有效")
    assert_kept_to_itself(visit, served, VALID)


@pytest.mark.parametrize("fragment", ["abc", "12x", "012", "12#wechat_redirect"])
def test_an_address_without_certificate_is_no_verdict(visit, fragment):
    visit.page.goto(f"{visit.address}/v#{fragment}")
    expect(visit.page.locator("#paste-fault")).to_be_visible()
    assert visit.page.locator(".verdict").count() == 0


def test_skipping_to_the_content_keeps_the_certificate(visit):
    visit.scan(VALID)
    visit.page.keyboard.press("Tab")
    visit.page.keyboard.press("Enter")
    assert visit.page.evaluate("document.activeElement.id") == "main"
    assert visit.page.locator(".verdict h1").inner_text() == "证书真实有效"


def test_where_the_verifier_does_not_start_the_server_is_offered(visit):
    visit.page.clock.install(time=world.NOW)
    visit.page.route("**/static/verifier/**", lambda route: route.abort())
    visit.page.goto(qr_text(f"{visit.address}/v#", VALID))
    visit.page.clock.run_for(7000)
    expect(visit.page.locator("#rescue form")).to_be_visible()
    assert "会发送到本服务器" in visit.text()


def test_without_script_the_server_answers(browser, served, tmp_path):
    with browser.new_context(viewport=PHONE, locale="zh-CN", java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(qr_text(f"{served.address}/v#", VALID))
        assert "会发送到本服务器" in page.locator("main").inner_text()
        keep_picture(page, "noscript", tmp_path)
        page.fill("textarea", qr_text("https://dte.example/v#", VALID))
        page.click("noscript button, form button")
        assert page.locator(".verdict h1").inner_text() == "证书真实有效"
        assert "张小明" in page.locator(".lines").inner_text()
        keep_picture(page, "noscript-answer", tmp_path)


def test_the_look_up_as_people_see_it(visit, tmp_path):
    visit.page.goto(visit.address)
    assert visit.page.evaluate(CONTRAST) == []
    keep_picture(visit.page, "lookup", tmp_path)
    visit.page.fill("#number-n", NUMBER)
    visit.page.fill("#name-n", "张小明")
    visit.page.click("form:first-of-type button")
    assert visit.page.locator(".verdict h1").inner_text() == "证书有效"
    assert NUMBER not in visit.page.url
    keep_picture(visit.page, "found", tmp_path)
    visit.page.goto(visit.address)
    visit.page.fill("#number-n", NUMBER)
    visit.page.fill("#name-n", "李四")
    visit.page.click("form:first-of-type button")
    assert "常见原因" in visit.text()
    keep_picture(visit.page, "miss", tmp_path)
    assert visit.complaints == []


def test_in_the_dark(browser, served, tmp_path):
    with browser.new_context(viewport=PHONE, locale="zh-CN", color_scheme="dark") as context:
        page = context.new_page()
        page.clock.set_fixed_time(world.NOW)
        for name in ("valid", "revoked", "not-released"):
            page.goto("about:blank")
            page.goto(qr_text(f"{served.address}/v#", CASES[name][0]))
            expect(page.locator(".verdict h1")).to_have_text(CASES[name][2])
            assert page.evaluate(CONTRAST) == []
            keep_picture(page, f"dark-{name}", tmp_path)


IN_CHROMIUM = """async ([cases, webcrypto]) => {
  if (!webcrypto) Object.defineProperty(globalThis, "crypto", { value: {} });
  const { admit, webCryptoIsStrict } = await import("/static/verifier/ed25519.js");
  const { fromHex } = await import("/static/verifier/bytes.js");
  const answers = [await webCryptoIsStrict()];
  for (const { public: key, signature, message } of cases) {
    let admitted = null;
    try { admitted = admit(fromHex(key)); } catch { answers.push("inadmissible key"); continue; }
    try { await admitted.verify(fromHex(signature), fromHex(message)); answers.push("accept"); }
    catch { answers.push("reject"); }
  }
  return answers;
}"""


@pytest.mark.parametrize("webcrypto", [True, False], ids=["webcrypto", "fallback"])
def test_the_ed25519_vectors_in_chromium(visit, webcrypto):
    cases = json.loads(VECTORS.read_text())
    visit.page.goto(f"{visit.address}/v")

    probed, *answers = visit.page.evaluate(IN_CHROMIUM, [cases, webcrypto])

    assert probed is webcrypto
    assert answers == [case["verdict"] for case in cases]


def test_a_machine_without_chromium_is_told_so(monkeypatch):
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    with pytest.raises(NoBrowser, match="apt-get install chromium"):
        chromium()
