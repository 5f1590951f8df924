"""The judge of these tests can find what it is there to find: each fault planted by hand is one."""

import pytest
from sqlalchemy import delete, select, update

from registry.certificate.tables import Certificate, Entry, EntryCounter, Series
from registry.journal.tables import Event
from tests.faults.judging import fixed, require_kept, require_whole


@pytest.fixture
def issued(world):
    """Three certificates that are out, and two that are numbered."""
    world.issued(*world.rows(3))
    world.numbered(*world.rows(2))
    require_whole(world)
    return world


PLANTED = {
    "a gap in the entries": (delete(Entry).where(Entry.entry == 4),),
    "a counter that is ahead": (update(EntryCounter).values(last=6),),
    "a counter that is behind": (update(EntryCounter).values(last=4),),
    "a series that is ahead": (update(Series).where(Series.issued > 0).values(issued=6),),
    "a serial that is not in its number": (
        update(Certificate).where(Certificate.serial == 5).values(serial=6),
    ),
    "a status without an event": (update(Entry).where(Entry.entry == 1).values(status="revoked"),),
    "an event without its status": (delete(Event).where(Event.act == "release"),),
    "a numbering without an event": (delete(Event).where(Event.act == "number", Event.first_entry == 4),),
    "bytes that changed": (update(Entry).where(Entry.entry == 4).values(to_be_signed=b"other"),),
    "a token of other bytes": (update(Entry).where(Entry.entry == 2).values(token=b"other"),),
    "a token that is gone": (update(Entry).where(Entry.entry == 2).values(token=None),),
}


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED)
def test_a_planted_fault_is_found(issued, planted):
    issued.tamper(*planted)

    with pytest.raises((AssertionError, KeyError)):
        require_whole(issued)


@pytest.mark.parametrize(
    "change",
    [
        update(Entry).where(Entry.entry == 1).values(to_be_signed=b"other"),
        update(Entry).where(Entry.entry == 1).values(token=None),
        update(Entry).where(Entry.entry == 5).values(result_id=None),
        delete(Entry).where(Entry.entry == 5),
    ],
)
def test_what_was_kept_is_held_against_what_is_there(issued, change):
    before = fixed(issued)
    require_kept(issued, before)

    issued.tamper(change)

    with pytest.raises((AssertionError, KeyError)):
        require_kept(issued, before)


def test_two_versions_in_force_are_found(world):
    row = world.row(1)
    (number,) = world.issued(row)
    world.issued({**row, "name": "李肆", "corrects": number, "reason": "姓名有误"})
    require_whole(world)
    world.tamper(
        update(Entry).where(Entry.entry == 1).values(status="released"),
        delete(Event).where(Event.act == "supersede"),
    )
    assert world.all(select(Event.act).where(Event.act == "supersede")) == []

    with pytest.raises(AssertionError):
        require_whole(world)
