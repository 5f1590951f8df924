from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys.errors import UnlawfulSuccession
from keys.succession import require_lawful_keys, require_lawful_names
from keys.trust_changes import (
    distrust,
    retire,
    with_custodian_key,
    with_epoch,
    with_profiles,
    with_status_key,
)
from signing.trust import KeyEntry, TrustNames
from tests.instants import NOON, NOON_UTC
from tests.keys.small_register import LAST_ON, PROFILE


def a_public_key():
    return Ed25519PrivateKey.generate().public_key().public_bytes_raw()


@pytest.fixture
def previous(trust, epoch_key):
    """A version with everything in it that could be taken back."""
    gone = distrust(retire(trust, epoch_key), epoch_key, at=NOON, honest=[b"a" * 16, b"b" * 16])
    return with_epoch(gone, a_public_key(), last_on=LAST_ON, entries=100)


def following(trust, **changes):
    return replace(trust, **{"version": trust.version + 1, **changes})


def newest(trust):
    return max(trust.keys.values(), key=lambda key: key.first_entry)


def with_key(trust, key):
    return {**trust.keys, key.key_id: key}


def without(mapping, key):
    return {name: value for name, value in mapping.items() if name != key}


def extra(trust, first, last, kind="certificate", public=None):
    return with_key(trust, KeyEntry(kind, public or a_public_key(), first, last, LAST_ON))


UNLAWFUL = {
    "same version": lambda t, k: following(t, version=t.version),
    "version skipped": lambda t, k: following(t, version=t.version + 2),
    "other environment": lambda t, k: following(t, environment="production"),
    "other salt": lambda t, k: following(t, salt=bytes(16)),
    "earlier": lambda t, k: following(t, made_at=t.made_at - timedelta(seconds=1)),
    "expired when made": lambda t, k: following(t, expires_at=t.made_at),
    "key removed": lambda t, k: following(t, keys=without(t.keys, k)),
    "tombstone removed": lambda t, k: following(t, tombstones={}, honest={}),
    "tombstone moved": lambda t, k: following(t, tombstones={k: NOON_UTC + timedelta(days=1)}),
    "honest list shortened": lambda t, k: following(t, honest={k: frozenset([b"a" * 16])}),
    "honest list removed": lambda t, k: following(t, honest={}),
    "honest list of a good key": lambda t, k: following(
        t, honest={**t.honest, newest(t).key_id: frozenset()}
    ),
    "retired key back": lambda t, k: following(t, keys=with_key(t, replace(t.keys[k], retired=False))),
    "block widened": lambda t, k: following(t, keys=with_key(t, replace(newest(t), last_entry=300))),
    "block moved": lambda t, k: following(t, keys=with_key(t, replace(newest(t), first_entry=110))),
    "block emptied": lambda t, k: following(t, keys=with_key(t, replace(newest(t), last_entry=100))),
    "last day put off": lambda t, k: following(
        t, keys=with_key(t, replace(newest(t), last_on=LAST_ON + timedelta(days=1)))
    ),
    "kind changed": lambda t, k: following(t, keys=with_key(t, replace(newest(t), kind="status"))),
    "block overlaps": lambda t, k: following(t, keys=extra(t, 200, 300)),
    "block before": lambda t, k: following(retire(t, newest(t).key_id), keys=extra(t, 0, 0)),
    "block in a gap": lambda t, k: following(
        t, keys={**extra(t, 50, 60), k: replace(t.keys[k], last_entry=40)}
    ),
    "block backwards": lambda t, k: following(t, keys=extra(t, 400, 300)),
    "status key with block": lambda t, k: following(t, keys=extra(t, 300, 400, kind="status")),
    "status key with last day": lambda t, k: following(t, keys=extra(t, 0, 0, kind="status")),
    "unknown kind": lambda t, k: following(t, keys=extra(t, 0, 0, kind="trust-keys")),
    "profile removed": lambda t, k: following(t, profiles={}),
    "profile changed": lambda t, k: following(t, profiles={1: replace(PROFILE, issuer=(1,))}),
}


