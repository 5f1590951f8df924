"""A restored register is the one that was backed up, or there is none."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import make_url, select, text

from keys.crash_points import CrashMode, arm, disarm
from registry.backup.errors import (
    BackupDamaged,
    BackupInUse,
    NotAsBackedUp,
    NotThisRegister,
    OtherShape,
    RestoreFaulty,
    TargetTaken,
)
from registry.backup.loading import chain_end
from registry.backup.manifest import Manifest
from registry.backup.target import building_site, require_unused
from registry.certificate.tables import Certificate
from registry.database.migrate import tables_in, upgrade
from registry.database.sessions import Sessions
from registry.foundation.errors import OtherEnvironment
from registry.journal.sequencer import chain_events
from registry.journal.tables import Event, JournalHead
from tests.instants import NOON
from tests.registry.backup.drill import DATA_KEY, NEXT_DAY, tokens
from tests.registry.world import ENVIRONMENT

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(autouse=True)
def no_point_stays_armed():
    yield
    disarm()


def there_is_nothing(url):
    """Say whether a restore may begin at the address as if there had been none."""
    if url.startswith("sqlite"):
        return not Path(make_url(url).database).exists()
    with building_site(url):
        return True


@pytest.mark.parametrize("to", DATABASES)
def test_a_register_comes_back_whole_on_either_database(drill, to):
    numbers = drill.world.issued(*drill.world.rows(5))
    drill.world.submitted()
    backup = drill.back_up()

    world, restored = drill.restore(drill.outside(drill.status()), url=drill.empty_place(to))

    assert restored.name == backup.name
    assert restored.raised.lost == {}
    assert tokens(world) == tokens(drill.world)
    assert world.statuses() == ["released"] * 5
    assert world.sessions.read(chain_end) == (backup.manifest.place, bytes.fromhex(backup.manifest.hash))
    assert set(world.all(select(Certificate.number))) == set(numbers)


def test_work_goes_on_after_a_restore(drill):
    approved = drill.world.reviewed(*drill.world.rows(4))
    drill.back_up()

    world, _ = drill.restore(drill.outside(drill.status()))
    world.number(approved, now=NEXT_DAY)
    world.sign(now=NEXT_DAY)
    world.release(now=NEXT_DAY)
    chained = chain_events(world.sessions)

    assert world.statuses() == ["released"] * 4
    assert chained > 0
    world.sessions.read(chain_end)


def test_the_events_after_a_restore_follow_those_before(drill):
    drill.world.issued()
    drill.back_up()
    before = max(drill.world.all(select(Event.id)))

    world, _ = drill.restore(drill.outside(drill.status()))

    assert min(event.id for event in world.all(select(Event).where(Event.act == "restore"))) == before + 1


def test_nothing_is_overwritten(drill):
    drill.back_up()
    url = drill.empty_place(drill.database)
    drill.restore(drill.outside(drill.status()), url=url)

    with pytest.raises(TargetTaken):
        drill.restore(drill.outside(drill.status()), url=url)


def test_a_database_with_somebody_elses_tables_is_taken(file_drill, empty_place):
    file_drill.back_up()
    url = empty_place("postgresql")
    world = file_drill.world_at(url)
    world.tamper(text("CREATE TABLE somebody (id integer)"))

    with pytest.raises(TargetTaken):
        file_drill.restore(file_drill.outside(file_drill.status()), url=url)


@pytest.mark.parametrize("side", ["-wal", "-shm", "-journal"])
def test_the_side_file_of_a_lost_database_is_not_played_into_the_new_one(file_drill, empty_place, side):
    file_drill.back_up()
    url = empty_place("sqlite")
    place = Path(make_url(url).database)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.with_name(place.name + side).write_bytes(b"of the lost one")

    with pytest.raises(TargetTaken):
        file_drill.restore(file_drill.outside(file_drill.status()), url=url)

    assert not place.exists()


def test_an_empty_shape_is_nothing(file_drill):
    file_drill.world.issued()
    file_drill.back_up()
    url = file_drill.empty_place("postgresql")
    upgrade(url)

    world, _ = file_drill.restore(file_drill.outside(file_drill.status()), url=url)

    assert world.statuses() == ["released"] * 3


def test_two_do_not_restore_to_one_place(file_drill, empty_place):
    file_drill.back_up()
    url = empty_place("sqlite")

    with building_site(url), pytest.raises(BackupInUse):
        file_drill.restore(file_drill.outside(file_drill.status()), url=url)


def test_of_two_restores_to_one_postgresql_database_the_second_is_refused(file_drill, empty_place):
    file_drill.world.issued()
    file_drill.back_up()
    url, outside = empty_place("postgresql"), file_drill.outside(file_drill.status())

    def second(_session):
        with pytest.raises(BackupInUse):
            file_drill.restore(outside, url=url)
        return []

    file_drill.restore(outside, url=url, check=second)


def test_a_restore_that_was_overtaken_finds_the_place_taken(file_drill, empty_place):
    file_drill.world.issued()
    file_drill.back_up()
    url, outside = empty_place("postgresql"), file_drill.outside(file_drill.status())

    with building_site(url) as engine:
        file_drill.restore(outside, url=url)
        with pytest.raises(TargetTaken):
            Sessions(engine).run(require_unused)


@pytest.mark.parametrize("point", ["restore.loaded", "restore.before_swap"])
def test_an_error_on_the_way_leaves_nothing_and_the_restore_can_be_run_again(drill, point):
    drill.world.issued()
    drill.back_up()
    url = drill.empty_place(drill.database)
    arm(point, CrashMode.ERROR, environment=ENVIRONMENT)

    with pytest.raises(OSError, match=point):
        drill.restore(drill.outside(drill.status()), url=url)

    assert there_is_nothing(url)
    world, _ = drill.restore(drill.outside(drill.status()), url=url)
    assert world.statuses() == ["released"] * 3


def test_faults_that_the_check_finds_are_told_and_nothing_is_restored(drill):
    drill.back_up()
    url = drill.empty_place(drill.database)

    with pytest.raises(RestoreFaulty, match="entry 7"):
        drill.restore(drill.outside(drill.status()), url=url, check=lambda session: ["entry 7: no signature"])

    assert there_is_nothing(url)


def test_a_missing_chunk_stops_the_restore(drill):
    drill.world.issued()
    drill.back_up()
    url = drill.empty_place(drill.database)
    next((drill.path / "backups" / "chunks").glob("*/*.age")).unlink()

    with pytest.raises(BackupDamaged, match="missing"):
        drill.restore(drill.outside(drill.status()), url=url)

    assert there_is_nothing(url)


def test_a_register_of_another_environment_is_refused(file_drill):
    file_drill.back_up()

    with pytest.raises(OtherEnvironment):
        file_drill.restore(file_drill.outside(file_drill.status()), environment="production")


def test_a_backup_of_another_schema_is_refused(file_drill):
    manifest = file_drill.back_up().manifest
    name = file_drill.folder.write(replace(manifest, revision="0001"))

    with pytest.raises(OtherShape):
        file_drill.restore(file_drill.outside(file_drill.status()), name=name)


def test_a_backup_with_other_columns_is_refused(file_drill):
    manifest = file_drill.back_up().manifest
    first, *others = manifest.tables
    changed = (replace(first, columns=(*first.columns, "more")), *others)
    name = file_drill.folder.write(replace(manifest, tables=changed))

    with pytest.raises(OtherShape):
        file_drill.restore(file_drill.outside(file_drill.status()), name=name)


def test_a_manifest_that_somebody_changed_is_refused(file_drill):
    backup = file_drill.back_up()
    data = backup.manifest.to_bytes(file_drill.seal)
    content = json.loads(data[:-32]) | {"entry": 1}

    with pytest.raises(NotThisRegister):
        Manifest.from_bytes(json.dumps(content).encode() + data[-32:], file_drill.seal, name=backup.name)


def test_a_chunk_in_the_place_of_another_is_refused(file_drill):
    file_drill.world.issued()
    manifest = file_drill.back_up().manifest
    by_name = {table.name: table for table in manifest.tables}
    swapped = replace(by_name["certificate"], chunks=by_name["entry"].chunks)
    tables = tuple(swapped if table.name == "certificate" else table for table in manifest.tables)
    name = file_drill.folder.write(replace(manifest, tables=tables))

    with pytest.raises(BackupDamaged):
        file_drill.restore(file_drill.outside(file_drill.status()), name=name)


def test_a_backup_of_a_broken_chain_is_not_restored(drill):
    drill.world.issued()
    chain_events(drill.world.sessions)
    drill.world.tamper(Event.__table__.update().where(Event.place == 3).values(act="nothing"))
    drill.back_up()

    with pytest.raises(NotAsBackedUp, match="place 3"):
        drill.restore(drill.outside(drill.status()))


def test_a_head_that_is_not_the_chains_end_is_not_restored(file_drill):
    file_drill.world.issued()
    chain_events(file_drill.world.sessions)
    file_drill.world.tamper(JournalHead.__table__.update().values(hash=bytes(32)))
    file_drill.back_up()

    with pytest.raises(NotAsBackedUp, match="chain"):
        file_drill.restore(file_drill.outside(file_drill.status()))


def test_the_restored_file_is_complete_in_itself(file_drill, empty_place):
    file_drill.world.issued()
    file_drill.back_up()
    url = empty_place("sqlite")
    file_drill.restore(file_drill.outside(file_drill.status()), url=url)[0].sessions.close()
    place = Path(make_url(url).database)

    assert place.stat().st_mode & 0o077 == 0
    assert [path.name for path in place.parent.iterdir()] == [place.name]
    with closing(sqlite3.connect(place)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_the_restore_is_on_the_record(file_drill):
    file_drill.world.issued()
    backup = file_drill.back_up()

    world, _ = file_drill.restore(file_drill.outside(file_drill.status()))

    (event,) = world.all(select(Event).where(Event.act == "restore"))
    assert event.subject == "register"
    assert event.details["backup"] == backup.name
    assert event.details["made_at"] == NOON.isoformat()
    assert event.at == NEXT_DAY
    assert DATA_KEY.hex() not in json.dumps(event.details)


def test_nothing_is_there_before(drill, empty_place):
    assert tables_in(empty_place("postgresql")) == []
