"""The command as it is typed: settings, exit codes, what it shows, and that it never writes over a file."""

import json
import os
from datetime import UTC, datetime
from errno import ENOSPC
from hashlib import sha256
from uuid import UUID

import click
import pytest
from click.testing import CliRunner

from registry import civil_time
from registry.api.problem_list import PROBLEMS
from registry.assessment.status import SubmissionStatus
from registry.certificate.lifecycle import Status
from registry.client import make_key
from registry.client.base64url import encode_base64url
from registry.client.command import shown
from registry.client.command.desk import Desk
from registry.client.command.main import ADVICE, exit_code, main
from registry.client.command.private_files import write_beside, write_private
from registry.client.command.request_commands import KIND_NAMES
from registry.client.command.shown import MOST_FAULTS, fault_table, instant, plain, table, width
from registry.client.drafts import handed_in
from registry.client.errors import (
    AnswerUnusable,
    Busy,
    InDoubt,
    NotDone,
    Refused,
    SettingMissing,
    Unreachable,
    WrongUse,
)
from registry.client.scores import counts
from registry.client.settings import Settings, load_settings
from registry.client.settled import read_settled
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
    "no command for keys": ["key"],
    "no command for requests": ["request"],
    "a command that there is not": ["sing"],
    "a command for keys that there is not": ["key", "nwe"],
    "an option that there is not": ["--quick"],
    "an option that the command has not": ["status", "--quick"],
    "a draft that is none": ["sign", "the first one"],
    "a file that is not there": ["check", "missing.xlsx"],
    "a name that no file can have": ["check", "a" * 300],
    "a key of no kind": ["key", "new", "access.key"],
    "no address": ["status"],
    # A file that opens, and can not be read.
    "content that can not be read": ["sign-file", "/proc/self/mem", "signature"],
    "a signature that can not be read": ["sign", DRAFT, "--signature", "/proc/self/mem"],
    "a signature in no alphabet": ["sign", DRAFT, "--signature", "noise.xlsx"],
    "results that can not be read": ["check", "unreadable.json"],
    "a cursor that can not be read": ["changes", "--cursor-file", "/proc/self/mem"],
    "a cursor in no alphabet": ["changes", "--cursor-file", "noise.xlsx"],
    "photos that can not be read": ["photos", DRAFT, "/proc/self/mem"],
}


@pytest.mark.parametrize("name", WRONG_USE)
def test_wrong_use_ends_with_64(environ, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "noise.xlsx").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "unreadable.json").symlink_to("/proc/self/mem")
    with scripted(state()) as script:
        if name != "no address":
            environ["CERTREG_CLIENT_URL"] = script.url
        assert "Traceback" not in run(environ, *WRONG_USE[name], code=64).output


UNWRITABLE = {
    "a cursor": (["changes", "--cursor-file", "nowhere/cursor"], {"items": [], "next": "a", "more": False}),
    "a preview": (["preview", DRAFT, "--to", "nowhere/page.html", "--no-open"], {"a": "page"}),
    "a name that is too long": (["preview", DRAFT, "--to", "长" * 90 + ".html", "--no-open"], {"a": "page"}),
}


