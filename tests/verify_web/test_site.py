"""What holds for every page: headers, errors without the inside, languages, public files, settings."""

import io
import json
import logging
import os
import re
from pathlib import Path

import pytest
from gunicorn.http.errors import ChunkMissingTerminator, InvalidChunkSize, NoMoreData

from registry.personal_data import create_secret
from registry.settings import SettingsError, load_settings
from signing.errors import Refusal
from signing.freshness import Freshness
from signing.id_check import IdType
from signing.statement import Level
from signing.verdict import Reason, Verdict
from tests.vectors import world
from tests.verify_web.conftest import FakeLookup
from verify_web.app import create_app, create_app_from_environment
from verify_web.errors import AgesUnusable, RootUnusable
from verify_web.settings import load_site_settings
from verify_web.texts import FOLDER, LANGUAGES

SOURCES = Path(__file__).parents[2] / "verify_web"


@pytest.mark.parametrize(
    "path", ["/", "/v", "/nothing", "/static/site.css", "/public/trust/keys.cbor", "/healthz"]
)
def test_every_answer_has_the_headers(visitor, path):
    headers = visitor.get(path, buffered=True).headers
    policy = headers["Content-Security-Policy"]
    for part in (
        "default-src 'none'",
        "script-src 'self';",
        "connect-src 'self'",
        "style-src 'self'",
        "img-src 'self';",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    ):
        assert part in policy
    assert "unsafe" not in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("path", ["/", "/v", "/nothing"])
def test_no_page_is_stored(visitor, path):
    assert visitor.get(path).headers["Cache-Control"] == "no-store"


def test_transport_security_is_asked_for_where_there_is_any(visitor):
    assert "Strict-Transport-Security" not in visitor.get("/").headers
    assert "max-age=" in visitor.get("/", base_url="https://dte.example").headers["Strict-Transport-Security"]


def test_no_template_has_anything_inline():
    for template in (SOURCES / "templates").glob("*.html"):
        text = template.read_text()
        assert not re.search(r"<style|\bstyle=|\bon[a-z]+=|javascript:", text), template
        for script in re.findall(r"<script[^>]*>", text):
            assert "src=" in script or 'type="application/json"' in script


@pytest.mark.parametrize(
    ("method", "path", "data", "code", "words"),
    [
        ("get", "/nothing", None, 404, "没有这个页面"),
        ("get", "/public/nothing", None, 404, "没有这个页面"),
        ("put", "/", None, 405, "不支持这种访问方式"),
        ("get", "/v/check", None, 405, "不支持这种访问方式"),
        ("post", "/v/check", {"address": "9" * 40_000}, 413, "提交的内容过长"),
    ],
)
def test_errors_are_plain_pages(visitor, method, path, data, code, words):
    page = visitor.open(path, method=method.upper(), data=data)
    assert page.status_code == code
    assert words in page.text
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/v", "/nothing", "/public/trust/keys.cbor", "/static/site.css"])
@pytest.mark.parametrize("host", ["a..b", "..", ".", "a" * 64 + ".example", "www." + "b" * 64 + ":80"])
def test_a_host_that_is_none_is_a_bad_request(visitor, caplog, host, path):
    for language, words in (("zh", "主机名不对"), ("en", "host name")):
        page = visitor.get(f"{path}?lang={language}", headers={"Host": host})
        assert page.status_code == 400
        assert words in page.text
        assert page.mimetype == "text/plain"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert caplog.text == ""


