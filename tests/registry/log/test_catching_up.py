"""A register that was put back from an older copy: it finds out, reads only, and knows its log again."""

import shutil
import threading

import pytest
from sqlalchemy import select, update

from keys import crash_points
from keys.crash_points import CrashMode
from keys.errors import WitnessUnreachable
from registry.certificate import lifecycle
from registry.certificate.errors import NumberingHeld
from registry.certificate.lifecycle import Reason
from registry.certificate.tables import Certificate, Entry, EntryCounter
from registry.journal.tables import Event, LostLeaf
from registry.log.catching_up import catch_up
from registry.log.errors import (
    LeafContradicts,
    LeavesMissing,
    LeavesUnproven,
    MachineBehind,
    OtherHistory,
    RegisterBehind,
    WitnessesMissing,
)
from registry.log.files import LogFiles
from registry.log.rebuilding import build
from signing.log.leaf import LeafKind
from tests.instants import NOON
from tests.registry.log.outsider import Outsider, goes_on_from
from tests.registry.world import ENVIRONMENT


def act(world, action, entry, reason=Reason.EXAM_FRAUD, *, now=NOON):
    (number,) = world.all(select(Certificate.number).join(Entry).where(Entry.entry == entry))
    world.sessions.run(lambda session: action(session, world.registrar, number, reason, now=now))


def failing_at(point, act):
    crash_points.arm(point, CrashMode.ERROR, environment=ENVIRONMENT, error=OSError(point))
    try:
        return act()
    finally:
        crash_points.disarm()


def caught_up(logged, *mirrors, **changes):
    return catch_up(logged.log(**changes), mirrors, logged.world.registrar, now=logged.clock.now)


def lived_on(filed):
    """Keep a copy of a register with six certificates, and let it live on."""
    filed.signed(6)
    filed.grow()
    filed.world.release()
    act(filed.world, lifecycle.suspend, 5)
    act(filed.world, lifecycle.suspend, 6)
    filed.grow()
    filed.keep("yesterday")
    act(filed.world, lifecycle.suspend, 1)
    act(filed.world, lifecycle.revoke, 2)
    act(filed.world, lifecycle.suspend, 3)
    act(filed.world, lifecycle.reinstate, 3)
    filed.grow()
    act(filed.world, lifecycle.reinstate, 5)
    act(filed.world, lifecycle.revoke, 6)
    filed.grow()


def test_an_older_copy_is_found_out_and_says_so(filed):
    lived_on(filed)
    filed.put_back("yesterday", "register")

    with pytest.raises(RegisterBehind, match="the log's memory knows 20 leaves"):
        filed.grow()
    assert "certreg log rebuild" in filed.head().behind
    assert filed.head().size == 14


def test_what_was_revoked_or_suspended_after_the_copy_does_not_become_valid_again(filed):
    lived_on(filed)
    filed.put_back("yesterday", "register")
    before = filed.world.statuses()

    done = caught_up(filed)

    assert before == ["released"] * 4 + ["suspended"] * 2
    assert filed.world.statuses() == ["suspended", "revoked", "released", "released", "suspended", "revoked"]
    assert done.moved == {
        ("released", "suspended"): 1,
        ("released", "revoked"): 1,
        ("suspended", "revoked"): 1,
    }
    assert done.staying == 1
    assert filed.head().behind is None
    assert (filed.head().size, filed.head().cosigned) == (20, 20)


def test_the_log_goes_on_from_every_head_and_tells_nothing_twice(filed):
    lived_on(filed)
    heads = [filed.files.checkpoint()]
    filed.put_back("yesterday", "register")

    caught_up(filed)
    filed.grow()
    filed.signed(2)
    filed.grow()
    filed.world.release()

    read = Outsider.reading(filed.told())
    assert goes_on_from(filed.public_leaves(), heads, filed.policy)
    assert read.faults == []
    assert read.is_dense
    # The suspension that the log had called lifted is told anew.
    assert read.standings[5] == "suspended"
    assert filed.world.statuses()[-2:] == ["released", "released"]


def test_it_is_on_record_what_was_readmitted(filed):
    lived_on(filed)
    filed.put_back("yesterday", "register")

    caught_up(filed)

    (event,) = filed.world.all(select(Event).where(Event.act == "log_readmit"))
    assert event.details == {"first": 14, "adopted": 0, "lost": 6, "root": filed.head().root.hex()}
    assert len(event.digest) == 32
    assert filed.world.all(select(LostLeaf.place).order_by(LostLeaf.place)) == list(range(14, 20))


