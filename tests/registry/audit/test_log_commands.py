"""``certreg log`` as it is typed: what it says, what it does, and with which exit code."""

import shutil
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from registry.certificate.lifecycle import Reason, suspend
from registry.certificate.tables import Certificate, Entry
from registry.journal.tables import Event, LogHead
from registry.operator.command import Refusals
from registry.operator.desk import Desk
from registry.operator.log_commands import log
from registry.settings import load_settings
from tests.registry.audit.audited import AFTERWARDS
from tests.registry.world import ENVIRONMENT

LATER_STILL = AFTERWARDS + timedelta(hours=1)
OWN = "only witness here is the register's own: it guards against mistakes"


class Typing:
    """The folder of an audited world as an installation, and the command before it."""

    def __init__(self, audited, folder):
        self.audited = audited
        self.folder = folder
        self.environ = {
            "CERTREG_DATABASE_URL": f"sqlite:///{self.folder}/register.sqlite3",
            "CERTREG_PUBLIC_DIR": str(self.folder / "public"),
            "CERTREG_KEYS_DIR": str(self.folder),
            "CERTREG_WITNESS_DIR": str(self.folder / "witness"),
            "CERTREG_KEY_IDENTITY_FILE": str(self.folder / "secrets" / "identity.txt"),
            "CERTREG_DATA_KEY_FILE": str(self.folder / "secrets" / "data.key"),
            "CERTREG_LOOKUP_KEY_FILE": str(self.folder / "secrets" / "lookup.key"),
            "CERTREG_ROOT_FILE": str(self.folder / "root.json"),
            "CERTREG_ENVIRONMENT": ENVIRONMENT,
        }

    def run(self, *words, code=0):
        self.audited.world.sessions.close()
        desk = Desk(load_settings(self.environ), now=lambda: LATER_STILL)
        main = Refusals("certreg", commands={"log": log})
        result = CliRunner().invoke(main, ["log", *map(str, words)], obj=desk, catch_exceptions=False)
        desk.close()
        assert result.exit_code == code, result.output
        return result.output


@pytest.fixture
def typing(audited):
    return Typing(audited, audited.logged.folder)


def test_a_log_in_good_order_is_said_to_be(typing):
    size = typing.audited.world.all(select(LogHead.size))[0]

    output = typing.run("check")

    assert f"leaves of the public log {size}" in output
    assert "nothing is wrong\n" in output
    assert OWN in output


def test_a_log_is_checked_on_several_cores_too(typing):
    assert "nothing is wrong\n" in typing.run("check", "--processes", 2)


def test_a_fault_is_told_with_its_row_and_ends_with_1(typing):
    (event,) = typing.audited.world.all(select(Event.id).where(Event.leaf == 12))
    typing.audited.world.tamper(update(Event).where(Event.id == event).values(leaf=None))

    output = typing.run("check", code=1)

    assert f"log: event {event}: " in output


def test_a_part_that_can_not_be_checked_ends_with_2(typing):
    typing.audited.places.log_memory.unlink()

    assert "not checked: log: the log's memory is not there" in typing.run("check", code=2)


def test_lost_files_are_built(typing):
    shutil.rmtree(typing.folder / "public" / "log")

    output = typing.run("build")

    size = typing.audited.world.all(select(LogHead.size))[0]
    assert f"making {size} leaves anew" in output
    assert f"public files written: 3; {size} leaves, {size} of them cosigned" in output
    assert "nothing is wrong\n" in typing.run("check")


def test_a_file_with_other_bytes_is_named_and_left(typing):
    size = typing.audited.world.all(select(LogHead.size))[0]
    path = typing.folder / "public" / "log" / "tile" / "0" / "000.p" / str(size)
    path.write_bytes(bytes(32 * size))

    output = typing.run("build", code=1)

    assert f"{path} holds other bytes than the register's" in output
    assert path.read_bytes() == bytes(32 * size)


def test_an_older_copy_knows_its_log_again(typing):
    audited = typing.audited
    audited.engine.dispose()
    audited.world.sessions.close()
    shutil.copyfile(typing.folder / "register.sqlite3", typing.folder / "kept")
    world = audited.world
    number = world.all(select(Certificate.number).join(Entry).where(Entry.status == "released"))[0]
    world.sessions.run(
        lambda session: suspend(session, world.registrar, number, Reason.EXAM_FRAUD, now=AFTERWARDS)
    )
    audited.grow(at=AFTERWARDS)
    world.sessions.close()
    mirror = shutil.copytree(typing.folder / "public", typing.folder / "mirror")
    shutil.copyfile(typing.folder / "kept", typing.folder / "register.sqlite3")

    output = typing.run("rebuild", "--from", mirror)

    assert f"{mirror}/log" in output
    assert "of lost acts: suspended 1" in output
    assert "1 entries follow the log: released → suspended" in output
    assert "nothing is wrong\n" in typing.run("check")
    assert "no leaf of the public log was lost" in typing.run("rebuild")


@pytest.mark.parametrize(("command", "code"), [("build", 1), ("rebuild", 1), ("check", 2)])
def test_a_register_without_a_log_says_so(fresh_audited_without_log, command, code):
    audited = fresh_audited_without_log
    typing = Typing(audited, audited.places.root_file.parent)
    typing.environ["CERTREG_DATABASE_URL"] = audited.engine.url.render_as_string(hide_password=False)

    assert "the trust bundle names no public log" in typing.run(command, code=code)
