from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys.errors import EpochStillOpen, UnlawfulSuccession
from keys.trust_changes import (
    distrust,
    epoch_of,
    open_epochs,
    retire,
    with_epoch,
    with_profiles,
    with_status_key,
)
from signing.errors import UnknownKey
from tests.instants import NOON
from tests.keys.small_register import LAST_ON, PROFILE


def a_public_key():
    return Ed25519PrivateKey.generate().public_key().public_bytes_raw()


def blocks(trust):
    return [(key.first_entry, key.last_entry) for key in open_epochs(trust)]


def test_the_first_block_begins_at_one_and_each_next_after_the_last(trust, epoch_key):
    assert blocks(trust) == [(1, 100)]

    later = with_epoch(retire(trust, epoch_key), a_public_key(), last_on=LAST_ON, entries=50)

    assert blocks(later) == [(101, 150)]
    assert later.keys[epoch_key].retired


def test_one_epoch_is_open_at_a_time(trust):
    with pytest.raises(EpochStillOpen):
        with_epoch(trust, a_public_key(), last_on=LAST_ON)


def test_one_more_epoch_may_wait_and_entries_find_theirs(trust, epoch_key):
    ahead = with_epoch(trust, a_public_key(), last_on=LAST_ON, ahead=True)

    assert epoch_of(ahead, 100).key_id == epoch_key
    assert epoch_of(ahead, 101).key_id != epoch_key
    assert epoch_of(ahead, 50_101) is None
    assert epoch_of(retire(ahead, epoch_key), 100) is None
    with pytest.raises(EpochStillOpen):
        with_epoch(ahead, a_public_key(), last_on=LAST_ON, ahead=True)


def test_the_last_block_can_be_narrowed_when_it_is_closed_and_the_next_goes_on_from_there(trust, epoch_key):
    closed = retire(trust, epoch_key, last_entry=40)

    assert closed.keys[epoch_key].last_entry == 40
    assert blocks(with_epoch(closed, a_public_key(), last_on=LAST_ON, entries=10)) == [(41, 50)]


@pytest.mark.parametrize("last_entry", [0, 101, -1])
def test_a_block_is_not_narrowed_to_nothing_nor_widened(trust, epoch_key, last_entry):
    with pytest.raises(UnlawfulSuccession):
        retire(trust, epoch_key, last_entry=last_entry)


def test_a_block_with_another_behind_it_is_not_narrowed(trust, epoch_key):
    ahead = with_epoch(trust, a_public_key(), last_on=LAST_ON, ahead=True)

    with pytest.raises(UnlawfulSuccession, match="only the last block"):
        retire(ahead, epoch_key, last_entry=40)


def test_a_status_key_has_no_block(trust, status_key):
    with pytest.raises(UnlawfulSuccession):
        retire(trust, status_key, last_entry=0)
    assert retire(trust, status_key).keys[status_key].retired


def test_a_distrusted_key_stays_listed_with_its_tombstone_and_honest_list(trust, epoch_key):
    gone = distrust(trust, epoch_key, at=NOON, honest=[bytes(16)])

    assert gone.keys[epoch_key] == trust.keys[epoch_key]
    assert gone.tombstones == {epoch_key: NOON}
    assert gone.honest == {epoch_key: frozenset([bytes(16)])}
    assert open_epochs(gone) == []


def test_distrusting_again_lengthens_the_honest_list_and_keeps_the_first_instant(trust, epoch_key):
    first = distrust(trust, epoch_key, at=NOON, honest=[b"a" * 16])
    second = distrust(first, epoch_key, at=NOON + timedelta(days=9), honest=[b"b" * 16])

    assert second.tombstones == {epoch_key: NOON}
    assert second.honest[epoch_key] == {b"a" * 16, b"b" * 16}


def test_a_key_that_was_distrusted_or_listed_is_never_added_again(trust, epoch_key):
    public = trust.keys[epoch_key].public
    gone = distrust(trust, epoch_key, at=NOON, honest=[])
    forgotten = replace(gone, keys={})

    for standing in (gone, forgotten):
        with pytest.raises(UnlawfulSuccession, match="used before"):
            with_epoch(standing, public, last_on=LAST_ON)
    with pytest.raises(UnlawfulSuccession, match="used before"):
        with_status_key(trust, public)


def test_keys_that_nobody_knows_are_neither_retired_nor_distrusted(trust):
    with pytest.raises(UnknownKey):
        retire(trust, bytes(4))
    with pytest.raises(UnknownKey):
        distrust(trust, bytes(4), at=NOON, honest=[])


def test_an_assumed_profile_can_be_confirmed(trust):
    confirmed = replace(PROFILE, status="confirmed")

    assert with_profiles(trust, [confirmed]).profiles == {1: confirmed}


def test_changes_leave_the_value_they_were_given_alone(trust, epoch_key):
    before = trust.to_payload()
    distrust(retire(trust, epoch_key), epoch_key, at=NOON, honest=[bytes(16)])

    assert trust.to_payload() == before
