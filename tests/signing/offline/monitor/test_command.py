"""``certmonitor`` from its arguments to its exit code: what is trusted, what is told, and in which language."""

import json
import shutil
import string
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from signing.log.leaf import KeyEvent, SeriesOpened
from signing.offline.language import Language
from signing.offline.monitor.finding import Code, Doubt
from signing.offline.monitor.sentences import (
    DOUBTS,
    FAILURE,
    FINDINGS,
    HELP,
    LINES,
    NEWS_LINES,
    RESULTS,
    WORDS,
)
from tests.log_world import POLICY
from tests.vectors import world
from tests.vectors.world import DAY, NOW, STRANGER

PROJECT = Path(__file__).parents[4]


def doubts(answer):
    return [doubt["code"] for doubt in answer["doubts"]]


def test_it_reads_a_prefix_of_a_log_and_takes_its_trust_from_elsewhere(honest):
    mirror = honest.folder / "mirror"
    shutil.copytree(honest.public / "log", mirror)
    public, honest.folder = honest.public, honest.folder
    given = [
        "--root",
        honest.folder / "root.json",
        "--state",
        honest.state,
        "--now",
        NOW.isoformat(),
        "--json",
    ]

    alone = honest.main(mirror, *given)
    with_trust = honest.main(mirror, *given, "--public", public)

    assert (alone[0], doubts(json.loads(alone[1]))) == (2, ["no_trust_bundle"])
    assert (with_trust[0], json.loads(with_trust[1])["read_to"]) == (0, 344)


