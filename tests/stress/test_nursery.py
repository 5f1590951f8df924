"""Who raises issuers tells of each that ended by itself: a run of broken issuers must not look like a quiet one."""

import json
import subprocess
import sys

from tests.stress.nursery import READY

SECONDS = 120


def test_issuers_that_end_by_themselves_are_counted(tmp_path):
    # Nothing is in the folder that they could open.
    command = [sys.executable, "-m", "tests.stress.nursery", str(tmp_path)]
    options = ["--issuers", "2", "--kill-seconds", "0.05", "--seed", "1"]
    with subprocess.Popen(
        [*command, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as nursery:
        ready = nursery.stdout.readline()
        said, errors = nursery.communicate(timeout=SECONDS)
    toll = json.loads(said)

    assert ready.strip() == READY
    assert toll["broken"] > 0
    assert toll["born"] == toll["broken"] + toll["kills"]
    assert toll["strays"] == 0
    assert "FileNotFoundError" in errors
