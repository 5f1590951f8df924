from pathlib import Path

import pytest

from tests.keys.distribution.repository import Repository


@pytest.fixture(scope="session")
def founded() -> Repository:
    """A register's distribution, shared and left as it is."""
    return Repository()


@pytest.fixture
def repository() -> Repository:
    """One to be changed."""
    return Repository()


@pytest.fixture
def public(tmp_path: Path) -> Path:
    return tmp_path / "public"
