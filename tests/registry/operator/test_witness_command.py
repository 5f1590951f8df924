"""``certreg witness``: made, told of a log, served as a process of its own, killed, and seeded."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from keys.errors import WitnessUnreachable
from keys.note_keys import NoteKeys, NoteSigner, read_vkeys
from keys.sealing import Identity
from keys.witness.link import RemoteWitness
from keys.witness.place import name_at
from tests.keys.witness.small_log import NAME, ORIGIN, SmallLog
from tests.registry.operator.serving import CERTREG, free_ports

PATIENCE_SECONDS = 60.0


@pytest.fixture
def log(tmp_path):
    seal = Identity.create(tmp_path / "of-the-log" / "identity.txt")
    return SmallLog(NoteKeys.create(tmp_path / "of-the-log" / "log.age", NoteSigner.LOG, ORIGIN, seal))


@pytest.fixture
def office(empty_office, tmp_path, log):
    """A machine with a witness that trusts the log, and with no register."""
    empty_office.done("witness", "init", "--name", NAME)
    empty_office.done("witness", "trust", tmp_path / "of-the-log" / "log.vkeys")
    return empty_office


@pytest.fixture
def keys(office):
    return read_vkeys(office.folder / "witness" / "witness.age")


@contextmanager
def serving(office, *arguments: object, **more: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Run the witness until the block ends; yield its URL and process."""
    (port,) = free_ports(1)
    process = subprocess.Popen(
        [CERTREG, "witness", "serve", "--listen", f"127.0.0.1:{port}", *map(str, arguments)],
        env={**os.environ, **office.environ, **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        said = process.stdout.readline()
        assert said == f"witness {NAME} answers at http://127.0.0.1:{port}\n", said
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_SECONDS)


def test_it_is_made_without_a_register(empty_office):
    said = empty_office.done("witness", "init", "--name", NAME)

    keys = read_vkeys(empty_office.folder / "witness" / "witness.age")
    assert all(key.vkey in said for key in keys)
    assert {path.name for path in empty_office.folder.iterdir()} == {"witness", "secrets"}
    assert "trusts no log yet" in empty_office.done("witness", "show")


def test_it_is_not_made_twice(office, keys):
    assert "never overwritten" in office.refused("witness", "init", "--name", "witness.example/w2")

    assert read_vkeys(office.folder / "witness" / "witness.age") == keys


@pytest.mark.parametrize(
    "command", [["serve"], ["show"], ["trust", __file__], ["seed", "x", __file__, __file__]]
)
def test_no_other_command_makes_one(empty_office, command):
    said = empty_office.refused("witness", *command)

    assert said.startswith("certreg: ")
    assert not (empty_office.folder / "witness").exists()


def test_what_are_no_keys_of_a_log_is_not_trusted(office):
    office.refused("witness", "trust", __file__)
    office.refused("witness", "trust", office.folder / "witness" / "witness.vkeys")

    assert office.done("witness", "show").count("nothing seen yet") == 1


def test_it_cosigns_and_shows_what_it_saw(office, keys, log):
    with serving(office) as (url, _):
        assert name_at(url) == NAME
        lines = RemoteWitness(url, keys).cosign(0, (), log.checkpoint(5))

    assert lines.count(b"\n") == 2
    assert f"{ORIGIN}: 5 leaves, root {log.head(5).root.hex()}, 20" in office.done("witness", "show")


def test_it_ends_in_good_order(office, keys, log):
    with serving(office) as (url, process):
        RemoteWitness(url, keys).cosign(0, (), log.checkpoint(5))
        process.send_signal(signal.SIGTERM)

        assert process.wait(PATIENCE_SECONDS) == 0


def test_killed_after_it_wrote_it_goes_on_from_there(office, keys, log):
    at = {"CERTREG_CRASH_AT": "witness.stored:kill"}
    with serving(office, **at) as (url, process):
        with pytest.raises(WitnessUnreachable):
            RemoteWitness(url, keys).cosign(0, (), log.checkpoint(5))
        assert process.wait(PATIENCE_SECONDS) == -signal.SIGKILL

    with serving(office) as (url, _):
        assert RemoteWitness(url, keys).cosign(5, log.proof(5, 9), log.checkpoint(9))


def test_a_lost_head_is_shown_and_seeded(office, log, tmp_path):
    (head,) = (office.folder / "witness" / "logs").glob("*.head")
    head.unlink()
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(log.checkpoint(7))

    assert "is missing" in office.refused("witness", "show")
    said = office.done("witness", "seed", ORIGIN, tmp_path / "a", tmp_path / "b")

    assert "goes on from 7 leaves" in said
    assert f"{ORIGIN}: 7 leaves" in office.done("witness", "show")
    assert "nothing is lost" in office.refused("witness", "seed", ORIGIN, tmp_path / "a", tmp_path / "b")


def test_two_trees_of_one_size_are_shown(office, log, tmp_path):
    (head,) = (office.folder / "witness" / "logs").glob("*.head")
    head.unlink()
    (tmp_path / "a").write_bytes(log.checkpoint(7))
    (tmp_path / "b").write_bytes(log.forked_at(3).checkpoint(7))

    office.refused("witness", "seed", ORIGIN, tmp_path / "a", tmp_path / "b")

    assert "it signed two trees of one size" in office.refused("witness", "show")


@pytest.mark.parametrize(
    "address", ["", "8002", ":8002", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "a:b"]
)
def test_an_address_that_is_none_is_wrong_use(office, address):
    assert "write it like" in office.refused("witness", "serve", "--listen", address, code=2)


def test_a_place_that_is_taken_is_said(office):
    with serving(office) as (url, _):
        said = office.refused("witness", "serve", "--listen", url.removeprefix("http://"))

    assert "in use" in said


@pytest.mark.parametrize("name", ["two words", "a+b", ""])
def test_a_name_that_no_witness_can_have_is_refused(empty_office, name):
    empty_office.refused("witness", "init", "--name", name)

    assert not (empty_office.folder / "witness").exists()


def test_a_witness_has_a_name_and_no_address(empty_office):
    said = empty_office.refused("witness", "init", "--name", "https://witness.example/w1", code=2)

    assert "no scheme" in said
    assert not (empty_office.folder / "witness").exists()
