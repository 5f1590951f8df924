"""A backup is whole, sealed, and written only where something changed."""

import threading

import pytest
from sqlalchemy import select, update

from keys.errors import WrongIdentity
from registry.backup.errors import (
    BackupDamaged,
    BackupInUse,
    BackupMissing,
    NewestBehind,
    NotARecipient,
    NotThisRegister,
)
from registry.backup.folder import BackupFolder
from registry.backup.pruning import prune
from registry.backup.sealing import BackupSeal
from registry.backup.writing import back_up, rows_in, verify
from registry.certificate.tables import Entry, EntryCounter
from registry.database.schema import OPERATIONAL, evidence_tables, metadata
from signing.evidence import Step
from tests.instants import NOON
from tests.registry.backup.drill import DATA_KEY, NEXT_DAY, new_identity, unseen
from tests.registry.world import ENVIRONMENT, private_key


def seed(name):
    return private_key(name).private_bytes_raw()


def files(drill):
    return sorted((drill.path / "backups" / "chunks").glob("*/*.age"))


def test_every_table_is_in_it_but_those_of_the_workers(drill):
    drill.world.issued()

    manifest = drill.back_up().manifest

    assert {table.name for table in manifest.tables} == metadata().tables.keys() - OPERATIONAL
    assert metadata().tables.keys() > OPERATIONAL
    assert manifest.rows == drill.world.sessions.read(rows_in)
    assert (manifest.entry, sum(manifest.series.values())) == (3, 3)


def test_it_is_marked_as_verified(file_drill):
    name = file_drill.back_up().name

    assert file_drill.folder.verified_at(name) == NOON


def test_what_did_not_change_is_not_written_again(drill):
    drill.world.issued()
    first = drill.back_up()

    second = drill.back_up(now=NEXT_DAY)

    assert first.written == len(first.manifest.chunks)
    assert second.written == 0
    assert drill.folder.names() == [first.name, second.name]


def test_a_new_submission_writes_only_the_portions_it_touches(drill):
    drill.world.issued(*drill.world.rows(30))
    before = drill.back_up().manifest

    drill.world.submitted()
    after = drill.back_up(now=NEXT_DAY).manifest

    touched = {table.name for table, old in zip(after.tables, before.tables, strict=True) if table != old}
    assert touched == {"submission", "result", "event", "journal_head"}


def test_two_databases_write_the_same_portions(drill):
    drill.world.issued()
    backup = drill.back_up()
    digests = [chunk.sha256 for chunk in backup.manifest.chunks]
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[drill.database]

    world, _ = drill.restore(drill.outside(drill.status()), url=drill.empty_place(other))
    again = back_up(
        world.sessions, drill.folder, environment=ENVIRONMENT, now=lambda: NEXT_DAY, progress=unseen
    )

    # The restore itself is the only thing that is new.
    assert set(digests) - {chunk.sha256 for chunk in again.manifest.chunks} == {
        chunk.sha256 for table in backup.manifest.tables if table.name == "event" for chunk in table.chunks
    }


def test_a_damaged_chunk_is_found_and_written_anew_by_the_next_backup(file_drill):
    file_drill.world.issued()
    name = file_drill.back_up().name
    for path in files(file_drill):
        path.write_bytes(path.read_bytes()[:-1])

    with pytest.raises(BackupDamaged):
        verify(file_drill.folder, name, now=NOON, progress=unseen)

    assert file_drill.folder.verified_at(name) is None
    file_drill.back_up(now=NEXT_DAY)
    verify(file_drill.folder, name, now=NOON, progress=unseen)


@pytest.mark.parametrize("damage", ["removed", "cut", "flipped", "swapped", "empty"])
def test_verifying_finds_a_chunk_that_was(file_drill, damage):
    file_drill.world.issued()
    name = file_drill.back_up().name
    first, second = files(file_drill)[:2]
    content = first.read_bytes()
    if damage == "removed":
        first.unlink()
    elif damage == "swapped":
        first.write_bytes(second.read_bytes())
    else:
        flipped = content[:-5] + bytes([content[-5] ^ 1]) + content[-4:]
        first.write_bytes({"cut": content[:-40], "flipped": flipped, "empty": b""}[damage])

    with pytest.raises(BackupDamaged):
        verify(file_drill.folder, name, now=NOON, progress=unseen)


def test_another_identity_does_not_open_it(file_drill):
    name = file_drill.back_up().name
    stranger = BackupFolder(file_drill.folder.path, BackupSeal(new_identity(), DATA_KEY))

    with pytest.raises(WrongIdentity):
        stranger.manifest(name)


def test_a_further_recipient_opens_it_as_well(file_drill):
    recovery = new_identity()
    seal = BackupSeal(file_drill.identity, DATA_KEY, recipients=[recovery.recipient])
    folder = BackupFolder(file_drill.folder.path, seal)
    name = back_up(
        file_drill.world.sessions, folder, environment=ENVIRONMENT, now=lambda: NOON, progress=unseen
    ).name

    for identity in (recovery, file_drill.identity):
        verify(BackupFolder(folder.path, BackupSeal(identity, DATA_KEY)), name, now=NOON, progress=unseen)


