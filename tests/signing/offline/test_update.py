"""``certverify update``: what it says, what it keeps, and that the kept copy decides the next verdict."""

import itertools
import json
import os
import pkgutil
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from signing.errors import DistributionRefused, Refusal
from signing.link import qr_text
from signing.offline.answer import BEIJING
from signing.offline.command import main
from signing.offline.contents import Contents
from signing.offline.kept import Kept, files_in
from signing.offline.language import Language
from signing.offline.public_files import default_public
from signing.offline.refresh import contents
from signing.offline.refusals import REFUSALS
from signing.offline.source import FolderSource
from signing.offline.update_command import updated
from signing.offline.updated import Updated
from tests.distribution.cases import case
from tests.distribution.repository import (
    KEYS,
    NAMES,
    STATUS,
    Repository,
    repository,
    root_keys,
    write,
)
from tests.signing.offline.conftest import NOW
from tests.vectors import world

PROJECT = Path(__file__).parents[3]
LINK = qr_text("https://dte.example/v#", world.token(world.statement()))
WITHOUT_TUF = """
import sys
sys.modules["tuf"] = None
from signing.offline.command import main
sys.exit(main())
"""


@pytest.fixture
def made() -> Repository:
    """A distribution of this moment, since the command reads the clock."""
    return repository(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
def host(tmp_path, made):
    """Write what is distributed now to the host's folder."""
    folder = tmp_path / "host"

    return lambda: write(folder, made.files)


@pytest.fixture
def update(certverify, root_file, host):
    def run(*arguments: object):
        return certverify("update", "--from", host(), "--root", root_file, *arguments)

    return run


def test_a_first_update_says_what_there_is_now(update, made):
    ended = update()

    assert (ended.code, ended.err) == (0, "")
    first, before, now, environment = ended.out.splitlines()
    assert first == "✔ Updated"
    assert before == "  There was no copy here that could be used"
    assert now.startswith("  Now: root 1, keys 7, names 3, status 900 (as of 20")
    assert environment == "  Trusted root: environment demo."


def test_a_second_one_finds_nothing_new(update):
    update()

    assert update().out.splitlines()[0] == "✔ Up to date"


def test_the_json_answer_tells_what_changed(update, made):
    update()
    made.status_version = 901
    made.rotate(root_keys(2)).publish()

    told = json.loads(update("--json").out)

    as_of = (made.now - world.HOUR).astimezone(BEIJING).isoformat()
    versions = {"keys": 7, "names": 3, "as_of": as_of}
    assert told == {
        "result": "updated",
        "reason": None,
        "about": None,
        "environment": "demo",
        "before": versions | {"root": 1, "status": 900},
        "after": versions | {"root": 2, "status": 901},
        "recovered": False,
    }


def test_what_is_refused_ends_with_2_and_the_copy_stays(update, made):
    old = dict(made.files)
    made.status_version = 901
    made.publish()
    update()
    made.files |= old

    ended = update()
    told = json.loads(update("--json").out)

    assert ended.code == 2
    assert ended.out.splitlines()[0] == "? Not updated"
    assert "tuf/timestamp.json is older than what was seen here before" in ended.out
    assert "The copy from before stays: root 1, keys 7, names 3, status 901" in ended.out
    assert (told["result"], told["reason"], told["about"]) == ("refused", "rollback", "tuf/timestamp.json")
    assert told["after"]["status"] == 901


def test_the_kept_copy_decides_the_next_verdict(update, certverify, root_file, made):
    update()
    root = ("--root", root_file, "--json")
    assert json.loads(certverify(LINK, *root).out)["verdict"] == "valid"

    revoked = world.status(version=901, made_at=made.now, revoked=frozenset({100}))
    made.given[STATUS] = world.STATUS.sign1(revoked.to_payload(), "status")
    made.publish()
    update()

    assert json.loads(certverify(LINK, *root).out)["verdict"] == "revoked"


def test_a_rotated_root_is_followed_offline(update, certverify, root_file, made, host):
    made.rotate(root_keys(2)).rotate(root_keys(3)).publish()
    update()

    for public in ((), ("--public", host())):
        assert certverify(LINK, "--root", root_file, *public).code == 0


def test_a_broken_chain_of_roots_can_not_tell_and_says_why(certverify, root_file, made, host):
    made.signers["root"] = root_keys(2)
    made.rotate(root_keys(2)).publish()
    folder = host()

    ended = certverify(LINK, "--root", root_file, "--public", folder)
    told = json.loads(certverify(LINK, "--root", root_file, "--public", folder, "--json").out)

    assert ended.code == 2
    assert "tuf/2.root.json does not carry enough good signatures" in ended.out
    assert (told["verdict"], told["reason"]) == ("cannot_tell", "no_trust_bundle")


def test_the_kept_copy_is_itself_a_distribution(update, certverify, root_file, made, tmp_path, monkeypatch):
    made.rotate(root_keys(2)).publish()
    update()
    copy = default_public(
        {"HOME": "/nowhere", "XDG_DATA_HOME": str(Path.home() / ".local/share")}, world.root()
    )
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "another machine"))

    ended = certverify("update", "--from", copy, "--root", root_file)

    assert ended.out.splitlines()[0] == "✔ Updated"


