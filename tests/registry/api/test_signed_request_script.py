"""The documented example: one request signed by bash, curl and openssl alone, against a server as it runs."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from keys.holder_key import HolderKey
from keys.sealing import Identity
from tests.registry.operator.office import Office
from tests.registry.operator.serving import Served, served
from tests.registry.staff_site import signature_over

SCRIPT = Path(__file__).parents[3] / "docs" / "examples" / "signed-request.sh"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    office = Office(tmp_path_factory.mktemp("script"))
    office.found()
    office.let_in("body")
    pem = office.private_key("access").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (office.folder / "access.pem").write_bytes(pem)
    return office


@pytest.fixture(scope="module")
def sites(office: Office) -> Iterator[Served]:
    with served(office.environ) as sites:
        yield sites


def run(office: Office, *words: str, environment: str = "test") -> str:
    environ = {**os.environ, "KEY": str(office.folder / "access.pem"), "ENVIRONMENT": environment}
    done = subprocess.run(
        [SCRIPT, *words], env=environ, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


def test_it_hands_in(office, sites):
    path = office.results()
    key = HolderKey.open(office.key("body"), Identity.open(office.folder / "secrets" / "identity.txt"))
    signature = signature_over(path.read_bytes(), key, environment="test")

    said = run(
        office,
        "POST",
        f"{sites.staff}/v1/submissions",
        str(path),
        "Content-Type: application/json",
        f"Submission-Signature: {signature}",
        'Idempotency-Key: "the results of November"',
    )

    assert json.loads(said)["status"] == "received"


@pytest.mark.parametrize("address", ["/v1/keys", "/v1/keys?", "/v1/keys?a=1&b=%2F"])
def test_its_signature_holds_with_and_without_a_query(office, sites, address):
    assert json.loads(run(office, "GET", sites.staff + address))["code"] == "wrong_purpose"


def test_it_shows_what_is_refused(office, sites):
    said = run(office, "GET", f"{sites.staff}/v1/keys", environment="production")

    assert json.loads(said)["code"] == "wrong_tag"


def test_it_needs_nothing_but_bash_curl_and_openssl():
    text = SCRIPT.read_text("utf-8")

    assert text.startswith("#!/usr/bin/env bash\n")
    assert len(text.splitlines()) < 70
    assert "python" not in text
