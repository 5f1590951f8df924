"""Issuing on a disk that is full, fails, or loses files: refused by name, reading goes on, and nothing to repair after.

What the store alone makes of such a disk is tested with it; here it is what becomes of numbers, signatures and
releases.
SQLite alone: PostgreSQL has its files to itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from keys.durable_files import OWNER_ONLY, write_new
from keys.errors import JournalUnavailable
from keys.signer.journal import SignerJournal
from registry.database.engine import open_engine
from registry.database.errors import CommitUnknown, StorageDamaged, StorageFailed, StorageFull
from registry.database.sessions import Sessions
from tests.faults.judging import fixed, require_kept, require_whole
from tests.registry.world import World
from tests.rigs.small_volume import failing_volume, small_volume

FILE = "register.sqlite3"
JOURNAL = Path("signer") / "journal.txt"


@contextmanager
def world_on(volume: Path, signer: Path, template: Path) -> Iterator[World]:
    """Found a world whose database and whose signer's journal lie in these folders; afterwards its files are closed."""
    # On disk, as a register is that was made by its own commands; a mere copy would be lost with the disk.
    write_new(volume / FILE, template.read_bytes(), mode=OWNER_ONLY)
    world = World(Sessions(open_engine(f"sqlite:///{volume / FILE}")), signer)
    try:
        world.open_epoch()
        yield world
    finally:
        world.sessions.close()
        world.journal.close()


@contextmanager
def reopened(world: World, volume: Path) -> Iterator[None]:
    """Open the database and the journal of a world again."""
    world.sessions = Sessions(open_engine(f"sqlite:///{volume / FILE}"))
    world.journal = SignerJournal.open(volume.parent / "elsewhere" / JOURNAL)
    try:
        yield
    finally:
        world.sessions.close()
        world.journal.close()


@pytest.fixture
def elsewhere(tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


STEPS = ("number", "sign", "release")


def brought_to(world, act):
    """Return the acts of issuing for a submission of three that waits for this one, beside one that is out."""
    world.issued(world.row(1))
    submission = world.reviewed(*world.rows(3))
    steps = {"number": lambda: world.number(submission), "sign": world.sign, "release": world.release}
    for step in STEPS[: STEPS.index(act)]:
        steps[step]()
    return steps


@pytest.mark.parametrize("act", STEPS)
def test_on_a_full_disk_nothing_is_issued_and_once_there_is_room_everything_is(
    mounting, tmp_path, elsewhere, sqlite_template, quick_id_checks, act
):
    with (
        small_volume(tmp_path / "volume", kilobytes=6000) as volume,
        world_on(volume.folder, elsewhere, sqlite_template) as world,
    ):
        steps = brought_to(world, act)
        before, stood = fixed(world), world.statuses()
        volume.fill()

        for _ in range(3):
            with pytest.raises(StorageFull):
                steps[act]()
        assert world.statuses() == stood

        volume.free()
        for step in STEPS[STEPS.index(act) :]:
            assert steps[step]() == 3
        require_whole(world)
        require_kept(world, before)
        assert world.statuses() == ["released"] * 4


def test_on_a_disk_that_turns_read_only_nothing_is_issued_and_the_process_lives(
    mounting, tmp_path, elsewhere, sqlite_template, quick_id_checks
):
    with (
        failing_volume(tmp_path) as volume,
        world_on(volume.folder, elsewhere, sqlite_template) as world,
    ):
        world.issued(*world.rows(2))
        submission = world.reviewed(*world.rows(3))
        before = fixed(world)
        volume.fail()

        for _ in range(2):
            with pytest.raises((StorageFailed, CommitUnknown)):
                world.number(submission)
        require_kept(world, before)

    with failing_volume(tmp_path) as volume, reopened(world, volume.folder):
        # Of the batch that nobody was told of, all may be there or nothing; either way it is finished, once.
        world.number(submission)
        assert (world.sign(), world.release()) == (3, 3)
        require_whole(world)
        require_kept(world, before)


def test_when_the_signers_journal_has_no_room_nothing_is_signed_until_it_has(
    mounting, tmp_path, elsewhere, sqlite_template, quick_id_checks
):
    with (
        small_volume(tmp_path / "volume", kilobytes=200) as volume,
        world_on(elsewhere, volume.folder, sqlite_template) as world,
    ):
        world.issued(world.row(1))
        world.numbered(*world.rows(60))
        volume.fill()

        for _ in range(2):
            with pytest.raises(JournalUnavailable):
                world.sign()
        # Without a record there is no signature, and what was numbered waits.
        assert world.statuses() == ["released"] + ["numbered"] * 60
        require_whole(world)

        volume.free()
        world.journal.close()
        world.journal = SignerJournal.open(volume.folder / JOURNAL)
        assert (world.sign(), world.release()) == (60, 60)
        require_whole(world)


@pytest.mark.parametrize("act", STEPS)
@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
def test_a_register_whose_files_are_taken_away_issues_nothing_more(
    elsewhere, sqlite_template, quick_id_checks, suffix, act
):
    with world_on(elsewhere, elsewhere, sqlite_template) as world:
        steps = brought_to(world, act)
        stood = world.statuses()
        (elsewhere / f"{FILE}{suffix}").unlink()

        with pytest.raises(StorageDamaged):
            steps[act]()

        assert world.statuses() == stood
