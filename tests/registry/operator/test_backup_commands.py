"""Backup and restore by command: nothing acknowledged is lost, nothing is given twice, nothing secret goes along."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import make_url, select, update

from keys.sealing import Identity
from keys.signer.journal import SignerJournal
from registry.backup.folder import BackupFolder
from registry.backup.sealing import BackupSeal
from registry.certificate.tables import Certificate, Entry, EntryCounter
from registry.operator.custody import Custody
from registry.personal_data import read_secret
from registry.publication.public_files import STATUS
from registry.settings import load_settings
from tests.registry.assessment.submissions import resident_id, row
from tests.registry.operator.office import ISSUER, PROVINCE, SITE, Office, environ_of, today
from tests.registry.operator.test_certificate_commands import numbers, verdict
from tests.rigs.plain_rights import plain_rights


def somebody(serial):
    """Return a row about somebody new."""
    return row(1, name="王五", id_number=resident_id(500 + serial))


def issued(office, serial=0):
    """Issue one certificate."""
    office.approved(somebody(serial), name=f"results-{serial}.json")
    return office.done("issue")


def lose_database(office):
    """Lose the database with all that lies beside it."""
    for path in office.folder.glob("register.sqlite3*"):
        path.unlink()


def given(office):
    """Return the entries by number, and the tokens."""
    query = select(Certificate.number, Entry.entry, Entry.status).join(Entry).order_by(Entry.entry)
    return office.installation.sessions.read(lambda session: list(session.execute(query)))


def backup_folder(office, identity="identity.txt"):
    """Open the folder of backups."""
    seal = BackupSeal(
        Identity.open(office.folder / "secrets" / identity),
        read_secret(office.folder / "secrets" / "data.key"),
    )
    return BackupFolder(office.folder / "backups", seal)


def series():
    """Return the key of the series in which somebody's certificate is numbered."""
    return f"1:{ISSUER[0]}:{ISSUER[1:]}:{PROVINCE}:{SITE}:{today():%y}:2"


@pytest.fixture
def folder(office):
    return office.folder / "backups"


def test_a_backup_is_made_listed_and_verified(office, folder):
    issued(office)

    made = office.done("backup", folder)
    listed = office.done("backups", folder)

    assert "backed up and read back" in made
    assert "entries (登记序号) 1–1" in listed
    assert "backups: 1," in listed
    assert "read back whole" in office.done("backup", folder, "--verify")


def test_an_empty_folder_is_said_to_be_one(office, folder):
    assert "no backups" in office.done("backups", folder)
    assert "there is no backup" in office.refused("backup", folder, "--verify")


def test_a_damaged_backup_is_told_by_the_exit_code(office, folder):
    office.done("backup", folder)
    next((folder / "chunks").glob("*/*.age")).unlink()

    assert "is missing" in office.refused("backup", folder, "--verify")


def lay_oddities(folder, name):
    """Lay what can be odd in a folder of backups; return what each is called, and what is said of it."""
    manifests = folder / "manifests"
    content = (manifests / f"{name}.age").read_bytes()
    names = [f"2026010{place}T000000000000Z-0000000{place}" for place in range(6)]
    (manifests / f"{names[0]}.age").write_bytes(content[:-20])
    (manifests / f"{names[1]}.age").mkdir()
    os.mkfifo(manifests / f"{names[2]}.age")
    (manifests / f"{names[3]}.age").write_bytes(b"")
    (manifests / f"{names[4]}.age").symlink_to(f"{name}.age")
    (manifests / f"{names[5]}.age").write_bytes(content)
    (manifests / f"{names[5]}.age").chmod(0)
    (manifests / "zzz.age").write_bytes(b"foreign")
    (folder / os.fsdecode(b"\xff\n.txt")).write_bytes(b"foreign")
    (folder / "lost+found").mkdir()
    return {
        names[0]: "does not open",
        names[1]: "is a folder, not a file",
        names[2]: "is a pipe, not a file",
        names[3]: "does not open",
        names[4]: "is a symbolic link, not a file",
        names[5]: "can not be read: Permission denied",
        "manifests/zzz.age": "is no part of a backup",
        "\\xff\\x0a.txt": "is no part of a backup",
    }


