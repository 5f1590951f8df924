"""A register whose issuing and status keys stay in a token, from the founding to what a verifier says."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from registry.operator.demo_cast import demo_settings
from registry.settings import KeyBackend, load_settings
from tests.registry.assessment.submissions import resident_id, row
from tests.registry.operator.office import Office, environ_of
from tests.rigs.soft_token import MODULE, PIN, SoftToken

BIN = Path(sys.executable).parent


@pytest.fixture
def token(tmp_path):
    return SoftToken.create(tmp_path / "softhsm")


@pytest.fixture
def office(tmp_path, token):
    """An office with a token, before anything is founded."""
    folder = tmp_path / "office"
    environ = {
        **environ_of(folder),
        **token.environ,
        "CERTREG_KEY_STORE": "pkcs11",
        "CERTREG_PKCS11_MODULE": str(MODULE),
        "CERTREG_PKCS11_TOKEN": token.label,
        "CERTREG_PKCS11_PIN_FILE": str(folder / "secrets" / "hsm-pin.age"),
    }
    folder.mkdir()
    return Office(folder, environ)


@pytest.fixture
def found(office, quick_id_checks):
    """The office with its PIN kept and everything founded."""
    office.done("init")
    office.done("key", "pin", input=f"{PIN}\n")
    office.found()
    return office


def people(count: int, first: int = 0) -> list[dict[str, object]]:
    return [row(place + 1, id_number=resident_id(100 + first + place)) for place in range(count)]


def verdicts(office: Office) -> Counter[str]:
    """Return how often ``certverify``, in processes of its own, says what of the certificates."""
    office.done("documents", "--out", office.folder / "certificates")
    trusted = ["--public", office.folder / "public", "--root", office.folder / "trusted-root.json", "--json"]
    said: Counter[str] = Counter()
    for token in (office.folder / "certificates").glob("*/token.cbor"):
        command = [BIN / "certverify", token, *trusted]
        done = subprocess.run(
            list(map(str, command)), capture_output=True, text=True, check=False, timeout=60
        )
        said[json.loads(done.stdout)["verdict"]] += 1
    return said


def test_certificates_of_a_key_in_a_token_verify(found, token):
    found.approved(*people(3))
    assert "已签名 3，已发布 3" in found.done("issue")
    found.done("revoke", numbers(found)[0], "--reason", "exam_fraud", "--yes")
    found.done("publish")

    assert verdicts(found) == {"valid": 2, "revoked": 1}
    # Of what is used unattended, the registrar's key and the log's are in files: tokens know no ML-DSA yet.
    sealed = {path.name for path in (found.folder / "keys").rglob("*.age")}
    assert sealed == {"registrar.age", "log.age"}
    assert token.opensc("--list-objects", "--type", "privkey").count("never extractable") == 3
    found.done("check")


def numbers(office: Office) -> list[str]:
    office.done("documents", "--out", office.folder / "certificates")
    return sorted(path.name for path in (office.folder / "certificates").iterdir())


def test_a_large_batch_is_signed_by_processes_that_log_in_themselves(found):
    found.approved(*people(40))

    assert "已签名 40，已发布 40" in found.done("issue")

    found.done("check")
    assert len(numbers(found)) == 40


def test_the_list_says_where_keys_are_kept_and_needs_no_pin(found):
    (found.folder / "secrets" / "hsm-pin.age").unlink()

    said = found.done("key", "list")

    assert f"kept in    pkcs11: pkcs11:token=certreg ({MODULE})" in said
    lines = {tuple(line.split()[1:3]): line for line in said.splitlines()}
    assert "entries 1–50000" in lines["certificate", "in_use"]
    assert ("status", "in_use") in lines


def test_the_next_epochs_key_is_made_in_the_token(found, token):
    found.done("key", "open-epoch", *found.media(2), "--ahead")

    assert "entries 50001–100000" in found.done("key", "list")
    assert token.opensc("--list-objects", "--type", "privkey").count("certificate-") == 2


def test_without_its_token_nothing_is_issued_and_with_it_the_work_goes_on(found, token):
    found.approved(*people(3))

    token.draw()
    said = found.refused("issue")
    assert "pkcs11:token=certreg" in said
    token.put_back()

    assert "已签名 3" in found.done("issue")
    assert verdicts(found) == {"valid": 3}


def test_founding_without_a_pin_says_so_and_goes_on_when_it_is_kept(office, quick_id_checks):
    office.done("init")

    assert "hsm-pin.age: No such file" in office.refused(
        "key", "found", *office.media(), *office.custodians()
    )
    office.done("key", "pin", input=f"{PIN}\n")
    office.done("key", "found", *office.media(), *office.custodians())

    assert "in_use" in office.done("key", "list")


def test_a_wrong_pin_is_not_kept(office):
    office.done("init")

    said = office.refused("key", "pin", input="0000-0000\n")

    assert "the PIN is wrong" in said
    assert "0000-0000" not in said
    assert not (office.folder / "secrets" / "hsm-pin.age").exists()


def test_keys_in_files_have_no_pin(empty_office):
    empty_office.done("init")

    assert "the keys are kept in files" in empty_office.refused("key", "pin")


def test_a_register_of_files_goes_over_to_a_token_with_its_next_epoch(
    tmp_path, token, office, quick_id_checks, monkeypatch
):
    monkeypatch.setattr("registry.operator.ceremony.EPOCH_ENTRIES", 3)
    with_files = Office(office.folder, {**office.environ, "CERTREG_KEY_STORE": "files"})
    with_files.found()
    with_files.approved(*people(3), name="first.json")
    with_files.approved(*people(2, first=3), name="second.json")

    office.done("key", "pin", input=f"{PIN}\n")
    office.done("key", "open-epoch", *office.media(2), "--ahead")
    office.done("issue")

    assert verdicts(office) == {"valid": 5}
    listed = office.done("key", "list")
    assert listed.count("certificate  in_use       0 days") == 2
    assert "status       in_use       0 days" in listed
    assert len(list((office.folder / "keys" / "store").glob("certificate-*.age"))) == 1
    assert token.opensc("--list-objects", "--type", "privkey").count("certificate-") == 1


def test_the_demo_never_makes_keys_in_a_token(office, monkeypatch, tmp_path):
    for name, value in office.environ.items():
        monkeypatch.setenv(name, value)

    assert load_settings(os.environ).key_store is KeyBackend.PKCS11
    assert demo_settings(tmp_path / "demo").key_store is KeyBackend.FILES
