"""A register whose log is witnessed elsewhere: what its operator is told, from the founding to the first release."""

import sqlite3
from contextlib import closing

import pytest

from tests.registry.operator.office import Office

NAME = "witness.example/w1"


@pytest.fixture
def elsewhere(tmp_path):
    """Another machine, with a witness that trusts no log yet."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    office = Office(folder)
    office.done("witness", "init", "--name", NAME)
    return office


@pytest.fixture
def founded(elsewhere, tmp_path):
    """What the founding said, and the office, whose only witness is the other machine's."""
    folder = tmp_path / "register"
    folder.mkdir()
    office = Office(folder)
    office.done("init")
    vkeys = elsewhere.folder / "witness" / "witness.vkeys"
    return office.done("key", "found", *office.media(), *office.custodians(), "--witness", vkeys), office


def test_the_founding_says_what_to_give_to_the_witness(founded, elsewhere):
    said, office = founded
    vkeys = office.folder / "keys" / "log" / "log.vkeys"

    assert f"{vkeys}: give it to the witness: certreg witness trust" in said
    assert "trusted dte.example" in elsewhere.done("witness", "trust", vkeys)


def test_init_says_what_the_founding_needs(empty_office):
    said = empty_office.done("init")

    assert "--custodian-medium" in said
    assert "--witness" in said


def test_without_a_way_to_the_witness_the_setting_is_named(founded):
    _, office = founded

    said = office.refused("log", "build")

    assert f"the trust bundle names the witness {NAME}" in said
    assert "set CERTREG_WITNESSES to NAME=URL of it" in said
    assert not (office.folder / "witness").exists()


def test_leaves_that_are_not_cosigned_yet_are_counted(office):
    office.done("work", "--once")
    whole = office.done("log", "check")
    with closing(sqlite3.connect(office.folder / "register.sqlite3")) as database, database:
        database.execute("UPDATE log_head SET cosigned = size - 2")

    assert "not cosigned yet" not in whole
    assert "2 leaves are not cosigned yet" in office.certreg("log", "check").output
    assert "2 leaves are not cosigned yet" in office.certreg("check", "--full").output