def test_something_odd_in_the_folder_is_named_and_hides_no_backup(office, folder):
    issued(office)
    office.done("backup", folder)
    name = backup_folder(office).newest()
    odd = lay_oddities(folder, name)

    with plain_rights():
        said = office.refused("backups", folder)

    assert f"{name}  made " in said
    assert "backups: 1," in said
    named = {line.split(": ")[1]: line for line in said.splitlines() if line.startswith("odd: ")}
    assert named.keys() == odd.keys()
    for each, why in odd.items():
        assert why in named[each]


def test_a_strangers_file_is_neither_restored_nor_counted_when_pruning(office, folder):
    issued(office)
    office.done("backup", folder)
    (folder / "manifests" / "zzz.age").write_bytes(b"foreign")
    lose_database(office)

    office.done("restore", folder)
    office.done("backup", folder, "--keep", 1)

    assert len(backup_folder(office).names()) == 1
    assert (folder / "manifests" / "zzz.age").read_bytes() == b"foreign"


@pytest.mark.parametrize("lay", [os.mkfifo, Path.mkdir])
def test_a_verified_mark_that_is_no_file_is_none(office, folder, lay):
    office.done("backup", folder)
    (mark,) = (folder / "manifests").glob("*.verified")
    mark.unlink()
    lay(mark)

    assert "never read back" in office.done("backups", folder)


def test_a_pipe_in_the_place_of_a_chunk_is_damage_and_not_waited_for(office, folder):
    office.done("backup", folder)
    chunk = next((folder / "chunks").glob("*/*.age"))
    chunk.unlink()
    os.mkfifo(chunk)

    assert "is no file" in office.refused("backup", folder, "--verify")


