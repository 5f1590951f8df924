"""The house itself: what is installed is what is written, and nothing more."""

import os
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKS = {"requirements.lock": [], "requirements-dev.lock": ["dev"]}


def locked(name: str) -> dict[str, list[tuple[Requirement, str]]]:
    """Return each locked package and its hashes (several pins, if they differ by Python version)."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    found: dict[str, list[tuple[Requirement, str]]] = {}
    for line in text.splitlines():
        requirement, _, hashes = line.partition(" --hash=")
        parsed = Requirement(requirement.strip())
        found.setdefault(canonicalize_name(parsed.name), []).append((parsed, hashes))
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_dependency_is_locked_within_its_range(lock):
    wanted = [*PROJECT["dependencies"], "setuptools>=80"]
    for extra in LOCKS[lock]:
        wanted += PROJECT["optional-dependencies"][extra]
    pins = locked(lock)

    for requirement in map(Requirement, wanted):
        for pin, _ in pins[canonicalize_name(requirement.name)]:
            (version,) = pin.specifier
            assert version.operator == "=="
            assert requirement.specifier.contains(version.version), requirement


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_its_hashes(lock):
    for name, pins in locked(lock).items():
        for _, hashes in pins:
            assert re.match(r"sha256:[0-9a-f]{64}\b", hashes), name


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_place_to_download_from(lock):
    assert not re.search(r"://|--index|--find-links", (ROOT / lock).read_text(encoding="utf-8"))


def test_both_locks_agree():
    runtime, development = locked("requirements.lock"), locked("requirements-dev.lock")

    assert {name: development[name] for name in runtime} == runtime


def test_integration_runs_what_a_person_runs():
    assert "make test\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert all(os.access(script, os.X_OK) for script in (ROOT / ".ci").iterdir())