class QuietHost(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing."""


def test_it_reads_a_log_at_an_address(honest, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHost, directory=str(honest.public)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    given = [
        "--root",
        honest.folder / "root.json",
        "--state",
        honest.state,
        "--now",
        NOW.isoformat(),
        "--json",
    ]
    try:
        code, out, _ = honest.main(
            f"http://127.0.0.1:{server.server_port}", *given, "--mirror", honest.public
        )
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

    assert (code, json.loads(out)["read_to"]) == (0, 344)
    code, out, _ = honest.main(f"http://127.0.0.1:{server.server_port}", *given)
    assert (code, doubts(json.loads(out))) == (2, ["no_trust_bundle"])


def test_without_a_pinned_root_nothing_is_believed(honest):
    code, out, _ = honest.main(honest.public, "--state", honest.state, "--json")

    assert (code, doubts(json.loads(out))) == (2, ["no_trust_bundle"])
    assert not honest.state.exists()


DISTRUSTED = {
    "no trust bundle": (lambda desk: (desk.public / "trust" / "keys.cbor").unlink(), "no_trust_bundle"),
    "a trust bundle of strangers": (
        lambda desk: (desk.public / "trust" / "keys.cbor").write_bytes(
            world.signed_file(world.trust_keys(logs=(POLICY,)).to_payload(), world.ROOTS[0], STRANGER)
        ),
        "no_trust_bundle",
    ),
    "an expired trust bundle": (lambda desk: desk.trust(expires_at=NOW), "trust_bundle_expired"),
    "a trust bundle without logs": (lambda desk: desk.trust(logs=()), "unknown_log"),
    "no log": (lambda desk: shutil.rmtree(desk.public / "log"), "not_to_be_had"),
    "no checkpoint": (lambda desk: (desk.public / "log" / "checkpoint").unlink(), "not_to_be_had"),
    "an empty checkpoint": (lambda desk: (desk.public / "log" / "checkpoint").write_bytes(b""), "unknown_log"),
    "a checkpoint of two megabytes": (
        lambda desk: (desk.public / "log" / "checkpoint").write_bytes(bytes(2**21)), "not_to_be_had"
    ),
    "a checkpoint cut short": (
        lambda desk: (desk.public / "log" / "checkpoint").write_bytes(
            (desk.public / "log" / "checkpoint").read_bytes()[:-5]
        ),
        "checkpoint_refused",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DISTRUSTED)
@pytest.mark.parametrize("seen", [False, True])
def test_what_can_not_be_believed_is_a_doubt_and_changes_nothing(honest, name, seen):
    if seen:
        honest.watch()
    before = honest.state.read_bytes() if seen else None
    spoil, code = DISTRUSTED[name]
    spoil(honest)

    ended, answer = honest.watch()

    assert (ended, answer["findings"], doubts(answer)) == (2, [], [code])
    assert (honest.state.read_bytes() if honest.state.exists() else None) == before


@pytest.mark.parametrize(
    "options",
    [
        ["--now", "2026-11-20T04:00:00"],
        ["--now", "soon"],
        ["--root", "nowhere.json"],
        ["--mirror", "ftp://log.example/"],
        ["--mirror", "/nowhere/at/all"],
        ["--public", "/nowhere/at/all"],
        ["--language", "fr"],
        ["--unknown"],
    ],
)
def test_wrong_use_is_64_and_says_what_is_wrong(honest, options):
    code, out, err = honest.run(*options)

    assert (code, out) == (64, "")
    assert err.startswith("certmonitor: ")


def test_a_state_is_needed(honest):
    code, _, err = honest.main(honest.public)

    assert code == 64
    assert "--state" in err


def test_a_state_that_can_not_be_written_is_a_failure_of_the_command_and_the_answer_is_told(honest):
    (honest.folder / "file").write_text("")

    code, out, err = honest.run("--state", honest.folder / "file" / "state")

    assert (code, out[:10]) == (70, "✔ In order")
    assert err.startswith("certmonitor: The command could not finish (")


def test_the_report_tells_what_is_wrong_with_its_leaf_and_its_code(honest):
    honest.register.sign("S000123000001263000003", 1)
    honest.publish()

    code, out, _ = honest.run()

    assert code == 1
    assert out.startswith("✘ Something is wrong\n  Log log.example/register: 345 leaves, root ")
    assert "    [duplicate_number] leaf 344: S000123000001263000003 was given before, in version 1" in out
    assert "Cosigned by 2026-11-20 11:00 (Beijing time): witness0.example, witness1.example\n" in out
    assert honest.run()[1].startswith("✔ In order\n")
    assert "Earlier runs told of 1 findings" in honest.run()[1]


def test_the_report_speaks_chinese(honest):
    honest.register.sign("S000123000001263000003", 1)
    honest.publish()

    _, out, _ = honest.run("--language", "zh")

    assert out.startswith("✘ 发现问题\n  日志 log.example/register，345 条")
    assert "[duplicate_number] 第 344 条：编号 S000123000001263000003 的第 1 版" in out


def test_an_old_checkpoint_is_noted_and_so_is_a_clock_that_is_behind(honest):
    assert "Note: this is 8 days old" in honest.run(now=NOW + 8 * DAY)[1]
    assert "set the clock" in honest.run(now=NOW - DAY)[1]
    assert "Note" not in honest.run()[1]


def test_what_a_leaf_says_can_not_steer_a_terminal(desk):
    register = desk.register
    register.log(KeyEvent(register.tick(), "\x1b[2J\u202eevil", "trust/keys", 1, bytes(32), ()))
    register.log(SeriesOpened(at=register.tick(), profile=9, parts=("\x1b]0;owned\x07", "  " * 20)))
    desk.publish()

    _, out, _ = desk.run()

    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "<U+001B>[2J<U+202E>evil" in out


@pytest.mark.parametrize("language", list(Language))
def test_every_code_and_word_has_its_sentence_in_both_languages(language):
    tables = [FINDINGS, DOUBTS, RESULTS, WORDS, LINES, NEWS_LINES, HELP, {"": FAILURE}]

    assert set(FINDINGS) == set(Code)
    assert set(DOUBTS) == set(Doubt)
    for table in tables:
        for text in table.values():
            assert text.in_(language).strip()
            names = [{name for _, name, *_ in string.Formatter().parse(side) if name} for side in text]
            assert names[0] == names[1]


ALONE = """
import sys
for name in ("cryptography", "socket", "ssl", "http", "urllib.request", "registry"):
    sys.modules[name] = None
sys.path.insert(0, sys.argv.pop(1))
from signing.offline.monitor.command import main
sys.exit(main())
"""


def test_it_needs_no_library_and_no_network_for_a_folder(honest, tmp_path):
    alone = tmp_path / "alone"
    shutil.copytree(PROJECT / "signing", alone / "signing", ignore=shutil.ignore_patterns("__pycache__"))
    given = [
        honest.public,
        "--root",
        honest.folder / "root.json",
        "--state",
        honest.state,
        "--now",
        NOW.isoformat(),
    ]

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", ALONE, alone, *map(str, given), "--json"],
        cwd="/", capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["read_to"] == 344