def test_the_instants_in_a_list_carry_their_zone(office, folder):
    office.done("backup", folder)

    listed = office.done("backups", folder)

    assert len(re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", listed)) == 2


def test_old_backups_are_pruned(office, folder):
    for _ in range(3):
        office.done("backup", folder)

    assert "pruned: 2 older backups" in office.done("backup", folder, "--keep", 2)
    assert "backups: 2," in office.done("backups", folder)


def test_a_lost_database_comes_back_and_certificates_stay_valid(office, folder, capsys):
    issued(office)
    office.done("backup", folder)
    before = given(office)
    lose_database(office)

    said = office.done("restore", folder)
    office.done("publish")

    assert "restored: " in said
    assert given(office) == before
    assert verdict(office, numbers(office)[0], capsys) == "valid"


def test_a_backup_of_the_day_before_gives_no_number_twice_and_loses_no_certificate(office, folder, capsys):
    issued(office)
    waiting = office.approved(somebody(1), name="results-1.json")
    office.done("backup", folder)
    office.done("issue", waiting)
    issued(office, 2)
    known = numbers(office)
    before = given(office)
    tokens = {number: (office.folder / "out" / number / "token.cbor").read_bytes() for number in known}
    lose_database(office)

    said = office.done("restore", folder)
    issued(office, 3)

    # What was in the backup is whole again; what was not comes back with its token.
    assert "1 of them were made again byte for byte" in said
    assert "signed again: 1 certificates" in said
    after = given(office)
    assert after[:3] == before
    assert [entry for _, entry, _ in after] == [1, 2, 3, 4]
    assert after[3][0] not in known
    lost = office.folder / "lost.cbor"
    lost.write_bytes(tokens[before[2][0]])
    assert "entry 3 is readmitted" in office.done("readmit", lost)
    assert "entry 3 was not lost" in office.done("readmit", lost)
    shutil.rmtree(office.folder / "out")
    office.done("documents", *(number for number, _, _ in before[:2]), "--out", office.folder / "out")
    assert {verdict(office, number, capsys) for number, _, _ in before[:2]} == {"valid"}


def test_documents_tell_how_many_were_left_out_and_why(office, folder):
    issued(office)
    office.done("backup", folder)
    issued(office, 1)
    known = numbers(office)
    token = (office.folder / "out" / known[1] / "token.cbor").rename(office.folder / "lost.cbor")
    lose_database(office)
    office.done("restore", folder)
    out = ("--out", office.folder / "again")

    without_token = office.done("documents", *out)
    named = office.refused("documents", known[1], *out)
    office.done("readmit", token)
    without_submission = office.done("documents", *out)

    assert "1 份，在" in without_token
    assert "未制作 1 份：恢复后没有证书内容" in without_token
    assert "its token was lost; `certreg readmit FILE`" in named
    assert "1 份，在" in without_submission
    assert "未制作 1 份：证书内容已补回，但报送已遗失" in without_submission
    assert "its submission was lost" in office.refused("documents", known[1], *out)


def test_a_restore_overwrites_nothing(office, folder):
    office.done("backup", folder)

    assert "overwrites nothing" in office.refused("restore", folder)


def test_a_backup_goes_from_one_database_to_the_other(office, folder, empty_postgresql):
    issued(office)
    office.done("backup", folder)
    moved = Office(office.folder, environ_of(office.folder, empty_postgresql))

    moved.done("restore", folder)

    assert given(moved) == given(office)
    issued(moved, 1)
    assert len(given(moved)) == 2


def test_without_the_signers_journal_the_operator_states_the_highest_numbers(office, folder):
    issued(office)
    office.done("backup", folder)
    issued(office, 1)
    before = {number for number, _, _ in given(office)}
    lose_database(office)
    (office.folder / "keys" / "signer" / "journal").unlink()

    said = office.done("restore", folder)
    assert "numbering is held" in said
    refused = office.refused("state-highest", "--entry", 1, "--yes")
    assert "is known to be given" in refused
    office.done("state-highest", "--entry", 2, "--series", f"{series()}=2", "--yes")

    journal = SignerJournal.open(office.folder / "keys" / "signer" / "journal")
    assert [signed.entry for signed in journal.entries()] == [1]
    journal.close()
    issued(office, 2)
    after = given(office)
    assert after[-1][0] not in before
    assert after[-1][1] == 3


def signer_journal(office):
    """Return where the signer's journal lies."""
    return office.folder / "keys" / "signer" / "journal"


def signed_entries(office):
    """Return the entries that the signer's journal knows."""
    journal = SignerJournal.open(signer_journal(office))
    entries = [signed.entry for signed in journal.entries()]
    journal.close()
    return entries


def test_words_at_the_restore_itself_make_the_lost_journal_anew(office, folder):
    issued(office)
    office.done("backup", folder)
    lose_database(office)
    signer_journal(office).unlink()

    said = office.done("restore", folder, "--highest-entry", 2, "--highest", f"{series()}=2")

    assert "numbering is held" not in said
    assert signed_entries(office) == [1]
    issued(office, 1)
    assert [entry for _, entry, _ in given(office)] == [1, 3]
    office.done("publish")
    office.done("check")


def test_a_journal_that_was_half_made_is_completed(office, folder):
    issued(office)
    office.done("backup", folder)
    lose_database(office)
    signer_journal(office).unlink()
    office.done("restore", folder)
    SignerJournal.create(signer_journal(office)).close()

    said = office.done("state-highest", "--entry", 3, "--series", f"{series()}=2", "--yes")

    assert "at most 2 in between will be void" in said
    assert "at most 1 numbers will never be used" in said
    assert signed_entries(office) == [1]


def test_a_journal_made_of_an_older_database_does_not_tell_the_highest_numbers(office, folder):
    issued(office)
    office.done("backup", folder)
    lose_database(office)
    signer_journal(office).unlink()
    office.done("restore", folder, "--highest-entry", 2)
    lose_database(office)

    assert "numbering is held" in office.done("restore", folder)

    office.done("state-highest", "--entry", 2, "--yes")
    office.done("backup", folder)
    lose_database(office)
    assert "numbering is held" not in office.done("restore", folder)


def test_numbering_stays_held_while_journal_and_register_contradict_each_other(office, folder):
    issued(office)
    issued(office, 1)
    journal = SignerJournal.open(signer_journal(office))
    (first, _) = journal.entries()
    journal.close()
    office.done("backup", folder)
    lose_database(office)
    signer_journal(office).unlink()
    office.done("restore", folder)
    other = SignerJournal.create(signer_journal(office))
    other.admit([first._replace(digest=bytes(range(32)))])
    other.close()

    assert "entry 1" in office.refused("state-highest", "--entry", 2, "--yes")

    assert office.installation.sessions.read(
        lambda session: session.scalar(select(EntryCounter.held_because))
    )
    signer_journal(office).unlink()
    office.done("state-highest", "--entry", 2, "--yes")
    assert signed_entries(office) == [1, 2]


def test_a_newer_status_that_comes_with_the_words_is_followed(office, folder):
    issued(office)
    office.done("publish")
    office.done("backup", folder)
    office.done("revoke", numbers(office)[0], "--reason", "exam_fraud", "--yes")
    office.done("publish")
    status = office.folder / "status.cbor"
    shutil.copy(office.folder / "public" / STATUS, status)
    lose_database(office)
    signer_journal(office).unlink()
    shutil.rmtree(office.folder / "keys" / "status")
    (office.folder / "public" / STATUS).unlink()
    office.done("restore", folder, "--never-published")

    office.done("state-highest", "--entry", 1, "--status", status, "--yes")
    office.done("publish")

    assert [known for _, _, known in given(office)] == ["revoked"]
    assert Custody(load_settings(office.environ)).status_memory.last().revoked == {1}
    office.done("check")


def lose_every_status(office):
    """Lose the public status file and what the keys remember of it; return a copy that somebody else has."""
    copy = office.folder / "somebody-elses.cbor"
    shutil.copy(office.folder / "public" / STATUS, copy)
    shutil.rmtree(office.folder / "keys" / "status")
    (office.folder / "public" / STATUS).unlink()
    return copy


def test_without_any_status_file_nothing_is_restored_until_somebody_speaks(office, folder):
    issued(office)
    office.done("backup", folder)
    office.done("revoke", numbers(office)[0], "--reason", "exam_fraud", "--yes")
    lose_database(office)
    copy = lose_every_status(office)

    refused = office.refused("restore", folder)

    assert "--status FILE" in refused
    assert "--never-published" in refused
    assert not list(office.folder.glob("register.sqlite3*"))
    office.done("restore", folder, "--status", copy)
    assert [status for _, _, status in given(office)] == ["revoked"]


def test_the_last_status_that_was_signed_here_is_status_enough(office, folder):
    issued(office)
    office.done("backup", folder)
    lose_database(office)
    shutil.rmtree(office.folder / "public")

    office.done("restore", folder)

    assert [status for _, _, status in given(office)] == ["released"]


def test_a_status_that_nobody_can_verify_is_not_passed_over(office, folder):
    issued(office)
    office.done("backup", folder)
    lose_database(office)
    root = office.folder / "trusted-root.json"
    root.rename(office.folder / "elsewhere.json")

    assert "no trust bundle to verify it with" in office.refused("restore", folder, "--never-published")

    (office.folder / "elsewhere.json").rename(root)
    office.done("restore", folder)


@pytest.mark.parametrize("what", ["link", "pipe", "folder"])
def test_a_public_status_that_is_no_file_stops_the_restore_and_is_named(office, folder, what):
    issued(office)
    office.done("backup", folder)
    lose_database(office)
    path = office.folder / "public" / STATUS
    aside = path.rename(office.folder / "aside.cbor")
    {"link": lambda: path.symlink_to(aside), "pipe": lambda: os.mkfifo(path), "folder": path.mkdir}[what]()

    refused = office.refused("restore", folder)

    assert str(path) in refused
    assert f"is a {'symbolic link' if what == 'link' else what}, not a file" in refused


def test_a_restore_that_is_killed_before_the_swap_has_remembered_the_status(office, folder):
    issued(office)
    office.done("publish")
    office.done("backup", folder)
    lose_database(office)
    shutil.rmtree(office.folder / "keys" / "status")

    killed(office, "restore.before_swap:kill", "restore", folder)

    assert Custody(load_settings(office.environ)).status_memory.last().size == 1
    office.done("restore", folder)
    office.done("publish")


@pytest.mark.parametrize("words", [("--entry", 999_999_999), ("--entry", 1, "--series", "1000000")])
def test_a_slip_of_the_hand_voids_nothing(office, folder, words):
    issued(office)
    words = [f"{series()}={word}" if word == "1000000" else word for word in words]
    office.done("backup", folder)
    lose_database(office)
    signer_journal(office).unlink()
    office.done("restore", folder)

    refused = office.refused("state-highest", *words, "--never-published", "--yes")

    assert "was stated as the highest number, but none above" in refused
    assert len(given(office)) == 1


def test_a_statement_must_name_series_and_number(office):
    assert "write SERIES=N" in office.refused("state-highest", "--entry", 1, "--series", "nothing", code=2)


def test_a_further_recipient_restores_where_the_identity_was_lost(office, folder):
    recovery = Identity.create(office.folder / "secrets" / "recovery.txt")
    issued(office)
    office.done("backup", folder, "--recipient", recovery.recipient)
    lose_database(office)
    (office.folder / "secrets" / "identity.txt").unlink()

    said = office.done("restore", folder, "--identity", office.folder / "secrets" / "recovery.txt")

    assert "restored: " in said
    assert len(given(office)) == 1


def test_another_look_up_key_is_found_before_anything_stands(office, folder):
    issued(office)
    office.done("backup", folder)
    lose_database(office)
    (office.folder / "secrets" / "lookup.key").write_text("ab" * 32 + "\n")

    assert "CERTREG_LOOKUP_KEY_FILE" in office.refused("restore", folder)
    assert not (office.folder / "register.sqlite3").exists()


def test_no_key_and_no_secret_is_in_a_backup(office, folder):
    issued(office)
    office.done("backup", folder)
    opened = backup_folder(office)
    manifest = opened.manifest(opened.newest())
    plain = b"".join(opened.chunk(chunk) for chunk in manifest.chunks)
    stored = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())

    assert given(office)[0][0].encode() in plain
    for content in secrets_of(office):
        assert content not in plain
        assert content not in stored


