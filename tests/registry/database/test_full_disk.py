"""A disk that is full, or turns read-only, under a register at work: refused by name, read on, nothing to repair."""

import itertools
import tempfile
from pathlib import Path

import pytest
from sqlalchemy import text

from registry.database import migrate
from registry.database.engine import open_engine
from registry.database.errors import CommitUnknown, NotReached, StorageDamaged, StorageFailed, StorageFull
from registry.database.sessions import Sessions
from tests.rigs import counting_workload as counting
from tests.rigs.mounts import why_not
from tests.rigs.postgres_server import PostgresServer
from tests.rigs.small_volume import failing_volume, small_volume

RAISE = "DO $$ BEGIN RAISE EXCEPTION 'on purpose' USING ERRCODE = '{}'; END $$"


@pytest.fixture
def mounting():
    """The machine, if it lets us mount a volume; the test can not be run elsewhere, and says so."""
    reason = why_not()
    if reason:
        pytest.skip(reason)


@pytest.fixture
def volume(mounting, tmp_path):
    with small_volume(tmp_path / "volume", kilobytes=2000) as small:
        counting.prepare(small.folder)
        yield small


@pytest.fixture
def sessions(volume):
    yield from opened(volume.folder)


@pytest.fixture
def no_pause():
    """Fails the test if the store waits for another run."""

    def sleep(_: float) -> None:
        raise AssertionError("a disk does not mend in a moment")

    return sleep


def opened(folder: Path):
    engine = open_engine(f"sqlite:///{folder}/register.sqlite3")
    yield Sessions(engine)
    engine.dispose()


def stored(sessions) -> list[int]:
    last, rows = sessions.read(counting.found)
    assert rows == list(range(1, last + 1))
    return rows


def add_a_megabyte(session) -> None:
    rows = "SELECT decode(repeat('ab', 1000), 'hex') FROM generate_series(1, 1000)"
    session.execute(text(f"INSERT INTO kept {rows}"))


def rows_kept(session) -> int:
    return session.execute(text("SELECT count(*) FROM kept")).scalar_one()


# Full


def test_a_full_disk_refuses_writing_and_reading_goes_on(sessions, volume):
    before = [sessions.run(counting.count) for _ in range(3)]
    volume.fill()

    for _ in range(5):
        with pytest.raises(StorageFull, match="make room"):
            sessions.run(counting.count)

    assert stored(sessions) == before


def test_once_there_is_room_nothing_has_to_be_repaired(sessions, volume):
    sessions.run(counting.count)
    volume.fill()
    with pytest.raises(StorageFull):
        sessions.run(counting.count)

    volume.free()

    assert [sessions.run(counting.count) for _ in range(3)] == [2, 3, 4]
    assert len(counting.survivors(volume.folder)) == 4


def test_a_program_that_starts_on_a_full_disk_is_refused_until_there_is_room(sessions, volume):
    volume.fill()
    # There is no room even for the index of the log, so nothing can be read either.
    for use in (sessions.read, sessions.run):
        with pytest.raises(StorageFailed, match="is it full"):
            use(counting.found)

    volume.free()

    assert sessions.run(counting.count) == 1


def test_a_register_that_fills_its_own_disk_keeps_all_that_it_acknowledged(sessions, volume):
    acknowledged = []

    with pytest.raises(StorageFull):
        acknowledged.extend(sessions.run(counting.count) for _ in itertools.count())
    sessions.close()

    assert acknowledged == stored(sessions)
    assert len(counting.survivors(volume.folder)) == len(acknowledged) > 50


def test_an_idempotent_act_is_not_tried_again_either(volume, no_pause):
    engine = open_engine(f"sqlite:///{volume.folder}/register.sqlite3")
    sessions = Sessions(engine, sleep=no_pause)
    sessions.run(counting.count)
    volume.fill()

    with pytest.raises(StorageFull):
        sessions.run(counting.count, idempotent=True)
    engine.dispose()


