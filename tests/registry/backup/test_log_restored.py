"""A restore of an old backup hides no act: the public log is known again, and what it tells counts."""

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from registry.backup.errors import StatedTooLow
from registry.backup.stating import state_highest
from registry.certificate import lifecycle
from registry.certificate.lifecycle import Reason
from registry.certificate.tables import Certificate, Entry, Series
from registry.directory.profiles import load_profiles
from registry.journal.tables import Event, LostLeaf
from registry.log.catching_up import catch_up
from registry.log.files import LogFiles
from registry.log.lost_leaves import KnownLog
from registry.log.rebuilding import build
from signing.log.leaf import LeafKind
from signing.log.tile import bundles_of, tiles_of
from signing.statement import Level
from tests.instants import NOON
from tests.registry.backup.drill import Drill, given, serials_are_dense, stated
from tests.registry.log.logged_world import LoggedWorld
from tests.registry.log.outsider import Outsider, goes_on_from
from tests.registry.world import BODY, ENVIRONMENT

DAY = timedelta(days=1)
IN_THREE_DAYS = NOON + 3 * DAY


@pytest.fixture
def logged(drill: Drill, tmp_path) -> LoggedWorld:
    """The drill's world, with a public log."""
    return LoggedWorld.begun(drill.world, tmp_path)


def act(world, action, number, reason=Reason.EXAM_FRAUD, *, now=NOON):
    world.sessions.run(lambda session: action(session, world.registrar, number, reason, now=now))


def known(logged):
    return KnownLog(logged.policy, logged.memory.last(logged.policy.keys), [logged.files])


def released(logged, *rows, **changes):
    """Go the whole road, the log's part too; return the numbers."""
    world = logged.world
    submission = world.numbered(*rows, **changes)
    world.sign()
    logged.grow()
    world.release()
    return world.numbers(submission)


def first_day(logged, drill):
    numbers = released(logged, *logged.world.rows(6))
    act(logged.world, lifecycle.suspend, numbers[5])
    logged.grow()
    drill.back_up()
    return numbers


def three_days(logged, numbers):
    """Let everything happen that a log tells of."""
    world = logged.world
    act(world, lifecycle.suspend, numbers[0], now=NOON + DAY)
    act(world, lifecycle.revoke, numbers[1], now=NOON + DAY)
    act(world, lifecycle.reinstate, numbers[5], Reason.INVESTIGATION_CLOSED, now=NOON + DAY)
    logged.grow()
    person = {**world.row(1), "corrects": numbers[2], "reason": "姓名有误"}
    later = released(logged, person, *[world.row(row) for row in (2, 3, 4)])
    world.open_series(BODY, Level.SENIOR, year=2027)
    act(world, lifecycle.revoke, later[1], now=NOON + 2 * DAY)
    act(world, lifecycle.suspend, later[2], now=NOON + 2 * DAY)
    world.numbered(*world.rows(2))
    entry = world.entries()[-1].entry
    world.sessions.run(
        lambda session: lifecycle.void(session, world.registrar, entry, Reason.ISSUED_IN_ERROR, now=NOON)
    )
    world.sign()
    logged.grow()


def restored(drill, logged, status, **outside):
    """Restore the first backup, and work on with what was restored."""
    told = {"log": known(logged), **outside}
    logged.world, done = drill.restore(
        drill.outside(status, **told), name=drill.folder.names()[0], now=IN_THREE_DAYS
    )
    return done


def goes_on(logged, heads):
    """Let the restored register work on; hold its log against every head that was seen."""
    logged.clock.at = IN_THREE_DAYS
    logged.grow()
    logged.signed(2)
    logged.grow()
    logged.world.release(now=IN_THREE_DAYS)
    assert goes_on_from(logged.public_leaves(), heads, logged.policy)
    read = Outsider.reading(logged.told())
    assert read.is_dense
    assert serials_are_dense(logged.world)
    assert logged.world.statuses()[-2:] == ["released", "released"]
    return read