def secrets_of(office):
    """Yield every secret of the register as bytes, in each form that it has somewhere."""
    for path in (office.folder / "secrets").iterdir():
        text = path.read_text("ascii").splitlines()[-1]
        yield text.encode()
        if path.suffix == ".key":
            yield bytes.fromhex(text)
    identity = Identity.open(office.folder / "secrets" / "identity.txt")
    for path in (office.folder / "keys" / "store").rglob("*.age"):
        sealed = path.read_bytes()
        yield sealed
        opened = identity.unseal(sealed, path=path)
        yield opened
        yield opened[-32:]
    yield from (office.folder / "keys" / "signer" / "journal").read_bytes().splitlines()[1:]


@pytest.mark.parametrize("point", ["backup.chunk:kill:5", "backup.manifest:kill"])
def test_a_backup_that_is_killed_is_run_again_and_goes_on(office, folder, point):
    issued(office)
    killed(office, point, "backup", folder)
    assert "no backups" in office.done("backups", folder)
    written = len(list((folder / "chunks").glob("*/*.age")))

    said = office.done("backup", folder)

    total = len(list((folder / "chunks").glob("*/*.age")))
    assert written > 0
    assert f"{total - written} of them new" in said


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("point", ["restore.loaded:kill", "restore.before_swap:kill"])
def test_a_restore_that_is_killed_leaves_nothing_and_is_run_again(
    office, folder, point, database, empty_postgresql
):
    issued(office)
    office.done("backup", folder)
    before = given(office)
    if database == "postgresql":
        office = Office(office.folder, environ_of(office.folder, empty_postgresql))
    else:
        lose_database(office)

    killed(office, point, "restore", folder)
    if database == "sqlite":
        assert not (office.folder / "register.sqlite3").exists()
    office.done("restore", folder)

    assert given(office) == before


