"""The package stands on the standard library alone and gives the same verdicts without ``cryptography``."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import signing
from signing import errors
from signing.verdict import Reason

PACKAGE = Path(signing.__file__).parent
MODULES = sorted(PACKAGE.glob("*.py"))
ALONE = """
import importlib, json, sys
from datetime import datetime
sys.path.insert(0, {root!r})
for name in {names!r}:
    importlib.import_module("signing." + name)
from signing import ed25519
from signing.root import Root
from signing.verdict import judge, open_public_state

assert not ed25519.HAS_CRYPTOGRAPHY
vectors = json.load(open({vectors!r}, encoding="utf-8"))
keys, status = (bytes.fromhex(vectors[part]["current"]) for part in ("keys", "status"))
root = Root.from_json(json.dumps(vectors["roots"]["demo"]))
state = open_public_state(root, keys, status, environment="demo")
usual = ("demo", "current", "current", "demo")
cases = [
    case for case in vectors["cases"]
    if (case["root"], case["keys"], case["status"], case["environment"]) == usual
]
for case in cases:
    judgement = judge(bytes.fromhex(case["token"]), state, now=datetime.fromisoformat(case["now"]))
    assert judgement.reason == case["reason"], (case["name"], judgement.reason)
loaded = {{name.split(".")[0] for name in sys.modules}}
print(len(cases), sorted(loaded - set(sys.stdlib_module_names) - {{"signing", "__main__"}}))
"""
FORBIDDEN = {
    "clock": {"time"},
    "disk": {"os", "pathlib", "io", "shutil", "tempfile"},
    "network": {"socket", "urllib", "http", "ssl"},
    "chance": {"random", "secrets"},
    "our other packages": {"keys", "registry", "verify_web"},
}


def test_it_works_with_the_standard_library_alone():
    program = ALONE.format(
        root=str(PACKAGE.parent),
        names=[path.stem for path in MODULES if path.stem != "__init__"],
        vectors=str(PACKAGE.parent / "tests" / "vectors" / "tokens.json"),
    )
    alone = [sys.executable, "-I", "-S", "-c", program]

    done = subprocess.run(alone, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    count, foreign = done.stdout.split(" ", 1)
    assert int(count) > 200
    assert foreign.strip() == "[]"


@pytest.mark.parametrize("path", MODULES, ids=[path.stem for path in MODULES])
def test_no_room_asks_clock_disk_network_or_chance(path):
    imported, called = set(), set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
        if isinstance(node, ast.Call):
            called.add(ast.unparse(node.func))

    for names in FORBIDDEN.values():
        assert not imported & names
    assert not called & {"open", "datetime.now", "date.today", "datetime.today"}
    assert "cryptography" not in imported or path.stem in {"ed25519", "mldsa"}


def test_the_tree_of_errors_is_drawn_whole():
    classes = [item for item in vars(errors).values() if inspect.isclass(item)]
    refusals = [item for item in classes if issubclass(item, Exception)]

    assert len(refusals) > 10
    for refusal in refusals:
        assert refusal.__name__ in errors.__doc__
        assert issubclass(refusal, errors.SigningError)


def test_every_refusal_of_a_token_has_a_reason_of_the_verdict():
    for refusal in errors.VerificationError.__subclasses__():
        assert Reason(refusal.reason)
