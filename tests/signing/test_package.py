"""The package stands on the standard library alone and gives the same verdicts without ``cryptography``."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import signing
from signing import errors

PACKAGE = Path(signing.__file__).parent
MODULES = sorted(PACKAGE.glob("*.py"))
ALONE = """
import sys
sys.path[:0] = [{root!r}]
import importlib
for name in {names!r}:
    importlib.import_module("signing." + name)
from signing import ed25519
assert not ed25519.HAS_CRYPTOGRAPHY
import json
from datetime import datetime
from signing.root import Root
from signing.verdict import judge, open_public_state
vectors = json.load(open({vectors!r}, encoding="utf-8"))
root = Root.from_json(json.dumps(vectors["roots"]["demo"]))
keys, status = (bytes.fromhex(vectors[part]["current"]) for part in ("keys", "status"))
state = open_public_state(root, keys, status, environment="demo")
cases = [
    case for case in vectors["cases"] if (case["root"], case["keys"], case["status"], case["environment"])
    == ("demo", "current", "current", "demo")
]
for case in cases:
    judgement = judge(bytes.fromhex(case["token"]), state, now=datetime.fromisoformat(case["now"]))
    assert judgement.reason == case["reason"], (case["name"], judgement.reason)
foreign = {{name.split(".")[0] for name in sys.modules}} - set(sys.stdlib_module_names) - {{"signing",
"__main__"}} print(len(cases), sorted(foreign))
"""


def test_it_works_with_the_standard_library_alone():
    program = ALONE.format(
        root=str(PACKAGE.parent),
        names=[path.stem for path in MODULES if path.stem != "__init__"],
        vectors=str(PACKAGE.parent / "tests" / "vectors" / "tokens.json"),
    )

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    count, foreign = done.stdout.split(" ", 1)
    assert int(count) > 200
    assert foreign.strip() == "[]"


@pytest.mark.parametrize("path", MODULES, ids=[path.stem for path in MODULES])
def test_no_room_asks_clock_disk_network_or_chance(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {(node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} | {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name)
    }

    assert not imported & {
        "os",
        "time",
        "random",
        "secrets",
        "socket",
        "urllib",
        "http",
        "pathlib",
        "logging",
        "io",
    }
    assert not imported & {"keys", "registry", "verify_web"}
    assert not called & {"today", "utcnow", "now_utc"}
    assert "open" not in {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    if path.stem != "ed25519":
        assert "cryptography" not in imported


def test_the_tree_of_errors_is_drawn_whole():
    drawn = errors.__doc__ or ""
    classes = [
        item for item in vars(errors).values() if isinstance(item, type) and issubclass(item, Exception)
    ]

    assert len(classes) > 10
    for error in classes:
        assert error.__name__ in drawn
        assert issubclass(error, errors.SigningError)


def test_every_refusal_of_a_token_has_a_reason_of_the_verdict():
    from signing.verdict import Reason

    for refusal in errors.VerificationError.__subclasses__():
        assert Reason(refusal.reason)