def test_after_three_days_of_acts_an_old_backup_hides_none_of_them(drill, logged):
    numbers = first_day(logged, drill)
    three_days(logged, numbers)
    before = {entry.entry: entry.status for entry in logged.world.entries()}
    heads, used = [logged.files.checkpoint()], given(logged.world)

    done = restored(drill, logged, drill.status(now=IN_THREE_DAYS))

    after = {entry.entry: entry.status for entry in logged.world.entries()}
    lost = {"signed": "void", "numbered": "void"}
    assert after == {entry: lost.get(status, status) for entry, status in before.items()}
    assert done.log.behind is None
    assert given(logged.world).items() <= used.items()
    assert goes_on(logged, heads).faults == []


def test_what_only_the_log_told_counts_too(drill, logged):
    numbers = first_day(logged, drill)
    status = drill.status(now=NOON)
    three_days(logged, numbers)
    heads = [logged.files.checkpoint()]

    done = restored(drill, logged, status)

    # Issued after the only status that is left, and released: nobody can tell, but for what came after a release.
    assert logged.world.statuses() == [
        "suspended", "revoked", "superseded", "released", "released", "suspended",
        "released", "revoked", "suspended", "void", "void", "void",
    ]  # fmt: skip
    assert done.log.readmitted.word.counts == {
        LeafKind.SUSPEND: 2,
        LeafKind.REVOKE: 2,
        LeafKind.REINSTATE: 1,
        LeafKind.ISSUE: 5,
        LeafKind.SUPERSEDE: 1,
        LeafKind.SERIES: 1,
        LeafKind.VOID: 1,
    }
    assert done.log.still_suspended == (6,)
    assert goes_on(logged, heads).faults == []


def test_a_series_that_was_opened_after_the_backup_is_there_again(drill, logged):
    numbers = first_day(logged, drill)
    three_days(logged, numbers)
    count = len(logged.world.all(select(Series.key)))

    restored(drill, logged, drill.status(now=IN_THREE_DAYS))

    assert len(logged.world.all(select(Series.key))) == count


def test_numbers_that_were_voided_unsigned_are_not_given_again(drill, logged):
    first_day(logged, drill)
    logged.world.numbered(*logged.world.rows(2))
    for entry in (7, 8):
        logged.world.sessions.run(
            lambda session, entry=entry: lifecycle.void(
                session, logged.world.registrar, entry, Reason.ISSUED_IN_ERROR, now=NOON
            )
        )
    logged.grow()
    numbers = set(logged.world.all(select(Certificate.number)))
    status = drill.status()

    restored(drill, logged, status)
    again = released(logged)

    assert not numbers & set(again)
    assert Outsider.reading(logged.told()).faults == []
    assert logged.world.statuses()[6:8] == ["void", "void"]


def test_an_entry_that_was_signed_and_not_logged_in_the_backup_has_its_leaf(drill, logged):
    logged.signed(2)
    drill.back_up()
    logged.grow()
    logged.world.release()
    status = drill.status()

    done = restored(drill, logged, status)

    assert done.log.readmitted.adopted == 8
    assert logged.world.all(select(LostLeaf)) == []
    assert logged.world.statuses() == ["released"] * 2
    logged.grow()
    assert Outsider.reading(logged.told()).faults == []


def test_a_backup_from_before_the_log_was_begun(drill, logged):
    drill.back_up()
    released(logged, *logged.world.rows(3))
    heads = [logged.files.checkpoint()]

    done = restored(drill, logged, drill.status())

    assert done.log.readmitted.adopted == 6
    assert logged.world.statuses() == ["released"] * 3
    assert goes_on(logged, heads).faults == []


def test_a_register_whose_database_and_public_files_were_lost_makes_the_same_files(drill, logged):
    drill.back_up()
    released(logged, *logged.world.rows(3))
    logged.world.numbered(*logged.world.rows(2))
    logged.world.sign()
    logged.grow()
    before = {tile: logged.files.read(tile) for tile in (*tiles_of(11), *bundles_of(11))}
    status = drill.status()
    restored(drill, logged, status)
    shutil.rmtree(logged.public_dir)
    logged.clock.at = IN_THREE_DAYS

    build(logged.log(), now=logged.clock.now)

    assert None not in before.values()
    assert {tile: logged.files.read(tile) for tile in before} == before
    assert logged.checkpoint().head.size == 11


