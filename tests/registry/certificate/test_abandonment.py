"""What was on its way to a distrusted key: void, and its results numbered anew; corrections are kept or lost."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from registry.certificate.abandonment import Abandonment, abandon, plan_abandonment
from registry.certificate.alarm import tokens_of_key
from registry.certificate.epochs import close_epoch
from registry.certificate.errors import UnknownEpoch
from registry.certificate.tables import Entry
from registry.journal.tables import Event
from registry.people.errors import NotPermitted
from tests.instants import NOON, NOON_UTC

LATER = NOON_UTC + timedelta(hours=1)
ALARM = NOON_UTC + timedelta(minutes=30)


@pytest.fixture
def key_id(young_world):
    return young_world.open_epoch(1, 20)


def abandoned(world, key_id, *, honest=(), actor=None):
    return world.sessions.run(
        lambda session: abandon(session, actor or world.registrar, key_id, honest=honest, now=NOON)
    )


def tokens(world, key_id, *, alarm=ALARM, vouched=()):
    return world.sessions.read(
        lambda session: tokens_of_key(session, key_id, alarm=alarm, vouched=frozenset(vouched))
    )


def correction(world, row, number):
    return {**row, "row": 1, "name": "李肆", "corrects": number, "reason": "姓名有误"}


def test_what_was_numbered_or_signed_is_void_and_gets_a_new_number_under_the_next_key(young_world, key_id):
    world = young_world
    held = world.issued(world.row(1))
    signed = world.numbered(*world.rows(2))
    world.sign()
    numbered = world.numbered(*world.rows(2))
    old = [entry.result_id for entry in world.entries()]

    assert abandoned(world, key_id) == Abandonment((2, 3, 4, 5), (), ())

    assert world.statuses() == ["released", "void", "void", "void", "void"]
    assert [entry.result_id for entry in world.entries()] == [old[0], None, None, None, None]
    world.sessions.run(lambda session: close_epoch(session, world.registrar, key_id, now=NOON))
    second = world.open_epoch(6, 30)
    assert world.number(signed) + world.number(numbered) == 4
    world.sign()
    world.release()
    entries = world.entries()[5:]
    assert [entry.result_id for entry in entries] == old[1:]
    assert {(entry.key_id, entry.status) for entry in entries} == {(second, "released")}
    numbers = world.numbers(signed) + world.numbers(numbered)
    assert [number[-6:] for number in (*held, *numbers)] == ["000001", "000006", "000007", "000008", "000009"]


def test_the_journal_says_why_and_which_result_was_set_free(young_world, key_id):
    young_world.numbered(young_world.row(1))
    (result,) = [entry.result_id for entry in young_world.entries()]

    abandoned(young_world, key_id)

    (voided,) = young_world.all(select(Event.details).where(Event.act == "void"))
    assert voided == {"before": "numbered", "after": "void", "reason": "key_distrusted"}
    (freed,) = young_world.all(select(Event).where(Event.act == "free_result"))
    assert (freed.subject, freed.details) == ("entry:1", {"result": str(result)})


def test_abandoning_again_changes_nothing(young_world, key_id):
    young_world.numbered()
    abandoned(young_world, key_id)
    before = young_world.count(Event, Entry)

    assert abandoned(young_world, key_id) == Abandonment((), (), ())
    assert young_world.count(Event, Entry) == before


def test_other_keys_entries_are_left_alone(young_world):
    first, second = young_world.open_epoch(1, 2), young_world.open_epoch(3, 20)
    young_world.numbered(*young_world.rows(3))

    assert abandoned(young_world, second).numbered_anew == (3,)
    assert young_world.statuses() == ["numbered", "numbered", "void"]
    assert young_world.entries()[0].key_id == first


def test_a_correction_is_kept_if_its_token_is_honest_and_lost_otherwise(young_world, key_id):
    world = young_world
    rows = world.rows(3)
    numbers = world.issued(*rows)
    for row, number in zip(rows[:2], numbers, strict=False):
        world.numbered(correction(world, row, number))
    world.sign()
    world.numbered(correction(world, rows[2], numbers[2]))
    before = world.sessions.read(lambda session: plan_abandonment(session, key_id, honest={4}))

    assert abandoned(world, key_id, honest={4}) == before == Abandonment((), (5, 6), (4,))

    assert world.statuses() == ["released"] * 3 + ["signed", "void", "void"]
    assert all(entry.result_id is not None for entry in world.entries())
    world.release()
    assert world.statuses() == ["superseded", "released", "released", "released", "void", "void"]


def test_only_a_registrar_abandons(young_world, key_id):
    young_world.numbered()
    for holder in (*young_world.reviewers.values(), *young_world.bodies.values()):
        with pytest.raises(NotPermitted):
            abandoned(young_world, key_id, actor=holder.actor)
    assert young_world.statuses() == ["numbered"] * 3


def test_tokens_released_before_the_alarm_are_asked_for_and_later_ones_are_told(young_world, key_id):
    world = young_world
    world.issued(*world.rows(2))
    submission = world.reviewed(*world.rows(2))
    world.number(submission, now=LATER)
    world.sign(now=LATER)
    world.release(now=LATER)
    world.numbered()

    found = tokens(world, key_id)
    assert ([one.entry for one in found.honest], found.late) == ([1, 2], (3, 4))
    assert all(one.token and one.to_be_signed for one in found.honest)
    vouched = tokens(world, key_id, vouched=[4, 5, 99])
    assert ([one.entry for one in vouched.honest], vouched.late) == ([1, 2, 4], (3,))


def test_what_was_released_at_the_very_instant_of_the_alarm_came_too_late(young_world, key_id):
    young_world.issued(young_world.row(1))

    assert tokens(young_world, key_id, alarm=NOON_UTC).late == (1,)


def test_a_correction_that_was_signed_before_the_alarm_is_asked_for_whenever_it_is_released(
    young_world, key_id
):
    world = young_world
    row = world.row(1)
    (number,) = world.issued(row)
    world.numbered(correction(world, row, number))
    world.sign()
    assert [one.entry for one in tokens(world, key_id).honest] == [1, 2]

    world.release(now=LATER)

    assert world.statuses() == ["superseded", "released"]
    assert [one.entry for one in tokens(world, key_id).honest] == [1, 2]
    assert tokens(world, key_id, alarm=NOON_UTC).late == (1, 2)


def test_a_key_without_an_epoch_has_no_tokens(young_world):
    with pytest.raises(UnknownEpoch):
        tokens(young_world, b"none")
