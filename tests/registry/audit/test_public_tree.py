"""What lies in the public tree and is no plain file: found, named, never followed and never waited for."""

import os
import shutil
import socket

import pytest

from registry.audit.check import Check, own_hands
from registry.audit.evidence import open_evidence
from registry.audit.finding import Kind
from registry.foundation.charter import read_charter
from registry.publication.public_files import STATUS, TRUST_KEYS, TRUST_NAMES
from tests.rigs.plain_rights import plain_rights


def found_in(audited):
    """Return what the check says of files, by name; it must come to its end with nothing skipped."""
    sessions = audited.world.sessions
    evidence = open_evidence(audited.places, sessions.read(read_charter))
    report, _ = Check(sessions, evidence, own_hands(sessions, evidence), audited.places).run()
    assert report.skipped == ()
    public = [finding for finding in report.findings if finding.kind is Kind.PUBLIC]
    assert len(public) == len(report.findings)
    prefix = f"{audited.places.public_dir}/"
    return {finding.row.removeprefix(prefix): finding.what for finding in public}


def lay_socket(path):
    """Lay a socket; its address may be longer than the system takes, so it is made from its folder."""
    here = os.open(".", os.O_RDONLY)
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.fchdir(here)
        os.close(here)


LAID = {
    "a symbolic link": lambda path, copy: path.symlink_to(copy),
    "a pipe": lambda path, _: os.mkfifo(path),
    "a socket": lambda path, _: lay_socket(path),
    "a folder": lambda path, _: path.mkdir(),
}


@pytest.fixture
def copy(audited, tmp_path):
    """A whole copy of the public tree, which links may lead to."""
    return shutil.copytree(audited.places.public_dir, tmp_path / "copy")


@pytest.mark.parametrize("kind", LAID)
@pytest.mark.parametrize("name", [TRUST_KEYS, TRUST_NAMES, STATUS])
def test_what_lies_in_the_place_of_a_file_is_named(audited, copy, name, kind):
    path = audited.places.public_dir / name
    path.unlink()
    LAID[kind](path, copy / name)

    assert found_in(audited) == {name: f"it is {kind}, not a file"}


@pytest.mark.parametrize("kind", [kind for kind in LAID if kind != "a folder"])
@pytest.mark.parametrize("name", ["trust/more.cbor", "deep/er/more", ".hidden"])
def test_what_lies_beside_the_files_is_named(audited, copy, name, kind):
    path = audited.places.public_dir / name
    path.parent.mkdir(parents=True, exist_ok=True)
    LAID[kind](path, copy)

    assert found_in(audited) == {name: f"nobody published it; it is {kind}"}


def test_a_link_to_nowhere_is_named(audited):
    (audited.places.public_dir / "more").symlink_to("nowhere")

    assert found_in(audited) == {"more": "nobody published it; it is a symbolic link"}


def test_a_link_in_the_place_of_a_folder_is_not_followed(audited, copy):
    folder = audited.places.public_dir / "trust"
    shutil.rmtree(folder)
    folder.symlink_to(copy / "trust")

    behind = f"it lies behind {folder}, which is a symbolic link, not a folder"
    assert found_in(audited) == {
        "trust": "nobody published it; it is a symbolic link",
        TRUST_KEYS: behind,
        TRUST_NAMES: behind,
    }


def test_a_link_that_leads_to_itself_is_no_endless_walk(audited):
    (audited.places.public_dir / "status" / "again").symlink_to("../status")

    assert found_in(audited) == {"status/again": "nobody published it; it is a symbolic link"}


def test_a_file_in_the_place_of_a_folder_is_named(audited):
    folder = audited.places.public_dir / "status"
    shutil.rmtree(folder)
    folder.write_bytes(b"")

    assert found_in(audited) == {
        "status": "nobody published it",
        STATUS: f"it lies behind {folder}, which is a file, not a folder",
    }


def test_the_tree_itself_may_be_a_link_as_a_setting_may_name_one(audited, copy):
    shutil.rmtree(audited.places.public_dir)
    audited.places.public_dir.symlink_to(copy)

    assert found_in(audited) == {}


def test_a_file_that_can_not_be_read_is_named(audited):
    (audited.places.public_dir / STATUS).chmod(0)

    with plain_rights():
        assert found_in(audited) == {STATUS: "it can not be read: Permission denied"}


def test_a_folder_that_can_not_be_read_is_named(audited):
    folder = audited.places.public_dir / "more"
    folder.mkdir(mode=0)

    with plain_rights():
        found = found_in(audited)

    assert found == {"more": "nobody published it; it is a folder that can not be read (Permission denied)"}


def test_a_name_of_any_bytes_is_told_as_text(audited):
    (audited.places.public_dir / os.fsdecode(b"\xff\n\x1b[2J")).write_bytes(b"")

    assert found_in(audited) == {"\\xff\\x0a\\x1b[2J": "nobody published it"}


def test_before_anything_was_published_a_pipe_is_named_and_a_file_is_nobodys_business(young_audited):
    young_audited.places.public_dir.mkdir()
    os.mkfifo(young_audited.places.public_dir / "pipe")
    (young_audited.places.public_dir / "index.html").write_bytes(b"")
    sessions = young_audited.world.sessions
    evidence = open_evidence(young_audited.places, sessions.read(read_charter))

    report, _ = Check(sessions, evidence, own_hands(sessions, evidence), young_audited.places).run()

    assert [finding.row for finding in report.findings] == [str(young_audited.places.public_dir / "pipe")]
