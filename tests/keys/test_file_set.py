"""Several files written together: all of them or none."""

import signal

import pytest

from keys.crash_points import CrashMode, arm, disarm
from keys.file_set import PENDING, is_settled, settle, write_together
from signing.errors import Malformed
from tests.keys.small_register import ENVIRONMENT, ending_of

OLD = {"a": b"1", "tuf/b": b"2"}
NEW = {"a": b"3", "tuf/b": b"4", "tuf/c": b"5"}


@pytest.fixture
def folder(tmp_path):
    write_together(tmp_path / "set", OLD)
    return tmp_path / "set"


def content(folder):
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_all_files_are_there_and_nothing_is_pending(folder):
    write_together(folder, NEW)

    assert content(folder) == NEW
    assert is_settled(folder)


@pytest.mark.parametrize("mode", [CrashMode.KILL, CrashMode.ERROR])
@pytest.mark.parametrize(
    ("point", "hit"), [("ceremony.pending", 1), *(("ceremony.file", hit) for hit in (1, 2, 3))]
)
def test_what_is_pending_is_completed_by_whoever_comes_next(folder, point, hit, mode):
    def act():
        arm(point, mode, environment=ENVIRONMENT, on_hit=hit)
        write_together(folder, NEW)

    if mode is CrashMode.KILL:
        assert ending_of(act) == -signal.SIGKILL
    else:
        with pytest.raises(OSError, match="crash point"):
            act()
        disarm()

    assert not is_settled(folder)
    settle(folder)
    assert content(folder) == NEW
    assert is_settled(folder)


def test_nothing_changes_before_all_of_it_is_pending(folder):
    def act():
        import os

        os.rename = lambda *arguments: os._exit(137)
        write_together(folder, NEW)

    assert ending_of(act) == 137
    assert content(folder) == OLD
    assert is_settled(folder)


def test_a_damaged_set_is_refused(folder):
    (folder / PENDING).write_bytes(b"\x81\x81\x61a")

    with pytest.raises(Malformed):
        settle(folder)
    assert content(folder) == {**OLD, PENDING: b"\x81\x81\x61a"}
