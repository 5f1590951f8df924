"""Founding a register by command: once, again, and what every other command says before it."""

import os
import stat
from dataclasses import replace

import pytest

from registry.database.migrate import tables_in
from registry.directory.reading import shipped_directory
from tests.registry.operator.office import ISSUER, Office, environ_of, today

NUMBER = "S000221000002261000001"
NOWHERE = "00000000-0000-0000-0000-000000000000"
CUSTODIANS = ("--custodian-medium", "d", "--custodian-medium", "e")

# Every command that needs a register, with what it needs besides.
BEFORE_INIT = [
    ("directory", "load"),
    ("directory", "show"),
    ("series", "open", "--issuer", ISSUER, "--province", "21", "--site", "000002", "--year", "2026"),
    ("account", "create", "somebody", "--role", "registrar:CN"),
    ("account", "list"),
    ("key", "found", *(part for place in "abc" for part in ("--medium", place)), *CUSTODIANS),
    ("key", "open-epoch", "--medium", "root"),
    ("key", "names", *CUSTODIANS),
    ("submissions",),
    ("issue",),
    ("issue", NOWHERE),
    ("publish",),
    ("work", "--once"),
    ("suspend", NUMBER, "--reason", "under_investigation", "--yes"),
    ("reinstate", NUMBER, "--reason", "investigation_closed", "--yes"),
    ("revoke", NUMBER, "--reason", "exam_fraud", "--yes"),
    ("documents", "--out", "out"),
    ("serve",),
]


@pytest.mark.parametrize("arguments", BEFORE_INIT, ids=" ".join)
def test_before_init_every_command_says_so(empty_office, arguments):
    said = empty_office.refused(*arguments)

    assert "certreg init" in said
    assert not (empty_office.folder / "register.sqlite3").exists()


def test_before_init_handing_in_and_reviewing_say_so(empty_office):
    key = empty_office.folder / "body.age"
    key.write_text("")

    for arguments in (("submit", empty_office.results(), "--issuer", ISSUER), ("review", NOWHERE)):
        assert "certreg init" in empty_office.refused(*arguments, "--key", key)


def test_listing_keys_before_the_founding_says_how_to_found_them(empty_office):
    assert "certreg key found" in empty_office.refused("key", "list")


def test_init_founds_a_register_and_says_what_comes_next(empty_office):
    said = empty_office.done("init", "--registrar", "王登记")

    assert "is in its present shape" in said
    assert "registrar  王登记" in said
    assert "key found" in said
    assert "王登记  registrar:CN" in empty_office.done("account", "list")


def test_secrets_are_for_their_owner_alone(empty_office):
    empty_office.done("init")

    for path in (empty_office.folder / "secrets").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((empty_office.folder / "secrets").stat().st_mode) == 0o700


def test_init_twice_changes_nothing(office):
    secrets = {path: path.read_bytes() for path in (office.folder / "secrets").iterdir()}
    accounts = office.done("account", "list")

    said = office.done("init", "--registrar", "another")

    assert "there was one already" in said
    assert "0 new, 0 changed" in said
    assert " made; " not in said
    assert {path: path.read_bytes() for path in (office.folder / "secrets").iterdir()} == secrets
    assert office.done("account", "list") == accounts


@pytest.mark.parametrize("name", ["data.key", "lookup.key", "identity.txt"])
def test_a_lost_secret_is_never_made_anew(office, name):
    (office.folder / "secrets" / name).unlink()

    said = office.refused("init")

    assert "put the file back" in said
    assert not (office.folder / "secrets" / name).exists()


@pytest.mark.parametrize("name", ["data.key", "lookup.key"])
def test_another_secret_in_its_place_is_refused(office, name):
    path = office.folder / "secrets" / name
    path.write_text("00" * 32 + "\n")

    assert "put the file back" in office.refused("init")
    assert "put the file back" in office.refused(
        "submit", office.results(), "--issuer", ISSUER, "--key", office.key("body")
    )


def test_a_register_is_not_opened_as_one_of_another_environment(office):
    office.environ["CERTREG_ENVIRONMENT"] = "production"

    for arguments in (("submissions",), ("issue",), ("init",), ("serve",)):
        assert "CERTREG_ENVIRONMENT=test" in office.refused(*arguments)


def test_a_password_in_the_address_is_not_shown(empty_office):
    empty_office.environ["CERTREG_DATABASE_URL"] = "postgresql://clerk:geheim@127.0.0.1:1/certreg"

    said = empty_office.refused("init")

    assert "can not be opened" in said
    assert "geheim" not in said


def test_a_server_that_is_not_there_is_refused_in_words(empty_office):
    empty_office.environ["CERTREG_DATABASE_URL"] = "postgresql://clerk@127.0.0.1:1/certreg"

    assert "CERTREG_DATABASE_URL" in empty_office.refused("submissions")


