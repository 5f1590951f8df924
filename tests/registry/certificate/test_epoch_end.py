"""The end of an epoch: closed only when nothing waits, never numbered with again, its rest passed over."""

from datetime import timedelta
from threading import Event as Signal
from threading import Thread

import pytest
from sqlalchemy import select

from registry.certificate import issuance
from registry.certificate.epochs import close_epoch, epoch_use, pass_over
from registry.certificate.errors import EpochNotOpen, EpochUnfinished, UnknownEpoch
from registry.certificate.lifecycle import Reason, void
from registry.certificate.tables import EntryCounter, Epoch
from registry.journal.tables import Event
from registry.people.errors import NotPermitted
from tests.instants import NOON, NOON_UTC, THAT_DAY


def closed(world, key_id, *, actor=None, now=NOON):
    return world.sessions.run(lambda session: close_epoch(session, actor or world.registrar, key_id, now=now))


def passed_over(world):
    return world.sessions.run(lambda session: pass_over(session, world.registrar, on=THAT_DAY, now=NOON))


def test_a_closed_epoch_numbers_nothing_and_says_how_far_it_was_used(young_world):
    key_id = young_world.open_epoch(1, 10)
    young_world.issued()
    later = young_world.reviewed()

    use = closed(young_world, key_id)

    assert (use.given, use.last_given, use.left, use.unsigned) == (3, 3, 7, 0)
    with pytest.raises(EpochNotOpen):
        young_world.number(later)
    (event,) = young_world.all(select(Event).where(Event.act == "close_epoch"))
    assert (event.subject, event.details) == (f"epoch:{key_id.hex()}", {"last_given": 3})
    assert young_world.all(select(Epoch.closed_at)) == [NOON_UTC]


def test_closing_again_changes_nothing(young_world):
    key_id = young_world.open_epoch(1, 10)
    closed(young_world, key_id)
    before = young_world.count(Event)

    use = closed(young_world, key_id, now=NOON + timedelta(days=1))

    assert use.closed_at == NOON_UTC
    assert young_world.count(Event) == before


def test_an_epoch_with_a_number_that_waits_for_its_signature_is_not_closed(young_world):
    key_id = young_world.open_epoch(1, 10)
    young_world.numbered(*young_world.rows(2))

    with pytest.raises(EpochUnfinished) as refusal:
        closed(young_world, key_id)
    assert (refusal.value.waiting, refusal.value.first) == (2, 1)
    assert young_world.all(select(Epoch.closed_at)) == [None]

    young_world.sessions.run(
        lambda session: void(session, young_world.registrar, 1, Reason.ISSUED_IN_ERROR, now=NOON)
    )
    young_world.sign()
    assert closed(young_world, key_id).unsigned == 0


def test_an_epoch_that_the_register_does_not_know_is_not_closed(world):
    with pytest.raises(UnknownEpoch):
        closed(world, b"none")


def test_only_a_registrar_closes_an_epoch(young_world):
    key_id = young_world.open_epoch(1, 10)
    for holder in (*young_world.reviewers.values(), *young_world.bodies.values()):
        with pytest.raises(NotPermitted):
            closed(young_world, key_id, actor=holder.actor)
    assert young_world.all(select(Epoch.closed_at)) == [None]


def test_the_next_block_may_begin_where_the_closed_one_was_left(young_world):
    first = young_world.open_epoch(1, 10)
    young_world.issued()
    closed(young_world, first)
    second = young_world.open_epoch(4, 13)

    young_world.issued()

    assert [entry.key_id for entry in young_world.entries()] == [first] * 3 + [second] * 3
    assert young_world.sessions.read(lambda session: epoch_use(session, first)).last_given == 3


def test_what_a_closed_epoch_left_before_an_open_one_is_passed_over_as_void(young_world):
    first = young_world.open_epoch(1, 10)
    second = young_world.open_epoch(11, 20)
    young_world.issued(*young_world.rows(2))
    closed(young_world, first)

    numbers = young_world.issued(*young_world.rows(2))

    entries = young_world.entries()
    assert [entry.status for entry in entries] == ["released"] * 2 + ["void"] * 8 + ["released"] * 2
    assert [entry.key_id for entry in entries] == [first] * 10 + [second] * 2
    assert {(entry.certificate_id, entry.result_id, entry.to_be_signed) for entry in entries[2:10]} == {
        (None, None, None)
    }
    assert [number[-6:] for number in numbers] == ["000003", "000004"]
    (event,) = young_world.all(select(Event).where(Event.act == "pass_over"))
    assert (event.first_entry, event.last_entry, event.details) == (3, 10, {"after": "void"})
    assert young_world.all(select(EntryCounter.last)) == [12]


@pytest.mark.parametrize("blocks", [[(1, 10)], [(1, 10), (12, 20)]], ids=["nothing behind", "a gap behind"])
def test_nothing_is_passed_over_unless_an_open_epoch_begins_right_behind(young_world, blocks):
    first, *_ = [young_world.open_epoch(*block) for block in blocks]
    closed(young_world, first)
    waiting = young_world.reviewed()

    assert passed_over(young_world) == 0
    with pytest.raises(EpochNotOpen):
        young_world.number(waiting)
    assert young_world.entries() == []


def test_an_open_epoch_is_never_passed_over(young_world):
    young_world.open_epoch(1, 10)
    young_world.open_epoch(11, 20)

    assert passed_over(young_world) == 0


def test_an_epoch_whose_days_are_over_is_not_passed_over(young_world):
    young_world.open_epoch(1, 10, last_on=THAT_DAY - timedelta(days=1))
    young_world.open_epoch(11, 20)

    assert passed_over(young_world) == 0


def test_who_was_numbering_when_the_epoch_closed_plans_anew(young_world, monkeypatch):
    first = young_world.open_epoch(1, 10)
    submission = young_world.reviewed()
    found, go_on = Signal(), Signal()
    really = issuance.find_open_epoch

    def slowly(session, *, on):
        epoch = really(session, on=on)
        if not found.is_set():
            found.set()
            # SQLite lets nobody else write meanwhile; there the closing comes after.
            go_on.wait(20 if young_world.sessions.locks_rows else 0)
        return epoch

    monkeypatch.setattr(issuance, "find_open_epoch", slowly)
    outcome = []

    def number():
        try:
            outcome.append(young_world.number(submission))
        except EpochNotOpen:
            outcome.append("closed")

    worker = Thread(target=number)
    worker.start()
    assert found.wait(20)
    try:
        closed(young_world, first)
        closing = "first"
    except EpochUnfinished:
        closing = "after"
    go_on.set()
    worker.join()

    if closing == "first":
        assert (outcome, young_world.entries()) == (["closed"], [])
    else:
        assert (outcome, len(young_world.entries())) == ([3], 3)
