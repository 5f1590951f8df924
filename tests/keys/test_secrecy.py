"""The private key is in its sealed file and nowhere else: not in another file, an error, a log, a repr."""

import base64
import io
import logging

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from keys import key_file
from keys.epochs import open_epoch
from keys.errors import KeysError
from keys.holder_key import HolderKey
from keys.key_file import KeyKind
from keys.roots import mldsa_signers
from keys.sealing import Identity
from keys.signer.file_signer import FileSigner
from keys.status_file import sign_status
from keys.trust_bundle import write_trust_keys
from keys.trust_changes import distrust
from keys.trust_home import TrustHome
from signing import cbor
from signing.cose import Kind
from signing.errors import SigningError
from signing.token import honest_digest
from tests.instants import NOON
from tests.keys.secrets_shown import everything_said_by, shows
from tests.keys.small_register import ENVIRONMENT, IN_A_YEAR, LAST_ON, certificate

SEED = bytes.fromhex("5eed5eed00112233445566778899aabbccddeeff0123456789abcdef5eed5eed")


class Seeds:
    """Every seed of every key made while this stands in for a key class of the library's."""

    def __init__(self, really, found):
        self.really = really
        self.found = found

    def generate(self):
        private = self.really.generate()
        self.found.append(private.private_bytes_raw())
        return private

    def from_private_bytes(self, seed):
        self.found.append(seed)
        return self.really.from_private_bytes(seed)

    def from_seed_bytes(self, seed):
        self.found.append(seed)
        return self.really.from_seed_bytes(seed)


class Fixed:
    """A key class whose every new key has the same seed."""

    @staticmethod
    def generate():
        return Ed25519PrivateKey.from_private_bytes(SEED)


@pytest.fixture
def seeds(monkeypatch):
    found = []
    for module in ("keys.algorithms", "keys.holder_key"):
        monkeypatch.setattr(f"{module}.Ed25519PrivateKey", Seeds(Ed25519PrivateKey, found))
    monkeypatch.setattr("keys.algorithms.MLDSA44PrivateKey", Seeds(MLDSA44PrivateKey, found))
    return found


@pytest.fixture
def logged():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.getLogger()
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield stream
    logger.removeHandler(handler)
    logger.setLevel(before)


def test_after_a_whole_life_the_seeds_are_in_no_file_no_log_no_repr(
    seeds, logged, tmp_path, trust, roots, store, seal, signer, status_key, epoch_key, capfd
):
    status_signer = FileSigner.open(store, KeyKind.STATUS, status_key, seal)
    holder = HolderKey.create(tmp_path / "body" / "S0001.age", seal, now=NOON)
    token = signer.sign(certificate(epoch_key))
    holder.sign_claim(b"claim", kind=Kind.SUBMISSION, environment=ENVIRONMENT, detached=True)
    with pytest.raises(SigningError):
        sign_status(b"\xa0", status_signer, trust=trust)
    gone = distrust(trust, epoch_key, at=NOON, honest=[honest_digest(token)])
    draft = open_epoch(gone, store, seal, last_on=LAST_ON, now=NOON)
    data = write_trust_keys(
        draft, previous=trust, root=roots.root, root_signers=roots.signers, now=NOON, expires_at=IN_A_YEAR
    )
    TrustHome(tmp_path / "trust", roots.root).keep_keys(data)

    second = mldsa_signers(roots.signers, roots.root)
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    holders = (
        store,
        seal,
        signer,
        status_signer,
        holder,
        roots,
        *roots.signers,
        *second,
        *store.stored_keys(),
    )
    said = [repr(holder).encode() for holder in holders]
    out = capfd.readouterr()
    said += [logged.getvalue().encode(), out.out.encode(), out.err.encode()]

    assert len(set(seeds)) == 12
    assert len(files) > 22
    for seed in set(seeds):
        assert not any(shows(content, seed) for content in [*files, *said])


def test_the_search_would_find_a_seed():
    for shown in (SEED, SEED.hex().encode(), b"x" + base64.b64encode(b"ab" + SEED), repr(SEED).encode()):
        assert shows(b"before " + shown + b" after", SEED)


NO_STATUS_KEY = {
    "another kind": cbor.encode([1, "root", -19, SEED]),
    "another key": cbor.encode([1, "status", -19, SEED]),
    "another format": cbor.encode([9, "status", -19, SEED]),
    "a byte too long": cbor.encode([1, "status", -19, SEED + b"x"]),
    "a byte behind it": cbor.encode([1, "status", -19, SEED]) + b"x",
    "broken CBOR": b"\x1f" + SEED,
    "the seed alone": SEED,
}


@pytest.mark.parametrize("plain", NO_STATUS_KEY.values(), ids=NO_STATUS_KEY)
def test_no_refusal_of_a_key_file_shows_what_was_in_it(store, seal, plain):
    key = store.create(KeyKind.STATUS, seal, now=NOON)
    path = store.folder / f"status-{key.key_id.hex()}.age"
    path.write_bytes(seal.seal(plain))

    with pytest.raises(KeysError) as refusal:
        FileSigner.open(store, KeyKind.STATUS, key.key_id, seal)

    assert refusal.value.__cause__ is None
    assert refusal.value.__context__ is None
    assert not shows(everything_said_by(refusal.value), SEED)


def test_no_refusal_of_an_identity_shows_it(store, seal, tmp_path):
    key = store.create(KeyKind.STATUS, seal, now=NOON)
    other = Identity.create(tmp_path / "other" / "identity.txt")
    secret = (tmp_path / "other" / "identity.txt").read_text().splitlines()[1]
    broken = tmp_path / "identity" / "broken.txt"
    broken.write_text(f"{secret}\n{secret}\n")
    broken.chmod(0o600)

    for act in (
        lambda: FileSigner.open(store, KeyKind.STATUS, key.key_id, other),
        lambda: Identity.open(broken),
    ):
        with pytest.raises(KeysError) as refusal:
            act()
        assert secret.encode() not in everything_said_by(refusal.value)


def test_a_full_disk_while_a_key_is_made_does_not_show_it(store, seal, monkeypatch):
    def full(path, data, *, mode):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("keys.store.Ed25519PrivateKey", Fixed)
    monkeypatch.setattr(key_file, "write_new", full)

    with pytest.raises(OSError, match="No space") as fault:
        store.create(KeyKind.STATUS, seal, now=NOON)

    assert not shows(everything_said_by(fault.value), SEED)
