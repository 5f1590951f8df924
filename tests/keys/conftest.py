"""A small register's keys: roots, custodians, an epoch, a status key, sealed to identity files, which are quick."""

from pathlib import Path

import pytest

from keys.custodians import CustodianMedium, add_custodian_keys, open_custodian
from keys.epochs import add_status_key, open_epoch
from keys.key_file import KeyKind
from keys.roots import RootMedium, create_roots, open_root
from keys.sealing import Identity
from keys.signer.certificate_signer import CertificateSigner
from keys.signer.journal import SignerJournal
from keys.store import KeyStore
from keys.trust_bundle import write_trust_keys
from keys.trust_changes import first_draft
from signing.trust import TrustKeys, open_trust_keys
from tests.instants import NOON
from tests.keys.small_register import (
    ENVIRONMENT,
    IN_A_YEAR,
    LAST_ON,
    PROFILE,
    SALT,
    Custodians,
    Roots,
    key_of,
)


@pytest.fixture
def seal(tmp_path: Path) -> Identity:
    return Identity.create(tmp_path / "identity" / "identity.txt")


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "store")


@pytest.fixture
def roots(tmp_path: Path, seal: Identity) -> Roots:
    media = [RootMedium(tmp_path / f"medium-{place}", seal) for place in range(3)]
    root = create_roots(media, environment=ENVIRONMENT, now=NOON)
    return Roots(root, media, [open_root(medium) for medium in media])


@pytest.fixture
def custodian_media(tmp_path: Path, seal: Identity) -> list[CustodianMedium]:
    return [CustodianMedium(tmp_path / f"custodian-{place}", seal) for place in range(2)]


@pytest.fixture
def custodians(draft: TrustKeys, custodian_media: list[CustodianMedium]) -> Custodians:
    return Custodians(custodian_media, [open_custodian(medium) for medium in custodian_media])


@pytest.fixture
def draft(store: KeyStore, seal: Identity, custodian_media: list[CustodianMedium]) -> TrustKeys:
    """What the first version says: an epoch of the entries 1..100, a status key and two custodian keys."""
    empty = first_draft(ENVIRONMENT, salt=SALT, profiles=[PROFILE], now=NOON)
    with_custodians = add_custodian_keys(empty, custodian_media, now=NOON)
    with_epoch = open_epoch(with_custodians, store, seal, last_on=LAST_ON, entries=100, now=NOON)
    return add_status_key(with_epoch, store, seal, now=NOON)


@pytest.fixture
def trust(draft: TrustKeys, roots: Roots) -> TrustKeys:
    """Version 1, as a verifier reads it."""
    data = write_trust_keys(
        draft, previous=None, root=roots.root, root_signers=roots.signers, now=NOON, expires_at=IN_A_YEAR
    )
    return open_trust_keys(data, roots.root)


@pytest.fixture
def epoch_key(trust: TrustKeys) -> bytes:
    return key_of(trust, KeyKind.CERTIFICATE)


@pytest.fixture
def status_key(trust: TrustKeys) -> bytes:
    return key_of(trust, KeyKind.STATUS)


@pytest.fixture
def journal(tmp_path: Path) -> SignerJournal:
    return SignerJournal.create(tmp_path / "journal" / "signer.txt")


@pytest.fixture
def signer(
    store: KeyStore, seal: Identity, trust: TrustKeys, epoch_key: bytes, journal: SignerJournal
) -> CertificateSigner:
    return CertificateSigner.open(store, epoch_key, seal, journal=journal, trust=trust)
