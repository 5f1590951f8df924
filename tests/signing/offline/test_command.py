"""What ``certverify`` answers, from its arguments to its exit code."""

import io
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from signing.cose import Kind
from signing.id_check import IdType, id_check
from signing.link import qr_text
from tests.signing.offline.conftest import NOW, FakeStandardInput, signed_status, write_public
from tests.vectors import world

PROJECT = Path(__file__).parents[3]
ID_NUMBER = "11010119900307123X"
TOKEN = world.token(
    world.statement(direction=3, id_check=id_check(world.SALT, IdType.RESIDENT_ID, ID_NUMBER))
)
LINK = qr_text("https://dte.example/v#", TOKEN)


class Panic(BaseException):
    """What a library of another language raises."""


def test_a_valid_certificate_ends_with_0_and_says_so_first(verify):
    ended = verify(LINK)

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("✔ Valid\n")


def test_the_json_answer_has_exactly_its_five_members(verify):
    ended = verify(LINK, "--json")

    assert json.loads(ended.out) == {
        "verdict": "valid",
        "reason": "valid",
        "as_of": "2026-11-20T11:00:00+08:00",
        "holder": "not_asked",
        "certificate": {
            "number": "S000123000001263000001",
            "holder_name": "张小明",
            "occupation": {"edition": 2, "code": "2-02-10-11", "name": "示例职业"},
            "direction": {"code": "3", "name": "示例方向"},
            "level": "senior",
            "issuer": {"code": "S0001", "name": "示例评价机构一"},
            "issued_on": "2026-10-20",
            "entry": 100,
        },
    }


@pytest.mark.parametrize(
    ("token", "code", "verdict", "reason", "shown"),
    [
        (world.token(world.statement(203)), 1, "revoked", "revoked", True),
        (world.token(world.statement(205)), 1, "superseded", "superseded", True),
        (world.token(world.statement(206)), 1, "suspended", "suspended", True),
        (world.token(world.statement(201)), 1, "not_genuine", "not_issued", True),
        (world.token(world.statement(30_001)), 1, "not_genuine", "outside_key_range", True),
        (world.token(world.statement(202)), 2, "cannot_tell", "not_released", True),
        (TOKEN[:-1] + bytes((TOKEN[-1] ^ 1,)), 1, "not_genuine", "bad_signature", False),
        (TOKEN + b"\0", 1, "not_genuine", "malformed", False),
        (world.token(world.statement(), world.STRANGER), 1, "not_genuine", "unknown_key", False),
        (world.token(world.statement(), env="prod"), 1, "not_genuine", "bad_signature", False),
        (world.token(b"\x82\x02\x01"), 2, "cannot_tell", "unknown_version", False),
    ],
)
def test_each_verdict_has_its_exit_code(verify, token_file, token, code, verdict, reason, shown):
    ended = verify(token_file(token), "--json")

    answer = json.loads(ended.out)
    assert (ended.code, answer["verdict"], answer["reason"]) == (code, verdict, reason)
    assert (answer["certificate"] is not None) is shown


AGES = [
    # made this long ago, options, environment, exit code, whether it is noted
    (world.DAY * 3, [], {}, 0, False),
    (world.DAY * 3, ["--max-age-days", "3"], {}, 0, True),
    (world.DAY * 3 + world.SECOND, ["--max-age-days", "3"], {}, 2, True),
    (world.DAY * 3, ["--note-age-days=3"], {}, 0, True),
    (world.DAY * 3 - world.SECOND, ["--note-age-days=3"], {}, 0, False),
    (world.DAY * 90, ["--max-age-days", "90"], {}, 0, True),
    (world.DAY * 90, [], {"CERTVERIFY_MAX_AGE_DAYS": "90"}, 0, True),
    (world.DAY * 90, [], {"CERTVERIFY_MAX_AGE_DAYS": "89"}, 2, True),
    (world.DAY * 90, ["--max-age-days", "90"], {"CERTVERIFY_MAX_AGE_DAYS": "89"}, 0, True),
    (world.DAY * 90, [], {"CERTVERIFY_MAX_AGE_DAYS": ""}, 2, True),
    (world.DAY * 2, [], {"CERTVERIFY_NOTE_AGE_DAYS": "2"}, 0, True),
]


