"""The signing pool over a token: processes that each log in by themselves."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from keys.epochs import add_status_key, open_epoch
from keys.errors import KeyUnavailable
from keys.key_file import KeyKind
from keys.signer.certificate_signer import CertificateSigner
from keys.signer.pool import SigningPool
from keys.trust_bundle import write_trust_keys
from keys.trust_changes import first_draft
from signing.trust import open_trust_keys
from tests.instants import NOON
from tests.keys.small_register import (
    ENVIRONMENT,
    IN_A_YEAR,
    LAST_ON,
    PROFILE,
    SALT,
    certificate,
    key_of,
)


@pytest.fixture
def trust(hsm, seal, roots):
    """A trust bundle whose epoch and status keys lie in the token."""
    draft = first_draft(ENVIRONMENT, salt=SALT, profiles=[PROFILE], now=NOON)
    draft = add_status_key(
        open_epoch(draft, hsm, seal, last_on=LAST_ON, entries=100, now=NOON), hsm, seal, now=NOON
    )
    data = write_trust_keys(
        draft, previous=None, root=roots.root, root_signers=roots.signers, now=NOON, expires_at=IN_A_YEAR
    )
    return open_trust_keys(data, roots.root)


@pytest.fixture
def pool(place, tmp_path):
    with SigningPool(place, tmp_path / "identity" / "identity.txt", processes=2) as pool:
        yield pool


@pytest.fixture
def signer(hsm, seal, trust, journal, pool):
    key_id = key_of(trust, KeyKind.CERTIFICATE)
    return CertificateSigner.open(hsm, key_id, seal, journal=journal, trust=trust, pool=pool)


def batch(key_id):
    return [certificate(key_id, entry=entry, number=f"01{entry:04d}") for entry in range(100, 0, -1)]


def test_the_processes_of_a_pool_sign_with_the_token(signer, pool):
    wanted = batch(signer.key_id)

    signatures = signer.sign_many(wanted)

    public = Ed25519PublicKey.from_public_bytes(signer.public)
    for signature, data in zip(signatures, wanted, strict=True):
        public.verify(signature, data)
    assert len(pool.process_ids()) == 2


def test_a_process_of_a_pool_is_told_no_pin_and_no_setting_of_ours(signer, pool, monkeypatch, pin_file):
    monkeypatch.setenv("CERTREG_DATABASE_URL", "postgresql://register:s3cret@db/register")
    signer.sign_many(batch(signer.key_id))

    for pid in pool.process_ids():
        told = Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/environ").read_bytes()
        assert b"SOFTHSM2_CONF" in told
        assert b"s3cret" not in told
        assert pin_file.read_bytes().strip() not in told


def test_without_its_token_a_pool_refuses_and_with_it_signs_again(signer, token):
    wanted = batch(signer.key_id)
    signatures = signer.sign_many(wanted)

    token.draw()
    with pytest.raises(KeyUnavailable, match="pkcs11:token=certreg"):
        signer.sign_many(wanted)
    token.put_back()

    assert signer.sign_many(wanted) == signatures


def test_a_pool_with_a_wrong_pin_says_so(signer, pin_file):
    pin_file.write_text("0000-0000")

    with pytest.raises(KeyUnavailable, match="the PIN is wrong"):
        signer.sign_many(batch(signer.key_id))
