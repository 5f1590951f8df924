import copy
import pickle

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys.errors import CorruptSignature, KeyFileExposed, KeyUnavailable
from keys.key_file import KeyKind
from keys.signer.file_signer import FileSigner
from signing.ed25519 import admit
from tests.instants import NOON


class FlippingKey:
    """A private key whose signatures come back with one bit flipped."""

    def __init__(self, private, bit):
        self.private = private
        self.bit = bit

    def sign(self, data):
        signature = bytearray(self.private.sign(data))
        signature[self.bit // 8] ^= 1 << self.bit % 8
        return bytes(signature)


def test_a_signer_of_a_stored_key_signs_what_its_public_key_verifies(store, seal):
    key = store.create(KeyKind.STATUS, seal, now=NOON)

    signer = FileSigner.open(store, KeyKind.STATUS, key.key_id, seal)
    signature = signer.sign(b"bytes")

    assert (signer.key_id, signer.public) == (key.key_id, key.public)
    assert signer.sign(b"bytes") == signature
    admit(key.public).verify(signature, b"bytes")


@pytest.mark.parametrize("bit", range(0, 512, 37))
def test_a_flipped_signature_never_comes_out(bit):
    private = Ed25519PrivateKey.generate()
    signer = FileSigner(FlippingKey(private, bit), private.public_key().public_bytes_raw())

    with pytest.raises(CorruptSignature) as refusal:
        signer.sign(b"bytes")

    assert private.sign(b"bytes").hex()[:32] not in str(refusal.value)


def test_a_short_signature_never_comes_out():
    class ShortKey:
        def sign(self, data):
            return bytes(63)

    signer = FileSigner(ShortKey(), Ed25519PrivateKey.generate().public_key().public_bytes_raw())

    with pytest.raises(CorruptSignature):
        signer.sign(b"bytes")


def test_a_private_key_that_does_not_belong_to_the_public_one_is_caught():
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()

    with pytest.raises(CorruptSignature):
        FileSigner(Ed25519PrivateKey.generate(), other).sign(b"bytes")


def test_a_missing_or_exposed_key_stops_the_signer_though_another_key_is_there(store, seal):
    wanted = store.create(KeyKind.STATUS, seal, now=NOON)
    store.create(KeyKind.STATUS, seal, now=NOON)
    path = store.folder / f"status-{wanted.key_id.hex()}.age"
    path.chmod(0o640)

    with pytest.raises(KeyFileExposed):
        FileSigner.open(store, KeyKind.STATUS, wanted.key_id, seal)
    path.unlink()
    with pytest.raises(KeyUnavailable):
        FileSigner.open(store, KeyKind.STATUS, wanted.key_id, seal)


def test_a_signer_shows_its_key_id_alone_and_is_not_carried_away(store, seal):
    key = store.create(KeyKind.STATUS, seal, now=NOON)
    signer = FileSigner.open(store, KeyKind.STATUS, key.key_id, seal)

    assert repr(signer) == f"<FileSigner {key.key_id.hex()}>"
    for carry_away in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            carry_away(signer)
