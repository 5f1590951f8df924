import os
import shutil
import stat
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys import key_file
from keys.errors import KeyExists, KeyFileDamaged, KeyFileExposed, KeyUnavailable, WrongIdentity
from keys.key_file import KeyKind, write_key_file
from keys.sealing import Identity
from signing import cbor, cose
from tests.instants import NOON
from tests.keys.small_register import killed_inside


@pytest.fixture
def key(store, seal):
    return store.create(KeyKind.CERTIFICATE, seal, now=NOON)


@pytest.fixture
def path(store, key):
    return store.folder / f"certificate-{key.key_id.hex()}.age"


def test_a_key_lies_sealed_in_a_private_file_with_its_public_part_beside_it(store, seal, key, path):
    private = store.open(KeyKind.CERTIFICATE, key.key_id, seal)

    assert private.public_key().public_bytes_raw() == key.public
    assert cose.key_id(key.public) == key.key_id
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700
    assert path.with_suffix(".pub").read_text() == f"{key.public.hex()}\nmade_at=2026-11-20T04:00:00Z\n"
    plain = seal.unseal(path.read_bytes(), path=path)
    assert plain == cbor.encode([1, "certificate", -19, private.private_bytes_raw()])


def test_listing_needs_no_secret_and_goes_by_age(store, seal, key):
    older = store.create(KeyKind.STATUS, seal, now=NOON - timedelta(days=1))
    (store.folder / "notes.txt").write_text("not a key")

    assert store.stored_keys() == [older, key]
    assert store.stored_keys(KeyKind.CERTIFICATE) == [key]
    assert key.made_at == NOON


def test_a_store_that_was_never_used_is_empty(store):
    assert store.stored_keys() == []


def other_kind(path):
    shutil.copy(path, path.with_name(path.name.replace("certificate", "status")))
    shutil.copy(
        path.with_suffix(".pub"),
        path.with_name(path.name.replace("certificate", "status")).with_suffix(".pub"),
    )


def truncated(path):
    path.write_bytes(path.read_bytes()[:-20])


def flipped(path):
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)


def readable_by_all(path):
    path.chmod(0o644)


def folder_open(path):
    path.parent.chmod(0o755)


def other_public_part(path):
    text = path.with_suffix(".pub").read_text()
    path.with_suffix(".pub").write_text("00" * 32 + text[64:])


def broken_public_part(path):
    path.with_suffix(".pub").write_text("hello")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (os.unlink, KeyUnavailable),
        (lambda path: path.with_suffix(".pub").unlink(), KeyUnavailable),
        (truncated, KeyFileDamaged),
        (flipped, KeyFileDamaged),
        (other_public_part, KeyFileDamaged),
        (broken_public_part, KeyFileDamaged),
        (readable_by_all, KeyFileExposed),
        (folder_open, KeyFileExposed),
    ],
)
def test_a_key_file_that_is_not_as_it_was_made_is_refused(store, seal, key, path, wrong, error):
    wrong(path)

    with pytest.raises(error) as refusal:
        store.open(KeyKind.CERTIFICATE, key.key_id, seal)

    assert type(refusal.value) is error


def test_a_key_renamed_to_another_kind_is_refused(store, seal, key, path):
    other_kind(path)

    with pytest.raises(KeyFileDamaged, match="does not hold a status key"):
        store.open(KeyKind.STATUS, key.key_id, seal)


def test_a_key_put_in_the_place_of_another_is_refused(store, seal, key, path):
    other = store.create(KeyKind.CERTIFICATE, seal, now=NOON)
    shutil.copy(store.folder / f"certificate-{other.key_id.hex()}.age", path)

    with pytest.raises(KeyFileDamaged, match="another key"):
        store.open(KeyKind.CERTIFICATE, key.key_id, seal)


def test_another_identity_opens_nothing(store, key, tmp_path):
    with pytest.raises(WrongIdentity):
        store.open(KeyKind.CERTIFICATE, key.key_id, Identity.create(tmp_path / "other" / "identity.txt"))


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"\xff" * 40,
        cbor.encode([2, "certificate", -19, bytes(32)]),
        cbor.encode([1, "root", -19, bytes(32)]),
        cbor.encode([1, "certificate", -8, bytes(32)]),
        cbor.encode([1, "certificate", -19, bytes(31)]),
        cbor.encode([1, "certificate", -19, bytes(32), 0]),
        cbor.encode({1: bytes(32)}),
    ],
)
def test_a_seal_around_anything_but_a_key_is_refused(store, seal, key, path, plain):
    path.write_bytes(seal.seal(plain))

    with pytest.raises(KeyFileDamaged, match="does not hold a certificate key"):
        store.open(KeyKind.CERTIFICATE, key.key_id, seal)


def test_a_key_is_never_overwritten(seal, path):
    before = path.read_bytes()

    with pytest.raises(KeyExists):
        write_key_file(path, Ed25519PrivateKey.generate(), kind=KeyKind.CERTIFICATE, seal=seal, now=NOON)

    assert path.read_bytes() == before


@pytest.mark.parametrize("link", [1, 2])
def test_a_crash_before_the_public_part_leaves_no_key(store, seal, link):
    calls = []
    real_link = os.link

    def act():
        def dying_link(source, target):
            calls.append(target)
            if len(calls) == link:
                os._exit(137)
            real_link(source, target)

        os.link = dying_link
        store.create(KeyKind.CERTIFICATE, seal, now=NOON)

    assert killed_inside(act)
    assert store.stored_keys() == []


def test_a_key_that_can_not_be_read_back_is_never_one(store, seal, monkeypatch):
    monkeypatch.setattr(key_file, "_plain", lambda private, kind: b"torn")

    with pytest.raises(KeyFileDamaged):
        store.create(KeyKind.CERTIFICATE, seal, now=NOON)

    assert store.stored_keys() == []


def test_the_name_of_a_key_file_ends_in_age(tmp_path, seal):
    with pytest.raises(ValueError, match=r"ends in \.age"):
        write_key_file(
            tmp_path / "key.txt", Ed25519PrivateKey.generate(), kind=KeyKind.HOLDER, seal=seal, now=NOON
        )
