"""Who raises issuers tells of each that ended by itself: a run of broken issuers must not look like a quiet one."""

import json
import subprocess
import sys
from itertools import islice
from pathlib import Path

from tests.stress.nursery import READY

ROOT = Path(__file__).parents[2]
SECONDS, COMPLAINTS = 120, 10


def test_issuers_that_end_by_themselves_are_counted(tmp_path):
    # Nothing is in the folder that they could open.
    command = [sys.executable, "-m", "tests.stress.nursery", tmp_path, "--issuers=2", "--kill-seconds=0.05"]
    with subprocess.Popen(
        [*command, "--seed=1"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as nursery:
        ready = nursery.stdout.readline()
        complaints = (line for line in nursery.stderr if b"FileNotFoundError" in line)
        heard = len(list(islice(complaints, COMPLAINTS)))
        said, _ = nursery.communicate(timeout=SECONDS)
    toll = json.loads(said)

    assert ready.decode().strip() == READY
    assert heard == COMPLAINTS
    assert toll["broken"] > 0
    assert toll["born"] == toll["broken"] + toll["kills"]
    assert toll["strays"] == 0
