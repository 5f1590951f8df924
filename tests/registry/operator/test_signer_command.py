"""``certreg signer``: the program with the issuing key, in a process of its own, and the register that asks it."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from keys.errors import SignerUnreachable
from keys.signer.remote_signer import SignerClient
from registry.certificate.tables import Entry
from registry.operator.custody import Custody
from registry.operator.signer_process import signer_process
from registry.settings import load_settings
from signing.token import open_token
from tests.registry.operator.office import Office
from tests.registry.operator.serving import CERTREG, alive, descendants

PATIENCE_SECONDS = 60.0


@pytest.fixture
def staffed(office):
    """An office whose people stand in the roster, and whose settings name the signer's socket."""
    office.done("key", "roster", *office.custodians(), "--yes")
    office.environ["CERTREG_SIGNER_SOCKET"] = str(office.folder / "signer.sock")
    return office


def last_entry(path):
    """Ask the signer at this socket."""
    with closing(SignerClient(path)) as client:
        return client.last_entry()


def socket_of(office):
    return Path(office.environ["CERTREG_SIGNER_SOCKET"])


class Signer(subprocess.Popen):
    """The program, and what it said when it was ready."""

    said = ""


def start(office, *arguments: object, **more: str) -> Signer:
    return Signer(
        [CERTREG, "signer", *map(str, arguments)],
        env={**os.environ, **office.environ, **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def running(office: Office, *arguments: object, **more: str) -> Iterator[Signer]:
    """Run the signer until the block ends; it answers when it begins."""
    process = start(office, *arguments, **more)
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said.startswith("signing with "), said + process.communicate(timeout=PATIENCE_SECONDS)[0]
        process.said = said
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_SECONDS)


def ended(process) -> str:
    """Wait until a process has ended that must not run; return what it said."""
    said = process.communicate(timeout=PATIENCE_SECONDS)[0]
    assert process.returncode == 1, said
    assert "Traceback" not in said
    return said


def issuing_key_file(office):
    """Return where the sealed issuing key lies."""
    (key,) = (office.folder / "keys" / "store").glob("certificate*.age")
    return key


def journal_of(office):
    return (office.folder / "keys" / "signer" / "journal").read_bytes()


# What keeps it from starting.


def test_a_socket_has_to_be_named(office):
    said = office.refused("signer", code=2)

    assert "--socket" in said
    assert "CERTREG_SIGNER_SOCKET" in said


def test_a_user_who_is_not_there_can_not_be_allowed(staffed):
    assert "no such user" in staffed.refused("signer", "--allow-user", "nobody-by-that-name", code=2)


def test_before_the_founding_it_does_not_start(empty_office):
    socket = empty_office.folder / "signer.sock"
    assert "certreg key found" in empty_office.refused("signer", "--socket", socket)
    empty_office.done("init")

    assert "certreg key found" in empty_office.refused("signer", "--socket", socket)

    assert not socket.exists()


def test_without_a_roster_it_does_not_start(staffed):
    (staffed.folder / "keys" / "signer" / "roster.cbor").unlink()

    assert "certreg key roster" in staffed.refused("signer")

    assert not socket_of(staffed).exists()


def test_with_a_roster_that_was_changed_it_does_not_start(staffed):
    path = staffed.folder / "keys" / "signer" / "roster.cbor"
    path.write_bytes(path.read_bytes().replace(b"province", b"proVince"))

    assert "custodians" in staffed.refused("signer")


def test_without_its_journal_it_does_not_start(staffed):
    (staffed.folder / "keys" / "signer" / "journal").unlink()

    assert "journal" in staffed.refused("signer")


def test_where_something_else_lies_it_does_not_start(staffed):
    socket_of(staffed).write_text("somebody's")

    assert "something that is no socket lies there" in staffed.refused("signer")

    assert socket_of(staffed).read_text() == "somebody's"


def test_a_second_one_does_not_start(staffed):
    with running(staffed):
        assert "another signer answers there already" in ended(start(staffed))
        assert last_entry(socket_of(staffed)) == 0


# What it does.


def test_it_signs_for_the_register_which_opens_no_issuing_key(staffed):
    staffed.approved()
    with running(staffed) as process:
        key = issuing_key_file(staffed)
        sealed = key.read_bytes()
        key.unlink()

        said = staffed.done("issue")

        key.write_bytes(sealed)
        key.chmod(0o600)

    assert f"at {socket_of(staffed)}" in process.said
    assert "已编号 3，已签名 3，已发布 3" in said
    assert "Traceback" not in process.said


def test_it_opens_no_database(staffed):
    staffed.approved()
    elsewhere = {"CERTREG_DATABASE_URL": "sqlite:////nowhere/register.sqlite3"}

    with running(staffed, **elsewhere):
        assert "已发布 3" in staffed.done("issue")


def test_the_socket_may_be_named_in_the_command(staffed):
    other = staffed.folder / "other.sock"

    with running(staffed, "--socket", other):
        assert last_entry(other) == 0
        assert not socket_of(staffed).exists()


def test_while_it_does_not_run_nothing_is_signed_and_nothing_is_lost(staffed):
    staffed.approved()

    assert "No such file or directory" in staffed.refused("issue")

    with running(staffed):
        assert "已发布 3" in staffed.done("issue")


def test_the_register_asks_it_how_many_entries_it_knows(staffed):
    staffed.approved()
    with running(staffed):
        staffed.done("issue")
        with closing(Custody(load_settings(staffed.environ))) as custody:
            assert custody.last_signed_entry() == 3


def test_a_new_roster_is_taken_up_without_a_restart(staffed):
    late = ("account", "create", "更迟者", "--role", "office_reviewer:CN", "--key", staffed.key("更迟者"))
    with running(staffed):
        key = staffed.done(*late).split("key")[1].split()[0]
        submission = staffed.submitted()
        for name in ("province", "centre", "更迟者"):
            staffed.done("review", submission, "--key", staffed.key(name), "--yes")
        assert staffed.refused("issue").count(key) == 3

        staffed.done("key", "roster", *staffed.custodians(), "--yes")

        assert "已签名 3，已发布 3" in staffed.done("issue")


def test_a_new_epoch_is_taken_up_without_a_restart(staffed):
    with running(staffed), closing(SignerClient(socket_of(staffed))) as client:
        (before,) = client.signers()
        staffed.done("key", "open-epoch", *staffed.media(2), "--ahead")

        keys = client.signers().keys()

    assert before in keys
    assert len(keys) == 2


def test_a_roster_that_is_gone_is_told_and_taken_up_when_it_is_back(staffed):
    path = staffed.folder / "keys" / "signer" / "roster.cbor"
    data = path.read_bytes()
    with running(staffed) as process, closing(SignerClient(socket_of(staffed))) as client:
        path.unlink()
        with pytest.raises(SignerUnreachable, match="certreg key roster"):
            client.last_entry()

        path.write_bytes(data)

        assert client.last_entry() == 0
        assert process.poll() is None


# How it ends.


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=str)
def test_a_signal_ends_it_and_leaves_nothing(staffed, number):
    staffed.approved()
    with running(staffed) as process:
        staffed.done("issue")
        children = descendants(process.pid)
        process.send_signal(number)

        assert process.wait(PATIENCE_SECONDS) == 0

    assert "Traceback" not in process.said
    assert not socket_of(staffed).exists()
    assert not alive(children)


