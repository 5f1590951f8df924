"""The files of an SQLite register taken away, exchanged or copied: what is refused, and what only others can know."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from registry.database.engine import open_engine
from registry.database.errors import StorageDamaged
from registry.database.sessions import Sessions
from registry.database.side_files import SUFFIXES
from registry.database.soundness import require_sound
from tests.rigs import counting_workload as counting

NAME = "register.sqlite3"
PAGE_BYTES = 4096


@pytest.fixture
def folder(tmp_path) -> Path:
    made = tmp_path / "register"
    made.mkdir()
    counting.prepare(made)
    return made


@pytest.fixture
def sessions(folder):
    engine = open_engine(f"sqlite:///{folder}/{NAME}")
    opened = Sessions(engine)
    for _ in range(20):
        opened.run(counting.count)
    yield opened
    engine.dispose()


def rows_in(folder: Path) -> int:
    """Return how many rows the register has, after a look whether they are in order."""
    return len(counting.survivors(folder))


# While a program uses them


@pytest.mark.parametrize("suffix", ["-wal", "-shm"])
def test_a_writer_stops_when_a_file_is_taken_away(sessions, folder, suffix):
    (folder / f"{NAME}{suffix}").unlink()

    with pytest.raises(StorageDamaged, match=rf"{NAME}{suffix} was taken away"):
        sessions.run(counting.count)

    assert sessions.read(counting.found)[0] == 20
    # The last connection puts what the log holds into the register, whether the log has a name or not.
    sessions.close()
    assert rows_in(folder) == 20


def test_a_writer_stops_when_the_register_is_exchanged_for_a_copy(sessions, folder):
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    copy(NAME, folder, elsewhere)
    os.replace(elsewhere / NAME, folder / NAME)

    with pytest.raises(StorageDamaged, match="exchanged while it was in use"):
        sessions.run(counting.count)


def test_two_programs_that_lost_sight_of_each_other_give_no_number_twice(sessions, folder):
    (folder / f"{NAME}-shm").unlink()
    # In a process of its own, because connections of one process share what they know of the index.
    with other_program(folder) as other:
        given = int(other.stdout.readline())

        with pytest.raises(StorageDamaged):
            sessions.run(counting.count)

    assert given == 21


def test_what_was_begun_before_is_not_committed_after(sessions, folder):
    def count_and_lose(session) -> None:
        counting.count(session)
        (folder / f"{NAME}-shm").unlink()

    with pytest.raises(StorageDamaged):
        sessions.run(count_and_lose)

    assert sessions.read(counting.found)[0] == 20


def test_the_files_of_a_program_that_came_back_are_the_new_ones(sessions):
    sessions.close()

    assert sessions.run(counting.count) == 21


# While nobody uses them

# More acts than fit into a log, so that a part of them is in the file and the rest in the log.
MANY = 400


def copy(name: str, source: Path, target: Path) -> None:
    """Copy a file as another program does; to open it here would take away the locks of our own connections."""
    subprocess.run(["cp", str(source / name), str(target / name)], check=True)


def count_to(sessions: Sessions, number: int) -> None:
    while sessions.run(counting.count) < number:
        pass


@pytest.fixture
def killed(sessions, folder, tmp_path) -> Path:
    """What a program leaves that is killed between two acts."""
    count_to(sessions, MANY)
    left = tmp_path / "left"
    left.mkdir()
    for suffix in SUFFIXES:
        copy(f"{NAME}{suffix}", folder, left)
    return left


def other_program(folder: Path):
    """Run a program that counts, until it is killed at the end of the block."""
    return Killed([sys.executable, "-m", "tests.rigs.counting_workload", str(folder)], stdout=subprocess.PIPE)


class Killed(subprocess.Popen):
    def __exit__(self, *exception) -> None:
        self.kill()
        super().__exit__(*exception)


def delete_log(folder: Path) -> None:
    (folder / f"{NAME}-wal").unlink()


def cut_log(folder: Path) -> None:
    # A log is used from its beginning again, and is as long as it once was: only its first few pages surely count.
    os.truncate(folder / f"{NAME}-wal", 10_000)


def flip_a_bit_of_the_log(folder: Path) -> None:
    flip(folder / f"{NAME}-wal", 4096)


def flip(file: Path, place: int) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize("harm", [delete_log, cut_log, flip_a_bit_of_the_log])
def test_a_harmed_log_gives_an_older_register_whose_counter_says_how_old(killed, harm):
    harm(killed)

    found = rows_in(killed)

    # Sound, and dense, and silent about what is missing: only who knows a higher number elsewhere can tell.
    assert 0 < found < MANY
    engine = open_engine(f"sqlite:///{killed}/{NAME}")
    require_sound(engine)
    assert Sessions(engine).read(counting.found)[0] == found
    engine.dispose()


@pytest.mark.parametrize("harm", [Path.unlink, lambda index: index.write_bytes(os.urandom(32_768))])
def test_the_index_is_made_anew_from_the_log(killed, harm):
    harm(killed / f"{NAME}-shm")

    assert rows_in(killed) >= MANY


def test_the_log_of_another_register_never_passes_for_the_newest_state(killed, folder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    counting.prepare(other)
    engine = open_engine(f"sqlite:///{other}/{NAME}")
    count_to(Sessions(engine), MANY // 4)
    copy(f"{NAME}-wal", other, killed)
    engine.dispose()

    # SQLite does not see that it is another's. If the pages do not fit each other, it is found; if they fit, an older
    # register has taken the place of this one.
    try:
        found = rows_in(killed)
    except (DatabaseError, ValueError):
        found = 0
    assert found < MANY


def test_file_and_log_of_two_moments_contradict_each_other(sessions, folder, tmp_path):
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    count_to(sessions, MANY)
    copy(NAME, folder, mixed)
    count_to(sessions, 3 * MANY)
    copy(f"{NAME}-wal", folder, mixed)

    # Often the pages do not fit each other. If they do, by chance, then the counter does not fit the rows.
    with pytest.raises((DatabaseError, ValueError)):
        rows_in(mixed)


def test_pages_that_contradict_each_other_are_not_sound(killed):
    delete_log(killed)
    file = killed / NAME
    engine = open_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        root = connection.execute(
            text("SELECT rootpage FROM sqlite_schema WHERE name = 'epoch'")
        ).scalar_one()
    engine.dispose()
    # The number of cells on the first page of the table.
    flip(file, PAGE_BYTES * (root - 1) + 4)

    with pytest.raises(StorageDamaged, match="certreg check"):
        require_sound(engine)
    engine.dispose()


def test_a_register_in_order_is_sound(engine):
    require_sound(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM entry_counter")).scalar_one() == 0
