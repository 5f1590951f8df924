"""Files that custodians sign together, of whatever kind."""

import pytest

from signing.cose import Kind
from signing.custody import open_custodian_file
from signing.errors import Malformed, NotSignedByCustodians
from signing.root import MAX_KEYS
from tests.vectors.world import CUSTODIANS, ROOTS, STRANGER, signed_file, trust_keys

PAYLOAD = b"anything that two people answer for"


@pytest.mark.parametrize("kind", [Kind.TRUST_NAMES, Kind.DECISION])
@pytest.mark.parametrize(
    "signers", [CUSTODIANS[:2], CUSTODIANS[::-1], [STRANGER, CUSTODIANS[2], *ROOTS, CUSTODIANS[0]]]
)
def test_two_custodians_open_a_file_of_its_kind(signers, kind):
    data = signed_file(PAYLOAD, *signers, kind=kind)

    assert open_custodian_file(data, trust_keys(), kind) == PAYLOAD


@pytest.mark.parametrize(
    ("signers", "signed"),
    [(CUSTODIANS[:1], 1), (CUSTODIANS[:1] * MAX_KEYS, 1), (ROOTS, 0), ([STRANGER, CUSTODIANS[0]], 1)],
)
def test_fewer_than_two_custodians_do_not(signers, signed):
    with pytest.raises(NotSignedByCustodians) as refusal:
        open_custodian_file(signed_file(PAYLOAD, *signers), trust_keys(), Kind.TRUST_KEYS)

    assert (refusal.value.signed, refusal.value.threshold) == (signed, 2)


def test_a_trust_bundle_without_custodians_opens_no_file():
    with pytest.raises(NotSignedByCustodians):
        open_custodian_file(signed_file(PAYLOAD, *CUSTODIANS), trust_keys(keys={}), Kind.TRUST_KEYS)


def test_what_is_no_signed_file_is_malformed():
    with pytest.raises(Malformed):
        open_custodian_file(PAYLOAD, trust_keys(), Kind.TRUST_NAMES)