def test_copies_of_different_roots_do_not_meet(update, certverify, made, token_file):
    update()
    other = token_file(world.root(threshold=3).to_json().encode(), "other-root.json")

    assert json.loads(certverify(LINK, "--root", other, "--json").out)["reason"] == "no_trust_bundle"


def test_updates_leave_no_more_than_two_copies(update, made, empty_home):
    for version in range(901, 905):
        made.status_version = version
        made.publish("status")
        assert update().code == 0

    kept = Kept.of(empty_home / ".local/share/certverify", world.root())
    assert sorted(path.name for path in kept.folder.iterdir()) == ["00000003", "00000004", "lock", "seen"]
    assert files_in(kept.folder / "00000004")["tuf/timestamp.json"] == made.files["tuf/timestamp.json"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_recovery_is_told(language):
    contents = Contents(2, 7, 3, 900, world.NOW)

    told = Updated("demo", contents, contents, recovered=True).report(Language(language))

    assert ("发布密钥已更换" if language == "zh" else "publication keys were replaced") in told


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("reason", Refusal)
def test_every_refusal_says_why_and_what_to_do(reason, language):
    refused = DistributionRefused(reason, "tuf/7.snapshot.json\x1b[2J")

    lines = Updated("demo", None, None, refused=refused).report(language).splitlines()

    assert lines[1].strip() == REFUSALS[reason].why.in_(language).format(
        about="tuf/7.snapshot.json<U+001B>[2J"
    )
    assert lines[2].strip() == REFUSALS[reason].advice.in_(language)
    assert "{" not in "".join(lines)


def test_no_refusal_is_without_its_sentence():
    assert set(REFUSALS) == set(Refusal)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--from",),
        ("--from", "/nowhere"),
        ("--from", "ftp://host/public"),
        ("--from", "https:///public"),
        ("--from", "https://host/public?x=1"),
        ("--from", "https://name:word@host/public"),
        ("--from", "https://[host/public"),
        ("--from", "file://host/public"),
        ("--from", "."),
        ("--from", ".", "--root", "/nowhere"),
        ("--from", ".", "--language", "fr"),
        ("--from", ".", "more"),
    ],
)
def test_wrong_use_ends_with_64_and_a_sentence(certverify, arguments):
    ended = certverify("update", *arguments)

    assert (ended.code, ended.out) == (64, "")
    assert ended.err.startswith("certverify: ")


@pytest.mark.parametrize(
    ("arguments", "named"), [(["--help"], "certverify update"), (["update", "--help"], "--from")]
)
def test_help_names_the_command_and_its_exit_codes(capsys, arguments, named):
    with pytest.raises(SystemExit):
        main(arguments)

    out = capsys.readouterr().out
    assert named in out
    assert "64" in out


def test_a_file_called_update_is_read_by_its_path(certverify, root_file, public, tmp_path, monkeypatch):
    (tmp_path / "update").write_bytes(world.token(world.statement()))
    monkeypatch.chdir(tmp_path)

    ended = certverify("./update", "--root", root_file, "--public", public, "--now", NOW)

    assert ended.code == 0