def test_without_the_leaves_the_register_is_restored_and_only_reads(drill, logged):
    numbers = first_day(logged, drill)
    three_days(logged, numbers)
    heads = [logged.files.checkpoint()]
    status = drill.status(now=IN_THREE_DAYS)
    mirror = shutil.copytree(logged.public_dir, logged.folder / "mirror")
    shutil.rmtree(logged.public_dir)

    done = restored(drill, logged, status)
    reads_only = logged.head().behind
    logged.clock.at = IN_THREE_DAYS
    catch_up(logged.log(), [LogFiles(mirror)], logged.world.registrar, now=logged.clock.now)
    build(logged.log(), now=logged.clock.now)

    assert "found nowhere" in done.log.behind
    assert reads_only == done.log.behind[:300]
    assert logged.head().behind is None
    # What this restore told before it knew the leaves is told twice, and nothing else is wrong.
    assert {fault.partition(": ")[2] for fault in goes_on(logged, heads).faults} == {
        "SUSPEND of entry 1, which is suspended",
        "REVOKE of entry 2, which is revoked",
        "SUPERSEDE of entry 3, which is superseded",
        "REINSTATE of entry 6, which is issued",
        "REVOKE of entry 8, which is revoked",
        "SUSPEND of entry 9, which is suspended",
        "VOID of entry 12, which is void",
    }


def test_rows_that_do_not_make_the_logs_tree_are_restored_and_only_read(drill, logged):
    released(logged, *logged.world.rows(3))
    logged.world.tamper(update(Entry).where(Entry.entry == 1).values(version=7))
    drill.back_up()
    logged.world.tamper(update(Entry).where(Entry.entry == 1).values(version=1))
    logged.signed(1)
    logged.grow()

    done = restored(drill, logged, drill.status())

    assert "somebody changed its rows" in done.log.behind
    assert logged.head().behind == done.log.behind
    assert logged.world.all(select(LostLeaf)) == []


def test_a_log_of_which_nothing_was_lost_is_left_as_it_is(drill, logged):
    first_day(logged, drill)

    done = restored(drill, logged, drill.status())

    assert done.log.readmitted is None
    assert logged.world.all(select(Event).where(Event.act == "log_readmit")) == []


def test_a_backup_has_the_logs_row_and_the_lost_leaves_and_nothing_of_its_keys(drill, logged):
    numbers = first_day(logged, drill)
    three_days(logged, numbers)
    restored(drill, logged, drill.status(now=IN_THREE_DAYS))
    drill.world = logged.world
    drill.back_up(now=IN_THREE_DAYS)
    rows = {table.name: table.rows for table in drill.folder.manifest(drill.folder.newest()).tables}
    lost, head = logged.world.all(select(LostLeaf.leaf)), logged.head()

    again, done = drill.restore(
        drill.outside(drill.status(now=IN_THREE_DAYS + DAY), log=known(logged)), now=IN_THREE_DAYS + DAY
    )

    assert rows["log_head"] == 1
    assert rows["lost_leaf"] == len(lost) == 13
    assert again.all(select(LostLeaf.leaf)) == lost
    assert (done.log.readmitted, head.size) == (None, LoggedWorld.head(replace(logged, world=again)).size)


def test_a_copy_that_only_caught_up_goes_on_above_what_the_log_knows(file_drill, tmp_path):
    logged = LoggedWorld.begun(file_drill.world, tmp_path)
    released(logged, *logged.world.rows(2))
    logged.keep("yesterday")
    released(logged, *logged.world.rows(2))
    logged.world.numbered(*logged.world.rows(1))
    logged.world.sessions.run(
        lambda session: lifecycle.void(session, logged.world.registrar, 5, Reason.ISSUED_IN_ERROR, now=NOON)
    )
    logged.grow()
    status = file_drill.status()
    used = set(logged.world.all(select(Certificate.number)))
    logged.put_back("yesterday", "register")
    catch_up(logged.log(), [], logged.world.registrar, now=logged.clock.now)

    def act(session, entry):
        return state_highest(
            session,
            logged.world.registrar,
            file_drill.outside(status, stated=stated(entry)),
            load_profiles(),
            environment=ENVIRONMENT,
            now=IN_THREE_DAYS,
        )

    with pytest.raises(StatedTooLow):
        logged.world.sessions.run(lambda session: act(session, 4))
    logged.world.sessions.run(lambda session: act(session, 5))

    assert logged.world.statuses() == ["released"] * 4 + ["void"]
    again = released(logged)
    assert not used & set(again)
    assert Outsider.reading(logged.told()).faults == []
