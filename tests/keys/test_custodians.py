"""Custodian keys: each on its own medium, listed in the trust bundle, and a ceremony that can be run again."""

import pytest

from keys.custodians import CustodianMedium, add_custodian_keys, open_custodian
from keys.errors import KeyExists, KeyUnavailable, WrongIdentity
from keys.key_file import KeyKind
from keys.roots import RootMedium, open_root
from keys.sealing import Identity
from keys.store import KeyStore
from signing.custody import CUSTODIAN
from tests.instants import NOON


def test_each_custodian_key_lies_alone_on_its_medium_and_is_listed(trust, custodians):
    found = [KeyStore(medium.folder).stored_keys() for medium in custodians.media]

    assert [[key.kind for key in keys] for keys in found] == [[KeyKind.CUSTODIAN]] * 2
    assert {keys[0].key_id for keys in found} == trust.custodians.keys()
    for signer in custodians.signers:
        entry = trust.key(signer.key_id)
        assert (entry.kind, entry.first_entry, entry.last_entry, entry.retired) == (CUSTODIAN, 0, 0, False)


def test_a_ceremony_that_stopped_uses_the_keys_it_made(trust, tmp_path, seal):
    media = [CustodianMedium(tmp_path / name, seal) for name in ("third", "fourth")]
    made = KeyStore(media[0].folder).create(KeyKind.CUSTODIAN, seal, now=NOON)

    draft = add_custodian_keys(trust, media, now=NOON)

    assert made.key_id in draft.custodians
    assert len(draft.custodians) == 4
    assert add_custodian_keys(trust, media, now=NOON) == draft


def test_a_medium_whose_key_is_listed_already_stops_it_before_any_is_made(trust, custodians, tmp_path, seal):
    fresh = CustodianMedium(tmp_path / "fresh", seal)

    with pytest.raises(KeyExists):
        add_custodian_keys(trust, [fresh, custodians.media[0]], now=NOON)

    assert not fresh.folder.exists()


def test_a_key_that_its_seal_does_not_open_is_never_published(trust, tmp_path, seal):
    KeyStore(tmp_path / "medium").create(KeyKind.CUSTODIAN, seal, now=NOON)
    other = Identity.create(tmp_path / "other" / "identity.txt")

    with pytest.raises(WrongIdentity):
        add_custodian_keys(trust, [CustodianMedium(tmp_path / "medium", other)], now=NOON)


def test_two_custodians_on_one_medium_are_refused(trust, tmp_path, seal):
    medium = CustodianMedium(tmp_path / "one", seal)

    with pytest.raises(ValueError, match="own folder"):
        add_custodian_keys(trust, [medium, medium], now=NOON)


def test_root_keys_and_custodian_keys_do_not_stand_in_for_each_other(roots, custodians):
    with pytest.raises(KeyUnavailable, match="0 custodian keys"):
        open_custodian(CustodianMedium(roots.media[0].folder, roots.media[0].seal))
    with pytest.raises(KeyUnavailable, match="0 root keys"):
        open_root(RootMedium(custodians.media[0].folder, custodians.media[0].seal))
