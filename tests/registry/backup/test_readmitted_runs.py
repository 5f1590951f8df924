"""A restored run of which entries came back is rebuilt as it was restored, so that none of its rows goes unwatched."""

import pytest
from sqlalchemy import select, update

from registry.audit.check import check_database
from registry.audit.entries import check_entries
from registry.audit.evidence import Evidence
from registry.audit.finding import Kind
from registry.audit.spare import spare_certificates
from registry.backup.readmission import sign_again
from registry.certificate.tables import Certificate, Entry
from registry.directory.profiles import load_profiles
from registry.journal.sequencer import chain_events
from registry.journal.tables import Event
from tests.instants import NOON
from tests.registry.backup.drill import NEXT_DAY, issued_counts, stated, tokens
from tests.registry.backup.test_readmission import readmitted
from tests.registry.world import ENVIRONMENT

BACK = 7


def evidence(world):
    return Evidence(ENVIRONMENT, load_profiles(), trust=world.trust)


def coverage(world):
    """Return the rows that a full check of the database finds not to be what their events vouch for."""
    chain_events(world.sessions)
    report = world.sessions.read(lambda session: check_database(session, evidence(world)))
    return [finding.row for finding in report.findings if finding.kind is Kind.COVERAGE]


@pytest.fixture
def restored(file_drill):
    """One run of nine that a restore wrote without bytes, of which seven came back by their tokens."""
    file_drill.back_up()
    file_drill.world.issued(*file_drill.world.rows(BACK + 2))
    held = tokens(file_drill.world)
    world, _ = file_drill.restore(file_drill.outside(file_drill.status()))
    for entry in range(1, BACK + 1):
        readmitted(file_drill, world, held[entry])
    return world


def test_an_honest_run_is_what_its_event_vouches_for(restored):
    assert coverage(restored) == []


def test_an_entry_beside_many_that_came_back_is_watched(restored):
    restored.tamper(update(Entry).where(Entry.entry == BACK + 1).values(version=2))

    assert f"1-{BACK + 2}" in coverage(restored)


@pytest.mark.parametrize("entry", [1, BACK + 1])
def test_a_certificate_of_the_run_is_watched(restored, entry):
    certificate = restored.entry(entry).certificate_id
    restored.tamper(update(Certificate).where(Certificate.id == certificate).values(profile=2))

    assert f"1-{BACK + 2}" in coverage(restored)


def test_a_column_that_came_back_by_itself_is_vouched_for_by_its_own_event(restored):
    restored.tamper(update(Entry).where(Entry.entry == 2).values(numbered_at=NEXT_DAY.replace(year=2020)))

    assert {"2", f"1-{BACK + 2}"} <= set(coverage(restored))


def test_an_event_that_names_another_loss_is_found(restored):
    restored.tamper(
        update(Event)
        .where(Event.act == "readmit", Event.first_entry == 3)
        .values(details={"regained": ["token"]})
    )
    rows = restored.sessions.read(
        lambda session: check_entries(session, evidence(restored), 1, BACK + 2, longest=1000, spare=())
    ).findings

    assert (Kind.COVERAGE, f"1-{BACK + 2}") in {(finding.kind, finding.row) for finding in rows}


def test_a_part_of_the_run_is_checked_with_all_that_came_back(restored):
    for first, last in [(4, 4), (BACK, BACK + 1)]:
        found = restored.sessions.read(
            lambda session, first=first, last=last: check_entries(
                session, evidence(restored), first, last, longest=1000, spare=()
            )
        )
        assert not found.findings


def test_entries_whose_numbers_were_only_stated_are_rebuilt_without_them(file_drill):
    file_drill.back_up()
    file_drill.world.issued(*file_drill.world.rows(BACK))
    held = tokens(file_drill.world)
    (key,) = [key for key, count in issued_counts(file_drill.world).items() if count]
    outside = file_drill.outside(file_drill.status(), signed=None, stated=stated(BACK, **{key: BACK}))
    world, _ = file_drill.restore(outside)
    for token in held.values():
        readmitted(file_drill, world, token)

    assert coverage(world) == []
    spare, _ = world.sessions.read(spare_certificates)
    assert len(spare) == BACK
    world.tamper(update(Entry).where(Entry.entry == 1).values(numbered_at=NOON.replace(year=2020)))
    assert f"1-{BACK}" in coverage(world)


def test_tokens_made_again_leave_every_other_column_watched(file_drill):
    submission = file_drill.world.reviewed(*file_drill.world.rows(BACK))
    file_drill.back_up()
    file_drill.world.number(submission)
    file_drill.world.sign()
    file_drill.world.release()
    world, _ = file_drill.restore(file_drill.outside(file_drill.status()))
    sign_again(world.sessions, world.registrar, world.signers, now=NEXT_DAY)
    assert len(world.all(select(Event).where(Event.act == "readmit"))) == BACK

    assert coverage(world) == []
    certificate = world.entry(1).certificate_id
    world.tamper(update(Certificate).where(Certificate.id == certificate).values(profile=2))
    assert f"1-{BACK}" in coverage(world)
