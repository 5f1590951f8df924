"""The custodians' commands."""

import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from keys.errors import WrongIdentity


def test_the_keys_are_listed_without_being_opened(office):
    shutil.rmtree(office.folder / "secrets")

    said = office.done("key", "list")

    lines = said.splitlines()
    assert len([line for line in lines if line.split()[1:3] == ["root", "pinned"]]) == 3
    assert any("certificate" in line and "entries 1–50000" in line for line in lines)
    assert any("status" in line for line in lines)


def test_founding_again_changes_nothing(office):
    root = (office.folder / "trusted-root.json").read_bytes()
    trust = (office.folder / "keys" / "trust" / "keys.cbor").read_bytes()

    said = office.refused("key", "found", *office.media(), *office.custodians())

    assert "exist already" in said
    assert (office.folder / "trusted-root.json").read_bytes() == root
    assert (office.folder / "keys" / "trust" / "keys.cbor").read_bytes() == trust


@pytest.mark.parametrize(("count", "code"), [(0, 2), (1, 2), (2, 2)])
def test_founding_needs_three_media(empty_office, count, code):
    empty_office.done("init")

    empty_office.refused("key", "found", *empty_office.media(count), *empty_office.custodians(), code=code)

    assert not (empty_office.folder / "trusted-root.json").exists()


@pytest.mark.parametrize("places", [(), (0,)])
def test_founding_needs_two_custodians(empty_office, places):
    empty_office.done("init")
    given = empty_office.custodians(*places) if places else ()

    empty_office.refused("key", "found", *empty_office.media(), *given, code=2)

    assert not (empty_office.folder / "trusted-root.json").exists()


def test_each_key_needs_a_medium_of_its_own(empty_office):
    empty_office.done("init")
    office, same = empty_office, str(empty_office.folder / "media")
    roots_together = ("--medium", same, "--medium", same + "/", "--medium", same, *office.custodians())
    custodians_together = (*office.media(), *office.custodians(0, 0))
    root_with_custodian = (*office.media(), *office.custodians(0), "--custodian-medium", f"{same}/root-1")

    for media in (roots_together, custodians_together, root_with_custodian):
        assert "of its own" in office.refused("key", "found", *media, code=2)


def test_founding_lists_two_custodians_in_the_trust_bundle(office):
    lines = office.done("key", "list").splitlines()

    assert [line.split()[1:3] for line in lines].count(["custodian", "in_use"]) == 2


def test_a_medium_that_is_a_file_is_wrong_use(office):
    assert "is a file" in office.refused(
        "key", "open-epoch", "--medium", office.folder / "register.sqlite3", "--medium", "x", code=2
    )


class QuickPassphrase:
    """A passphrase without the cost that makes a real one slow to guess."""

    def __init__(self, passphrase: str) -> None:
        self.mark = sha256(passphrase.encode()).digest()

    def seal(self, plain: bytes, /) -> bytes:
        return self.mark + plain

    def unseal(self, sealed: bytes, /, *, path: Path) -> bytes:
        if sealed[:32] != self.mark:
            raise WrongIdentity(path, "is not sealed to this passphrase")
        return sealed[32:]


def test_root_keys_may_be_sealed_by_passphrases(empty_office, monkeypatch):
    monkeypatch.setattr("registry.operator.media.Passphrase", QuickPassphrase)
    office, typed_twice = empty_office, "".join(2 * f"pass {place}\n" for place in range(5))
    office.done("init")

    said = office.done(
        "key", "found", *office.media(), *office.custodians(), "--passphrase", input=typed_twice
    )
    opened = office.certreg(
        "key", "open-epoch", *office.media(2), "--passphrase", "--ahead", input="pass 0\npass 1\n"
    )

    assert "pass 0" not in said
    assert opened.exit_code == 0, opened.output
    names = office.done("key", "names", *office.custodians(), "--passphrase", input="pass 3\npass 4\n")
    assert "as they were" in names


def test_a_wrong_passphrase_opens_no_root_key(empty_office, monkeypatch):
    monkeypatch.setattr("registry.operator.media.Passphrase", QuickPassphrase)
    office, typed_twice = empty_office, "".join(2 * f"pass {place}\n" for place in range(5))
    office.done("init")
    office.done("key", "found", *office.media(), *office.custodians(), "--passphrase", input=typed_twice)

    said = office.refused(
        "key", "open-epoch", *office.media(2), "--passphrase", "--ahead", input="pass 0\npass 2\n"
    )

    assert "not sealed to this passphrase" in said


def test_an_epoch_is_opened_only_when_the_last_one_ends_or_ahead_of_it(office):
    assert "still open" in office.refused("key", "open-epoch", *office.media(2))

    said = office.done("key", "open-epoch", *office.media(2), "--ahead")

    assert "version 2" in said
    assert "entries 50001–100000" in office.done("key", "list")


def test_one_root_key_alone_signs_nothing(office):
    assert "2 needed" in office.refused("key", "open-epoch", *office.media(1), "--ahead")
    assert "50001" not in office.done("key", "list")


def test_an_empty_medium_is_refused_in_words(office):
    empty = office.folder / "empty"
    empty.mkdir(mode=0o700)

    said = office.refused("key", "open-epoch", "--medium", empty, "--medium", empty / "x", "--ahead")

    assert "holds 0 root keys" in said


def test_names_are_signed_anew_only_if_there_are_new_ones(office):
    assert "as they were" in office.done("key", "names", *office.custodians())
