import os
from datetime import timedelta

import pytest

from keys.epochs import KeyState, add_status_key, list_keys, open_epoch
from keys.errors import EpochStillOpen, WrongIdentity
from keys.key_file import KeyKind
from keys.sealing import Identity
from keys.store import KeyStore
from keys.trust_changes import distrust, open_epochs, retire
from tests.instants import NOON
from tests.keys.small_register import LAST_ON, killed_inside


def test_an_epoch_has_a_key_of_its_own_in_the_store(trust, store, epoch_key):
    (epoch,) = open_epochs(trust)

    assert epoch.key_id == epoch_key
    assert [key.public for key in store.stored_keys(KeyKind.CERTIFICATE)] == [epoch.public]


def test_an_epoch_that_may_not_open_makes_no_key(trust, store, seal):
    before = store.stored_keys()

    with pytest.raises(EpochStillOpen):
        open_epoch(trust, store, seal, last_on=LAST_ON, now=NOON)

    assert store.stored_keys() == before


def test_a_ceremony_that_stopped_goes_on_with_the_key_it_made(trust, store, seal, epoch_key):
    closed = retire(trust, epoch_key)

    def act():
        open_epoch(closed, store, seal, last_on=LAST_ON, now=NOON)
        os._exit(137)

    assert killed_inside(act)
    (made,) = [key for key in store.stored_keys(KeyKind.CERTIFICATE) if key.key_id != epoch_key]

    resumed = open_epoch(closed, store, seal, last_on=LAST_ON, now=NOON + timedelta(days=1))

    assert [epoch.key_id for epoch in open_epochs(resumed)] == [made.key_id]
    assert len(store.stored_keys(KeyKind.CERTIFICATE)) == 2


def test_a_key_that_can_not_be_opened_is_not_published(trust, store, seal, epoch_key, tmp_path):
    store.create(KeyKind.CERTIFICATE, Identity.create(tmp_path / "lost" / "identity.txt"), now=NOON)

    with pytest.raises(WrongIdentity):
        open_epoch(retire(trust, epoch_key), store, seal, last_on=LAST_ON, now=NOON)


def test_a_distrusted_key_is_not_taken_for_a_spare_one(trust, store, seal, epoch_key):
    gone = distrust(trust, epoch_key, at=NOON, honest=[])

    (epoch,) = open_epochs(open_epoch(gone, store, seal, last_on=LAST_ON, now=NOON))

    assert epoch.key_id != epoch_key
    assert epoch.first_entry == 101


def states(*arguments):
    return {key.key_id: key.state for key in list_keys(*arguments, now=NOON)}


def test_the_list_says_where_each_key_stands(trust, store, seal, roots, custodians, epoch_key, status_key):
    spare = store.create(KeyKind.CERTIFICATE, seal, now=NOON)
    stores = [store, *(KeyStore(medium.folder) for medium in roots.media)]
    ids = [key.key_id for store in stores[1:] for key in store.stored_keys()]

    assert states(stores, trust, roots.root) == {
        **dict.fromkeys(ids, KeyState.PINNED),
        **dict.fromkeys(trust.custodians, KeyState.IN_USE),
        epoch_key: KeyState.IN_USE,
        status_key: KeyState.IN_USE,
        spare.key_id: KeyState.UNPUBLISHED,
    }
    later = distrust(retire(trust, status_key), epoch_key, at=NOON, honest=[])
    assert states([store], later, None)[epoch_key] == KeyState.DISTRUSTED
    assert states([store], later, None)[status_key] == KeyState.RETIRED
    assert set(states(stores, None, None).values()) == {KeyState.UNPINNED, KeyState.UNPUBLISHED}


def test_the_list_gives_age_and_block_and_names_keys_that_lie_elsewhere(trust, store, roots, epoch_key):
    (listed,) = [
        key
        for key in list_keys([store], trust, None, now=NOON + timedelta(days=40))
        if key.key_id == epoch_key
    ]
    elsewhere = list_keys([], trust, None, now=NOON)

    assert (listed.age_days, listed.entry.first_entry, listed.entry.last_entry) == (40, 1, 100)
    assert listed.stored.kind == KeyKind.CERTIFICATE
    assert {key.key_id for key in elsewhere} == set(trust.keys)
    assert all(key.stored is None and key.age_days is None for key in elsewhere)


def test_status_keys_can_be_rotated(trust, store, seal, status_key):
    both = add_status_key(trust, store, seal, now=NOON)

    assert sum(entry.kind == "status" for entry in both.keys.values()) == 2
    assert not both.keys[status_key].retired
