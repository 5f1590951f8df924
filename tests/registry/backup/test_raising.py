"""After a restore no number is given twice, and nothing that the public was told is taken back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from keys.status_file import require_lawful_status
from registry.assessment.tables import Submission
from registry.backup.errors import (
    NoEpochFor,
    NothingHeld,
    NumberContradicts,
    StatedTooHigh,
    StatedTooLow,
    StatusContradicts,
    StatusMissing,
    StatusUnknown,
    UnknownSeries,
)
from registry.backup.stating import state_highest
from registry.certificate import lifecycle
from registry.certificate.coverage import numbered_digest
from registry.certificate.errors import NumberingHeld
from registry.certificate.lifecycle import Reason, Status
from registry.certificate.tables import Certificate, Entry, EntryCounter, Epoch, Series
from registry.directory.profiles import load_profiles
from registry.journal.sequencer import chain_events
from registry.journal.tables import Event
from signing.statement import Level
from tests.instants import NOON
from tests.registry.backup.drill import (
    NEXT_DAY,
    Drill,
    given,
    issued_counts,
    serials_are_dense,
    stated,
    tokens,
)
from tests.registry.world import BODY, ENVIRONMENT, SITES

IN_TWO_DAYS = NEXT_DAY + timedelta(days=1)
NEW_YEAR = datetime(2027, 1, 2, 4, tzinfo=UTC)


def goes_on_above(world, before):
    """Issue three more on the restored register; hold every number against those that were ever given."""
    numbers = world.issued()
    assert not set(numbers) & set(before)
    assert min(given(world)[number] for number in numbers) > max(before.values(), default=0)
    assert serials_are_dense(world)
    counter = world.all(select(EntryCounter.last))
    assert [entry.entry for entry in world.entries()] == list(range(1, counter[0] + 1))


def status_after(drill, world, before, *, now=IN_TWO_DAYS):
    """Return the status of the restored register, which must be lawful after the last one."""
    drill.world, own = world, drill.world
    after = replace(drill.status(now=now), version=before.version + 1)
    drill.world = own
    require_lawful_status(before, after)
    return after


def test_what_was_released_after_the_backup_keeps_its_place_and_its_number(drill):
    drill.world.issued()
    drill.back_up()
    lost = drill.world.issued()
    status, before = drill.status(), given(drill.world)

    world, restored = drill.restore(drill.outside(status))

    assert restored.raised.lost == {(Status.RELEASED, "signer"): 3}
    assert world.statuses() == ["released"] * 6
    assert given(world) == before
    assert set(lost) < set(given(world))
    assert [entry.to_be_signed for entry in world.entries()[3:]] == [None] * 3
    goes_on_above(world, before)
    status_after(drill, world, status)


def test_what_was_signed_and_not_released_is_void(drill):
    drill.back_up()
    drill.world.numbered()
    drill.world.sign()
    before = given(drill.world)

    world, restored = drill.restore(drill.outside(drill.status()))

    assert restored.raised.lost == {(Status.VOID, "signer"): 3}
    assert given(world) == before
    goes_on_above(world, before)


def test_what_was_numbered_and_never_signed_is_void_and_has_no_number(drill):
    drill.back_up()
    drill.world.numbered()

    world, restored = drill.restore(drill.outside(drill.status()))

    assert restored.raised.lost == {(Status.VOID, "public"): 3}
    assert [(entry.certificate_id, entry.version) for entry in world.entries()] == [(None, None)] * 3
    goes_on_above(world, {})


def test_what_was_released_and_not_yet_published_is_void(drill):
    drill.world.issued()
    drill.back_up()
    status = drill.status()
    drill.world.issued()
    before = given(drill.world)

    world, _ = drill.restore(drill.outside(status))

    assert world.statuses() == ["released"] * 3 + ["void"] * 3
    goes_on_above(world, before)
    status_after(drill, world, status)


def test_a_serial_that_nobody_signed_between_two_that_were_is_a_number_without_an_entry(drill):
    drill.back_up()
    drill.world.numbered()
    (key,) = drill.world.trust.keys.values()
    entries = drill.world.entries()
    # The second of three was refused, the others were signed.
    drill.world.hand(key).sign_many([entries[0].to_be_signed, entries[2].to_be_signed])
    before = given(drill.world)

    world, _ = drill.restore(drill.outside(drill.status()))

    numbers = set(world.all(select(Certificate.number)))
    assert numbers == set(before)
    assert len(given(world)) == 2
    goes_on_above(world, before)


def test_certificates_whose_results_are_in_the_backup_come_back_byte_for_byte(drill):
    submission = drill.world.reviewed(*drill.world.rows(4))
    drill.back_up()
    drill.world.number(submission)
    drill.world.sign()
    drill.world.release()
    status, before = drill.status(), given(drill.world)
    bytes_ = [(entry.to_be_signed, entry.result_id) for entry in drill.world.entries()]

    world, restored = drill.restore(drill.outside(status))

    assert restored.raised.rejoined == 4
    assert [(entry.to_be_signed, entry.result_id) for entry in world.entries()] == bytes_
    assert world.all(select(Submission.all_numbered)) == [True]
    assert world.number(submission) == 0
    goes_on_above(world, before)


def test_a_result_of_the_backup_that_was_not_approved_then_is_found_all_the_same(drill):
    submission = drill.world.checked(*drill.world.rows(3))
    drill.back_up()
    for _ in range(3):
        drill.world.decide(submission)
    drill.world.number(submission, now=NEXT_DAY)
    drill.world.sign(now=NEXT_DAY)
    drill.world.release(now=NEXT_DAY)

    world, restored = drill.restore(drill.outside(drill.status(now=IN_TWO_DAYS)), now=IN_TWO_DAYS)
    for _ in range(3):
        world.decide(submission)

    assert restored.raised.rejoined == 3
    assert world.number(submission) == 0
    assert world.statuses() == ["released"] * 3


def test_a_lost_correction_comes_back_as_the_next_version(drill):
    (number,) = drill.world.issued(drill.world.row(1, name="张䶮"))
    person = drill.world.row(1, name="张䶮𬭸", corrects=number, reason="姓名有误")
    submission = drill.world.reviewed(person)
    drill.back_up()
    drill.world.number(submission)
    drill.world.sign()
    drill.world.release()
    status = drill.status()

    world, restored = drill.restore(drill.outside(status))

    assert restored.raised.rejoined == 1
    assert restored.raised.moved == {(Status.RELEASED, Status.SUPERSEDED): 1}
    assert [(entry.version, entry.status) for entry in world.entries()] == [
        (1, "superseded"),
        (2, "released"),
    ]
    status_after(drill, world, status)


def test_an_epoch_and_a_series_opened_after_the_backup_are_opened_again(drill):
    drill.back_up()
    drill.world.open_epoch(1001, 2000)
    key = drill.world.open_series(BODY, Level.SENIOR, year=2027)
    submission = drill.world.reviewed(drill.world.row(1, level="senior"))
    drill.world.number(submission, now=NEW_YEAR)
    drill.world.sign(now=NEW_YEAR)
    drill.world.release(now=NEW_YEAR)
    status = drill.status()

    world, restored = drill.restore(drill.outside(status), now=NEW_YEAR)

    assert restored.raised.series == {key: 1}
    assert len(world.all(select(Epoch))) == 2
    assert serials_are_dense(world)


def test_a_backup_from_before_the_first_epoch_goes_on_above_all_of_it(
    young_world, tmp_path, empty_place, engine
):
    drill = Drill(young_world, tmp_path, empty_place, engine.dialect.name)
    drill.back_up()
    young_world.open_epoch()
    young_world.issued()
    before = given(young_world)

    world, _ = drill.restore(drill.outside(drill.status()))

    goes_on_above(world, before)
    drill.close()


def test_every_row_that_the_restore_wrote_is_vouched_for_by_one_event(drill):
    drill.world.issued()
    drill.back_up()
    drill.world.issued(*drill.world.rows(2))
    drill.world.numbered()
    drill.world.sign()

    world, _ = drill.restore(drill.outside(drill.status()))

    runs = world.all(select(Event).where(Event.act == "restore", Event.digest.is_not(None)))
    assert [(event.first_entry, event.last_entry) for event in runs] == [(4, 5), (6, 8)]
    for event in runs:
        entries = world.entries()[event.first_entry - 1 : event.last_entry]
        certificates = [
            world.sessions.read(lambda session, of=entry: session.get_one(Certificate, of.certificate_id))
            for entry in entries
        ]
        assert event.digest == numbered_digest(certificates, entries)
    chain_events(world.sessions)


def test_without_the_signers_journal_nothing_is_numbered_until_somebody_states_the_highest_numbers(drill):
    drill.world.issued()
    drill.back_up()
    drill.world.issued()
    status, before = drill.status(), given(drill.world)
    world, restored = drill.restore(drill.outside(status, signed=None))
    assert "state-highest" in restored.raised.held_because
    waiting = world.reviewed()
    with pytest.raises(NumberingHeld):
        world.number(waiting)

    (key,) = [key for key, n in issued_counts(drill.world).items() if n]
    words = drill.outside(status, signed=None, stated=stated(6, **{key: 6}))
    raised = world.sessions.run(lambda session: stating(world, session, words))

    assert raised.held_because is None
    assert world.number(waiting) == 3
    assert not set(world.numbers(waiting)) & set(before)
    assert set(world.all(select(Certificate.number))) >= set(before)
    assert serials_are_dense(world)


def test_a_suspension_after_the_newest_status_is_not_lifted_by_it(file_drill):
    numbers = file_drill.world.issued()
    file_drill.back_up()
    status = file_drill.status()
    world, _ = file_drill.restore(file_drill.outside(status, signed=None))
    world.sessions.run(
        lambda session: lifecycle.suspend(
            session, world.registrar, numbers[0], Reason.HOLDER_REQUEST, now=IN_TWO_DAYS
        )
    )
    revoked = replace(status, version=status.version + 1, revoked=frozenset({2}))
    words = file_drill.outside(revoked, signed=None, stated=stated(3))

    raised = world.sessions.run(lambda session: stating(world, session, words))

    assert world.statuses() == ["suspended", "revoked", "released"]
    assert raised.held_because is None


def stating(world, session, outside):
    return state_highest(
        session, world.registrar, outside, load_profiles(), environment=ENVIRONMENT, now=NEXT_DAY
    )


def test_words_at_the_restore_itself_are_enough(drill):
    drill.world.issued()
    drill.back_up()
    (key,) = [key for key, n in issued_counts(drill.world).items() if n]

    world, restored = drill.restore(
        drill.outside(None, signed=None, stated=stated(9, **{key: 7}), never_published=True)
    )

    assert restored.raised.held_because is None
    assert world.statuses() == ["released"] * 3 + ["void"] * 6
    assert issued_counts(world)[key] == 7
    goes_on_above(world, {})


def test_a_journal_that_does_not_know_the_newest_token_is_none(file_drill):
    file_drill.world.issued()
    file_drill.back_up()

    _, restored = file_drill.restore(file_drill.outside(file_drill.status(), signed=lambda: iter([])))

    assert restored.raised.held_because is not None


def test_a_journal_that_ends_before_the_public_status_holds_the_numbering(drill):
    drill.world.issued()
    drill.back_up()
    known = list(drill.world.journal.entries())
    drill.world.issued()

    world, restored = drill.restore(drill.outside(drill.status(), signed=lambda: iter(known)))

    assert restored.raised.lost == {(Status.RELEASED, "public"): 3}
    assert restored.raised.held_because is not None
    assert world.statuses() == ["released"] * 6


def test_words_below_what_is_known_are_refused(file_drill):
    file_drill.world.issued()
    file_drill.back_up()
    (key,) = [key for key, n in issued_counts(file_drill.world).items() if n]

    for words in (stated(2), stated(3, **{key: 2})):
        with pytest.raises(StatedTooLow):
            file_drill.restore(file_drill.outside(file_drill.status(), stated=words))


def test_words_about_a_series_that_is_not_there_are_refused(file_drill):
    file_drill.back_up()

    with pytest.raises(UnknownSeries):
        file_drill.restore(file_drill.outside(file_drill.status(), stated=stated(3, nothing=2)))


def test_nothing_is_stated_where_nothing_is_held(file_drill):
    with pytest.raises(NothingHeld):
        file_drill.world.sessions.run(
            lambda session: stating(
                file_drill.world, session, file_drill.outside(file_drill.status(), stated=stated(9))
            )
        )


@pytest.mark.parametrize("lost", [False, True])
def test_without_a_status_nothing_is_restored_whether_or_not_entries_are_lost(file_drill, lost):
    if not lost:
        file_drill.world.issued()
    file_drill.back_up()
    if lost:
        file_drill.world.issued()

    with pytest.raises(StatusMissing, match="--never-published"):
        file_drill.restore(file_drill.outside(None))

    world, _ = file_drill.restore(file_drill.outside(None, never_published=True))
    assert world.statuses() == ["void" if lost else "released"] * 3


def test_lost_entries_of_which_no_status_is_known_are_not_stated_away(file_drill):
    file_drill.world.issued()
    file_drill.back_up()
    world, _ = file_drill.restore(file_drill.outside(None, signed=None, never_published=True))
    words = file_drill.outside(None, signed=None, stated=stated(6))

    with pytest.raises(StatusUnknown):
        world.sessions.run(lambda session: stating(world, session, words))


def test_a_lost_entry_of_an_unknown_key_stops_the_restore(file_drill):
    file_drill.world.issued()
    file_drill.back_up()
    (*_, last) = file_drill.world.journal.entries()
    strange = last._replace(entry=1005)

    with pytest.raises(NoEpochFor):
        file_drill.restore(
            file_drill.outside(file_drill.status(), signed=lambda: iter([last, strange]), trust=None)
        )


def test_words_above_all_that_can_have_been_given_are_refused(file_drill):
    file_drill.world.issued()
    file_drill.back_up()
    (key,) = [key for key, n in issued_counts(file_drill.world).items() if n]
    end = max(file_drill.world.all(select(Epoch.last_entry)))

    for words in (stated(end + 1), stated(3, **{key: 1_000_000})):
        with pytest.raises(StatedTooHigh):
            file_drill.restore(file_drill.outside(file_drill.status(), stated=words, trust=None))


def test_other_bytes_than_those_that_were_signed_stop_the_restore(file_drill):
    file_drill.world.issued()
    file_drill.back_up()
    (*others, last) = file_drill.world.journal.entries()

    with pytest.raises(NumberContradicts):
        file_drill.restore(
            file_drill.outside(
                file_drill.status(), signed=lambda: iter([*others, last._replace(digest=bytes(32))])
            )
        )


def test_a_number_given_twice_stops_the_restore(file_drill):
    file_drill.world.issued()
    # Somebody took a certificate out of the database before it was backed up.
    file_drill.world.tamper(
        Entry.__table__.delete().where(Entry.entry == 3),
        Certificate.__table__.delete().where(Certificate.serial == 3),
        EntryCounter.__table__.update().values(last=2),
    )
    file_drill.back_up(now=NEXT_DAY)

    with pytest.raises(NumberContradicts):
        file_drill.restore(file_drill.outside(file_drill.status(), signed=file_drill.world.journal.entries))


def test_acts_after_the_backup_are_done_again_as_the_public_was_told(drill):
    numbers = drill.world.issued(*drill.world.rows(4))
    world = drill.world
    act(world, lifecycle.suspend, numbers[1], Reason.UNDER_INVESTIGATION)
    waiting = drill.world.numbered(*drill.world.rows(2))
    drill.back_up()
    act(world, lifecycle.revoke, numbers[0], Reason.EXAM_FRAUD)
    act(world, lifecycle.reinstate, numbers[1], Reason.INVESTIGATION_CLOSED)
    act(world, lifecycle.suspend, numbers[2], Reason.HOLDER_REQUEST)
    world.sign()
    world.release()
    status = drill.status()

    restored_world, restored = drill.restore(drill.outside(status))

    expected = ["revoked", "released", "suspended", "released", "released", "released"]
    assert world.statuses() == restored_world.statuses() == expected
    assert restored.raised.moved[Status.NUMBERED, Status.RELEASED] == 2
    moved = [
        event
        for event in restored_world.all(select(Event).where(Event.act == "restore"))
        if event.first_entry
    ]
    assert {(event.first_entry, event.last_entry, event.details["after"]) for event in moved} == {
        (1, 1, "revoked"),
        (2, 2, "released"),
        (3, 3, "suspended"),
        (5, 6, "released"),
    }
    assert restored_world.number(waiting) == 0
    status_after(drill, restored_world, status)


def act(world, function, number, reason):
    world.sessions.run(lambda session: function(session, world.registrar, number, reason, now=NOON))


def test_a_voided_entry_that_the_public_was_told_is_released_stops_the_restore(file_drill):
    file_drill.world.numbered()
    file_drill.world.sessions.run(
        lambda session: lifecycle.void(
            session, file_drill.world.registrar, 1, Reason.ISSUED_IN_ERROR, now=NOON
        )
    )
    file_drill.back_up()
    status = replace(file_drill.status(), voided=frozenset())

    with pytest.raises(StatusContradicts):
        file_drill.restore(file_drill.outside(status))


def test_an_old_backup_restored_twice_gives_no_number_twice(drill):
    drill.world.issued()
    old = drill.back_up().name
    seen = dict(given(drill.world))
    world, status = drill.world, drill.status()
    for day in (1, 2, 3):
        world, _ = drill.restore(drill.outside(status), name=old, now=NEXT_DAY + timedelta(days=day))
        goes_on_above(world, seen)
        seen |= given(world)
        drill.world, own = world, drill.world
        status = drill.status(now=NEXT_DAY + timedelta(days=day))
        drill.world = own

    assert tokens(world).keys() == set(range(1, 13))
    assert len(world.all(select(Series))) == len(SITES) * 3
