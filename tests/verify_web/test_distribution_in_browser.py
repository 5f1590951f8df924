"""Distributions, right and wrong, as a visitor of the QR's page meets them in headless Chromium."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from signing.link import qr_text
from tests.distribution.cases import case
from tests.distribution.repository import write
from tests.vectors import world
from tests.verify_web.browser import Served, open_browser, serve
from tests.verify_web.test_in_browser import PHONE, VALID, keep_picture

pytestmark = pytest.mark.browser

# The server colours what is not 200.
REQUEST = re.compile(r'GET (/public/\S+) HTTP/1\.1(?:\x1b\[0m)?" (\d+)')

# What is met; words of what the page says of the last visit.
REFUSED = {
    "rollback: an older status": "比本浏览器以前见过的更旧（tuf/3.snapshot.json）",
    "rollback: an older timestamp": "比本浏览器以前见过的更旧（tuf/timestamp.json）",
    "freeze: for two days": "已过期（tuf/timestamp.json）",
    "mix and match: snapshot": "新旧公开文件被混在一起",
    "too few signatures: names": "有效的签名不够（tuf/2.names.json）",
    "newer roots withheld": "有效的签名不够（tuf/timestamp.json）",
    "environment: snapshot": "属于另一个环境",
    "delegation: status lists keys": "不是由有权提供它的角色提供的（tuf/2.status.json）",
    "file: altered": "长度或摘要与签名所说的不符（status/status.cbor）",
    "the old layout": "缺少 tuf/timestamp.json",
}
ACCEPTED = ["root rotated over three versions", "root rotated between visits", "fast-forward and rotation"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def served(site) -> Iterator[Served]:
    with serve(site) as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport=PHONE, locale="zh-CN") as context:
        yield context.new_page()


def host(public_dir: Path, files: dict[str, bytes]) -> None:
    shutil.rmtree(public_dir)
    public_dir.mkdir()
    write(public_dir, files)


def scan(page: Page, served: Served, *, now=world.NOW) -> str:
    """Open the page anew; return what it says."""
    page.goto("about:blank")
    page.clock.set_fixed_time(now)
    page.goto(qr_text(f"{served.address}/v#", VALID))
    expect(page.locator(".verdict[data-look]:not([data-look=checking])")).to_be_visible()
    return page.locator("main").inner_text()


def public_requests(served: Served, since: int) -> list[tuple[str, str]]:
    """Return the public files that were asked of the server, and its answers."""
    found = (REQUEST.search(line) for line in served.log[since:])
    return [(urlsplit(line[1]).path.removeprefix("/public/"), line[2]) for line in found if line]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_told_and_nothing_is_claimed(page, served, public_dir, tmp_path, name):
    *before, last = case(name, world.NOW).visits
    for visit in before:
        host(public_dir, visit.files)
        assert "证书真实有效" in scan(page, served, now=world.NOW + visit.later)

    host(public_dir, last.files)
    said = scan(page, served, now=world.NOW + last.later)

    assert page.locator(".verdict").get_attribute("data-look") == "cannot_tell"
    assert REFUSED[name] in said
    assert "张小明" not in said
    keep_picture(page, f"distribution-{name.replace(':', '').replace(' ', '-')}", tmp_path)


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_in_order_is_followed(page, served, public_dir, name):
    for visit in case(name, world.NOW).visits:
        host(public_dir, visit.files)
        assert "证书真实有效" in scan(page, served, now=world.NOW + visit.later)


def test_another_visitor_knows_nothing_of_what_this_one_saw(browser, page, served, public_dir):
    newer, older = case("rollback: an older timestamp", world.NOW).visits
    host(public_dir, newer.files)
    scan(page, served)
    host(public_dir, older.files)

    with browser.new_context(locale="zh-CN") as context:
        assert "证书真实有效" in scan(context.new_page(), served)


def test_without_a_storage_the_answer_stands_and_says_that_nothing_is_remembered(page, served, tmp_path):
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no'); } })"
    )

    said = scan(page, served)

    assert "证书真实有效" in said
    assert "本浏览器无法记住上次所见的登记状态" in said
    keep_picture(page, "distribution-no-memory", tmp_path)


def test_a_storage_that_holds_something_else_is_no_memory_and_no_fault(page, served):
    scan(page, served)
    page.evaluate("Object.keys(localStorage).forEach((key) => localStorage.setItem(key, '{\"roots\": 7}'))")

    assert "证书真实有效" in scan(page, served)


def test_a_wrong_file_in_the_browsers_cache_is_asked_for_once_more(page, served, public_dir):
    name = "tuf/1.snapshot.json"
    right = (public_dir / name).read_bytes()
    (public_dir / name).write_bytes(b"{}")
    assert "不合规定的格式" in scan(page, served)

    (public_dir / name).write_bytes(right)

    assert "证书真实有效" in scan(page, served)


def test_nothing_of_a_certificate_is_remembered(page, served):
    scan(page, served)

    kept = page.evaluate("JSON.stringify(localStorage)")

    assert "certreg-distribution/demo/" in kept
    assert "张" not in kept
    assert str(int.from_bytes(VALID, "big"))[:20] not in kept


def test_a_second_visit_asks_for_what_may_have_changed_and_no_more(page, served, public_dir):
    scan(page, served)
    cold = public_requests(served, 0)
    seen = len(served.log)

    scan(page, served)
    warm = public_requests(served, seen)

    assert len(cold) == 10
    assert sorted(warm) == [("tuf/2.root.json", "404"), ("tuf/timestamp.json", "304")]

    newer = case("a new status", world.NOW).visits[1]
    host(public_dir, newer.files)
    seen = len(served.log)
    assert "证书真实有效" in scan(page, served)
    fresh = [name for name, answer in public_requests(served, seen) if answer == "200"]
    assert "tuf/2.status.json" in fresh
    assert "tuf/1.root.json" not in fresh