def killed(office, point, *arguments):
    """Run the command in a process that kills itself at the point."""
    command = [sys.executable, "-m", "tests.registry.backup.killed", point, *map(str, arguments)]
    root = Path(__file__).parents[3]
    done = subprocess.run(
        command, env=os.environ | office.environ, cwd=root, capture_output=True, timeout=120, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def test_the_restored_database_is_at_the_address_that_the_settings_name(office, folder):
    office.done("backup", folder)
    elsewhere = office.folder / "elsewhere" / "register.sqlite3"
    moved = Office(office.folder, environ_of(office.folder, f"sqlite:///{elsewhere}"))

    moved.done("restore", folder, "--never-published")

    assert make_url(moved.environ["CERTREG_DATABASE_URL"]).database == str(elsewhere)
    assert elsewhere.is_file()


def test_a_backup_with_a_fault_in_it_is_restored_only_if_somebody_says_so(office, folder):
    issued(office)
    sessions = office.installation.sessions
    sessions.run(lambda session: session.execute(update(Entry).values(token=bytes(160))))
    office.done("backup", folder)
    lose_database(office)

    refused = office.refused("restore", folder)
    assert "nothing was restored" in refused
    assert "entry 1" in refused
    assert not (office.folder / "register.sqlite3").exists()

    said = office.done("restore", folder, "--despite-findings")
    assert "found by the check" in said
    assert "restored: " in said