@pytest.mark.parametrize("name", UNWRITABLE)
def test_what_can_not_be_written_is_wrong_use(environ, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words, answer = UNWRITABLE[name]
    with scripted(says(200, answer)) as script:
        environ["CERTREG_CLIENT_URL"] = script.url
        assert "无法写入" in run(environ, *words, code=64).output


def test_a_file_in_json_that_is_none_is_not_signed_unseen(environ, tmp_path):
    (tmp_path / "a.json").write_bytes(b"\xff{")
    ready = state(status="ready", faults=0, rows=0)
    with pytest.raises(WrongUse, match="不是 JSON"):
        handed_in(tmp_path / "a.json")
    with scripted(ready, ready, says(200, settled_content())) as script:
        environ["CERTREG_CLIENT_URL"] = script.url
        run(environ, "submit", tmp_path / "a.json", "--yes", code=1)

    assert not [each for each in script.asked if each.target.endswith("/signature")]


KEYS_OF_A_BODY = {
    "有效": {"valid_from_on": "2026-11-19", "valid_to_on": "2026-11-21"},
    "尚未生效": {"valid_from_on": "2026-11-22", "valid_to_on": "2026-11-30"},
    "已过期": {"valid_from_on": "2026-01-01", "valid_to_on": "2026-11-20"},
    "已吊销": {
        "valid_from_on": "2026-01-01",
        "valid_to_on": "2026-11-20",
        "revoked_at": "2026-02-01T00:00:00Z",
    },
}


def test_a_key_is_shown_as_what_it_is_today_in_china(environ, monkeypatch):
    # In China it is the 21st already.
    monkeypatch.setattr(Desk, "now", lambda _: datetime(2026, 11, 20, 16, 0, tzinfo=UTC))
    environ["CERTREG_CLIENT_ADMINISTRATION_KEY"] = environ["CERTREG_CLIENT_ACCESS_KEY"]
    keys = [
        {"key_id": f"{n:08x}", "purpose": "access", **key} for n, key in enumerate(KEYS_OF_A_BODY.values())
    ]
    with scripted(says(200, {"keys": keys})) as script:
        environ["CERTREG_CLIENT_URL"] = script.url
        lines = run(environ, "key", "list", code=0).stdout.splitlines()

    assert [line.split()[4] for line in lines[1:]] == list(KEYS_OF_A_BODY)


IN_CHINESE = {
    ("check", "."): "是文件夹",
    ("check", "missing.xlsx"): "没有文件 missing.xlsx",
    ("check", "a" * 300): "无法读取",
    ("key", "register", "a" * 300, "--purpose", "access"): "无法读取",
    ("sign", "the first one"): "参数 DRAFT 应为编号",
    (): "评价机构客户端：",
    ("key",): "生成密钥；登记、查看、吊销",
    ("request",): "申请撤销、暂停、恢复、更正证书",
    ("sing",): "没有这个命令",
    ("key", "nwe"): "没有这个命令",
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
    assert ("没有这个命令" in said) is (IN_CHINESE[arguments] == "没有这个命令")
    assert "Error" not in said


EXIT_CODES = {
    Refused(422, {}): 1,
    Unreachable("register.example", "x", sent=False): 2,
    Busy(5, {}): 2,
    InDoubt(500, {}): 2,
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


def test_a_usual_file_that_can_not_be_looked_at_is_wrong_use(tmp_path):
    with pytest.raises(WrongUse, match="设置文件"):
        load_settings({"XDG_CONFIG_HOME": str(tmp_path / ("a" * 300))})


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
    "certificates": (shown.CERTIFICATE_STATUS, Status),
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


def test_the_clock_of_the_command_is_that_of_the_register():
    assert shown.SHANGHAI.utcoffset(None) == civil_time.SHANGHAI.utcoffset(None)


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


def test_every_refusal_of_one_certificate_is_one_of_the_registers():
    assert set(shown.LEFT_OUT) <= PROBLEMS.keys()


def test_certificates_that_are_left_out_are_told_and_the_exit_code_says_so(environ, tmp_path):
    line = {"number": "A1", "entry": 1, "token": "AAAA"}
    with scripted(says(200, line), problem(409, "glyph_missing")) as script:
        environ["CERTREG_CLIENT_URL"] = script.url
        said = run(environ, "certificates", DRAFT, "--to", tmp_path / "new", code=1).stdout

    assert "A1 没有取到（glyph_missing）：字库中缺少" in said


def test_a_file_is_whole_or_not_there(tmp_path, monkeypatch):
    def full(_descriptor):
        raise OSError(ENOSPC, "no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WrongUse, match="无法写入"):
        write_private(tmp_path / "a.html", b"page")

    assert list(tmp_path.iterdir()) == []


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


def settled_content(draft=DRAFT, *rows, **changes):
    return {
        "format": "certreg-submission/1", "issuer": "S0002", "site": "000002", "province": "21",
        "exam_started_on": "2026-11-07", "exam_ended_on": "2026-11-08", "late_reason": None,
        "rows": list(rows), "statistics": counts(rows), "draft": str(draft), **changes,
    }  # fmt: skip


ONE_ROW = {"row": 1, "theory": "86.5", "practice": "absent", "photo": None}
OFFLINE_REFUSED = {
    "statistics that nobody counted": (settled_content(DRAFT, ONE_ROW, statistics=counts([])), 1, "不可签名"),
    "no statistics": ({**settled_content(), "statistics": None}, 1, "不可签名"),
    "nothing that is settled": ({"format": "certreg-submission/1"}, 64, "不是 settled 存下的待签内容"),
}


@pytest.mark.parametrize("name", OFFLINE_REFUSED)
def test_offline_too_nothing_is_signed_that_does_not_add_up(environ, tmp_path, name):
    content, code, said = OFFLINE_REFUSED[name]
    path = tmp_path / "settled.json"
    path.write_text(json.dumps(content), "utf-8")

    assert said in run(environ, "sign-file", path, tmp_path / "signature", "--yes", code=code).output
    assert not (tmp_path / "signature").exists()


def test_offline_the_counts_are_shown_that_were_made_here(environ, tmp_path):
    path = tmp_path / "settled.json"
    path.write_text(json.dumps(settled_content(DRAFT, ONE_ROW)), "utf-8")

    said = run(environ, "sign-file", path, tmp_path / "signature", "--yes", code=0).output

    assert "缺考人数：1" in said
    assert "没有与成绩文件逐行核对（这台机器上没有成绩文件）" in said


def ready_to_sign(content, **changes):
    """Return the steps of a register that has this settled content: its draft twice, and the content itself."""
    text = json.dumps(content).encode()
    ready = state(
        status="ready",
        faults=0,
        rows=len(content["rows"]),
        statistics=content["statistics"],
        settled_sha256=sha256(text).hexdigest(),
        replaces=content.get("replaces"),
        **changes,
    )
    claim = encode_base64url(read_settled(text).claim)
    return ready, ready, says(200, content, Submission_Claim=claim)


COMPARED = {
    "a file in JSON": ("a.json", 1, "已与成绩文件逐行、逐项核对"),
    "one that was changed and says the same": ("a.json", 2, "已与成绩文件逐行、逐项核对"),
    "a workbook": ("a.xlsx", 1, "没有与成绩文件逐行核对（本程序不能读取 .xlsx 文件）"),
}


@pytest.mark.parametrize("name", COMPARED)
def test_whoever_signs_is_told_whether_his_file_was_compared(environ, tmp_path, name):
    file, revision, words = COMPARED[name]
    (tmp_path / file).write_text(json.dumps(settled_content()), "utf-8")
    with scripted(*ready_to_sign(settled_content(), revision=revision)) as script:
        environ["CERTREG_CLIENT_URL"] = script.url
        said = run(environ, "submit", tmp_path / file, code=1, input="n\n").output

    assert words in said
    assert ("此文件已有草稿" in said) is (revision > 1)


@pytest.mark.parametrize("as_json", [[], ["--json"]], ids=["to a clerk", "to a program"])
def test_rows_that_somebody_corrected_in_between_are_not_signed_with_the_file(environ, tmp_path, as_json):
    (tmp_path / "a.json").write_text(json.dumps(settled_content(DRAFT, ONE_ROW)), "utf-8")
    foreign = settled_content(DRAFT, {**ONE_ROW, "theory": "99"})
    with scripted(*ready_to_sign(foreign, revision=2)) as script:
        environ["CERTREG_CLIENT_URL"] = script.url
        said = run(environ, "submit", tmp_path / "a.json", "--yes", *as_json, code=1).output

    assert "序号 1 的 theory 不同" in said
    assert ("先用 preview 核对" in said) is not as_json
    assert not [each for each in script.asked if each.method == "PUT"]


def test_what_is_asked_about_is_shown_to_a_program_too_and_apart_from_its_answer(environ):
    _, *steps = ready_to_sign(settled_content(DRAFT, ONE_ROW))
    with scripted(*steps, state(status="submitted")) as script:
        environ["CERTREG_CLIENT_URL"] = script.url
        told = run(environ, "sign", DRAFT, "--json", code=0, input="y\n")

    assert json.loads(told.stdout)["status"] == "submitted"
    assert "没有与成绩文件逐行核对（没有给出成绩文件）" in told.stderr
    assert "缺考人数：1" in told.stderr


REPLACED, ANOTHER = str(UUID(int=7)), str(UUID(int=8))
REPLACES = {
    "another than was asked for": ("a.json", REPLACED, ANOTHER, None),
    "another, of a workbook": ("a.xlsx", REPLACED, ANOTHER, None),
    "one, and none was asked for": ("a.json", REPLACED, None, None),
    "none, and one was asked for": ("a.json", None, REPLACED, None),
    "another than the file says": ("a.json", REPLACED, REPLACED, ANOTHER),
}


@pytest.mark.parametrize("name", REPLACES)
def test_what_withdraws_another_submission_than_was_said_is_not_signed(environ, tmp_path, name):
    file, settled, asked, written = REPLACES[name]
    (tmp_path / file).write_text(json.dumps(settled_content(replaces=written)), "utf-8")
    words = [] if asked is None else ["--replaces", asked]
    with scripted(*ready_to_sign(settled_content(replaces=settled))) as script:
        environ["CERTREG_CLIENT_URL"] = script.url
        said = run(environ, "submit", tmp_path / file, *words, "--yes", code=1).output

    assert "不可签名" in said
    assert "要取代的报送" in said or "replaces 不同" in said
    assert not [each for each in script.asked if each.method == "PUT"]


def test_what_withdraws_the_submission_that_was_said_is_signed(environ, tmp_path):
    content = settled_content(replaces=REPLACED)
    (tmp_path / "a.json").write_text(json.dumps(content), "utf-8")
    with scripted(*ready_to_sign(content), state(status="submitted")) as script:
        environ["CERTREG_CLIENT_URL"] = script.url
        said = run(environ, "submit", tmp_path / "a.json", "--replaces", REPLACED, "--yes", code=0).output

    assert f"取代并撤回报送 {REPLACED}" in said
    assert [each.method for each in script.asked].count("PUT") == 1


def test_a_settled_content_of_another_draft_is_not_signed(environ):
    with scripted(state(status="ready", faults=0), says(200, settled_content(UUID(int=2)))) as script:
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