@pytest.mark.parametrize(("age", "options", "environment", "code", "noted"), AGES)
def test_how_old_the_status_may_be_is_the_users_to_say(
    certverify, root_file, tmp_path, monkeypatch, age, options, environment, code, noted
):
    public = write_public(tmp_path / "aged", status=signed_status(made_at=world.NOW - age))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    ended = certverify(LINK, "--root", root_file, "--public", public, "--now", NOW, *options)

    assert ended.code == code
    assert ("Note: the status is" in ended.out) == noted


@pytest.mark.parametrize(
    ("options", "environment"),
    [
        (["--max-age-days", "366"], {}),
        (["--max-age-days", "0"], {}),
        (["--max-age-days", ""], {}),
        (["--max-age-days", "30d"], {}),
        (["--note-age-days", "31"], {}),
        (["--note-age-days", "8", "--max-age-days", "7"], {}),
        ([], {"CERTVERIFY_MAX_AGE_DAYS": "forever"}),
    ],
)
def test_a_policy_out_of_bounds_is_wrong_use(verify, monkeypatch, options, environment):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    ended = verify(LINK, *options)

    assert (ended.code, ended.out) == (64, "")
    assert "--max-age-days" in ended.err


def test_nothing_of_the_content_is_printed_when_the_signature_fails(verify, token_file):
    ended = verify(token_file(world.token(world.statement(), world.STRANGER)))

    assert ended.out.startswith("✘ Not genuine\n")
    assert "张小明" not in ended.out


@pytest.mark.parametrize(
    ("number", "code", "holder", "first_line"),
    [
        (ID_NUMBER, 0, "match", "✔ Valid"),
        ("１１０１０１ 19900307 123ⅹ", 0, "match", "✔ Valid"),
        ("110101199003071231", 1, "no_match", "✘ The ID number does not fit the certificate"),
    ],
)
def test_the_holder_is_compared_when_asked(verify, number, code, holder, first_line):
    asked = (LINK, "--id-type", "resident_id", "--id-number", number)

    assert json.loads(verify(*asked, "--json").out)["holder"] == holder
    ended = verify(*asked)
    assert (ended.code, ended.out.splitlines()[0]) == (code, first_line)


def test_a_wrong_holder_is_no_even_where_the_status_can_not_tell(certverify, root_file, public):
    (public / "status" / "status.cbor").unlink()

    asked = ("--id-type", "passport", "--id-number", "E1234567")
    ended = certverify(LINK, "--root", root_file, "--public", public, "--now", NOW, *asked, "--json")

    assert ended.code == 1
    assert json.loads(ended.out)["verdict"] == "cannot_tell"


def test_no_holder_is_compared_with_a_content_that_nobody_signed(verify, token_file):
    forged = token_file(world.token(world.statement(), world.STRANGER))

    ended = verify(forged, "--id-type", "passport", "--id-number", "E1234567", "--json")

    assert json.loads(ended.out)["holder"] == "not_asked"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        (LINK, LINK),
        (LINK, "--fetch"),
        (LINK, "--js"),
        (LINK, "--id-type", "resident_id"),
        (LINK, "--id-number", ID_NUMBER),
        (LINK, "--id-type", "library_card", "--id-number", "1"),
        (LINK, "--id-type", "passport", "--id-number", " "),
        (LINK, "--id-type", "passport", "--id-number", "\udcff"),
        (LINK, "--now", "2026-11-20T12:00:00"),
        (LINK, "--now", "noon"),
        (LINK, "--language", "fr"),
        (LINK, "--root", "/nowhere/root.json"),
        (LINK, "--root", "/"),
        (LINK, "--public", "/nowhere"),
        (LINK, "--public", "/" + "a" * 300),
        (LINK, "--root", "/dev/zero"),
        ("/dev/zero",),
        ("S000123000001263000001",),
        ("1101011990030712",),
        ("/nowhere/token.cbor",),
        ("https://dte.example/v",),
        ("/",),
    ],
)
def test_wrong_use_ends_with_64_and_a_sentence(certverify, arguments):
    ended = certverify(*arguments)

    assert (ended.code, ended.out) == (64, "")
    assert ended.err.startswith("certverify: ")


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b'{"format": "certreg-root/1"}', b"\xff", b"[" * 60_000]
)
def test_a_root_that_is_none_is_wrong_use(certverify, token_file, content):
    assert certverify(LINK, "--root", token_file(content, "root.json")).code == 64


