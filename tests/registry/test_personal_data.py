"""Sealing and matching: what a dump of the database shows, and what it takes to open it."""

import os

import pytest

from registry.personal_data import (
    Matcher,
    SealBroken,
    Sealer,
    SecretFileUnusable,
    create_secret,
    read_secret,
)
from signing.id_check import IdType

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
NUMBER = b"210102197001010011"


def test_what_is_sealed_opens_at_its_place_and_never_looks_the_same():
    sealer = Sealer(KEY)

    first, second = (sealer.seal(NUMBER, place="result:1") for _ in range(2))

    assert first != second
    assert NUMBER not in first
    assert sealer.open(first, place="result:1") == sealer.open(second, place="result:1") == NUMBER
    assert sealer.open(sealer.seal(b"", place="x"), place="x") == b""


def test_sealed_bytes_open_at_no_other_place_and_with_no_other_key():
    sealed = Sealer(KEY).seal(NUMBER, place="result:1")

    with pytest.raises(SealBroken) as refusal:
        Sealer(KEY).open(sealed, place="result:2")
    assert refusal.value.place == "result:2"
    with pytest.raises(SealBroken):
        Sealer(OTHER_KEY).open(sealed, place="result:1")


def test_any_changed_bit_and_any_lost_byte_breaks_the_seal():
    sealer = Sealer(KEY)
    sealed = sealer.seal(NUMBER, place="result:1")
    flipped = [
        sealed[:at] + bytes([sealed[at] ^ 1 << bit]) + sealed[at + 1 :]
        for at in range(len(sealed))
        for bit in (0, 7)
    ]

    for damaged in [*flipped, *(sealed[:length] for length in range(len(sealed))), sealed + b"\x00"]:
        with pytest.raises(SealBroken):
            sealer.open(damaged, place="result:1")


def test_a_broken_seal_does_not_tell_what_was_in_it():
    sealed = Sealer(KEY).seal(NUMBER, place="result:1")

    with pytest.raises(SealBroken) as refusal:
        Sealer(OTHER_KEY).open(sealed, place="result:1")

    assert NUMBER.decode() not in str(refusal.value)


@pytest.mark.parametrize("written", ["11010519491231002X", "11010519491231002x", "１１０１０５ 19491231002Ⅹ"])
def test_all_writings_of_one_number_match(written):
    matcher = Matcher(KEY)

    assert matcher.match(IdType.RESIDENT_ID, written) == matcher.match(
        IdType.RESIDENT_ID, "11010519491231002X"
    )


def test_another_number_type_or_key_does_not_match():
    matches = {
        Matcher(KEY).match(IdType.PASSPORT, "E1234567"),
        Matcher(KEY).match(IdType.PASSPORT, "E1234568"),
        Matcher(KEY).match(IdType.TAIWAN_PERMIT, "E1234567"),
        Matcher(OTHER_KEY).match(IdType.PASSPORT, "E1234567"),
        Matcher(KEY).match(IdType.PASSPORT, "\ud800"),
    }

    assert len(matches) == 5
    assert {len(match) for match in matches} == {32}


def test_a_new_secret_is_its_owners_alone_and_is_never_overwritten(tmp_path):
    path = tmp_path / "secrets" / "data.key"
    create_secret(path)
    secret = read_secret(path)

    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    with pytest.raises(FileExistsError):
        create_secret(path)
    assert (read_secret(path), len(secret)) == (secret, 32)
    other = tmp_path / "secrets" / "lookup.key"
    create_secret(other)
    assert read_secret(other) != secret


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "64 hex digits"),
        (b"00" * 31, "64 hex digits"),
        (b"00" * 33, "64 hex digits"),
        (b"zz" * 32, "64 hex digits"),
        (b"0" * 63, "64 hex digits"),
        (b"\xff" * 64, "can not be read as text"),
    ],
)
def test_a_file_that_holds_no_secret_is_refused_and_not_quoted(tmp_path, content, why):
    path = tmp_path / "data.key"
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(SecretFileUnusable, match=why) as refusal:
        read_secret(path)

    assert "zz" not in str(refusal.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_a_secret_that_others_may_read_is_refused(tmp_path, mode):
    path = tmp_path / "data.key"
    create_secret(path)
    os.chmod(path, mode)

    with pytest.raises(SecretFileUnusable, match="others may read it"):
        read_secret(path)


def test_a_missing_secret_says_what_to_do(tmp_path):
    with pytest.raises(SecretFileUnusable, match="certreg init"):
        read_secret(tmp_path / "none.key")
    with pytest.raises(SecretFileUnusable, match="can not be read"):
        read_secret(tmp_path)