def test_a_file_that_is_no_database_is_refused_in_words(empty_office):
    (empty_office.folder / "register.sqlite3").write_bytes(b"not a database, " * 100)

    for arguments in (("init",), ("submissions",)):
        assert "not a database" in empty_office.refused(*arguments)


def test_wrong_settings_are_all_named(empty_office):
    empty_office.environ |= {"CERTREG_ENVIRONMENT": "Für alle", "CERTREG_LOCK_TIMEOUT_SECONDS": "soon"}

    said = empty_office.refused("submissions")

    assert "CERTREG_ENVIRONMENT" in said
    assert "CERTREG_LOCK_TIMEOUT_SECONDS" in said


def test_an_exposed_secret_is_refused_with_what_to_do(office):
    (office.folder / "secrets" / "data.key").chmod(0o644)

    said = office.refused("submit", office.results(), "--issuer", ISSUER, "--key", office.key("body"))

    assert "chmod 600" in said


def test_the_directory_shows_what_is_assumed(office):
    said = office.done("directory", "show")

    assert f"{ISSUER}*  工业和信息化部教育与考试中心" in said
    assert "假定" in said


def test_the_directory_shows_the_uscc_that_its_file_gives(office, monkeypatch):
    shipped, uscc = shipped_directory(), "91110000101623741K"
    data = replace(shipped, bodies=tuple(replace(body, uscc=uscc) for body in shipped.bodies[:2]))
    assert "信用代码" not in office.done("directory", "show")
    monkeypatch.setattr("registry.directory.overview.shipped_directory", lambda: data)

    assert office.done("directory", "show").count(f"  统一社会信用代码 {uscc}") == 2


def test_loading_the_directory_again_changes_nothing(office):
    said = office.done("directory", "load")

    assert said.count("0 new, 0 changed") == 6


WRONG_SERIES = [
    ({"--issuer": "S0099"}, 1, "S0099"),
    ({"--issuer": "x" * 500}, 1, "no assessment body"),
    ({"--site": "999999"}, 2, "21-000002"),
    ({"--province": "99"}, 2, "has no site 99-000002"),
    ({"--year": "1999"}, 2, "1999"),
    ({"--year": "twenty"}, 2, "twenty"),
    ({"--level": "master"}, 2, "master"),
]


@pytest.mark.parametrize(("change", "code", "word"), WRONG_SERIES, ids=str)
def test_a_series_that_could_never_be_used_is_refused(office, change, code, word):
    options = {"--issuer": ISSUER, "--province": "21", "--site": "000002", "--year": "2027", **change}

    said = office.refused(
        "series", "open", *(part for option in options.items() for part in option), code=code
    )

    assert word in said


def test_series_that_are_open_stay_as_they_are(office):
    said = office.open_series()

    assert said.count("was open") == 3
    year = today().year + 1
    scope = ("--issuer", ISSUER, "--province", "21", "--site", "000002", "--year", year, "--level", "senior")
    assert "  opened" in office.done("series", "open", *scope)


def test_on_postgresql_a_register_is_founded_as_well(tmp_path, empty_postgresql):
    office = Office(tmp_path, environ_of(tmp_path, empty_postgresql))

    assert "registrar" in office.done("init")
    assert "there was one already" in office.done("init")
    assert "event" in tables_in(empty_postgresql)


def test_on_an_empty_postgresql_database_every_command_says_that_there_is_no_register(
    tmp_path, empty_postgresql
):
    said = Office(tmp_path, environ_of(tmp_path, empty_postgresql)).refused("submissions")

    assert "the register's schema is empty" in said
    assert said.index("certreg restore") < said.index("certreg init")


def test_an_emptied_database_file_may_be_a_lost_register_so_restoring_comes_first(office):
    path = office.folder / "register.sqlite3"
    path.write_bytes(b"")

    for command in (("submissions",), ("work", "--once"), ("health",), ("check",), ("publish",)):
        said = office.certreg(*command)
        assert said.exit_code in (1, 2), command
        assert "is empty (0 bytes)" in said.output
        assert said.output.index("certreg restore FOLDER") < said.output.index("certreg init")
    assert path.read_bytes() == b""


def test_the_log_of_an_emptied_database_file_is_kept_whatever_is_run(office):
    path = office.folder / "register.sqlite3"
    path.write_bytes(b"")
    log = office.folder / "register.sqlite3-wal"
    log.write_bytes(b"perhaps all that is left")

    for command in ("submissions", "init"):
        assert "has 24 bytes: keep both" in office.refused(command)

    assert log.read_bytes() == b"perhaps all that is left"


def test_a_founding_that_was_killed_at_its_first_byte_is_run_again(empty_office):
    (empty_office.folder / "register.sqlite3").touch()

    empty_office.done("init")

    assert "there was one already" in empty_office.done("init")


def test_no_command_reads_the_settings_of_the_tests_own_environment():
    assert not [name for name in os.environ if name.startswith("CERTREG_") and "TEST" not in name]