def test_help_ends_with_0_and_names_the_exit_codes(capsys):
    from signing.offline.command import main

    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    out = capsys.readouterr().out
    assert ended.value.code == 0
    for option in ("--public", "--root", "--id-type", "--id-number", "--now", "--json", "resident_id", "64"):
        assert option in out


def test_without_a_root_nothing_can_be_told(certverify, public):
    ended = certverify(LINK, "--public", public, "--json")

    assert ended.code == 2
    assert json.loads(ended.out)["reason"] == "no_trust_bundle"


def test_without_public_files_nothing_can_be_told(certverify, root_file):
    ended = certverify(LINK, "--root", root_file)

    assert ended.code == 2
    assert "--public" in ended.out


def test_the_root_and_the_copy_that_the_user_keeps_are_used(certverify, empty_home):
    kept = empty_home / ".config" / "certverify"
    kept.mkdir(parents=True)
    (kept / "root.json").write_text(world.root().to_json())
    write_public(empty_home / ".local" / "share" / "certverify" / "public")

    assert certverify(LINK, "--now", NOW).code == 0


def test_a_root_among_the_public_files_is_never_trusted(certverify, public):
    (public / "root.json").write_text(world.root().to_json())
    (public / "trust" / "root.json").write_text(world.root().to_json())

    assert certverify(LINK, "--public", public, "--now", NOW).code == 2


def test_another_root_is_not_satisfied_by_these_files(certverify, public, token_file):
    other = world.root(keys=(world.STRANGER.public,), threshold=1)
    root_file = token_file(other.to_json().encode(), "root.json")

    ended = certverify(LINK, "--root", root_file, "--public", public, "--now", NOW, "--json")

    assert json.loads(ended.out)["reason"] == "no_trust_bundle"


def test_names_that_custodians_did_not_sign_are_not_shown(verify, public):
    (public / "trust" / "names.cbor").write_bytes(
        world.signed_file(world.trust_names().to_payload(), *world.ROOTS, kind=Kind.TRUST_NAMES)
    )

    certificate = json.loads(verify(LINK, "--json").out)["certificate"]

    assert certificate["occupation"]["name"] is None
    assert certificate["issuer"] == {"code": "S0001", "name": None}


def test_an_old_status_gives_the_verdict_with_a_note(verify, public):
    (public / "status" / "status.cbor").write_bytes(signed_status(made_at=world.NOW - 12 * world.DAY))

    ended = verify(LINK)

    assert ended.code == 0
    assert "12 days old" in ended.out


def test_now_decides_and_takes_any_zone(certverify, root_file, public):
    files = ("--root", root_file, "--public", public, "--json")

    assert certverify(LINK, *files, "--now", "2026-11-20T04:00:00Z").code == 0
    late = certverify(LINK, *files, "--now", "2027-11-20T12:00+08:00")
    assert json.loads(late.out)["reason"] == "trust_bundle_expired"


def test_a_foreign_host_changes_nothing_and_is_not_named(verify):
    at_home, abroad = verify(LINK), verify(LINK.replace("dte.example", "evil.example"))

    assert at_home == abroad
    assert "nothing was fetched" in abroad.out
    assert "evil" not in abroad.out


@pytest.mark.parametrize("arguments", [["-"], ["-", "--json"]])
def test_it_reads_standard_input(verify, monkeypatch, arguments):
    monkeypatch.setattr("sys.stdin", FakeStandardInput(TOKEN))

    assert verify(*arguments).code == 0


