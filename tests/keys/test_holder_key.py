import pickle
import stat

import pytest

from keys.errors import KeyExists, KeyFileDamaged, KeyFileExposed, WrongIdentity
from keys.holder_key import HolderKey
from keys.key_file import KeyKind
from keys.sealing import Identity
from signing.cose import Envelope, Kind
from signing.ed25519 import admit
from signing.errors import BadSignature
from tests.instants import NOON
from tests.keys.small_register import ENVIRONMENT


@pytest.fixture
def path(tmp_path):
    return tmp_path / "body" / "S0001.age"


@pytest.fixture
def key(path, seal):
    return HolderKey.create(path, seal, now=NOON)


def test_a_holders_key_is_found_again_in_its_file(path, seal, key):
    opened = HolderKey.open(path, seal)

    assert (opened.public, opened.key_id) == (key.public, key.key_id)
    assert path.with_suffix(".pub").read_text().startswith(key.public.hex())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(KeyExists):
        HolderKey.create(path, seal, now=NOON)


@pytest.mark.parametrize("kind", [Kind.SUBMISSION, Kind.DECISION])
@pytest.mark.parametrize("detached", [True, False])
def test_a_claim_is_signed_for_its_kind_and_environment_alone(key, kind, detached):
    envelope = Envelope.from_bytes(
        key.sign_claim(b"claim", kind=kind, environment=ENVIRONMENT, detached=detached)
    )
    given = b"claim" if detached else None

    assert envelope.payload == (None if detached else b"claim")
    assert envelope.key_id == key.key_id
    admit(key.public).verify(envelope.signature, envelope.signed_bytes(ENVIRONMENT, kind, given))
    for other in ((ENVIRONMENT, Kind.CERTIFICATE), ("production", kind)):
        with pytest.raises(BadSignature):
            admit(key.public).verify(envelope.signature, envelope.signed_bytes(*other, given))


@pytest.mark.parametrize("kind", [Kind.CERTIFICATE, Kind.STATUS, Kind.TRUST_KEYS, Kind.TRUST_NAMES])
def test_a_holders_key_signs_nothing_of_the_registers(key, kind):
    with pytest.raises(ValueError, match="signs no"):
        key.sign_claim(b"claim", kind=kind, environment=ENVIRONMENT, detached=False)


def test_the_registers_own_keys_are_not_holders_keys(store, seal):
    made = store.create(KeyKind.STATUS, seal, now=NOON)

    with pytest.raises(KeyFileDamaged, match="does not hold a holder key"):
        HolderKey.open(store.folder / f"status-{made.key_id.hex()}.age", seal)


def test_a_key_file_of_another_or_open_to_others_is_refused(path, key, seal, tmp_path):
    with pytest.raises(WrongIdentity):
        HolderKey.open(path, Identity.create(tmp_path / "other" / "identity.txt"))
    path.chmod(0o644)
    with pytest.raises(KeyFileExposed):
        HolderKey.open(path, seal)


def test_it_shows_its_key_id_alone_and_is_not_carried_away(key):
    assert repr(key) == f"<HolderKey {key.key_id.hex()}>"
    with pytest.raises(TypeError):
        pickle.dumps(key)
