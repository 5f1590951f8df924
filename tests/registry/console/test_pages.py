"""The staff's pages: what they show, what they never show, and what they say when there is nothing."""

import re
from dataclasses import replace
from html.parser import HTMLParser

from sqlalchemy import update

from registry.assessment.tables import Result
from registry.console import submission_reading
from registry.directory.reading import shipped_directory
from registry.journal.sequencer import chain_events
from registry.journal.tables import LogHead
from registry.work.job import Job
from registry.work.records import Records
from tests.instants import NOON
from tests.registry.console.conftest import HOSTILE
from tests.registry.staff_site import staff_site
from tests.registry.world import BODY

PAGES = ["/", "/submissions", "/series", "/directory", "/health"]
NOWHERE = "/submissions/00000000-0000-0000-0000-000000000000"
USCC = "91110000101623741K"
ID_NUMBER = re.compile(r"\d{17}[\dX]")


class Reader(HTMLParser):
    """Collects the text of a page, its tags and its links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(text)
        self.text = " ".join(" ".join(self.texts).split())

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.links += [value for name, value in attributes if name in ("href", "src") and value]

    def handle_data(self, data):
        self.texts.append(data)


def read(site, address: str, status: int = 200) -> Reader:
    answer = site.get(address)
    assert answer.status_code == status, answer.text
    assert answer.content_type == "text/html; charset=utf-8"
    return Reader(answer.text)


def every_page(full) -> list[str]:
    submissions = [full.issued, full.corrected, full.waiting, full.late]
    return [*PAGES, *(f"/submissions/{submission}" for submission in submissions), NOWHERE]


def test_every_page_of_an_empty_register_says_what_to_do(empty_site):
    assert "certreg submit" in read(empty_site, "/").text
    assert "certreg issue" in read(empty_site, "/").text
    assert "certreg key open-epoch" in read(empty_site, "/").text
    assert "还没有报送" in read(empty_site, "/submissions").text
    assert "编号序列" in read(empty_site, "/series").text
    assert "假定" in read(empty_site, "/directory").text
    assert "certreg work" in read(empty_site, "/health").text


def test_the_overview_counts_what_there_is(site):
    text = read(site, "/").text

    assert "待省级审核 1" in text
    assert "已通过 2" in text
    assert "有效 1" in text
    assert "已暂停 1" in text
    assert "已被更正版本取代 1" in text
    assert "最后一个登记序号 3" in text
    assert "使用中" in text


def test_the_newest_acts_are_told_in_chinese_with_who_did_them(site):
    text = read(site, "/").text

    assert "暂停证书 登记序号 2 登记员" in text
    assert "办公室审核决定" in text
    assert "接收报送" in text


def test_one_act_on_many_entries_is_one_line(full, site):
    world = full.world
    world.issued(*world.rows(30))

    text = read(site, "/").text

    assert "发布 共 33 项 登记员" in text
    assert "编号 共 33 项 登记员" in text


def test_submissions_that_wait_stand_first_with_their_deadline(full, site):
    page = read(site, "/submissions")

    links = [link for link in page.links if link.startswith("/submissions/")]
    assert set(links[:2]) == {f"/submissions/{full.waiting}", f"/submissions/{full.late}"}
    assert "逾期报送" in page.text
    assert "待省级审核" in page.text
    # 山东: ten working days, counted from the day it was received.
    assert "山东省" in page.text
    assert "2026-12-04 前" in page.text
    assert "未规定期限" in page.text


def test_a_submission_shows_rows_statistics_decisions_and_certificates(full, site):
    text = read(site, f"/submissions/{full.issued}").text

    assert "参加 4 缺考 0 合格 3 不合格 1 理论合格 3 专业能力合格 4 理论缺考 0 专业能力缺考 0" in text
    assert "合格率（占参加） 75.0% 合格率（占两科实考） 75.0%" in text
    assert "省级审核 province 2026-11-20 12:00 3 第 2 行：照片不符" in text
    assert "中心初核 centre 2026-11-20 12:00 3 无" in text
    assert "退回（省级审核）" in text
    assert "不合格" in text
    assert full.numbers[0] in text
    assert "59.5" in text
    assert "辽宁省，站点 000002" in text
    assert "S0002" in text


def test_a_late_submission_shows_by_how_much_and_why_and_who_was_absent(full, site):
    text = read(site, f"/submissions/{full.late}").text

    assert "逾期报送" in text
    assert re.search(r"报送期限 2026-10-\d\d，逾期 \d+ 天", text)
    assert f"逾期报送原因 系统故障 {HOSTILE}" in text
    assert "参加 3 缺考 1 合格 2 不合格 1" in text
    assert re.search(r"缺考 70\.0 不合格", text)


def test_a_submission_shows_what_there_is_of_photos_and_training(full, site):
    of = Result.submission_id == full.issued
    trained = {"training_certificate": "连理工培〔2026〕0017", "training_hours": 160}
    full.world.tamper(
        update(Result).where(of, Result.row == 1).values(photo=bytes(32)),
        update(Result).where(of, Result.row == 2).values(**trained),
    )

    text = read(site, f"/submissions/{full.issued}").text

    assert "有照片 0 无照片 3 照片未存 1" in text
    assert re.search(r"照片未存 — \S*S0002", text)
    assert "退回（省级审核） 无照片 连理工培〔2026〕0017 160 学时" in text


def test_a_correction_shows_what_it_corrects_and_why(full, site):
    text = read(site, f"/submissions/{full.corrected}").text

    assert f"{full.numbers[0]} 第 2 版" in text
    assert "更正登记序号 1：姓名有误" in text


def test_a_page_of_rows_reads_the_photos_of_those_alone(full, site, monkeypatch):
    monkeypatch.setattr(submission_reading, "PAGE_OF_ROWS", 2)
    asked = []

    def named_photos(session, submission_id, *, between):
        asked.append(between)
        return {}

    monkeypatch.setattr(submission_reading, "named_photos", named_photos)

    for page in (1, 2, 3):
        site.get(f"/submissions/{full.issued}?page={page}")

    assert asked == [(1, 2), (3, 4)]


def test_many_rows_come_page_by_page(full, site, monkeypatch):
    monkeypatch.setattr("registry.console.submission_reading.PAGE_OF_ROWS", 3)
    monkeypatch.setattr("registry.console.pages.PAGE_OF_ROWS", 3)

    first, second = (read(site, f"/submissions/{full.issued}?page={page}") for page in (1, 2))

    assert "参加 4" in first.text
    assert "参加 4" in second.text
    assert f"/submissions/{full.issued}?page=2" in first.links
    assert f"/submissions/{full.issued}?page=1" in second.links
    assert f"/submissions/{full.issued}?page=3" not in second.links
    assert first.tags.count("tr") == 1 + 3 + 3 + 1
    assert "第 2 页" in second.text


def test_the_series_count_what_was_numbered_and_what_is_held(site):
    text = read(site, "/series").text

    assert re.search(r"0002:21:000002:26:\d 2 1 2026-11-20 12:00", text)
    assert re.search(r"0003:21:000003:26:\d 0 0 2026-11-20 12:00", text)


def test_what_is_assumed_carries_its_mark(site):
    page = read(site, "/directory")

    assert page.text.count("假定") > 10
    assert "工业和信息化部教育与考试中心" in page.text


def test_a_uscc_that_the_data_file_gives_is_shown(site, monkeypatch):
    shipped = shipped_directory()
    bodies = tuple(replace(body, uscc=USCC) if body.issuer == BODY else body for body in shipped.bodies)
    data = replace(shipped, bodies=bodies)
    monkeypatch.setattr("registry.directory.overview.shipped_directory", lambda: data)

    assert f"S0002 假定 {USCC}" in read(site, "/directory").text


def test_no_page_shows_an_id_number(full, site):
    for address in every_page(full):
        text = site.get(address).text
        assert not any(number in text for number in full.id_numbers), address
        assert not ID_NUMBER.search(re.sub(r"[0-9a-f]{32,}|S\d{4}\d+", "", text)), address


def test_what_people_typed_is_text_and_never_markup(full, site):
    for address in every_page(full):
        answer = site.get(address)
        assert HOSTILE not in answer.text, address
        assert "script" not in Reader(answer.text).tags, address
    assert HOSTILE in read(site, f"/submissions/{full.waiting}").text
    assert HOSTILE in read(site, f"/submissions/{full.issued}").text
    assert HOSTILE in read(site, f"/submissions/{full.corrected}").text


def test_pages_load_nothing_from_elsewhere_and_have_no_form(full, site):
    for address in every_page(full):
        page = read(site, address, 404 if address == NOWHERE else 200)
        assert all(link.startswith("/") for link in page.links), address
        assert not {"form", "input", "iframe", "img", "script"} & set(page.tags), address
        for link in {link for link in page.links if not link.startswith("/submissions/")}:
            with site.get(link) as linked:
                assert linked.status_code == 200, link


def test_what_is_not_there_is_a_page_with_a_way_back(empty_site):
    for address in (
        NOWHERE,
        "/submissions/17",
        "/nothing",
        "/console-static/../pages.py",
        "/submissions/%00",
    ):
        page = read(empty_site, address, 404)

        assert "没有这个页面" in page.text, address
        assert "/submissions" in page.links


def test_a_page_number_that_is_none_is_no_failure(full, site):
    for number in ("0", "-1", "x", "99", "9" * 24, "", "1e9", "٣"):
        for address in ("/submissions", f"/submissions/{full.issued}"):
            assert site.get(address, query_string={"page": number}).status_code == 200, number


def test_nothing_can_be_changed_here(full, site):
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        for address in [*PAGES, f"/submissions/{full.issued}"]:
            answer = site.open(address, method=method, data={"status": "approved"})

            assert answer.status_code == 405
            assert "这里只能查看" in answer.text
            assert answer.headers["Allow"]


def test_every_answer_forbids_what_no_page_needs(full, site):
    for address in every_page(full):
        headers = site.get(address).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'none'" in policy
        assert "form-action 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Set-Cookie" not in headers


def test_the_health_page_tells_of_jobs_workers_and_what_somebody_must_see_to(full, site):
    records = Records(full.world.sessions, f"host:1:{HOSTILE}", started_at=NOON)
    records.failed(Job.SIGN, NOON, f"no key {HOSTILE}")
    records.succeeded(Job.RELEASE, NOON)
    records.heartbeat(NOON, doing=Job.SIGN)

    text = read(site, "/health").text

    assert f"签名：从未成功（no key {HOSTILE}）" in text
    assert "发布 0 秒前" in text
    assert "证件校验值 从未 3 0 秒" in text
    assert "没有正在运行" not in text


def test_the_health_page_says_that_a_register_is_outdated_before_anything_has_run_here(world, tmp_path):
    world.tamper(update(LogHead).values(behind=f"12 leaves {HOSTILE}"))

    text = read(staff_site(world, tmp_path).test_client(), "/health").text

    assert f"只能查看、暂停、撤销和停用密钥：12 leaves {HOSTILE}" in text


def test_a_health_page_without_complaint_says_so(world, tmp_path):
    chain_events(world.sessions)
    records = Records(world.sessions, "host:1:now", started_at=NOON)
    for job in Job:
        records.succeeded(job, NOON)
    records.heartbeat(NOON)

    text = read(staff_site(world, tmp_path).test_client(), "/health").text

    assert "没有须处理的事项" in text
    assert "certreg health" in text


def test_who_waits_sees_how_far_a_submission_has_come(full, site):
    world = full.world
    waiting = world.reviewed(*world.rows(2))

    assert (
        "共 2 行 · 已编号 0 · 已签名 0 · 已发布 0 等待编号，排在第 1 位"
        in read(site, f"/submissions/{waiting}").text
    )
    assert "共 2 行 · 已编号 2 · 已签名 2 · 已发布 2" in read(site, f"/submissions/{full.issued}").text
    assert "共 3 行 · 已计算 0" in read(site, f"/submissions/{full.late}").text
    assert "进度" not in read(site, f"/submissions/{full.waiting}").text
