"""``certverify`` gives the verdicts of ``tests/vectors/tokens.json``, from files to exit code."""

import json
from pathlib import Path
from typing import Any

import pytest

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "tokens.json").read_bytes())
EXIT_CODES = {"valid": 0, "cannot_tell": 2}


def own_environment(case: dict[str, Any]) -> bool:
    """The command's environment is its root's, so a root of another environment can not be asked of it."""
    return bool(VECTORS["roots"][case["root"]]["environment"] == case["environment"])


def one_of_each() -> list[dict[str, Any]]:
    """Return one case for each reason and set of files; every case is tested where the verdict is decided."""
    kinds = {}
    for case in VECTORS["cases"]:
        if own_environment(case) and case["token"]:
            kinds.setdefault(
                (case["reason"], case["root"], case["keys"], case["status"], case["stale"]), case
            )
    return list(kinds.values())


@pytest.fixture
def desk(tmp_path):
    """Lay out the files of a case as a verifier has them; return the command's arguments."""

    def lay_out(case: dict[str, Any]) -> list[str]:
        files = {
            "trust/keys.cbor": case["keys"] and VECTORS["keys"][case["keys"]],
            "trust/names.cbor": VECTORS["names"]["current"],
            "status/status.cbor": case["status"] and VECTORS["status"][case["status"]],
            "token.cbor": case["token"],
        }
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            if content is not None:
                path.write_bytes(bytes.fromhex(content))
        (tmp_path / "root.json").write_text(json.dumps(VECTORS["roots"][case["root"]]))
        paths = [
            str(tmp_path / "token.cbor"),
            "--public",
            str(tmp_path),
            "--root",
            str(tmp_path / "root.json"),
        ]
        return [*paths, "--now", case["now"], "--json"]

    return lay_out


@pytest.mark.parametrize("case", one_of_each(), ids=lambda case: case["name"])
def test_the_command_gives_the_shared_verdict(certverify, desk, case):
    ended = certverify(*desk(case))

    answer = json.loads(ended.out)
    assert (answer["verdict"], answer["reason"]) == (case["verdict"], case["reason"])
    assert ended.code == EXIT_CODES.get(case["verdict"], 1)


@pytest.mark.parametrize("base", VECTORS["base_tokens"], ids=lambda base: base["name"])
def test_the_command_shows_what_a_shared_token_says(certverify, desk, base):
    case = {"token": base["token"], "root": "demo", "keys": "current", "status": "current"}
    statement = base["statement"]

    ended = certverify(*desk(case | {"now": "2026-11-20T04:00:00Z"}))

    certificate = json.loads(ended.out)["certificate"]
    assert certificate["occupation"]["code"] == statement["occupation"]
    for name in ("entry", "number", "holder_name", "issued_on"):
        assert certificate[name] == statement[name]
