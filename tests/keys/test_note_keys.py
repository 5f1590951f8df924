"""The keys of the log and of a witness: two, independent, sealed, and what they sign verifies."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from keys import note_keys
from keys.durable_files import write_new
from keys.errors import (
    CorruptSignature,
    KeyExists,
    KeyFileDamaged,
    KeyFileExposed,
    KeysError,
    KeyUnavailable,
    WrongIdentity,
)
from keys.note_keys import NoteKeys, NoteSigner, parse_vkeys, read_vkeys, vkeys_text
from keys.sealing import Identity
from signing import cbor
from signing.errors import FormatError, InadmissibleKey, Malformed
from signing.log.checkpoint import LogPolicy, Witness
from signing.log.note import Head, NoteKey, SignatureKind
from tests.keys.secrets_shown import everything_said_by, shows

ORIGIN = "log.example/register"
NAME = "witness.example/w1"
HEAD = Head(ORIGIN, 3, bytes(range(32)))
SEED = bytes.fromhex("5eed5eed00112233445566778899aabbccddeeff0123456789abcdef5eed5eed")
OTHER_SEED = SEED[::-1]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "notes" / "witness.age"


@pytest.fixture
def witness_keys(path, seal):
    return NoteKeys.create(path, NoteSigner.WITNESS, NAME, seal)


def test_a_checkpoint_signed_by_log_and_witness_is_believed(tmp_path, witness_keys, seal):
    log = NoteKeys.create(tmp_path / "notes" / "log.age", NoteSigner.LOG, ORIGIN, seal)
    policy = LogPolicy(ORIGIN, log.keys, (Witness(NAME, witness_keys.keys),), 1)
    note = HEAD.to_text() + "\n" + log.sign(HEAD, stamp=1700000000)

    signed = policy.open(note.encode())
    cosigned = policy.open((note + witness_keys.sign(HEAD, stamp=1700000001)).encode())

    assert (signed.head, signed.is_cosigned) == (HEAD, False)
    assert (cosigned.is_cosigned, cosigned.cosigned_at) == (True, {NAME: 1700000001})


@pytest.mark.parametrize("place", [0, 1])
def test_each_key_of_a_witness_suffices(witness_keys, tmp_path, seal, place):
    log = NoteKeys.create(tmp_path / "notes" / "log.age", NoteSigner.LOG, ORIGIN, seal)
    policy = LogPolicy(ORIGIN, log.keys, (Witness(NAME, witness_keys.keys),), 1)
    line = witness_keys.sign(HEAD, stamp=5).splitlines(keepends=True)[place]

    checkpoint = policy.open(f"{HEAD.to_text()}\n{log.sign(HEAD, stamp=4)}{line}".encode())

    assert checkpoint.cosigned_at == {NAME: 5}


def test_opened_again_they_are_the_same_keys(path, seal, witness_keys):
    again = NoteKeys.open(path, NoteSigner.WITNESS, seal)

    assert (again.name, again.keys) == (NAME, witness_keys.keys)
    assert read_vkeys(path) == witness_keys.keys
    assert [key.kind for key in again.keys] == [
        SignatureKind.COSIGNATURE_ED25519,
        SignatureKind.COSIGNATURE_MLDSA44,
    ]
    assert parse_vkeys(vkeys_text(again.keys)) == again.keys


def test_nothing_is_ever_overwritten(path, seal, witness_keys):
    before = path.read_bytes()

    with pytest.raises(KeyExists):
        NoteKeys.create(path, NoteSigner.WITNESS, "witness.example/w2", seal)

    assert path.read_bytes() == before


def test_keys_without_their_public_part_were_never_any(path, seal, monkeypatch):
    def full(to, data, *, mode):
        if to.suffix == ".vkeys":
            raise OSError(28, "No space left on device")
        write_new(to, data, mode=mode)

    monkeypatch.setattr(note_keys, "write_new", full)
    with pytest.raises(OSError, match="No space"):
        NoteKeys.create(path, NoteSigner.WITNESS, NAME, seal)

    with pytest.raises(KeyUnavailable):
        NoteKeys.open(path, NoteSigner.WITNESS, seal)


def test_keys_of_a_witness_are_not_opened_for_a_log(path, seal, witness_keys):
    with pytest.raises(KeyFileDamaged):
        NoteKeys.open(path, NoteSigner.LOG, seal)


def test_keys_are_not_opened_with_another_identity(path, tmp_path, witness_keys):
    with pytest.raises(WrongIdentity):
        NoteKeys.open(path, NoteSigner.WITNESS, Identity.create(tmp_path / "other" / "identity.txt"))


def test_a_file_that_others_can_read_is_refused(path, seal, witness_keys):
    path.chmod(0o640)

    with pytest.raises(KeyFileExposed):
        NoteKeys.open(path, NoteSigner.WITNESS, seal)


def test_the_two_keys_have_nothing_in_common(path, seal, witness_keys):
    _, _, classical, postquantum = cbor.decode(seal.unseal(path.read_bytes(), path=path))

    assert len({classical, postquantum}) == 2
    assert Ed25519PrivateKey.from_private_bytes(classical).public_key().public_bytes_raw() == (
        witness_keys.keys[0].public
    )
    assert MLDSA44PrivateKey.from_seed_bytes(postquantum).public_key().public_bytes_raw() == (
        witness_keys.keys[1].public
    )


def swapped(text):
    return "".join(reversed(text.splitlines(keepends=True)))


def of_two_names(text):
    key = NoteKey.parse(text.splitlines()[1])
    return text.splitlines(keepends=True)[0] + NoteKey("x.example", key.kind, key.public).vkey + "\n"


PUBLIC_PARTS = {
    "empty": lambda text: "",
    "one key": lambda text: text.splitlines(keepends=True)[0],
    "the other order": swapped,
    "a third line": lambda text: text + text,
    "two names": of_two_names,
    "another id": lambda text: text.replace("+", "+0", 1),
    "no UTF-8": lambda text: text.replace("w", "�"),
    "spaces behind": lambda text: text + " ",
}


@pytest.mark.parametrize("change", PUBLIC_PARTS.values(), ids=PUBLIC_PARTS)
def test_a_public_part_that_is_not_two_keys_of_one_signer_is_refused(path, seal, witness_keys, change):
    beside = path.with_suffix(".vkeys")
    beside.write_text(change(beside.read_text("utf-8")), "utf-8")

    with pytest.raises(KeyFileDamaged):
        NoteKeys.open(path, NoteSigner.WITNESS, seal)


def test_the_public_part_of_others_is_refused(path, tmp_path, seal, witness_keys):
    other = tmp_path / "notes" / "other.age"
    NoteKeys.create(other, NoteSigner.WITNESS, NAME, seal)
    path.with_suffix(".vkeys").write_bytes(other.with_suffix(".vkeys").read_bytes())

    with pytest.raises(KeyFileDamaged):
        NoteKeys.open(path, NoteSigner.WITNESS, seal)


NO_KEYS = {
    "a log's": cbor.encode([1, "log", SEED, OTHER_SEED]),
    "others": cbor.encode([1, "witness", SEED, OTHER_SEED]),
    "another format": cbor.encode([2, "witness", SEED, OTHER_SEED]),
    "one seed": cbor.encode([1, "witness", SEED]),
    "a byte too long": cbor.encode([1, "witness", SEED + b"x", OTHER_SEED]),
    "broken CBOR": b"\x1f" + SEED + OTHER_SEED,
}


@pytest.mark.parametrize("plain", NO_KEYS.values(), ids=NO_KEYS)
def test_no_refusal_shows_what_was_in_the_file(path, seal, witness_keys, plain):
    path.write_bytes(seal.seal(plain))

    with pytest.raises(KeysError) as refusal:
        NoteKeys.open(path, NoteSigner.WITNESS, seal)

    assert isinstance(refusal.value, KeyFileDamaged)
    said = everything_said_by(refusal.value)
    assert not shows(said, SEED)
    assert not shows(said, OTHER_SEED)


def test_the_seeds_are_in_no_file_and_no_repr(path, seal, witness_keys):
    _, _, *seeds = cbor.decode(seal.unseal(path.read_bytes(), path=path))
    files = [file.read_bytes() for file in path.parents[1].rglob("*") if file.is_file()]

    assert len(files) == 3
    for seed in seeds:
        assert not any(shows(content, seed) for content in [*files, repr(witness_keys).encode()])
    with pytest.raises(TypeError):
        witness_keys.__reduce_ex__(4)


@pytest.mark.parametrize("place", [0, 1])
def test_a_signature_that_does_not_verify_is_not_let_out(witness_keys, place):
    class Faulty:
        def sign(self, data):
            return real.sign(data[:-1])

    privates = list(witness_keys._privates)
    real = privates[place]
    privates[place] = Faulty()
    faulty = object.__new__(NoteKeys)
    for name, value in (("_privates", tuple(privates)), ("keys", witness_keys.keys), ("name", NAME)):
        object.__setattr__(faulty, name, value)

    with pytest.raises(CorruptSignature):
        faulty.sign(HEAD, stamp=1)


@pytest.mark.parametrize("stamp", [-1, 1 << 63])
def test_a_time_that_no_cosignature_can_state_is_refused(witness_keys, stamp):
    with pytest.raises(FormatError):
        witness_keys.sign(HEAD, stamp=stamp)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "w" * 256])
def test_a_name_that_no_key_can_have_is_refused_and_nothing_written(path, seal, name):
    with pytest.raises(Malformed):
        NoteKeys.create(path, NoteSigner.WITNESS, name, seal)

    assert not path.exists()


def test_a_verifier_key_of_small_order_is_refused(witness_keys):
    weak = f"{NAME}+00000000+BA" + "A" * 42

    with pytest.raises((Malformed, InadmissibleKey)):
        parse_vkeys(f"{weak}\n{witness_keys.keys[1].vkey}\n")