def test_acts_of_the_copy_that_the_log_told_first_are_not_told_again(filed):
    filed.signed(2)
    filed.chain()
    filed.signed(1)
    filed.keep("yesterday")
    filed.grow()
    filed.world.release()
    act(filed.world, lifecycle.revoke, 1)
    filed.grow()
    filed.put_back("yesterday", "register")

    done = caught_up(filed)

    assert (done.readmitted.first, done.readmitted.adopted, done.readmitted.end) == (0, 9, 10)
    assert filed.world.all(select(LostLeaf.place)) == [9]
    assert filed.world.release() == 2
    filed.grow()
    assert Outsider.reading(filed.told()).faults == []
    assert filed.world.statuses() == ["revoked", "released", "released"]


def test_entries_that_only_the_log_knows_hold_numbering(filed):
    filed.signed(2)
    filed.grow()
    filed.keep("yesterday")
    filed.signed(3)
    filed.grow()
    filed.put_back("yesterday", "register")

    done = caught_up(filed)

    assert "entries up to 5, this database up to 2" in done.held_because
    assert done.readmitted.word.counts == {LeafKind.ISSUE: 3}
    assert filed.world.all(select(EntryCounter.held_because)) == [done.held_because]
    with pytest.raises(NumberingHeld):
        filed.world.numbered(*filed.world.rows(1))


def test_a_correction_that_was_released_after_the_copy_is_released_again(filed):
    world = filed.world
    filed.signed(1)
    filed.grow()
    world.release()
    (number,) = world.all(select(Certificate.number))
    person = {**world.row(1), "corrects": number, "reason": "姓名有误"}
    world.numbered(person)
    world.sign()
    filed.keep("yesterday")
    filed.grow()
    world.release()
    filed.grow()
    filed.put_back("yesterday", "register")

    caught_up(filed)

    assert filed.world.statuses() == ["superseded", "released"]
    filed.grow()
    assert Outsider.reading(filed.told()).faults == []


def test_leaves_that_only_the_memory_has_come_out_of_it(filed):
    filed.signed(2)
    filed.grow()
    filed.keep("yesterday")
    filed.signed(1)
    filed.chain()
    with pytest.raises(OSError, match=r"log\.staged"):
        failing_at("log.staged", filed.grow)
    filed.put_back("yesterday", "register")

    done = caught_up(filed)

    assert (done.readmitted.first, done.readmitted.end) == (8, 9)
    assert (filed.head().size, filed.head().cosigned) == (9, 8)
    build(filed.log(), now=filed.clock.now)
    assert filed.checkpoint().head.size == 9


def test_leaves_that_are_nowhere_are_asked_for(filed):
    lived_on(filed)
    filed.put_back("yesterday", "register")
    shutil.rmtree(filed.public_dir)

    with pytest.raises(LeavesMissing, match=r"leaves 14 to 19 .*--from DIR"):
        caught_up(filed)
    assert filed.head().size == 14


def test_a_mirror_has_what_this_machine_lost(filed):
    lived_on(filed)
    shutil.copytree(filed.public_dir, filed.folder / "mirror")
    filed.put_back("yesterday", "register", "log", "public")

    done = caught_up(filed, LogFiles(filed.folder / "mirror"))
    build(filed.log(), now=filed.clock.now)

    assert done.signed == 6
    assert filed.memory.last(filed.policy.keys).size >= 20
    assert goes_on_from(
        filed.public_leaves(), [(filed.folder / "mirror/log/checkpoint").read_bytes()], filed.policy
    )
    assert Outsider.reading(filed.told()).faults == []


def test_a_witness_that_knows_more_than_all_that_is_here_stops_it(filed):
    lived_on(filed)
    filed.put_back("yesterday", "register", "log", "public")

    with pytest.raises(RegisterBehind, match=r"witness dte\.example/witness knows 20 leaves"):
        caught_up(filed)
    assert filed.head().size == 14
    assert filed.head().behind is not None


def test_a_spoilt_mirror_is_not_believed(filed):
    lived_on(filed)
    mirror = shutil.copytree(filed.public_dir, filed.folder / "mirror")
    filed.put_back("yesterday", "register", "log", "public")
    (bundle,) = (mirror / "log" / "tile" / "entries").rglob("20")
    data = bundle.read_bytes()
    bundle.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))

    with pytest.raises(LeavesUnproven, match="20 leaves"):
        caught_up(filed, LogFiles(mirror))
    assert filed.head().size == 14
    assert filed.world.all(select(LostLeaf)) == []


