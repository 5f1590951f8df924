"""What somebody could do to the public log, its files and its rows: each is found, and named with its row or file."""

import shutil

import pytest
from sqlalchemy import delete, func, insert, select, update

from registry.audit.check import Check, own_hands
from registry.audit.evidence import open_evidence
from registry.audit.finding import Kind, Part
from registry.certificate.lifecycle import Action, Reason, Status, move_all, reinstate, suspend
from registry.certificate.tables import Certificate, Entry
from registry.foundation.charter import read_charter
from registry.journal.record import record_entries
from registry.journal.tables import Event, LogHead, LostLeaf
from registry.log.catching_up import catch_up
from tests.registry.audit.audited import AFTERWARDS
from tests.registry.audit.test_honest import checked
from tests.registry.audit.test_public_tree import LAID


def findings_of(audited, **options):
    return checked(audited, **options)[0].findings


def named(findings):
    return {(finding.kind, finding.table, finding.row) for finding in findings}


def log_named(findings):
    return {(finding.table, finding.row) for finding in findings if finding.kind is Kind.LOG}


def head(audited):
    return audited.world.all(select(LogHead))[0]


def file_of(audited, name):
    size = head(audited).size
    return audited.places.public_dir / "log" / name.format(size=size)


def alone(audited, statement):
    """Change rows behind the register's back; return what is found, by row."""
    audited.world.tamper(statement)
    return log_named(findings_of(audited))


@pytest.mark.parametrize(
    "values",
    [
        {"size": LogHead.size - 1},
        {"size": LogHead.size + 1},
        {"root": bytes(32)},
        {"cosigned": LogHead.cosigned - 1},
        {"cosigned": LogHead.cosigned + 1},
        {"place": 0},
        {"place": -1},
        {"place": LogHead.place + 1},
        {"behind": "the witness knows more"},
    ],
    ids=lambda values: "-".join(values),
)
def test_a_changed_head_is_found(audited, values):
    found = alone(audited, update(LogHead).values(values))

    assert found
    assert found & {("log_head", "1")} or values == {"place": 0}


def test_a_head_that_is_gone_is_found(audited):
    assert ("log_head", "1") in alone(audited, delete(LogHead))


@pytest.mark.parametrize("leaf", [None, -1, 10_000])
def test_a_changed_place_of_an_acts_leaf_is_found_by_its_event(audited, leaf):
    (event,) = audited.world.all(select(Event.id).where(Event.leaf == 12))

    assert ("event", str(event)) in alone(audited, update(Event).where(Event.id == event).values(leaf=leaf))


def test_two_acts_that_changed_their_leaves_are_found(audited):
    opened = audited.world.all(select(Event.id).where(Event.act == "open_series").order_by(Event.leaf))[:2]
    audited.world.tamper(
        update(Event).where(Event.id == opened[0]).values(leaf=-5),
        update(Event).where(Event.id == opened[1]).values(leaf=0),
        update(Event).where(Event.id == opened[0]).values(leaf=1),
    )

    found = log_named(findings_of(audited))

    assert found & {("event", str(event)) for event in opened}


def test_a_lost_leaf_that_nobody_readmitted_is_found(audited):
    size = head(audited).size

    found = alone(audited, insert(LostLeaf).values(place=size - 1, leaf=b"\x84\x01\x02\x1a"))

    assert ("lost_leaf", "*") in found


@pytest.mark.parametrize("name", ["tile/0/000.p/{size}", "tile/entries/000.p/{size}"])
def test_a_changed_file_is_named(audited, name):
    path = file_of(audited, name)
    data = bytearray(path.read_bytes())
    data[40] ^= 1
    path.write_bytes(bytes(data))

    assert log_named(findings_of(audited)) == {("file", str(path))}


@pytest.mark.parametrize("name", ["tile/0/000.p/{size}", "tile/entries/000.p/{size}", "checkpoint"])
def test_a_missing_file_is_named(audited, name):
    path = file_of(audited, name)
    path.unlink()

    assert log_named(findings_of(audited)) == {("file", str(path))}


@pytest.mark.parametrize("kind", ["a symbolic link", "a pipe", "a folder"])
def test_what_lies_in_the_place_of_a_file_is_named(audited, kind, tmp_path):
    path = file_of(audited, "tile/0/000.p/{size}")
    copy = tmp_path / "copy"
    shutil.move(path, copy)
    LAID[kind](path, copy)

    found = named(findings_of(audited))

    assert (Kind.LOG, "file", str(path)) in found
    assert (kind == "a folder") != ((Kind.PUBLIC, "file", str(path)) in found)


