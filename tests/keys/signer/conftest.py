"""A signing pool over the small register's keys, and pools that do wrong."""

import pytest

from keys.signer.certificate_signer import CertificateSigner
from keys.signer.pool import SigningPool
from tests.keys.signer.evidence_world import SignerRoom
from tests.keys.small_register import certificate

STRANGE = "tests.keys.signer.strange_process"


@pytest.fixture
def identity_file(tmp_path, seal):
    return tmp_path / "identity" / "identity.txt"


@pytest.fixture
def room(tmp_path):
    """A signer's own machine, without any register."""
    return SignerRoom.made_in(tmp_path)


@pytest.fixture
def pool(store, trust, identity_file):
    with SigningPool(store.folder, identity_file, processes=2) as pool:
        yield pool


@pytest.fixture
def pooled(store, seal, trust, epoch_key, journal, pool):
    return CertificateSigner.open(store, epoch_key, seal, journal=journal, trust=trust, pool=pool)


@pytest.fixture
def batch(epoch_key):
    return [certificate(epoch_key, entry=entry, number=f"01{entry:04d}") for entry in range(100, 0, -1)]


@pytest.fixture
def make_strange(store, seal, trust, epoch_key, journal, identity_file):
    """Return a signer whose pool does wrong in a named way, and what heals the pool."""
    pools = []

    def heal():
        (store.folder / "strangeness").write_text("is as it should be")

    def make(strangeness, **options):
        (store.folder / "strangeness").write_text(strangeness)
        pools.append(SigningPool(store.folder, identity_file, processes=2, program=STRANGE, **options))
        strange = CertificateSigner.open(store, epoch_key, seal, journal=journal, trust=trust, pool=pools[-1])
        return strange, heal

    yield make
    for pool in pools:
        pool.close()
