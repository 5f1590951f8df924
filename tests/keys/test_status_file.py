from dataclasses import replace

import pytest

from keys.key_file import KeyKind
from keys.signer.file_signer import FileSigner
from keys.status_file import sign_status
from keys.trust_changes import distrust
from signing.errors import KeyDistrusted, Malformed, UnknownKey, WrongEnvironment, WrongKeyKind
from signing.status import Status, open_status
from tests.instants import NOON, NOON_UTC
from tests.keys.small_register import ENVIRONMENT

NOTHING = frozenset()
STATUS = Status(ENVIRONMENT, 1, NOON_UTC, 9, 1, NOTHING, NOTHING, frozenset([3]), NOTHING, NOTHING)


@pytest.fixture
def status_signer(store, seal, status_key):
    return FileSigner.open(store, KeyKind.STATUS, status_key, seal)


def test_a_signed_status_is_what_a_verifier_reads(status_signer, trust):
    assert open_status(sign_status(STATUS.to_payload(), status_signer, trust=trust), trust) == STATUS


def test_what_a_verifier_would_refuse_is_never_returned(
    status_signer, trust, store, seal, epoch_key, status_key
):
    payload = STATUS.to_payload()
    issuing = FileSigner.open(store, KeyKind.CERTIFICATE, epoch_key, seal)
    unknown_key = store.create(KeyKind.STATUS, seal, now=NOON).key_id
    unknown = FileSigner.open(store, KeyKind.STATUS, unknown_key, seal)
    gone = distrust(trust, status_key, at=NOON, honest=[])
    refused = [
        (payload, issuing, trust, WrongKeyKind),
        (payload, unknown, trust, UnknownKey),
        (payload, status_signer, gone, KeyDistrusted),
        (replace(STATUS, environment="production").to_payload(), status_signer, trust, WrongEnvironment),
        (b"\xa0", status_signer, trust, Malformed),
    ]

    for wrong_payload, signer, bundle, error in refused:
        with pytest.raises(error):
            sign_status(wrong_payload, signer, trust=bundle)