@pytest.mark.parametrize(
    ("variables", "arguments", "first_line"),
    [
        ({"LANG": "zh_CN.UTF-8"}, [], "✔ 有效"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, [], "✔ Valid"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "de_DE", "LC_ALL": "zh_TW"}, [], "✔ 有效"),
        ({"LANG": ""}, [], "✔ Valid"),
        ({"LANG": "C.UTF-8"}, ["--language", "zh"], "✔ 有效"),
        ({"LANG": "zh_CN.UTF-8"}, ["--language=en"], "✔ Valid"),
    ],
)
def test_the_language_is_the_locales_or_the_one_asked_for(
    verify, monkeypatch, variables, arguments, first_line
):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert verify(LINK, *arguments).out.splitlines()[0] == first_line


@pytest.mark.parametrize("name", ["trust/keys.cbor", "trust/names.cbor", "status/status.cbor"])
def test_a_public_file_that_is_a_pipe_or_too_large_is_wrong_use(verify, public, name):
    path = public / name
    path.unlink()
    os.mkfifo(path)
    assert verify(LINK).code == 64

    path.unlink()
    path.touch()
    os.truncate(path, 2**40)
    ended = verify(LINK)
    assert (ended.code, ended.out) == (64, "")
    assert "Too large" in ended.err


def test_public_files_of_endless_items_take_no_time(verify, public):
    """Sixteen megabytes of empty arrays, which were half a gigabyte and many seconds before they were refused."""
    items = b"\x9a\x00\xff\xff\xf0" + b"\x80" * 0xFFFFF0
    for name in ("trust/keys.cbor", "status/status.cbor"):
        (public / name).write_bytes(items)

    assert verify(LINK).code == 2


@pytest.mark.parametrize("error", [MemoryError(), ValueError("x"), RecursionError(), OSError("x"), Panic()])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_failure_of_its_own_is_never_taken_for_a_verdict(verify, monkeypatch, error, language):
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("signing.offline.command.judge", fail)

    ended = verify(LINK, "--language", language)

    assert (ended.code, ended.out) == (70, "")
    assert ended.err.startswith("certverify: ")
    assert ended.err.count("\n") == 1
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("more", [[], ["--json"]])
@pytest.mark.parametrize("out", ["full", "broken pipe", "closed"])
def test_an_answer_that_can_not_be_written_out_ends_with_70(root_file, public, out, more):
    redirection = {"full": "> /dev/full", "broken pipe": "| true", "closed": ">&-"}[out]
    command = [sys.executable, "-m", "signing.offline", LINK, "--root", root_file, "--public", public]
    line = shlex.join(map(str, [*command, "--now", NOW, *more]))
    # The pipe is closed before anything is written into it.
    waits = "sleep 0.3; " if out == "broken pipe" else ""

    done = subprocess.run(
        ["bash", "-c", f"({waits}exec {line}) {redirection}; exit ${{PIPESTATUS[0]}}"],
        cwd=PROJECT,
        env=os.environ | {"LANG": "en"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (70, "")
    assert re.fullmatch(r"certverify: The answer could not be written out .*\n", done.stderr)


def test_with_both_streams_closed_the_exit_code_still_says_so(root_file, public):
    command = [sys.executable, "-m", "signing.offline", LINK, "--root", root_file, "--public", public]
    line = shlex.join(map(str, [*command, "--now", NOW]))

    assert subprocess.run(["bash", "-c", f"{line} >&- 2>&-"], cwd=PROJECT, check=False).returncode == 70


def test_a_standard_input_that_can_not_be_read_is_wrong_use(verify, monkeypatch):
    broken = FakeStandardInput(b"")
    with io.FileIO("/dev/null", "w") as only_written_to:
        broken.buffer = only_written_to
        for stream in (None, broken):
            monkeypatch.setattr("sys.stdin", stream)

            assert verify("-").code == 64


def test_a_terminal_that_can_not_show_a_character_still_gets_the_answer(root_file, public):
    command = [
        sys.executable,
        "-m",
        "signing.offline",
        LINK,
        "--root",
        root_file,
        "--public",
        public,
        "--now",
        NOW,
    ]
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "LANG": "zh_CN"}

    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert r"\u2714 \u6709\u6548" in done.stdout
