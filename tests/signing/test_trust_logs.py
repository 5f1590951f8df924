"""The logs that a trust bundle names: there or not, but never otherwise."""

from dataclasses import replace

import cbor2
import pytest

from signing.errors import InadmissibleKey, Malformed
from signing.trust import TrustKeys, open_trust_keys
from tests.signing.log.signers import LOG_ED25519, ORIGIN, Signer, policy
from tests.vectors.variants import edited
from tests.vectors.world import ROOTS, root, signed_file, trust_keys

NEXT = Signer("log.register.example/2031", LOG_ED25519)
CLOSED, OPEN = policy(), policy(origin=NEXT.name, keys=(NEXT.key,))
WITH_LOGS = trust_keys(logs=(CLOSED, OPEN))
PAYLOAD = WITH_LOGS.to_payload()
ITEM = policy().to_value()


def test_logs_come_back_in_their_order():
    assert TrustKeys.from_payload(PAYLOAD) == WITH_LOGS
    assert TrustKeys.from_payload(PAYLOAD).to_payload() == PAYLOAD
    assert [log.origin for log in TrustKeys.from_payload(PAYLOAD).logs] == [ORIGIN, NEXT.name]


def test_logs_are_field_11():
    content = cbor2.loads(PAYLOAD)

    assert list(content) == list(range(1, 12))
    assert [item[0] for item in content[11]] == [ORIGIN, NEXT.name]
    assert [[kind, len(key)] for kind, key in content[11][0][1]] == [[1, 32], [6, 1312]]
    assert content[11][0][3] == 2


def test_a_bundle_without_logs_has_no_such_field():
    payload = trust_keys().to_payload()

    assert 11 not in cbor2.loads(payload)
    assert TrustKeys.from_payload(payload).logs == ()
    assert replace(WITH_LOGS, logs=()).to_payload() == payload


def test_a_file_with_logs_opens_if_the_root_signed_it():
    assert open_trust_keys(signed_file(PAYLOAD, *ROOTS[:2]), root()).logs == (CLOSED, OPEN)


ODD = {
    "no logs": lambda content: content.update({11: []}),
    "null": lambda content: content.update({11: None}),
    "a map": lambda content: content.update({11: {}}),
    "a log of no items": lambda content: content.update({11: [[]]}),
    "the same log twice": lambda content: content.update({11: [ITEM, ITEM]}),
    "a log without quorum": lambda content: content.update({11: [ITEM[:3]]}),
    "a quorum that can not be met": lambda content: content.update({11: [[*ITEM[:3], 4]]}),
    "a log with a key of small order": lambda content: content.update(
        {11: [[ITEM[0], [[1, b"\x01" + bytes(31)]], *ITEM[2:]]]}
    ),
    "a later field": lambda content: content.update({12: 1}),
    "a later field in the place of the logs": lambda content: content.update({12: content.pop(11)}),
    "a later field without logs": lambda content: (content.pop(11), content.update({12: []})),
    "logs in the place of the honest lists": lambda content: content.pop(10),
}


@pytest.mark.parametrize("edit", ODD.values(), ids=ODD)
def test_anything_else_is_no_trust_bundle(edit):
    payload = edited(PAYLOAD, edit)

    assert payload != PAYLOAD
    with pytest.raises((Malformed, InadmissibleKey)):
        TrustKeys.from_payload(payload)


def test_two_logs_of_one_origin_are_not_written():
    with pytest.raises(Malformed):
        trust_keys(logs=(CLOSED, policy(quorum=1))).to_payload()
