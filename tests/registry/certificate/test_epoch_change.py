"""From one issuing key to the next: no entry twice, none outside its key's block, none left out."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from registry.certificate.errors import EpochNotOpen
from registry.certificate.numbering import find_open_epoch, open_epoch
from registry.certificate.tables import Certificate, Entry, Epoch, Series
from registry.people.errors import NotPermitted
from signing.token import open_token
from tests.instants import NOON, THAT_DAY
from tests.registry.world import serials


def test_without_an_epoch_nothing_is_numbered(young_world):
    submission = young_world.reviewed()

    with pytest.raises(EpochNotOpen):
        young_world.number(submission)

    assert young_world.count(Certificate, Entry) == (0, 0)
    young_world.open_epoch()
    assert young_world.number(submission) == 3


def test_a_batch_that_crosses_the_end_is_cut_and_goes_on_with_the_next_key(young_world):
    first, second = young_world.open_epoch(1, 4), young_world.open_epoch(5, 9)
    submission = young_world.numbered(*young_world.rows(6))

    entries = young_world.entries()

    assert [(entry.entry, entry.key_id) for entry in entries] == [
        *((entry, first) for entry in range(1, 5)),
        *((entry, second) for entry in range(5, 7)),
    ]
    assert serials(young_world.numbers(submission)) == [1, 2, 3, 4, 5, 6]
    young_world.sign()
    for entry in young_world.entries():
        assert open_token(entry.token, young_world.trust).entry == entry.entry


def test_when_the_last_epoch_is_used_up_the_rest_waits_for_the_next(young_world):
    young_world.open_epoch(1, 4)
    submission = young_world.reviewed(*young_world.rows(6))

    with pytest.raises(EpochNotOpen):
        young_world.number(submission)
    assert [entry.entry for entry in young_world.entries()] == [1, 2, 3, 4]
    assert set(young_world.all(select(Series.issued))) == {0, 4}

    young_world.open_epoch(5, 9)
    assert young_world.number(submission) == 2
    assert serials(young_world.numbers(submission)) == [1, 2, 3, 4, 5, 6]


def test_a_key_numbers_nothing_that_is_dated_after_its_last_day(young_world):
    young_world.open_epoch(last_on=THAT_DAY)
    on_time, too_late = young_world.reviewed(), young_world.reviewed()

    assert young_world.number(on_time) == 3
    with pytest.raises(EpochNotOpen):
        young_world.number(too_late, now=NOON + timedelta(days=1))
    assert young_world.count(Entry) == (3,)


def test_the_last_entry_of_a_block_is_used(young_world):
    young_world.open_epoch(1, 1)
    submission = young_world.reviewed(young_world.row(1))

    assert young_world.number(submission) == 1
    with pytest.raises(EpochNotOpen):
        young_world.sessions.read(lambda session: find_open_epoch(session, on=THAT_DAY))


def test_an_open_epoch_says_how_much_is_left(young_world):
    key_id = young_world.open_epoch(1, 10)
    young_world.numbered()

    epoch = young_world.sessions.read(lambda session: find_open_epoch(session, on=THAT_DAY))

    assert (epoch.key_id, epoch.last_entry, epoch.entries_left) == (key_id, 10, 7)


def test_only_a_registrar_opens_an_epoch(young_world):
    for holder in (*young_world.reviewers.values(), *young_world.bodies.values()):
        with pytest.raises(NotPermitted):
            young_world.sessions.run(
                lambda session, actor=holder.actor: open_epoch(
                    session,
                    actor,
                    key_id=b"1234",
                    first_entry=1,
                    last_entry=9,
                    last_on=date(2027, 1, 1),
                    now=NOON,
                )
            )
    assert young_world.count(Epoch) == (0,)
