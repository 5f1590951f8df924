"""The examples of ``docs/api.md`` hand in, against a register as it runs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from tests.registry.assessment.submissions import resident_id, row

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "docs" / "examples"


@pytest.fixture(scope="module")
def keys(bureau, tmp_path_factory):
    """A folder with an access key, and a submission key without a passphrase."""
    folder = tmp_path_factory.mktemp("examples") / "keys"
    bureau.run("key", "new", folder / "submission.pem")
    bureau.run("key", "register", folder / "submission.pem", "--purpose", "submission")
    shutil.copy2(bureau.key_file("access.pem"), folder)
    return folder


def run(*words, code=0, **environ):
    typed = [str(word) for word in words]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), **environ}
    done = subprocess.run(typed, env=environ, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stderr + done.stdout
    return done.stdout + done.stderr


def with_client(bureau, keys, results, **more):
    return run(sys.executable, EXAMPLES / "with_client.py", bureau.url, "test", keys, results, **more)


def plain_python(bureau, keys, results, **more):
    files = (keys / "access.pem", keys / "submission.pem", results)
    return run(sys.executable, EXAMPLES / "plain_python.py", bureau.url, "test", *files, **more)


def curl_and_openssl(bureau, keys, results, **more):
    environ = {"KEY": str(keys / "access.pem"), "SUBMISSION_KEY": str(keys / "submission.pem")}
    return run(EXAMPLES / "whole-road.sh", bureau.url, results, ENVIRONMENT="test", **environ, **more)


ROADS = {"client": with_client, "plain": plain_python, "curl": curl_and_openssl}


@pytest.mark.parametrize("name", ROADS)
def test_an_example_goes_the_whole_road(office, bureau, keys, name):
    place = list(ROADS).index(name)
    faulty = office.results(
        row(1, id_number=resident_id(700 + place), theory="101"), name=f"faulty-{name}.json"
    )
    results = office.results(row(1, id_number=resident_id(700 + place)), name=f"example-{name}.json")

    assert "theory" in ROADS[name](bureau, keys, faulty, code=1)
    said = ROADS[name](bureau, keys, results)

    submission = UUID(said.split()[-1])
    assert bureau.client().submissions.state(submission)["statistics"]["passed"] == 1


def test_the_plain_example_needs_nothing_but_cryptography_and_is_short():
    text = (EXAMPLES / "plain_python.py").read_text("utf-8")

    imported = [
        line.split()[1].split(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))
    ]
    assert set(imported) - set(sys.stdlib_module_names) == {"cryptography"}
    assert len([line for line in text.splitlines() if line.strip()]) < 80


def test_the_shell_example_needs_nothing_but_curl_and_openssl():
    text = (EXAMPLES / "whole-road.sh").read_text("utf-8")

    assert text.startswith("#!/usr/bin/env bash\n")
    assert "python" not in text
    assert "jq" not in text.split()
