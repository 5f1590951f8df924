"""A backup that is older than a ceremony: after the restore no epoch is open that the trust bundle has closed."""

import pytest
from sqlalchemy import select

from keys.trust_changes import distrust, retire
from registry.certificate.epochs import close_epoch
from registry.certificate.tables import Epoch
from registry.journal.tables import Event
from tests.instants import NOON
from tests.registry.backup.drill import NEXT_DAY, serials_are_dense


def end(world, key_id, *, stolen, last):
    world.sessions.run(lambda session: close_epoch(session, world.registrar, key_id, now=NOON))
    if stolen:
        world.trust = distrust(world.trust, key_id, at=NOON, honest=[], last_entry=last)
    else:
        world.trust = retire(world.trust, key_id, last_entry=last)


@pytest.mark.parametrize("stolen", [False, True], ids=["retired", "distrusted"])
def test_numbering_goes_on_with_the_key_that_is_open_now(file_drill, stolen):
    drill, world = file_drill, file_drill.world
    (first,) = world.trust.keys
    world.issued()
    waiting = world.numbered(*world.rows(2))
    drill.back_up()
    world.sign()
    world.release()
    end(world, first, stolen=stolen, last=5)
    second = world.open_epoch(6, 100)
    world.issued(*world.rows(2))
    status = drill.status()

    restored, _ = drill.restore(drill.outside(status))

    open_now = select(Epoch.key_id).where(Epoch.closed_at.is_(None))
    assert restored.all(open_now) == [second]
    restored.issued(now=NEXT_DAY)
    entries = restored.entries()
    assert [entry.key_id for entry in entries] == [first] * 5 + [second] * 5
    assert serials_are_dense(restored)
    # What the public knew as released stays so, though it was only numbered in the backup.
    assert [entry.status for entry in entries] == ["released"] * 10
    assert len(restored.numbers(waiting)) == 2


def test_what_waited_for_a_dead_key_and_was_never_released_gets_new_numbers(file_drill):
    drill, world = file_drill, file_drill.world
    (first,) = world.trust.keys
    world.issued()
    waiting = world.numbered(*world.rows(2))
    drill.back_up()
    status = drill.status()
    world.trust = distrust(world.trust, first, at=NOON, honest=[], last_entry=5)
    world.open_epoch(6, 100)

    restored, _ = drill.restore(drill.outside(status))

    assert restored.statuses() == ["released"] * 3 + ["void"] * 2
    assert len(restored.all(select(Event).where(Event.act == "free_result"))) == 2
    assert restored.number(waiting, now=NEXT_DAY) == 2
    restored.sign(now=NEXT_DAY)
    restored.release(now=NEXT_DAY)
    assert restored.statuses() == ["released"] * 3 + ["void"] * 2 + ["released"] * 2
