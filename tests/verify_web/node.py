"""The page's verifier, run by Node beside the tests."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

RUNNER = Path(__file__).with_name("node_runner.mjs")


def run_in_node(room: str, inputs: list[Any], *, webcrypto: bool = True) -> list[Any]:
    """Return the answers of one room of ``node_runner.mjs``, one for each input.

    ``webcrypto=False`` takes WebCrypto away, as a browser does on a page opened over plain HTTP.
    """
    node = shutil.which("node")
    if node is None:
        raise RuntimeError("these tests run the page's verifier in Node: install nodejs 20 or newer")
    options = [] if webcrypto else ["--without-webcrypto"]
    done = subprocess.run(
        [node, "--no-warnings", RUNNER, room, *options],
        input=json.dumps(inputs),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if done.returncode:
        raise RuntimeError(f"node {room} failed:\n{done.stderr}")
    return list(json.loads(done.stdout))