class BrokenBody(io.RawIOBase):
    """What the server hands over for a body whose chunks are none."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        raise self._error


@pytest.mark.parametrize("path", ["/", "/v/check"])
@pytest.mark.parametrize("error", [InvalidChunkSize(b"zz"), ChunkMissingTerminator(b"00"), NoMoreData(b"")])
def test_a_body_in_broken_chunks_is_a_bad_request(visitor, caplog, path, error):
    page = visitor.post(
        path,
        content_type="application/x-www-form-urlencoded",
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input": BrokenBody(error), "wsgi.input_terminated": True},
    )
    assert page.status_code == 400
    assert "请求不完整" in page.text
    assert caplog.text == ""


def test_a_wrong_method_is_told_the_right_ones(visitor):
    assert set(visitor.get("/v/check").headers["Allow"].split(", ")) == {"POST", "OPTIONS"}


class BrokenLookup(FakeLookup):
    def by_number(self, number, name):
        raise RuntimeError(f"lost the database while asking for {name}")


def test_an_error_shows_nothing_of_the_inside_and_logs_no_name(public_dir, caplog):
    visitor = create_app(BrokenLookup(), public_dir=public_dir, root=world.root()).test_client()
    with caplog.at_level(logging.DEBUG):
        page = visitor.post("/", data={"number": "S1", "name": "张小明"})
    assert page.status_code == 500
    assert "系统出错" in page.text
    assert "RuntimeError" not in page.text
    assert "RuntimeError at" in caplog.text
    assert "张小明" not in caplog.text


def test_public_files_are_for_everybody_and_asked_for_anew(visitor):
    for name in ("trust/keys.cbor", "trust/names.cbor", "status/status.cbor"):
        answer = visitor.get(f"/public/{name}", buffered=True)
        assert answer.status_code == 200
        assert answer.mimetype == "application/cbor"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cache-Control"] == "no-cache"
        again = visitor.get(
            f"/public/{name}", headers={"If-None-Match": answer.headers["ETag"]}, buffered=True
        )
        assert again.status_code == 304


def test_files_that_never_change_may_be_kept_for_ever(visitor, public_dir):
    for name in ("tuf/1.root.json", "tuf/1.snapshot.json", f"status/{'0' * 64}.status.cbor"):
        (public_dir / name).parent.mkdir(exist_ok=True)
        (public_dir / name).write_bytes(b"{}")
        answer = visitor.get(f"/public/{name}", buffered=True)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_what_is_not_there_is_asked_for_again(visitor):
    for name in ("tuf/2.root.json", "tuf/timestamp.json"):
        assert "max-age" not in visitor.get(f"/public/{name}").headers["Cache-Control"]


def test_other_public_files_may_be_kept_for_a_while(visitor, public_dir):
    (public_dir / "verify.html").write_text("<!doctype html>")
    answer = visitor.get("/public/verify.html", buffered=True)
    assert answer.headers["Cache-Control"] == "public, max-age=300"


@pytest.mark.parametrize(
    "name",
    [
        "../secret",
        "..%2fsecret",
        "%2e%2e/secret",
        "trust/../../secret",
        "/etc/passwd",
        "trust",
        "trust/",
        "trust/keys.cbor/",
        "trust//keys.cbor",
        "trust/keys.cbor//",
        "/trust/keys.cbor",
        ".hidden",
        "trust/.keys.cbor.new",
        "link",
        "trust/keys.cbor%00.html",
        "..\\secret",
    ],
)
def test_nothing_outside_the_tree_and_nothing_hidden_is_served(visitor, public_dir, name):
    (public_dir.parent / "secret").write_text("secret")
    (public_dir / ".hidden").write_text("secret")
    (public_dir / "trust/.keys.cbor.new").write_text("secret")
    (public_dir / "link").symlink_to(public_dir.parent / "secret")
    answer = visitor.get(f"/public/{name}", buffered=True)
    assert answer.status_code == 404
    assert answer.data != b"secret"


def test_the_site_is_healthy(visitor):
    assert visitor.get("/healthz").data == b"ok\n"


@pytest.mark.parametrize(
    ("address", "wish", "language"),
    [
        ("/", None, "zh-Hans"),
        ("/", "en-GB,en;q=0.9", "en"),
        ("/", "zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("/", "fr", "zh-Hans"),
        ("/?lang=en", "zh-CN", "en"),
        ("/?lang=zh", "en", "zh-Hans"),
        ("/?lang=xx", "en", "en"),
    ],
)
def test_the_language_is_chosen(visitor, address, wish, language):
    page = visitor.get(address, headers={"Accept-Language": wish} if wish else {})
    assert f'<html lang="{language}">' in page.text
    assert page.headers["Vary"] == "Accept-Language"


def test_a_chosen_language_is_kept(visitor):
    page = visitor.get("/?lang=en").text
    assert 'action="/?lang=en"' in page
    assert 'href="/v?lang=en"' in page
    assert 'href="/?lang=zh"' in page


def test_both_languages_are_complete():
    first, *others = LANGUAGES.values()
    for other in others:
        assert list(other.entries) == list(first.entries)
    for table in LANGUAGES.values():
        assert all(text.strip() for text in table.entries.values())
        needed = {f"reason.{reason}" for reason in Reason} | {f"verdict.{verdict}" for verdict in Verdict}
        needed |= {f"distribution.{refusal}" for refusal in Refusal if refusal is not Refusal.NOT_KEPT}
        needed |= {f"level.{level:d}" for level in Level} | {f"id_type.{id_type}" for id_type in IdType}
        assert needed <= table.entries.keys()


def test_no_text_stands_twice_in_a_table():
    for file in FOLDER.glob("*.json"):
        pairs = json.loads(file.read_text(), object_pairs_hook=list)
        assert len({key for key, _ in pairs}) == len(pairs)


def test_the_places_to_fill_are_the_same_in_both_languages():
    zh, en = (LANGUAGES[name].entries for name in ("zh", "en"))
    for key, text in zh.items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", en[key])), key


def test_every_text_is_used_and_every_used_text_exists():
    sources = [
        *SOURCES.glob("*.py"),
        *(SOURCES / "templates").glob("*.html"),
        *(SOURCES / "static/landing").glob("*.js"),
    ]
    used = "\n".join(source.read_text() for source in sources)
    named = set(re.findall(r"say\(['\"]([a-z_.0-9]+)['\"]", used))
    families = (
        "reason.",
        "cause.",
        "verdict.",
        "level.",
        "id_type.",
        "status.",
        "fault.",
        "date.month.",
        "compare.",
        "lookup.fault.",
        "distribution.",
    )
    for key in LANGUAGES["zh"].entries:
        assert key in named or key.startswith(families) or f'"{key}"' in used, key
    assert {key for key in named if not key.endswith(".")} <= LANGUAGES["zh"].entries.keys()


def test_no_chinese_stands_outside_the_tables():
    for source in [*(SOURCES / "templates").glob("*.html"), *(SOURCES / "static/landing").glob("*.js")]:
        assert not re.search(r"[\u4e00-\u9fff]", source.read_text()), source


def test_without_arguments_the_environment_is_read(sqlite_register, public_dir, tmp_path, monkeypatch):
    root_file = tmp_path / "root.json"
    root_file.write_text(world.root().to_json())
    register = sqlite_register()
    register.dispose()
    lookup_key = tmp_path / "lookup.key"
    create_secret(lookup_key)
    monkeypatch.setattr(os, "environ", {
        "CERTREG_DATABASE_URL": str(register.url),
        "CERTREG_PUBLIC_DIR": str(public_dir),
        "CERTREG_ROOT_FILE": str(root_file),
        "CERTREG_LOOKUP_KEY_FILE": str(lookup_key),
    })  # fmt: skip
    visitor = create_app().test_client()
    assert visitor.get("/public/trust/keys.cbor", buffered=True).status_code == 200
    assert "没有与所填信息全部一致的证书" in visitor.post("/", data={"number": "S1", "name": "张小明"}).text


@pytest.mark.parametrize("part", [{"lookup": FakeLookup()}, {"root": world.root()}, {"public_dir": Path()}])
def test_a_part_of_what_the_site_needs_is_not_completed_from_the_environment(part):
    with pytest.raises(TypeError, match="needs both"):
        create_app(**part)


@pytest.mark.parametrize("content", [None, b"", b"{}", b"[]"])
def test_a_root_that_can_not_be_read_is_named(tmp_path, content):
    root_file = tmp_path / "root.json"
    if content is not None:
        root_file.write_bytes(content)
    with pytest.raises(RootUnusable, match="CERTREG_ROOT_FILE"):
        create_app_from_environment({"CERTREG_ROOT_FILE": str(root_file)})


def test_what_is_not_set_is_where_the_register_has_it():
    ours, registers = load_site_settings({}), load_settings({})
    for name in ("database_url", "public_dir", "root_file", "lookup_key_file"):
        assert getattr(ours, name) == getattr(registers, name)
    assert ours.freshness == Freshness(registers.status_note_age_days, registers.status_max_age_days)


@pytest.mark.parametrize("ages", [{"MAX": "3"}, {"MAX": "365", "NOTE": "365"}, {"NOTE": "1"}], ids=str)
def test_the_ages_of_a_status_come_from_the_register_as_they_were_set(ages):
    environ = {f"CERTREG_STATUS_{name}_AGE_DAYS": value for name, value in ages.items()}
    registers = load_settings(environ)

    handed = load_site_settings(registers.for_public_side())

    assert handed.freshness == load_site_settings(environ).freshness
    assert handed.freshness == Freshness(registers.status_note_age_days, registers.status_max_age_days)


@pytest.mark.parametrize(
    "ages", [{"MAX": "366"}, {"MAX": "0"}, {"NOTE": "31"}, {"NOTE": "soon"}, {"MAX": ""}], ids=str
)
def test_ages_that_no_verifier_should_take_keep_both_from_starting(ages):
    environ = {f"CERTREG_STATUS_{name}_AGE_DAYS": value for name, value in ages.items()}

    with pytest.raises(AgesUnusable, match="CERTREG_STATUS_MAX_AGE_DAYS"):
        load_site_settings(environ)
    with pytest.raises(SettingsError, match="AGE_DAYS"):
        load_settings(environ)


@pytest.mark.parametrize("path", ["/", "/v", "/nothing"])
@pytest.mark.parametrize(("environment", "shown"), [("demo", True), ("production", False)])
def test_every_page_of_a_trial_environment_says_that_nothing_there_has_effect(
    public_dir, path, environment, shown
):
    root = world.root(environment)
    page = create_app(FakeLookup(), public_dir=public_dir, root=root).test_client().get(path).text
    assert ("没有任何效力" in page) is shown