@pytest.mark.parametrize(
    "name",
    ["tile/0/000.p/256", "tile/0/00.p/3", "tile/0/000.p/.5.ab12cd_e", "tile/x/000", "checkpoint.old", "more"],
)
def test_a_file_that_no_log_names_is_nobodys(audited, name):
    path = file_of(audited, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")

    assert named(findings_of(audited)) == {(Kind.PUBLIC, "file", str(path))}


@pytest.mark.parametrize("name", ["tile/0/001.p/3", "tile/1/000.p/1", "tile/0/000", "tile/entries/x001/000"])
def test_a_file_of_a_longer_log_is_named(audited, name):
    path = file_of(audited, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")

    assert ("file", str(path)) in log_named(findings_of(audited))


@pytest.mark.parametrize("folder", ["tile/0", "tile/entries"])
def test_a_full_file_that_is_none_does_not_stand_for_a_missing_one(audited, folder):
    path = file_of(audited, f"{folder}/000.p/{{size}}")
    path.unlink()
    full = file_of(audited, f"{folder}/000")
    full.write_bytes(b"\0")

    assert {("file", str(path)), ("file", str(full))} >= log_named(findings_of(audited)) != set()


def test_a_file_of_an_earlier_head_with_other_bytes_is_named(audited):
    (path, *_) = sorted(
        path for path in file_of(audited, "tile/0/000.p").iterdir() if int(path.name) < head(audited).size
    )
    path.write_bytes(bytes(32 * int(path.name)))

    assert log_named(findings_of(audited)) == {("file", str(path))}


def checkpoint_cases():
    return {
        "without the witness": lambda data, _: data[: data.index("— dte.example/witness".encode())],
        "with a line of nobody's": lambda data, _: data + "— dte.example/other AAAAAAAA\n".encode(),
        "with a line twice": lambda data, _: data + data.splitlines(keepends=True)[-1],
        "without a line of the log": lambda data, _: b"".join(
            line for at, line in enumerate(data.splitlines(keepends=True)) if at != 5
        ),
        "of an earlier head": lambda _, older: older,
        "of nothing": lambda *_: b"",
    }


@pytest.mark.parametrize("case", checkpoint_cases())
def test_a_checkpoint_that_is_another_is_named(audited, case):
    path = file_of(audited, "checkpoint")
    older = path.read_bytes()
    audited.go_on()
    path.write_bytes(checkpoint_cases()[case](path.read_bytes(), older))

    assert log_named(findings_of(audited)) == {("file", str(path))}


def test_a_memory_that_is_an_old_copy_is_found(audited):
    older = audited.places.log_memory.read_bytes()
    audited.go_on()
    audited.grow(at=AFTERWARDS)
    audited.places.log_memory.write_bytes(older)

    found = log_named(findings_of(audited))

    assert ("log_head", "1") in found


def test_a_memory_that_is_none_is_named(audited):
    audited.places.log_memory.write_bytes(b"\x00")

    assert log_named(findings_of(audited)) == {("file", str(audited.places.log_memory))}


def test_a_memory_that_is_not_there_is_a_part_that_was_skipped(audited):
    audited.places.log_memory.unlink()

    report, remembered = checked(audited)

    assert report.findings == ()
    assert [skipped.part for skipped in report.skipped] == [Part.LOG]
    assert remembered is None


def test_a_register_that_others_know_more_of_is_a_stale_copy(audited):
    before = audited.world.all(select(LogHead))[0]
    audited.go_on()
    audited.grow(at=AFTERWARDS)
    audited.grow(at=AFTERWARDS)
    audited.world.tamper(
        update(Event).where(Event.leaf >= before.size).values(leaf=None),
        update(LogHead).values(
            place=before.place, size=before.size, root=before.root, cosigned=before.cosigned
        ),
    )

    findings = findings_of(audited)

    assert any("a stale copy of the register" in finding.what for finding in findings)


def test_a_certificate_that_was_released_past_the_log_is_found(audited):
    world = audited.world
    world.numbered(*world.rows(1))
    world.sign()
    entry = world.entries()[-1].entry

    def release(session):
        session.execute(
            update(Entry).where(Entry.entry == entry).values(status="released", changed_at=AFTERWARDS)
        )
        told = {"before": "signed", "after": "released"}
        record_entries(session, "release", [entry], at=AFTERWARDS, by=world.registrar.account_id, **told)

    world.sessions.run(release)

    assert ("entry", str(entry)) in log_named(findings_of(audited))


def test_a_lifted_suspension_that_was_released_past_the_log_is_found(audited):
    world = audited.world
    numbered = select(Certificate.number, Entry.entry).join(Entry).where(Entry.status == "released")
    number, entry = world.sessions.read(lambda session: session.execute(numbered).first())
    for act in (suspend, reinstate):
        world.sessions.run(
            lambda session, act=act: act(
                session, world.registrar, number, Reason.HOLDER_REQUEST, now=AFTERWARDS
            )
        )

    def release(session):
        move_all(session, world.registrar, [entry], Status.REINSTATED, Action.RELEASE, now=AFTERWARDS)

    world.sessions.run(release)
    audited.chain()
    past = findings_of(audited)
    audited.grow(at=AFTERWARDS)

    assert ("entry", str(entry)) in log_named(past)
    assert log_named(findings_of(audited)) == set()


def test_an_act_that_claims_that_the_log_told_it_is_found(audited):
    world = audited.world
    told = {"before": "released", "after": "revoked", "known": "log"}
    released = world.all(select(Entry.entry).where(Entry.status == "released"))[0]

    def hide(session):
        session.execute(
            update(Entry).where(Entry.entry == released).values(status="revoked", changed_at=AFTERWARDS)
        )
        record_entries(session, "restore", [released], at=AFTERWARDS, by=world.registrar.account_id, **told)

    world.sessions.run(hide)
    (event,) = world.all(select(func.max(Event.id)))

    assert log_named(findings_of(audited)) == {("event", str(event))}


@pytest.fixture
def readmitted(audited):
    """A world of which some acts were lost, and their leaves readmitted."""
    logged, world = audited.logged, audited.world
    world.sessions.close()
    shutil.copyfile(audited.engine.url.database, logged.folder / "kept.sqlite3")
    numbers = world.all(
        select(Certificate.number).join(Entry).where(Entry.status == "released").order_by(Entry.entry)
    )
    for number in numbers[:2]:
        world.sessions.run(
            lambda session, number=number: suspend(
                session, world.registrar, number, Reason.EXAM_FRAUD, now=AFTERWARDS
            )
        )
    audited.grow(at=AFTERWARDS)
    world.sessions.close()
    audited.engine.dispose()
    shutil.copyfile(logged.folder / "kept.sqlite3", audited.engine.url.database)
    catch_up(logged.log(), [], world.registrar, now=logged.clock.now)
    audited.chain()
    return audited


def test_nothing_is_found_in_a_register_that_caught_up(readmitted):
    assert [finding.text for finding in findings_of(readmitted)] == []
    assert len(readmitted.world.all(select(LostLeaf))) == 2


LOST_CHANGES = {
    "another leaf": update(LostLeaf).where(
        LostLeaf.place == select(func.max(LostLeaf.place)).scalar_subquery()
    ).values(leaf=b"\x84\x01\x03\x00\x01"),
    "gone": delete(LostLeaf),
    "moved": update(LostLeaf).values(place=LostLeaf.place + 100),
}  # fmt: skip


@pytest.mark.parametrize("change", LOST_CHANGES)
def test_a_lost_leaf_that_was_changed_is_found(readmitted, change):
    found = alone(readmitted, LOST_CHANGES[change])

    assert {table for table, _ in found} & {"lost_leaf", "event"}


def test_a_log_that_grew_is_checked_from_where_the_last_check_came(audited):
    remembered = checked(audited)[1]
    audited.go_on()
    audited.grow(at=AFTERWARDS)

    report, again = checked(audited, remembered=remembered)

    assert [finding.text for finding in report.findings] == []
    assert again.log_size == head(audited).size > remembered.log_size > 0


def test_a_log_with_another_beginning_than_the_last_check_saw_is_found(audited):
    remembered = checked(audited)[1]
    other = type(remembered)(**{**vars_of(remembered), "log_root": "00" * 32})

    report, _ = checked(audited, remembered=other)

    assert log_named(report.findings) == {("log_head", "1")}


def vars_of(remembered):
    return {name: getattr(remembered, name) for name in remembered.__slots__}


def test_a_register_without_a_log_has_no_leaf_and_no_file(fresh_audited_without_log):
    audited = fresh_audited_without_log
    assert findings_of(audited) == ()

    audited.world.tamper(
        update(Event).where(Event.place == 3).values(leaf=0),
        update(LogHead).values(size=1),
        insert(LostLeaf).values(place=0, leaf=b""),
    )
    stray = audited.places.public_dir / "log" / "checkpoint"
    stray.parent.mkdir()
    stray.write_bytes(b"")
    found = named(findings_of(audited))

    (event,) = audited.world.all(select(Event.id).where(Event.place == 3))
    assert found == {
        (Kind.LOG, "event", str(event)),
        (Kind.LOG, "log_head", "1"),
        (Kind.LOG, "lost_leaf", "0"),
        (Kind.PUBLIC, "file", str(stray)),
    }


def test_the_database_alone_is_checked_without_its_files(audited):
    sessions = audited.world.sessions
    evidence = open_evidence(audited.places, sessions.read(read_charter))
    audited.world.tamper(update(LogHead).values(root=bytes(32)))

    report, _ = Check(sessions, evidence, own_hands(sessions, evidence)).run()

    assert log_named(report.findings) == {("log_head", "1")}
