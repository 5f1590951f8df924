"""Public files that are lost or spoilt: the log does not go on from them, and they are written anew, byte for byte."""

import shutil

import pytest
from sqlalchemy import update

from registry.certificate.tables import Entry
from registry.journal.record import record
from registry.log.errors import FilesUnsound, OtherHistory, RegisterBehind, TileContradicts
from registry.log.rebuilding import build
from signing.log.tile import bundles_of, tiles_of
from signing.merkle import tree_hash
from tests.instants import NOON


def ceremonies(session, count):
    """Record so many ceremonies: the cheapest act that has a leaf."""
    told = {"ceremony": "names", "file": "trust/names", "sha256": "00" * 32, "keys": []}
    for version in range(1, count + 1):
        record(session, "key_ceremony", "register", at=NOON, version=version, **told)


def test_the_log_does_not_go_on_from_files_that_are_missing(logged):
    logged.signed(2)
    logged.grow()
    shutil.rmtree(logged.files.folder / "tile")
    logged.signed(1)

    with pytest.raises(FilesUnsound, match=r"tile/0/000.p/8 is missing.*certreg log build"):
        logged.grow()
    assert logged.head().size == 8


def test_the_log_does_not_go_on_from_another_tree(logged):
    logged.signed(2)
    logged.grow()
    (edge,) = (logged.files.folder / "tile" / "0").rglob("8")
    edge.write_bytes(bytes(8 * 32))
    logged.signed(1)

    with pytest.raises(FilesUnsound, match=r"not what its tile says|not the tree of 8 leaves"):
        logged.grow()
    assert logged.head().size == 8


def files_in(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "checkpoint"
    }


def test_lost_files_are_written_anew_byte_for_byte(logged):
    logged.signed(3)
    logged.grow()
    logged.signed(2)
    logged.grow()
    before, head = files_in(logged.files.folder), logged.checkpoint().head
    newest = {name: data for name, data in before.items() if name.endswith(".p/11")}
    shutil.rmtree(logged.public_dir)

    written = build(logged.log(), now=logged.clock.now)

    assert files_in(logged.files.folder) == newest
    assert written == len(newest) + 1
    assert logged.checkpoint().head == head
    assert logged.checkpoint().is_cosigned


def test_many_leaves_make_the_same_files_as_they_made_in_growing(logged):
    opened = 600
    logged.world.sessions.run(lambda session: ceremonies(session, opened))
    logged.grow(most=250)
    before, head = files_in(logged.files.folder), logged.checkpoint().head
    full = {name: data for name, data in before.items() if ".p/" not in name}
    shutil.rmtree(logged.files.folder / "tile")

    build(logged.log(), now=logged.clock.now)

    after = files_in(logged.files.folder)
    assert head.size == opened + 6
    assert len(full) == 4
    assert full.items() <= after.items()
    assert after.items() <= before.items()
    assert set(after) == {tile.path for tile in (*tiles_of(head.size), *bundles_of(head.size))}


def test_a_file_with_other_bytes_is_named_and_left(logged):
    logged.signed(2)
    logged.grow()
    (bundle,) = (logged.files.folder / "tile" / "entries").rglob("8")
    bundle.write_bytes(b"\x00\x01!")

    with pytest.raises(TileContradicts, match=str(bundle)):
        build(logged.log(), now=logged.clock.now)
    assert bundle.read_bytes() == b"\x00\x01!"


def test_changed_rows_leave_no_trace_in_public(logged):
    logged.signed(2)
    logged.grow()
    shutil.rmtree(logged.public_dir)
    logged.world.tamper(update(Entry).where(Entry.entry == 1).values(version=2))

    with pytest.raises(OtherHistory):
        build(logged.log(), now=logged.clock.now)
    assert not logged.files.folder.exists()


def test_a_growth_that_waited_for_its_files_goes_on(logged):
    logged.signed(2)
    logged.grow()
    shutil.rmtree(logged.files.folder / "tile")
    logged.signed(1)
    with pytest.raises(FilesUnsound):
        logged.grow()

    build(logged.log(), now=logged.clock.now)

    assert logged.head().size == logged.checkpoint().head.size == 9
    assert logged.checkpoint().head.root == tree_hash(logged.public_leaves())


def test_what_a_killed_writer_left_is_cleared_away(logged):
    logged.signed(1)
    logged.grow()
    left = logged.files.folder / "tile" / "0" / "000.p" / ".7.ab12cd_e"
    left.write_bytes(b"half")
    other = left.with_name(".hidden")
    other.write_bytes(b"")

    build(logged.log(), now=logged.clock.now)

    assert not left.exists()
    assert other.exists()


def test_a_log_without_a_leaf_has_no_file(logged):
    written = build(logged.log(), now=logged.clock.now)

    assert written == 0
    assert not logged.files.folder.exists()


def test_a_public_checkpoint_that_knows_more_is_believed_before_anything_is_signed(filed):
    filed.signed(2)
    filed.grow()
    filed.keep("yesterday")
    filed.signed(2)
    filed.grow()
    filed.put_back("yesterday", "register", "log", "witness")

    with pytest.raises(RegisterBehind, match="the public checkpoint knows 10 leaves"):
        filed.grow()
    assert filed.memory.last(filed.policy.keys).size == 8
    assert "the public checkpoint" in filed.head().behind