def test_a_mirrors_checkpoint_without_the_witness_is_not_believed(filed):
    lived_on(filed)
    mirror = shutil.copytree(filed.public_dir, filed.folder / "mirror")
    note = filed.memory.last(filed.policy.keys).note
    filed.put_back("yesterday", "register", "log", "public", "witness")
    (mirror / "log" / "checkpoint").write_bytes(note)

    done = caught_up(filed, LogFiles(mirror))

    assert done.readmitted is None
    assert filed.head().size == 14


def test_rows_that_were_changed_before_the_copy_stop_it(filed):
    lived_on(filed)
    filed.put_back("yesterday", "register")
    filed.world.tamper(update(Event).where(Event.act == "suspend").values(first_entry=4, last_entry=4))

    with pytest.raises(OtherHistory):
        caught_up(filed)
    assert filed.world.statuses()[0] == "released"


def test_a_row_that_can_not_have_become_what_the_log_tells_stops_it(filed):
    lived_on(filed)
    filed.put_back("yesterday", "register")
    filed.world.tamper(update(Entry).where(Entry.entry == 2).values(status="superseded"))

    with pytest.raises(LeafContradicts, match="entry 2 is superseded in the database and revoked"):
        caught_up(filed)
    assert filed.head().size == 14


def test_a_memory_that_was_put_back_signs_what_the_witness_signed_and_nothing_else(filed):
    lived_on(filed)
    filed.put_back("yesterday", "log")
    with pytest.raises(MachineBehind, match="certreg log rebuild"):
        filed.grow()

    done = caught_up(filed)

    assert (done.readmitted, done.signed) == (None, 6)
    assert filed.memory.last(filed.policy.keys).head == filed.checkpoint().head
    filed.signed(1)
    assert filed.grow() == 1


def test_a_memory_does_not_sign_the_registers_word_alone(filed):
    lived_on(filed)
    filed.put_back("yesterday", "log", "public")

    with pytest.raises(MachineBehind):
        caught_up(filed)
    assert filed.memory.last(filed.policy.keys).size == 14


def test_a_register_that_nobody_is_ahead_of_is_no_longer_behind(filed):
    lived_on(filed)
    filed.world.tamper(update(filed.head().__table__).values(behind="somebody said so"))

    done = caught_up(filed)

    assert filed.head().behind is None
    assert (done.readmitted.first, done.readmitted.end) == (20, 20)


def test_catching_up_twice_changes_nothing(filed):
    lived_on(filed)
    filed.put_back("yesterday", "register")
    caught_up(filed)
    before = filed.world.count(Event, LostLeaf)

    again = caught_up(filed)

    assert again.readmitted is None
    assert filed.world.count(Event, LostLeaf) == before


class Silent:
    """A witness that does not answer."""

    name = "dte.example/witness"

    def cosign(self, _old, _proof, _checkpoint):
        raise WitnessUnreachable(self.name, "it does not answer")


def test_what_a_witness_stopped_stays_so_while_it_is_silent(filed):
    lived_on(filed)
    filed.put_back("yesterday", "register", "log", "public")
    with pytest.raises(RegisterBehind):
        caught_up(filed)

    with pytest.raises(WitnessesMissing, match="does not answer"):
        caught_up(filed, witnesses=[Silent()])

    assert "witness dte.example/witness knows 20 leaves" in filed.head().behind


@pytest.mark.parametrize("work", ["build", "catch_up"])
def test_who_repairs_the_log_and_who_lets_it_grow_wait_for_each_other(filed, work):
    lived_on(filed)
    filed.signed(1)
    filed.chain()
    held, done = threading.Event(), []

    def repair():
        held.wait(10)
        if work == "build":
            build(filed.log(), now=filed.clock.now)
        else:
            caught_up(filed)
        done.append(work)

    other = threading.Thread(target=repair)
    other.start()
    log = filed.log()
    with log.memory.alone():
        held.set()
        other.join(0.5)
        waiting = not done
        log.step(now=filed.clock.now)
    other.join(30)

    assert waiting
    assert done == [work]
    assert filed.head().behind is None
    assert filed.head().cosigned == filed.head().size == 21