def test_without_tuf_only_updates_are_missed(root_file, public, host):
    run = [sys.executable, "-c", WITHOUT_TUF]
    files = ["--root", root_file, "--public", public, "--now", NOW]

    verified = subprocess.run([*run, LINK, *files], cwd=PROJECT, capture_output=True, text=True, check=False)
    refused = subprocess.run(
        [*run, "update", "--from", host(), "--root", root_file, "--language", "en"],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert verified.returncode == 0
    assert refused.returncode == 64
    assert "Updating needs tuf, which is not installed here" in refused.stderr


# Every call by which an update touches the disk.
STEPS = [
    ("os", "fsync"),
    ("os", "replace"),
    ("os", "symlink"),
    ("os", "remove"),
    ("pathlib.Path", "rename"),
    ("shutil", "rmtree"),
]


def before_each_step(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Do something before each step."""
    for room, name in STEPS:
        original = pkgutil.resolve_name(f"{room}.{name}")

        def step(*arguments: Any, original: Callable[..., Any] = original, **more: Any) -> Any:
            act()
            return original(*arguments, **more)

        monkeypatch.setattr(f"{room}.{name}", step)


def killed_before(step: int, act: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> bool:
    """Do something in a process of its own, which ends before a step; say whether it got that far."""
    process = os.fork()
    if process == 0:
        steps = iter(range(step))
        before_each_step(monkeypatch, lambda: next(steps, None) is None and os._exit(9))
        try:
            act()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 9


def test_a_kill_at_any_step_leaves_the_old_or_the_new_copy_in_use(tmp_path, monkeypatch):
    told = case("root rotated between visits", world.NOW)
    first, second = (
        FolderSource(write(tmp_path / f"host-{number}", visit.files))
        for number, visit in enumerate(told.visits)
    )
    before, done = Kept(tmp_path / "before"), Kept(tmp_path / "done")
    old = updated(first, told.pin, before, now=world.NOW).after
    new = updated(second, told.pin, done, now=world.NOW).after
    found = []
    for step in itertools.count():
        kept = Kept(tmp_path / f"killed-{step}")
        shutil.copytree(before.folder, kept.folder, symlinks=True)
        if not killed_before(step, partial(updated, second, told.pin, kept, now=world.NOW), monkeypatch):
            break
        found.append(contents(kept, told.pin))
        assert updated(second, told.pin, kept, now=world.NOW).after == new

    assert len(found) > 20
    assert set(found) == {old, new}


def test_a_disk_that_is_full_is_told_and_the_copy_stays(tmp_path, monkeypatch, made, host):
    kept, source = Kept(tmp_path / "kept"), FolderSource(host())
    before = updated(source, world.root(), kept, now=made.now)
    made.status_version = 901
    made.publish("status")
    host()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    outcome = updated(source, world.root(), kept, now=made.now)

    assert outcome.refused.reason is Refusal.NOT_KEPT
    assert outcome.after == before.after


def test_only_what_changed_is_fetched(tmp_path, made):
    asked = []

    class Listening:
        def read(self, name: str, max_bytes: int) -> bytes | None:
            asked.append(name)
            return made.files.get(name)

    kept = Kept(tmp_path / "kept")
    updated(Listening(), world.root(), kept, now=made.now)
    assert not {KEYS, NAMES, STATUS} & set(asked)
    first = len(asked)

    updated(Listening(), world.root(), kept, now=made.now)
    assert asked[first:] == ["tuf/2.root.json", "tuf/timestamp.json"]
    made.status_version = 901
    made.publish("status")
    second = len(asked)

    updated(Listening(), world.root(), kept, now=made.now)
    assert first == 10
    # A delta of the hour may be looked for before the whole status is.
    assert [name for name in asked[second:][:-1] if not name.startswith("status/since/")] == [
        "tuf/2.root.json", "tuf/timestamp.json", "tuf/2.snapshot.json", "tuf/2.status.json"
    ]  # fmt: skip
    assert asked[-1].endswith(".status.cbor")


def test_damaged_memory_is_made_good_from_the_source(tmp_path, made, host):
    kept, source = Kept(tmp_path / "kept"), FolderSource(host())
    made.rotate(root_keys(2)).publish()
    host()
    updated(source, world.root(), kept, now=made.now)
    for path in kept.seen.rglob("*.json"):
        path.write_bytes(b"")

    outcome = updated(source, world.root(), kept, now=made.now)

    assert outcome.refused is None
    assert outcome.result == "current"
