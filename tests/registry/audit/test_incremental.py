"""Checking what happened since the last check: quick, and honest about what it does not look at."""

import pytest
from sqlalchemy import delete, select, update

from registry.audit.errors import CheckStateDamaged
from registry.audit.finding import Kind
from registry.audit.remembered import Remembered, read_remembered, write_remembered
from registry.certificate.lifecycle import Reason, suspend
from registry.certificate.tables import Certificate, Entry
from registry.journal.tables import Event
from tests.registry.audit.audited import AFTERWARDS
from tests.registry.audit.test_honest import checked


@pytest.fixture
def remembered(audited):
    return checked(audited)[1]


def test_nothing_happened_and_nothing_is_looked_at(audited, remembered):
    report, again = checked(audited, remembered=remembered)

    assert report.findings == ()
    assert report.since_place == remembered.place
    assert report.counts.get("entries", 0) == report.counts.get("submissions", 0) == 0
    assert again == remembered


def test_only_what_was_touched_is_looked_at(audited, remembered):
    world = audited.world
    audited.go_on()
    number = world.all(select(Certificate.number).join(Entry).where(Entry.entry == 2))[0]
    world.sessions.run(
        lambda session: suspend(session, world.registrar, number, Reason.EXAM_FRAUD, now=AFTERWARDS)
    )
    world.submitted(*world.rows(2))
    audited.chain()

    report, again = checked(audited, remembered=remembered)

    assert [finding.text for finding in report.findings] == []
    assert report.counts["entries"] < len(world.entries())
    assert report.counts["submissions"] == 1
    assert again.place > remembered.place


def test_a_fault_in_what_was_touched_is_found(audited, remembered):
    world = audited.world
    audited.go_on()
    audited.chain()
    last = world.entries()[-1].entry
    world.tamper(update(Entry).where(Entry.entry == last).values(token=None))

    report, again = checked(audited, remembered=remembered)

    found = {(finding.kind, finding.table, finding.row) for finding in report.findings}
    assert (Kind.STATE, "entry", str(last)) in found
    # Its leaf in the public log can not be made again either.
    assert {(kind, table) for kind, table, _ in found} == {(Kind.STATE, "entry"), (Kind.LOG, "event")}
    assert again is None


def test_a_fault_in_what_was_not_touched_is_left_to_the_full_check(audited, remembered):
    audited.world.tamper(update(Entry).where(Entry.entry == 1).values(to_be_signed=b"other"))

    assert checked(audited, remembered=remembered)[0].findings == ()
    assert checked(audited)[0].findings != ()


def test_a_journal_that_was_rewritten_is_found_and_everything_checked(audited, remembered):
    forgotten = Remembered(remembered.environment, remembered.place, "00" * 32, remembered.last_entry, 0)

    report, _ = checked(audited, remembered=forgotten)

    assert [finding.kind for finding in report.findings] == [Kind.JOURNAL]
    assert report.since_place == 0
    assert report.counts["entries"] == len(audited.world.entries())


def test_a_journal_that_was_cut_is_found(audited, remembered):
    audited.world.tamper(delete(Event).where(Event.place == remembered.place))

    report, _ = checked(audited, remembered=remembered)

    assert Kind.JOURNAL in {finding.kind for finding in report.findings}


def test_a_register_with_fewer_entries_than_before_is_a_stale_copy(audited, remembered):
    ahead = Remembered(
        remembered.environment, remembered.place, remembered.hash, remembered.last_entry + 1, 0
    )

    report, _ = checked(audited, remembered=ahead)

    assert any("stale copy" in finding.what for finding in report.findings)


def test_what_is_remembered_survives_its_file(tmp_path, remembered):
    path = tmp_path / "check" / "state.json"
    assert read_remembered(path) is None

    write_remembered(path, remembered)

    assert read_remembered(path) == remembered


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"format": "another/1"}',
        b'{"format": "certreg-check/1", "place": 1}',
        b'{"format": "certreg-check/1", "environment": "test", "place": "1", "hash": "", "last_entry": 1, '
        b'"signer_bytes": 0}',
    ],
)
def test_a_damaged_file_is_refused(tmp_path, content):
    path = tmp_path / "state.json"
    path.write_bytes(content)

    with pytest.raises(CheckStateDamaged):
        read_remembered(path)