def test_a_full_disk_under_postgresql_refuses_and_nothing_has_to_be_repaired(mounting):
    with (
        tempfile.TemporaryDirectory(prefix="certreg-full-") as place,
        small_volume(Path(place) / "volume", kilobytes=150_000) as volume,
        PostgresServer.started(volume.folder, settings={"max_wal_size": "64MB"}) as server,
    ):
        url = server.create_database("register")
        engine = open_engine(url)
        sessions = Sessions(engine)
        sessions.run(lambda session: session.execute(text("CREATE TABLE kept (filler bytea)")))
        volume.fill()
        acknowledged = []
        with pytest.raises(StorageFull):
            acknowledged.extend(sessions.run(add_a_megabyte) for _ in range(100))
        assert sessions.read(rows_kept) == len(acknowledged) * 1000

        volume.free()
        sessions.run(add_a_megabyte)
        assert sessions.read(rows_kept) == len(acknowledged) * 1000 + 1000
        engine.dispose()


# Read-only


def test_a_disk_that_turns_read_only_is_refused_and_the_program_lives(mounting, tmp_path):
    with failing_volume(tmp_path) as volume:
        counting.prepare(volume.folder)
        for sessions in opened(volume.folder):
            before = [sessions.run(counting.count) for _ in range(3)]
            volume.fail()

            # While it commits, the disk does not say how far it came.
            with pytest.raises(CommitUnknown):
                sessions.run(counting.count)
            with pytest.raises(StorageFailed):
                sessions.run(counting.count, idempotent=True)
            assert stored(sessions) == before

            sessions.close()
            with pytest.raises(StorageFailed, match="readonly"):
                sessions.run(counting.count)
            assert stored(sessions) == before

    with failing_volume(tmp_path) as volume:
        for sessions in opened(volume.folder):
            assert sessions.run(counting.count) == 4
        assert len(counting.survivors(volume.folder)) == 4


def test_a_register_on_a_read_only_disk_does_not_start(mounting, tmp_path):
    with failing_volume(tmp_path) as volume:
        counting.prepare(volume.folder)
        volume.fail()
        engine = open_engine(f"sqlite:///{volume.folder}/register.sqlite3")

        with pytest.raises(NotReached, match="unable to open"):
            migrate.require_current(engine)
        with pytest.raises(StorageFailed, match="unable to open"):
            Sessions(engine).read(counting.found)
        engine.dispose()


# Without a volume of our own


def test_a_register_that_may_not_grow_is_full(sqlite_register, no_pause):
    engine = sqlite_register()
    sessions = Sessions(engine, sleep=no_pause)

    def grow(session) -> None:
        session.execute(text("PRAGMA max_page_count = 1"))
        for serial in range(100):
            session.execute(text(f"CREATE TABLE more_{serial} (id INTEGER)"))

    with pytest.raises(StorageFull):
        sessions.run(grow)
    engine.dispose()


def test_a_query_that_tries_to_write_is_not_blamed_on_the_disk(sqlite_register):
    engine = sqlite_register()

    with pytest.raises(Exception, match="readonly") as refused:
        Sessions(engine).read(counting.count)

    assert not isinstance(refused.value, StorageFailed)
    engine.dispose()


@pytest.mark.parametrize(
    ("sqlstate", "refusal"),
    [("53100", StorageFull), ("58030", StorageFailed), ("XX001", StorageDamaged), ("XX002", StorageDamaged)],
)
def test_what_postgresql_says_of_its_disk_is_named_and_not_tried_again(
    postgresql_register, no_pause, sqlstate, refusal
):
    engine = postgresql_register()
    sessions = Sessions(engine, sleep=no_pause)

    with pytest.raises(refusal):
        sessions.run(lambda session: session.execute(text(RAISE.format(sqlstate))))
    engine.dispose()


def test_pages_that_contradict_each_other_are_named(sqlite_register):
    engine = sqlite_register()
    file = Path(engine.url.database)
    with file.open("r+b") as damaged:
        damaged.seek(4096)
        damaged.write(bytes(file.stat().st_size - 4096))

    with pytest.raises(StorageDamaged, match="keep a copy"):
        Sessions(engine).read(lambda session: session.execute(text("SELECT * FROM entry_counter")))
    engine.dispose()
