"""Keys in files: sealed or plain, their owner's alone, and never written over."""

from errno import EACCES
from pathlib import Path
from unittest.mock import Mock

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from registry.client import make_key, open_key
from registry.client.errors import KeyUnusable
from registry.client.key_files import public_path
from registry.operator.parameters import PublicKeyText
from signing import cose
from signing.ed25519 import admit
from signing.evidence import SubmissionClaim, check_submission_claim
from tests.instants import NOON

PASSPHRASE = "a passphrase"


def never(path: Path) -> str:
    raise AssertionError(f"{path} needs no passphrase")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "keys"


@pytest.mark.parametrize(("name", "passphrase"), [("a.age", PASSPHRASE), ("a.pem", None)])
def test_a_key_is_made_kept_and_opened(folder, name, passphrase):
    made = make_key(folder / name, passphrase, now=NOON)

    opened = open_key(folder / name, (lambda _: PASSPHRASE) if passphrase else never)

    assert (opened.public, opened.key_id) == (made.public, cose.key_id(made.public))
    assert (folder / name).stat().st_mode & 0o077 == 0
    admit(made.public).verify(opened.sign(b"message"), b"message")
    assert PublicKeyText().convert(str(public_path(folder / name)), None, None) == made.public


def test_its_signature_over_a_claim_is_the_one_that_the_register_takes(folder):
    key = make_key(folder / "a.pem", None, now=NOON)
    claim = SubmissionClaim(issuer="S0002", media_type="application/json", content_digest=bytes(32))

    signed = key.sign_submission(claim.to_bytes(), environment="test")

    check_submission_claim(signed, claim, admit(key.public), "test")


def test_it_shows_nothing_of_its_secret(folder):
    assert repr(make_key(folder / "a.pem", None, now=NOON)).startswith("<ClientKey ")


def _exposed(path):
    path.chmod(0o644)


def _other_kind(path):
    key = ec.generate_private_key(ec.SECP256R1())
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


UNUSABLE = {
    "others can read it": (_exposed, "chmod"),
    "it is of another algorithm": (_other_kind, "Ed25519"),
    "it is no key": (lambda path: path.write_text("hello"), "PEM"),
    "it is not there": (lambda path: path.unlink(), "a.pem"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_file_that_is_no_private_key_is_refused(folder, name):
    spoil, said = UNUSABLE[name]
    make_key(folder / "a.pem", None, now=NOON)
    spoil(folder / "a.pem")

    with pytest.raises(KeyUnusable, match=said):
        open_key(folder / "a.pem", never)


def test_a_key_that_lies_out_of_reach_is_refused(tmp_path, monkeypatch):
    # Root is let in everywhere, so the refusal is played.
    monkeypatch.setattr(Path, "stat", Mock(side_effect=PermissionError(EACCES, "Permission denied")))

    with pytest.raises(KeyUnusable, match=r"无法读写（Permission denied）"):
        open_key(tmp_path / "a.pem", never)


def test_a_name_that_no_file_can_have_is_refused(tmp_path):
    with pytest.raises(KeyUnusable, match="无法读写"):
        open_key(tmp_path / f"{'a' * 300}.pem", never)


def test_another_passphrase_is_refused(folder):
    make_key(folder / "a.age", PASSPHRASE, now=NOON)

    with pytest.raises(KeyUnusable, match="口令不对"):
        open_key(folder / "a.age", lambda _: "another")


@pytest.mark.parametrize(("name", "passphrase"), [("a.age", PASSPHRASE), ("a.pem", None)])
def test_a_key_is_never_written_over(folder, name, passphrase):
    make_key(folder / name, passphrase, now=NOON)
    before = (folder / name).read_bytes()

    with pytest.raises(KeyUnusable, match="不会覆盖"):
        make_key(folder / name, passphrase, now=NOON)

    assert (folder / name).read_bytes() == before


def test_two_keys_of_one_name_would_share_their_public_part(folder):
    make_key(folder / "a.age", PASSPHRASE, now=NOON)
    before = sorted(folder.iterdir())

    with pytest.raises(KeyUnusable, match=r"a\.pub\.pem.*不会覆盖"):
        make_key(folder / "a.pem", None, now=NOON)

    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(("name", "passphrase"), [("a.pem", PASSPHRASE), ("a.age", None), ("a.key", None)])
def test_the_name_says_whether_it_is_sealed(folder, name, passphrase):
    with pytest.raises(KeyUnusable, match="结尾"):
        make_key(folder / name, passphrase, now=NOON)