@pytest.mark.parametrize("point", ["sign.before_journal", "journal.fsync", "sign.journalled", "sign.signed"])
def test_killed_in_the_middle_of_a_batch_it_signs_the_same_when_it_is_asked_again(staffed, point):
    staffed.approved()
    with running(staffed, CERTREG_CRASH_AT=f"{point}:kill") as process:
        said = staffed.refused("issue")
        assert process.wait(PATIENCE_SECONDS) == -signal.SIGKILL
    assert f"the signer at {socket_of(staffed)}" in said
    assert socket_of(staffed).exists()
    known = journal_of(staffed)

    with running(staffed):
        assert "已签名 3，已发布 3" in staffed.done("issue")

    after = journal_of(staffed)
    assert after.startswith(known)
    if point in ("sign.journalled", "sign.signed"):
        assert after == known
    assert after.count(b"\n") == 4
    for token in tokens(staffed):
        assert open_token(token, Custody(load_settings(staffed.environ)).trust)


def tokens(office):
    """Return the tokens that are stored."""
    installation = office.installation
    found = installation.sessions.read(lambda session: session.scalars(select(Entry.token)).all())
    installation.sessions.close()
    assert len(found) == 3
    return found


# As the child of another command.


def test_another_command_may_run_it_and_ends_it(staffed):
    settings = load_settings(staffed.environ)

    with signer_process(settings) as pid:
        children = descendants(pid)
        assert last_entry(socket_of(staffed)) == 0
        assert alive({pid})

    assert not socket_of(staffed).exists()
    assert not alive({pid, *children})


def test_another_command_is_told_if_it_does_not_start(staffed):
    (staffed.folder / "keys" / "signer" / "roster.cbor").unlink()

    with pytest.raises(SignerUnreachable), signer_process(load_settings(staffed.environ)):
        raise AssertionError("there is no signer")

    assert not socket_of(staffed).exists()


def test_another_command_has_to_name_a_socket(office):
    with pytest.raises(ValueError, match="no signer's socket"), signer_process(load_settings(office.environ)):
        raise AssertionError("there is no signer")
