"""A log in memory, and a witness that trusts it."""

from pathlib import Path

import pytest

from keys.crash_points import disarm
from keys.note_keys import NoteKeys, NoteSigner
from keys.sealing import Identity
from keys.witness.witness import Witness
from tests.keys.witness.small_log import NAME, ORIGIN, SmallLog


@pytest.fixture(autouse=True)
def unarmed():
    yield
    disarm()


@pytest.fixture
def log(tmp_path: Path, seal: Identity) -> SmallLog:
    return SmallLog(NoteKeys.create(tmp_path / "log" / "log.age", NoteSigner.LOG, ORIGIN, seal))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "witness"


@pytest.fixture
def witness(folder: Path, seal: Identity, log: SmallLog) -> Witness:
    made = Witness.create(folder, NAME, seal)
    made.state.trust(log.keys.keys)
    return made
