"""A register that was put back from an older copy finds that others know a longer log, says so, and goes no further."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from keys.errors import WitnessUnreachable
from keys.witness.link import LocalWitness
from registry.journal.errors import RegisterOutdated
from registry.journal.tables import Event, LogHead
from registry.log.errors import (
    FilesUnsound,
    MachineBehind,
    OtherHistory,
    RegisterBehind,
    TileContradicts,
    WitnessesMissing,
)
from signing.merkle import leaf_hash, root_of_hashes
from tests.instants import NOON


def put_back(logged, *, size: int) -> None:
    """Let the register know no more of its log than it did when this had so many leaves."""
    root = root_of_hashes([leaf_hash(leaf) for leaf in logged.public_leaves()[:size]])
    events = [event for event in logged.events() if event.leaf is not None and event.leaf < size]
    place = max(event.place for event in events)
    logged.world.tamper(
        update(Event).where(Event.leaf >= size).values(leaf=None),
        update(LogHead).values(size=size, cosigned=size, root=root, place=place),
    )


def three_heads(logged) -> None:
    """Let the log grow to 6, 8 and 10 leaves; nothing of the last four is released."""
    for count in (0, 2, 2):
        if count:
            logged.signed(count)
        logged.grow()


def test_a_database_that_was_put_back_releases_nothing_and_says_why(logged):
    three_heads(logged)
    public = logged.files.checkpoint()
    put_back(logged, size=6)

    with pytest.raises(RegisterBehind) as behind:
        logged.grow()

    assert (behind.value.who, behind.value.known, behind.value.size) == ("the log's memory", 10, 6)
    assert "older copy" in logged.head().behind
    assert logged.files.checkpoint() == public
    with pytest.raises(RegisterOutdated, match="older copy"):
        logged.world.release()


@pytest.mark.parametrize("acts", [1, 2, 3])
def test_a_whole_machine_that_was_put_back_signs_nothing_before_its_witness_is_heard(logged, acts):
    logged.grow()
    logged.signed(2)
    logged.grow()
    memory, public = logged.memory.path.read_bytes(), logged.files.checkpoint()
    logged.signed(2)
    logged.grow()
    put_back(logged, size=8)
    logged.memory.path.write_bytes(memory)
    logged.files.write_checkpoint(public)
    logged.world.tamper(update(Event).where(Event.place > logged.head().place).values(act="number"))
    logged.signed(acts)

    with pytest.raises(RegisterBehind) as behind:
        logged.grow()

    assert (behind.value.known, behind.value.size) == (10, 8)
    assert "witness" in behind.value.who
    assert "older copy" in logged.head().behind
    assert logged.memory.path.read_bytes() == memory
    with pytest.raises(RegisterOutdated):
        logged.world.release()


def test_a_memory_that_was_put_back_alone_signs_nothing(logged):
    logged.grow()
    memory = logged.memory.path.read_bytes()
    logged.signed(2)
    logged.grow()
    logged.memory.path.write_bytes(memory)
    logged.signed(1)

    with pytest.raises(MachineBehind):
        logged.grow()

    assert logged.head().behind is None


def test_acts_that_were_changed_after_the_log_had_signed_them_are_another_history(logged):
    three_heads(logged)
    put_back(logged, size=8)
    logged.world.tamper(update(Event).where(Event.act == "sign").values(at=NOON + timedelta(days=1)))

    with pytest.raises(OtherHistory):
        logged.grow()


def test_what_waits_for_a_witness_waits_and_comes_when_it_is_there_again(logged):
    class Silent:
        name = "dte.example/witness"

        def cosign(self, _old, _proof, _checkpoint):
            raise WitnessUnreachable(self.name, "it does not answer")

    logged.signed(2)
    honest, logged.witnesses = logged.witnesses, [Silent()]
    with pytest.raises(WitnessesMissing) as missing:
        logged.grow()
    waiting = logged.world.release()
    logged.witnesses = honest

    logged.grow()

    assert "does not answer" in str(missing.value)
    assert (waiting, logged.world.release()) == (0, 2)


def test_a_clock_that_no_witness_shares_dates_nothing(logged):
    logged.signed(1)
    logged.witnesses = [LocalWitness(logged.witness, lambda: NOON - timedelta(days=365))]

    with pytest.raises(WitnessesMissing) as missing:
        logged.grow()

    assert f"its clock is {-365 * 86400:+d} seconds" in str(missing.value)
    assert logged.world.release() == 0


def test_a_tile_that_somebody_wrote_before_is_not_overwritten(logged):
    logged.signed(2)
    path = logged.public_dir / "log" / "tile" / "0" / "000.p" / "8"
    path.parent.mkdir(parents=True)
    path.write_bytes(bytes(256))

    with pytest.raises(TileContradicts):
        logged.grow()

    assert path.read_bytes() == bytes(256)
    assert logged.world.release() == 0


def test_a_right_edge_that_was_spoilt_is_not_built_upon(logged):
    logged.signed(2)
    logged.grow()
    path = logged.public_dir / "log" / "tile" / "0" / "000.p" / "8"
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
    logged.signed(1)

    with pytest.raises(FilesUnsound):
        logged.grow()

    assert logged.world.release() == 2
