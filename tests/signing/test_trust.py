"""The trust bundle: exact bytes both ways, and what is refused."""

from dataclasses import replace
from datetime import date, timedelta

import cbor2
import pytest

from signing.cose import Kind
from signing.errors import (
    InadmissibleKey,
    Malformed,
    NotSignedByCustodians,
    NotSignedByRoot,
    UnknownKey,
    WrongEnvironment,
)
from signing.trust import KeyEntry, TrustKeys, TrustNames, open_trust_keys, open_trust_names
from tests.vectors.variants import NAME_FAULTS, edited, keys_files, names_files, unlawful_keys_files
from tests.vectors.world import (
    CUSTODIANS,
    ENV,
    ISSUING,
    LATE,
    NOW,
    STRANGER,
    root,
    trust_keys,
    trust_names,
)

FILES = keys_files()
NAMES = names_files()
REFUSED_NAMES = [name for name in NAMES if name.startswith("refused: ")]
REFUSED = {name: data for name, data in FILES.items() if name.startswith("refused: ")}


def test_trust_keys_come_back_from_their_bytes():
    payload = trust_keys().to_payload()

    assert TrustKeys.from_payload(payload) == trust_keys()
    assert TrustKeys.from_payload(payload).to_payload() == payload


def test_trust_keys_are_the_cddl():
    content = cbor2.loads(trust_keys().to_payload())

    assert list(content) == list(range(1, 11))
    assert (content[1], content[2], content[3], content[6]) == (1, ENV, 7, bytes(range(16)))
    assert content[4] == int(trust_keys().made_at.timestamp())
    entry = next(item for item in content[7] if item[3] == ISSUING.public)
    last_on = (LATE - date(1970, 1, 1)).days
    assert list(entry) == [ISSUING.key_id, "certificate", -19, ISSUING.public, 1, 30_000, last_on, False]
    for place in (7, 9, 10):
        assert [item[0] for item in content[place]] == sorted(item[0] for item in content[place])


def test_the_order_in_which_keys_were_collected_does_not_matter():
    trust = trust_keys()
    turned = trust_keys(
        keys=dict(reversed(trust.keys.items())),
        profiles=dict(reversed(trust.profiles.items())),
        tombstones=dict(reversed(trust.tombstones.items())),
    )
    assert turned.to_payload() == trust.to_payload()


@pytest.mark.parametrize("name", ["current", "all three", "two of the root and a stranger", "version 8"])
def test_a_file_that_the_root_signed_opens(name):
    assert open_trust_keys(FILES[name], root()).environment == ENV


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED.keys())
def test_a_file_in_doubt_does_not_open(data):
    with pytest.raises((Malformed, NotSignedByRoot, InadmissibleKey)):
        open_trust_keys(data, root())


UNLAWFUL = unlawful_keys_files(trust_keys().to_payload())


@pytest.mark.parametrize("data", UNLAWFUL.values(), ids=UNLAWFUL.keys())
def test_signatures_do_not_mend_a_payload(data):
    with pytest.raises((Malformed, InadmissibleKey)):
        open_trust_keys(data, root())


def test_a_file_of_another_environment_is_told_apart():
    with pytest.raises(WrongEnvironment) as refusal:
        open_trust_keys(FILES["says prod"], root())

    assert (refusal.value.found, refusal.value.expected) == ("prod", ENV)


def test_an_unknown_key_has_no_entry():
    assert trust_keys().key(ISSUING.key_id).public == ISSUING.public
    with pytest.raises(UnknownKey):
        trust_keys().key(STRANGER.key_id)


def test_a_key_is_admitted_when_its_entry_is_made():
    with pytest.raises(InadmissibleKey):
        KeyEntry("certificate", b"\x01" + bytes(31), 1, 2, LATE)


def test_an_entry_takes_its_kind_from_the_closed_set_or_as_text():
    written = KeyEntry(Kind.STATUS, ISSUING.public, 0, 0, LATE).to_value()

    assert written == KeyEntry("status", ISSUING.public, 0, 0, LATE).to_value()
    assert type(written[1]) is str


@pytest.mark.parametrize(
    "wrong",
    [
        {"environment": "Demo"},
        {"salt": bytes(15)},
        {"version": -1},
        {"made_at": NOW + timedelta(microseconds=1)},
        {"expires_at": NOW.replace(year=1969)},
    ],
    ids=str,
)
def test_trust_keys_that_could_not_be_read_back_are_not_written(wrong):
    with pytest.raises(Malformed):
        trust_keys(**wrong).to_payload()


def test_names_come_back_and_their_file_opens():
    names = trust_names()

    assert TrustNames.from_payload(names.to_payload()) == names


@pytest.mark.parametrize("name", [name for name in NAMES if name not in REFUSED_NAMES])
def test_names_that_two_custodians_signed_open(name):
    assert open_trust_names(NAMES[name], trust_keys()) == trust_names()


@pytest.mark.parametrize("name", REFUSED_NAMES)
def test_names_that_two_custodians_in_good_standing_did_not_sign_do_not_open(name):
    with pytest.raises((Malformed, NotSignedByCustodians, WrongEnvironment)):
        open_trust_names(NAMES[name], trust_keys())


def test_a_custodian_signs_no_more_once_retired_or_distrusted():
    trust, (first, second, _) = trust_keys(), CUSTODIANS
    retired = replace(trust.keys[second.key_id], retired=True)
    later = [
        replace(trust, keys={**trust.keys, second.key_id: retired}),
        replace(trust, tombstones={**trust.tombstones, second.key_id: NOW}),
    ]

    for each in later:
        with pytest.raises(NotSignedByCustodians) as refusal:
            open_trust_names(NAMES["current"], each)
        assert (refusal.value.signed, refusal.value.threshold) == (1, 2)
        assert first.key_id in each.custodians


@pytest.mark.parametrize("edit", NAME_FAULTS.values(), ids=NAME_FAULTS.keys())
def test_names_that_our_writer_would_not_write_are_refused(edit):
    with pytest.raises(Malformed):
        TrustNames.from_payload(edited(trust_names().to_payload(), edit))


def test_issuers_stand_in_the_order_of_their_bytes():
    issuers = {(1, "\U00010000"): "b", (1, "\uffff"): "a", (2, ""): "c", (1, "S"): "d"}

    payload = trust_names(issuers=issuers).to_payload()

    assert [item[1] for item in cbor2.loads(payload)[6]] == ["S", "\uffff", "\U00010000", ""]
    assert TrustNames.from_payload(payload).issuers == issuers
