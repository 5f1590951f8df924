import base64
import copy
import pickle
import stat

import pyrage
import pytest

from keys.errors import KeyExists, KeyFileDamaged, KeyFileExposed, KeyUnavailable, WrongIdentity
from keys.sealing import Identity, Passphrase

# An age file by another writer, with a quick work factor (2^10): the passphrase seals the word "plain".
BY_PASSPHRASE = base64.b64decode(
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBaSStEelRVVmxhUzFoMzBtMDBIbmV3IDEwCmdTQzBha21TeHVHeEljeTZD"
    "QnVXS3c1ZWp2UDNIQVA2VXFpYWZUaWJqYkEKLS0tIFNjNTh6ZDc1bDJjb3BMZ0FlWWZNdXdUaUR1NmlHU1U1dVJZNU4vakwzdUUK"
    "r7q+ivqDncqS0pQfdpieA5HeU0aBk2SWWjcCeVl77ohdBrExTw=="
)


def test_an_identity_file_is_its_owners_alone_and_opens_what_was_sealed_to_it(tmp_path):
    path = tmp_path / "mine" / "identity.txt"
    made = Identity.create(path)

    sealed = made.seal(b"plain")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sealed.startswith(b"age-encryption.org/v1\n")
    assert Identity.open(path).unseal(sealed, path=path) == b"plain"


def test_an_identity_file_is_never_overwritten(tmp_path):
    path = tmp_path / "mine" / "identity.txt"
    Identity.create(path)
    before = path.read_bytes()

    with pytest.raises(KeyExists):
        Identity.create(path)

    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"# public key: age1\n",
        b"AGE-SECRET-KEY-1ABC\n",
        b"\xff\xfe",
        b"AGE-SECRET-KEY-1A\nAGE-SECRET-KEY-1B\n",
    ],
)
def test_a_damaged_identity_file_is_refused_without_its_content(tmp_path, content):
    path = tmp_path / "mine" / "identity.txt"
    Identity.create(path)
    path.write_bytes(content)

    with pytest.raises(KeyFileDamaged) as refusal:
        Identity.open(path)

    assert "AGE-SECRET-KEY" not in str(refusal.value)


def test_an_identity_file_open_to_others_or_missing_is_refused(tmp_path):
    path = tmp_path / "mine" / "identity.txt"
    Identity.create(path)
    path.chmod(0o644)

    with pytest.raises(KeyFileExposed):
        Identity.open(path)
    with pytest.raises(KeyUnavailable):
        Identity.open(tmp_path / "mine" / "other.txt")


def test_another_identity_does_not_open_it(seal, tmp_path):
    sealed = seal.seal(b"plain")

    with pytest.raises(WrongIdentity):
        Identity.create(tmp_path / "other" / "identity.txt").unseal(sealed, path=tmp_path)


@pytest.mark.parametrize("damage", [lambda s: s[:-1], lambda s: s[:40], lambda s: b"", lambda s: s + b"x"])
def test_a_damaged_age_file_is_refused(seal, tmp_path, damage):
    with pytest.raises(KeyFileDamaged):
        seal.unseal(damage(seal.seal(b"plain")), path=tmp_path)


def test_a_passphrase_opens_its_own_seal_and_no_other_does(tmp_path, seal):
    assert Passphrase("正确的 horse").unseal(BY_PASSPHRASE, path=tmp_path) == b"plain"
    for other in (Passphrase("wrong"), seal):
        with pytest.raises(WrongIdentity):
            other.unseal(BY_PASSPHRASE, path=tmp_path)
    with pytest.raises(KeyFileDamaged):
        Passphrase("正确的 horse").unseal(BY_PASSPHRASE[:-1], path=tmp_path)


def test_secrets_are_neither_pickled_nor_copied_nor_shown(seal, tmp_path):
    secret_line = (tmp_path / "identity" / "identity.txt").read_text().splitlines()[1]

    for secret in (seal, Passphrase("open sesame")):
        for carry_away in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="holds a secret"):
                carry_away(secret)
        assert "sesame" not in repr(secret)
        assert secret_line not in repr(secret)
    assert seal.recipient in repr(seal)


def test_what_is_sealed_is_plain_age_that_the_library_opens_by_itself(seal, tmp_path):
    secret_line = (tmp_path / "identity" / "identity.txt").read_text().splitlines()[1]
    identity = pyrage.x25519.Identity.from_str(secret_line)

    assert pyrage.decrypt(seal.seal(b"plain"), [identity]) == b"plain"
