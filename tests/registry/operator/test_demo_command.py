"""The demo plays in a place of its own, and touches no other."""

import re
import socket
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from registry.app import utc_now
from registry.client.command.main import main as certreg_client
from registry.database.migrate import tables_in
from registry.installation import open_installation
from registry.operator import demo_candidates
from registry.operator.command import main
from registry.operator.demo import RARE_NAME
from registry.operator.demo_cast import MARKER, clear_stage, demo_settings
from registry.operator.errors import NotForDemo
from registry.operator.loopback_api import loopback_api
from registry.work.drafting import Drafting
from tests.registry.operator.office import Office


def demo(folder, *more, **environ):
    return CliRunner().invoke(
        main, ["demo", "--folder", str(folder), "--no-serve", *more], env=environ, catch_exceptions=False
    )


@pytest.fixture
def few_candidates(monkeypatch):
    """Cut the demo's candidates down to those that it speaks of."""

    def cut(whole):
        def few(body):
            rows = whole(body)
            both = zip(demo_candidates.first_hand_in(body), demo_candidates.mended(body), strict=True)
            mistaken = {right.row for first, right in both if first != right}
            failing = next(row for row in rows if float(row.theory) < 60 or float(row.practice) < 60)
            kept = {1, 2, 3, 13, 86, failing.row} | mistaken
            return tuple(row for row in rows if row.row in kept or row.name == RARE_NAME)

        return few

    for name in ("mended", "first_hand_in"):
        monkeypatch.setattr(f"registry.operator.demo.{name}", cut(getattr(demo_candidates, name)))


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")

    result = demo(tmp_path)

    assert result.exit_code == 1
    assert "no demo made it" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").write_text("x")

    assert demo(tmp_path / "file").exit_code == 2


def test_an_earlier_demo_makes_room(tmp_path):
    clear_stage(tmp_path / "demo")
    (tmp_path / "demo" / "register.sqlite3").write_text("old")

    clear_stage(tmp_path / "demo")

    assert [path.name for path in (tmp_path / "demo").iterdir()] == [MARKER]


def test_a_link_to_somebody_elses_folder_is_not_followed(tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.txt").write_text("years of work")
    (tmp_path / "demo").symlink_to(tmp_path / "home")

    with pytest.raises(NotForDemo):
        clear_stage(tmp_path / "demo")

    assert (tmp_path / "home" / "thesis.txt").exists()


def test_a_register_that_is_in_use_is_left_alone(founded_office, tmp_path):
    office = founded_office.copied_to(tmp_path / "office")
    accounts = office.done("account", "list")

    result = demo(tmp_path / "demo", CERTREG_DATABASE_URL=office.environ["CERTREG_DATABASE_URL"])

    assert result.exit_code == 1
    assert "that file exists" in result.output
    assert not (tmp_path / "demo").exists()
    assert office.done("account", "list") == accounts


def test_a_register_on_postgresql_that_is_in_use_is_left_alone(postgresql_register, tmp_path):
    engine = postgresql_register()
    address = engine.url.render_as_string(hide_password=False)
    engine.dispose()
    tables = tables_in(address)

    result = demo(tmp_path / "demo", CERTREG_DATABASE_URL=address)

    assert result.exit_code == 1
    assert "is not empty" in result.output
    assert not (tmp_path / "demo").exists()
    assert tables_in(address) == tables


def test_a_port_that_is_taken_is_told_before_anything_is_played(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        result = CliRunner().invoke(main, ["demo", "--folder", str(tmp_path / "demo"), "--public-port", port])

    assert result.exit_code == 1
    assert "--public-port" in result.output
    assert not (tmp_path / "demo").exists()


def test_on_an_empty_postgresql_database_the_demo_plays_as_well(
    empty_postgresql, tmp_path, few_candidates, quick_id_checks
):
    address = empty_postgresql

    result = demo(tmp_path / "demo", CERTREG_DATABASE_URL=address)
    entries = Office(tmp_path, {"CERTREG_DATABASE_URL": address, "CERTREG_ENVIRONMENT": "demo"}).done(
        "submissions"
    )
    again = demo(tmp_path / "demo", CERTREG_DATABASE_URL=address)

    assert result.exit_code == 0, result.output
    assert "无效：已撤销（revoked）" in result.output
    assert "无效：已被新版本取代（superseded）" in result.output
    assert not (tmp_path / "demo" / "register.sqlite3").exists()
    assert entries.count("已通过") == 3
    assert again.exit_code == 1
    assert "is not empty" in again.output


def test_the_account_is_short_and_in_order(tmp_path, few_candidates, quick_id_checks):
    said = demo(tmp_path / "demo").output

    steps = [line for line in said.splitlines() if line[:2].rstrip(".").isdigit()]
    assert [step[0] for step in steps] == list("123456789")
    assert said.count("用时") == 9
    assert "全程" in said
    assert len(said.splitlines()) < 100
    assert "只交改正的 2 行，再次检查：0 处错误" in said
    assert "张照片" in said
    assert "虚构" in said
    for place in ("certificate.pdf", "/public/", "trusted-root.json", "http://127.0.0.1:8000/v#"):
        assert place in said
    assert "\x1b" not in said


README = (Path(__file__).parents[3] / "README.md").read_text("utf-8")


@contextmanager
def drafts_worked_on(installation):
    """Let a worker be at the drafts until the block ends."""
    ended = threading.Event()
    drafting = Drafting(installation, worker="test", now=utc_now)

    def work():
        while not ended.wait(0.1):
            list(drafting.batches())

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def test_the_readme_hands_in_to_the_demo_with_what_the_demo_left(tmp_path, few_candidates, quick_id_checks):
    folder = tmp_path / "demo"
    demo(folder)
    block = next(
        each for each in re.findall(r"```\n(.*?)```", README, re.DOTALL) if "CERTREG_CLIENT_CONFIG" in each
    )
    lines = [line.partition("#")[0].replace("var/demo", str(folder)).split() for line in block.splitlines()]
    (setting,) = [words[1].partition("=") for words in lines if words[0] == "export"]
    typed = {words[1]: words[1:] for words in lines if words[0] == ".venv/bin/certreg-client"}
    installation = open_installation(demo_settings(folder))

    said = {}
    with loopback_api(installation, now=utc_now) as url, drafts_worked_on(installation):
        for name, words in typed.items():
            environ = {setting[0]: setting[2], "CERTREG_CLIENT_URL": url}
            said[name] = CliRunner().invoke(certreg_client, words, env=environ, catch_exceptions=False)
    installation.sessions.close()

    assert {name: each.exit_code for name, each in said.items()} == {"status": 0, "template": 0, "check": 1}
    assert "审核通过" in said["status"].output
    assert "2 行，1 处错误" in said["check"].output
    assert "成绩超过 100 分" in said["check"].output
    assert 'url = "http://127.0.0.1:8001"' in Path(setting[2]).read_text("utf-8")
