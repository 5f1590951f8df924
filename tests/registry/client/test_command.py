"""The command as it is typed: settings, exit codes, what it shows, and that it never writes over a file."""

import json
from uuid import UUID

import click
import pytest
from click.testing import CliRunner

from registry.api.problem_list import PROBLEMS
from registry.assessment.status import SubmissionStatus
from registry.client import make_key
from registry.client.command import shown
from registry.client.command.main import ADVICE, exit_code, main
from registry.client.command.private_files import write_beside, write_private
from registry.client.command.request_commands import KIND_NAMES
from registry.client.command.shown import MOST_FAULTS, fault_table, instant, plain, table, width
from registry.client.errors import (
    AnswerUnusable,
    Busy,
    NotDone,
    Refused,
    SettingMissing,
    Unreachable,
    WrongUse,
)
from registry.client.settings import Settings, load_settings
from registry.draft.status import DraftStatus, Phase
from registry.request.kinds import RequestKind, RequestStatus
from signing.evidence import Step
from tests.instants import NOON
from tests.registry.client.scripted import problem, says, scripted

DRAFT = UUID(int=1)


@pytest.fixture
def environ(tmp_path):
    """Settings with an access key."""
    access, submission = tmp_path / "keys" / "access.pem", tmp_path / "keys" / "submission.pem"
    for path in (access, submission):
        make_key(path, None, now=NOON)
    return {
        "CERTREG_CLIENT_ENVIRONMENT": "test",
        "CERTREG_CLIENT_ACCESS_KEY": str(access),
        "CERTREG_CLIENT_SUBMISSION_KEY": str(submission),
        "HOME": str(tmp_path),
    }


def run(environ, *words, code, **more):
    typed = [str(word) for word in words]
    result = CliRunner(env={"XDG_CONFIG_HOME": None}).invoke(
        main, typed, env=environ, catch_exceptions=False, **more
    )
    assert result.exit_code == code, result.output
    return result


WRONG_USE = {
    "no command": [],
    "a command that there is not": ["sing"],
    "an option that there is not": ["--quick"],
    "an option that the command has not": ["status", "--quick"],
    "a draft that is none": ["sign", "the first one"],
    "a file that is not there": ["check", "missing.xlsx"],
    "a key of no kind": ["key", "new", "access.key"],
    "no address": ["status"],
}


@pytest.mark.parametrize("name", WRONG_USE)
def test_wrong_use_ends_with_64(environ, name):
    assert "Traceback" not in run(environ, *WRONG_USE[name], code=64).output


IN_CHINESE = {
    ("check", "."): "是文件夹",
    ("check", "missing.xlsx"): "没有文件 missing.xlsx",
    ("sign", "the first one"): "参数 DRAFT 应为编号",
    ("sing",): "没有这个命令",
    ("status", "--quick"): "没有选项 --quick",
    ("template", "a.xlsx"): "缺少选项 --level",
    ("template", "a.xlsx", "--level", "middle"): "应为其中之一：junior、intermediate、senior",
    ("key", "register", "b", "--purpose", "access"): "没有文件 b",
    ("key", "new", "access.key"): "文件名应以 .age（用口令保护）或 .pem（不加口令）结尾",
}


@pytest.mark.parametrize("arguments", IN_CHINESE, ids=" ".join)
def test_wrong_use_is_told_in_chinese(environ, arguments):
    said = run(environ, *arguments, code=64).output

    assert IN_CHINESE[arguments] in said
    assert "Error" not in said


EXIT_CODES = {
    Refused(422, {}): 1,
    Unreachable("register.example", "x", sent=False): 2,
    Busy(5, {}): 2,
    NotDone("x", 5): 2,
    AnswerUnusable("x"): 2,
    WrongUse("x"): 64,
    SettingMissing("X", "x", "x"): 64,
}


@pytest.mark.parametrize("error", EXIT_CODES, ids=lambda error: type(error).__name__)
def test_the_exit_code_says_what_to_do(error):
    assert exit_code(error) == EXIT_CODES[error]


def every_command():
    waiting = [((), main)]
    while waiting:
        path, command = waiting.pop()
        yield path, command
        if isinstance(command, click.Group):
            waiting += [((*path, name), child) for name, child in command.commands.items()]


