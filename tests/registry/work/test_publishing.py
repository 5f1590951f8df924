"""When the public files are written anew: after a change, after an hour, when one is missing, and at the start."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from registry.certificate import lifecycle
from registry.certificate.lifecycle import Reason
from registry.certificate.tables import Certificate
from registry.journal.sequencer import chain_events
from registry.journal.tables import Event
from registry.work.publishing import FRESH, Publishing
from tests.instants import NOON
from tests.registry.work.conftest import Clock


class Office:
    """Counts what is published; whether the public files are all there is as it says."""

    def __init__(self, world):
        self.world, self.clock, self.published, self.whole = world, Clock(), 0, True
        self.publishing = Publishing(
            world.sessions, publish=self.publish, is_whole=lambda: self.whole, now=self.clock.now
        )

    def publish(self):
        self.published += 1

    def turn(self):
        """Return how often it was published in one turn."""
        return sum(self.publishing.batches())


@pytest.fixture
def office(world):
    office = Office(world)
    world.issued()
    chain_events(world.sessions)
    assert office.turn() == 1
    assert office.turn() == 0
    return office


def suspend(world, number):
    world.sessions.run(
        lambda session: lifecycle.suspend(
            session, world.registrar, number, Reason.UNDER_INVESTIGATION, now=NOON
        )
    )


def test_a_worker_that_starts_publishes_first(world):
    assert Office(world).turn() == 1


@pytest.mark.parametrize("chained", [False, True], ids=["without its place", "with its place"])
def test_a_change_of_status_is_published(office, chained):
    suspend(office.world, office.world.all(select(Certificate.number))[0])
    if chained:
        chain_events(office.world.sessions)

    assert office.turn() == 1
    chain_events(office.world.sessions)
    office.turn()
    assert office.turn() == 0


def test_what_concerns_no_entry_is_not_published(office):
    office.world.reviewed()

    assert office.turn() == 0
    chain_events(office.world.sessions)
    assert office.turn() == 0


def test_a_status_does_not_grow_old(office):
    office.clock.seconds = FRESH.total_seconds() - 1
    assert office.turn() == 0
    office.clock.seconds += 1
    assert office.turn() == 1
    assert office.turn() == 0


def test_a_clock_that_went_back_does_not_stop_publishing(office):
    office.clock.seconds = -timedelta(days=1).total_seconds()

    assert office.turn() == 1


def test_missing_public_files_are_put_back(office):
    office.whole = False

    assert office.turn() == 1


def test_a_publication_that_failed_is_due_again(office):
    suspend(office.world, office.world.all(select(Certificate.number))[0])

    def full():
        raise OSError("no room")

    office.publishing._publish = full
    with pytest.raises(OSError, match="no room"):
        office.turn()
    office.publishing._publish = office.publish

    assert office.turn() == 1


def test_a_change_that_nobody_gives_its_place_is_published_once(office):
    first, second = office.world.all(select(Certificate.number).order_by(Certificate.number))[:2]
    suspend(office.world, first)
    assert [office.turn(), office.turn()] == [1, 0]
    suspend(office.world, second)
    assert [office.turn(), office.turn()] == [1, 0]


def test_a_change_that_was_committed_late_under_an_earlier_id_is_published(office):
    first, second = office.world.all(select(Certificate.number).order_by(Certificate.number))[:2]
    suspend(office.world, first)
    newest = max(office.world.all(select(Event.id)))
    office.world.tamper(update(Event).where(Event.id == newest).values(id=newest + 1000))
    assert office.turn() == 1
    suspend(office.world, second)
    latest = max(office.world.all(select(Event.id)))
    office.world.tamper(update(Event).where(Event.id == latest).values(id=newest))

    assert [office.turn(), office.turn()] == [1, 0]