def test_a_text_that_is_no_recipient_is_refused(file_drill):
    with pytest.raises(NotARecipient):
        BackupSeal(file_drill.identity, DATA_KEY, recipients=["age1nobody"])


def test_a_manifest_that_somebody_else_sealed_is_refused(file_drill):
    manifest = file_drill.back_up().manifest
    forger = BackupFolder(file_drill.folder.path, BackupSeal(file_drill.identity, bytes(32)))
    name = forger.write(manifest)

    with pytest.raises(NotThisRegister):
        file_drill.folder.manifest(name)


def test_there_is_nothing_to_open_in_an_empty_folder(file_drill):
    with pytest.raises(BackupMissing):
        file_drill.folder.newest()
    with pytest.raises(BackupMissing):
        file_drill.folder.manifest("20260101T000000Z-00000000")


def test_one_writes_at_a_time(file_drill):
    with file_drill.folder.locked(), pytest.raises(BackupInUse):
        file_drill.back_up()


def test_pruning_keeps_the_newest_and_every_chunk_they_name(file_drill):
    names = []
    for day in range(1, 4):
        file_drill.world.issued(*file_drill.world.rows(2))
        names.append(file_drill.back_up(now=NOON.replace(day=day)).name)

    pruned = prune(file_drill.folder, keep=2)

    assert pruned.backups == (names[0],)
    assert file_drill.folder.names() == names[1:]
    for name in names[1:]:
        verify(file_drill.folder, name, now=NOON, progress=unseen)
    named = {chunk.name for name in names[1:] for chunk in file_drill.folder.manifest(name).chunks}
    assert {path.stem for path in files(file_drill)} == named


def test_pruning_never_removes_the_newest(file_drill):
    name = file_drill.back_up().name

    assert prune(file_drill.folder, keep=0).backups == ()
    assert file_drill.folder.names() == [name]


def test_pruning_removes_nothing_that_knows_more_entries_than_the_newest(file_drill):
    file_drill.world.issued(*file_drill.world.rows(2))
    better = file_drill.back_up().name
    file_drill.world.tamper(update(EntryCounter).values(last=1))
    behind = file_drill.back_up(now=NEXT_DAY).name

    with pytest.raises(NewestBehind) as refusal:
        prune(file_drill.folder, keep=1)

    assert (refusal.value.newest, refusal.value.older) == (behind, better)
    assert file_drill.folder.names() == [better, behind]


def test_pruning_removes_nothing_while_a_manifest_does_not_open(file_drill):
    file_drill.back_up()
    file_drill.world.issued()
    newest = file_drill.back_up(now=NEXT_DAY).name
    before = files(file_drill)
    path = file_drill.folder.path / "manifests" / f"{newest}.age"
    path.write_bytes(path.read_bytes()[:-1])

    with pytest.raises(BackupDamaged):
        prune(file_drill.folder, keep=1)

    assert files(file_drill) == before


def test_an_unverified_backup_does_not_drive_out_a_verified_one(file_drill):
    verified = file_drill.back_up().name
    unverified = file_drill.folder.write(file_drill.back_up(now=NEXT_DAY).manifest)
    file_drill.folder.path.joinpath("manifests", f"{file_drill.folder.names()[-1]}.verified").unlink(
        missing_ok=True
    )

    prune(file_drill.folder, keep=1)

    assert {verified, unverified} <= set(file_drill.folder.names())


def test_a_backup_made_while_certificates_are_issued_is_of_one_instant(drill):
    drill.world.issued(*drill.world.rows(20))
    waiting = drill.world.reviewed(*drill.world.rows(40))
    numbered = threading.Event()

    def number_meanwhile(_):
        if not numbered.is_set():
            numbered.set()
            issuing = threading.Thread(target=drill.world.number, args=(waiting,))
            issuing.start()
            issuing.join()

    backup = back_up(
        drill.world.sessions,
        drill.folder,
        environment=ENVIRONMENT,
        now=lambda: NOON,
        progress=number_meanwhile,
    )

    assert len(drill.world.all(select(Entry))) == 60
    rows = {table.name: table.rows for table in backup.manifest.tables}
    assert (
        rows["entry"] == rows["certificate"] == backup.manifest.entry == sum(backup.manifest.series.values())
    )
    assert backup.manifest.entry == 20


def test_no_private_key_and_no_secret_is_in_it(drill, tmp_path):
    drill.world.issued()
    manifest = drill.back_up().manifest
    plain = b"".join(drill.folder.chunk(chunk) for chunk in manifest.chunks)
    stored = b"".join(path.read_bytes() for path in drill.folder.path.rglob("*") if path.is_file())

    for secret in (*map(seed, ("epoch 1", *drill.world.bodies, *Step)), DATA_KEY):
        for form in (secret, secret.hex().encode()):
            assert form not in plain
            assert form not in stored
    journal = (tmp_path / "signer" / "journal.txt").read_bytes()
    assert journal.splitlines()[1] not in plain


def test_every_evidence_table_comes_after_those_it_refers_to():
    seen = set()
    for table in evidence_tables():
        assert {key.column.table.name for key in table.foreign_keys} <= seen | {table.name}
        seen.add(table.name)