COMMANDS = dict(every_command())


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_says_in_chinese_what_it_does_and_can_answer_in_json(path):
    command = COMMANDS[path]
    said = CliRunner().invoke(main, [*path, "--help"], terminal_width=100)

    assert said.exit_code == 0
    assert any("\u4e00" <= character <= "\u9fff" for character in command.help)
    if not isinstance(command, click.Group):
        assert "--json" in said.output
        for parameter in command.params:
            assert not isinstance(parameter, click.Option) or parameter.help, parameter.name


def test_settings_come_from_the_environment_before_the_file(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('url = "https://a.example"\nca = "~/ca.pem"\naccess_key = "a.pem"\n', "utf-8")

    found = load_settings({"CERTREG_CLIENT_CONFIG": str(file), "CERTREG_CLIENT_URL": "https://b.example"})

    assert (found.url, found.environment, found.key("access").name) == (
        "https://b.example",
        "production",
        "a.pem",
    )
    assert "~" not in str(found.ca)


def test_the_usual_file_may_be_missing(tmp_path):
    assert load_settings({"HOME": str(tmp_path)}) == Settings({})
    (tmp_path / ".config").mkdir()
    (tmp_path / ".config" / "certreg-client.toml").write_text('url = "https://a.example"', "utf-8")
    assert load_settings({"HOME": str(tmp_path)}).url == "https://a.example"


@pytest.mark.parametrize("text", ["url = 5", "[keys]", 'adress = "x"', "url = ", None])
def test_a_file_of_settings_that_is_none_is_wrong_use(tmp_path, text):
    file = tmp_path / "settings.toml"
    if text is not None:
        file.write_text(text, "utf-8")

    with pytest.raises(WrongUse, match="设置文件"):
        load_settings({"CERTREG_CLIENT_CONFIG": str(file)})


def test_what_is_missing_is_named_both_ways():
    with pytest.raises(SettingMissing, match=r"CERTREG_CLIENT_SUBMISSION_KEY.*submission_key"):
        Settings({}).key("submission")


WORDS = {
    "drafts": (shown.STATUS, DraftStatus),
    "phases": (shown.PHASE, Phase),
    "submissions": (shown.SUBMISSION_STATUS, SubmissionStatus),
    "steps": (shown.STEP, Step),
    "requests": (shown.REQUEST_STATUS, RequestStatus),
    "kinds of requests": (KIND_NAMES, RequestKind),
}


@pytest.mark.parametrize("name", WORDS)
def test_every_code_of_the_register_has_its_word(name):
    words, codes = WORDS[name]

    assert list(words) == [str(code) for code in codes]


def test_han_characters_take_two_columns():
    lines = table(("行", "列", "问题"), [(2, "姓名", "没有填写"), (10, "", "x")])

    assert (
        len({width(line[: line.index(end)]) for line, end in zip(lines, ("问", "没", "x"), strict=True)}) == 1
    )


def test_instants_are_told_as_clocks_in_china_show_them():
    assert instant("2026-11-27T16:35:53.883668+00:00") == "2026-11-28 00:35"
    assert instant(None) == ""


def test_what_came_over_the_network_moves_no_cursor():
    assert plain("a\x1b[2Jb\u202ec\n") == "a\\u001b[2Jb\\u202ec\\u000a"


def test_of_many_faults_the_first_are_shown():
    faults = [{"row": number, "message": "m", "remedy": "r"} for number in range(MOST_FAULTS + 7)]

    lines = fault_table(faults)

    assert len(lines) == MOST_FAULTS + 2
    assert "另有 7 处" in lines[-1]


def test_nothing_is_written_over(tmp_path):
    first = write_beside(tmp_path / "成绩.xlsx", "错误", ".xlsx", b"1")
    second = write_beside(tmp_path / "成绩.xlsx", "错误", ".xlsx", b"2")

    assert (first.name, second.name) == ("成绩-错误.xlsx", "成绩-错误-2.xlsx")
    assert (first.read_bytes(), first.stat().st_mode & 0o777) == (b"1", 0o600)
    with pytest.raises(WrongUse, match="不会覆盖"):
        write_private(first, b"3")


def state(**changes):
    return says(200, {
        "id": str(DRAFT), "status": "faulty", "revision": 1, "phase": None, "done": 0, "total": 0,
        "rows": 1, "faults": 1,
        "statistics": None, "settled_sha256": None, "submission_id": None, "failure": None, **changes,
    })  # fmt: skip


FAULT = {"row": 2, "column": "姓名", "value": "", "message": "没有填写", "remedy": "请填写"}
FAULTS = says(200, {"items": [FAULT], "next": None})


def test_the_workbook_of_faults_is_written_beside_the_file(environ, tmp_path):
    results = tmp_path / "11月.json"
    results.write_text("{}", "utf-8")
    with scripted(state(status="received"), state(), FAULTS, says(200, {"a": "workbook"})) as script:
        said = run({**environ, "CERTREG_CLIENT_URL": script.url}, "check", results, code=1).stdout

    assert [each.target for each in script.asked][-1] == f"/v1/drafts/{DRAFT}/faults.xlsx?rows=all"
    assert json.loads((tmp_path / "11月-错误.xlsx").read_bytes()) == {"a": "workbook"}
    assert "11月-错误.xlsx" in said
    assert "没有填写。请填写。" in said


ONLY_OF_PHOTOS = says(200, {"items": [{**FAULT, "column": "照片", "value": "3.jpg"}], "next": None})


def test_faults_of_photos_alone_need_no_workbook(environ, tmp_path):
    results = tmp_path / "11月.json"
    results.write_text("{}", "utf-8")
    with scripted(state(), state(), ONLY_OF_PHOTOS) as script:
        said = run({**environ, "CERTREG_CLIENT_URL": script.url}, "check", results, code=1).stdout

    assert f"certreg-client photos {DRAFT}" in said
    assert list(tmp_path.glob("*.xlsx")) == []


def test_a_draft_that_is_asked_for_again_tells_its_faults_again(environ):
    with scripted(problem(404, "not_there"), state(), FAULTS) as script:
        said = run({**environ, "CERTREG_CLIENT_URL": script.url}, "status", DRAFT, code=0).stdout

    assert "没有填写。请填写。" in said


LISTINGS = says(200, {"items": [{"occupation": "2-02-10-11", "edition": 1}]})


@pytest.mark.parametrize("chosen", [[], ["--occupation", "2-02-10-99"]])
def test_a_template_that_there_is_not_names_those_that_there_are(environ, chosen):
    with scripted(LISTINGS) as script:
        arguments = ["template", "a.xlsx", "--level", "junior", *chosen]
        said = run({**environ, "CERTREG_CLIENT_URL": script.url}, *arguments, code=64).output

    assert "可选：2-02-10-11（版次 1）" in said


@pytest.mark.parametrize("code", sorted(ADVICE))
def test_what_a_clerk_can_mend_himself_is_told_in_his_words(environ, code):
    with scripted(problem(401, code)) as script:
        said = run({**environ, "CERTREG_CLIENT_URL": script.url}, "status", code=1).output

    assert ADVICE[code] in said
    assert code in PROBLEMS


def test_a_register_without_that_workbook_still_tells_the_faults(environ, tmp_path):
    results = tmp_path / "a.json"
    results.write_text("{}", "utf-8")
    with scripted(state(), state(), FAULTS, problem(404, "not_found")) as script:
        told = run({**environ, "CERTREG_CLIENT_URL": script.url}, "check", results, "--json", code=1)

    document = json.loads(told.stdout)
    assert (document["workbook"], len(document["found"])) == (None, 1)


def test_a_settled_content_of_another_draft_is_not_signed(environ):
    content = {"format": "certreg-submission/1", "issuer": "S0002", "rows": [], "draft": str(UUID(int=2))}
    with scripted(state(status="ready", faults=0), says(200, content)) as script:
        said = run({**environ, "CERTREG_CLIENT_URL": script.url}, "sign", DRAFT, "--yes", code=1).output

    assert "不可签名" in said
    assert [each.method for each in script.asked] == ["GET", "GET"]


def test_a_signature_that_did_not_count_in_the_end_is_told(environ, tmp_path):
    signature = tmp_path / "signature.txt"
    signature.write_text("AAAA\n", "ascii")
    ready = state(status="ready", failure="key 00000000 is revoked")
    with scripted(ready, state(status="signed"), ready) as script:
        said = run(
            {**environ, "CERTREG_CLIENT_URL": script.url}, "sign", DRAFT, "--signature", signature, code=1
        ).output

    assert "没有报送" in said
    assert "is revoked" in said