@pytest.mark.parametrize("change", UNLAWFUL.values(), ids=UNLAWFUL)
def test_nothing_is_taken_back_widened_or_skipped(previous, roots, epoch_key, change):
    with pytest.raises(UnlawfulSuccession):
        require_lawful_keys(previous, change(previous, epoch_key), roots.root)


LAWFUL = {
    "nothing": lambda t, k: t,
    "longer honest list": lambda t, k: distrust(t, k, at=NOON, honest=[b"c" * 16]),
    "retire and go on": lambda t, k: with_epoch(
        retire(t, newest(t).key_id, last_entry=150), a_public_key(), last_on=LAST_ON
    ),
    "epoch ahead": lambda t, k: with_epoch(t, a_public_key(), last_on=LAST_ON, ahead=True),
    "status key": lambda t, k: with_status_key(t, a_public_key()),
    "profile confirmed": lambda t, k: with_profiles(t, [replace(PROFILE, status="confirmed")]),
    "profile added": lambda t, k: with_profiles(t, [replace(PROFILE, code=2, id="other")]),
    "last day brought forward": lambda t, k: replace(
        t, keys=with_key(t, replace(newest(t), last_on=LAST_ON - timedelta(days=1)))
    ),
}


@pytest.mark.parametrize("change", LAWFUL.values(), ids=LAWFUL)
def test_what_only_adds_or_narrows_is_lawful(previous, roots, epoch_key, change):
    require_lawful_keys(previous, following(change(previous, epoch_key)), roots.root)


def test_the_first_version_is_one(draft, roots):
    expiry = draft.made_at + timedelta(days=1)

    require_lawful_keys(None, replace(draft, version=1, expires_at=expiry), roots.root)
    for version in (0, 2):
        with pytest.raises(UnlawfulSuccession):
            require_lawful_keys(None, replace(draft, version=version, expires_at=expiry), roots.root)


def test_a_root_key_issues_nothing(previous, roots):
    proposed = following(previous, keys=extra(previous, 300, 400, public=roots.root.keys[0]))

    with pytest.raises(UnlawfulSuccession, match="root key"):
        require_lawful_keys(previous, proposed, roots.root)


def test_a_new_key_can_not_bring_its_own_tombstone_nor_one_come_back(previous, roots):
    public = a_public_key()
    key = KeyEntry("certificate", public, 300, 400, LAST_ON)
    stolen_before_use = following(previous, tombstones={**previous.tombstones, key.key_id: previous.made_at})
    require_lawful_keys(previous, stolen_before_use, roots.root)

    with pytest.raises(UnlawfulSuccession, match="can not return"):
        require_lawful_keys(
            stolen_before_use, following(stolen_before_use, keys=with_key(previous, key)), roots.root
        )


NAMES = TrustNames("test", 1, NOON_UTC, {(1, "01"): "甲"}, {(2, 2021011): "数字化管理师"}, {1: "方向"})


@pytest.mark.parametrize(
    "change",
    [
        {"version": 1},
        {"version": 3},
        {"environment": "production"},
        {"made_at": NOON_UTC - timedelta(seconds=1)},
        {"issuers": {}},
        {"issuers": {(1, "01"): "乙"}},
        {"occupations": {(2, 2021011): "数字化管理师(新)"}},
        {"directions": {2: "方向"}},
    ],
)
def test_a_name_is_neither_removed_nor_changed(change):
    with pytest.raises(UnlawfulSuccession):
        require_lawful_names(NAMES, replace(NAMES, **{"version": 2, **change}), environment="test")


def test_names_are_added():
    more = replace(NAMES, version=2, issuers={**NAMES.issuers, (1, "02"): "甲(新名)"})

    require_lawful_names(None, NAMES, environment="test")
    require_lawful_names(NAMES, more, environment="test")


def test_two_custodians_are_always_left(trust, roots, custodians):
    second = custodians.signers[1].key_id
    third = with_custodian_key(trust, a_public_key())

    for last in (retire(trust, second), distrust(trust, second, at=NOON, honest=[])):
        with pytest.raises(UnlawfulSuccession, match="custodian keys would be left"):
            require_lawful_keys(trust, following(last), roots.root)
    require_lawful_keys(trust, following(retire(third, second)), roots.root)
