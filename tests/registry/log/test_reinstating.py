"""A lifted suspension waits for the witness, as everything does that puts a certificate in force."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from keys.errors import WitnessUnreachable
from registry.certificate.lifecycle import Reason, reinstate, revoke, suspend
from registry.certificate.tables import Certificate, Entry
from registry.journal.tables import Event
from registry.log.errors import WitnessesMissing
from signing.log.leaf import Change, LeafKind
from tests.instants import NOON


class Away:
    """A witness that nobody reaches."""

    name = "dte.example/witness"

    def cosign(self, old, proof, note):
        raise WitnessUnreachable(self.name, "it is away")


@pytest.fixture
def number(logged):
    """The number of a released certificate, which is entry 1."""
    logged.signed(1)
    logged.grow()
    logged.world.release()
    return logged.world.all(select(Certificate.number))[0]


def act(logged, what, number, *, now=NOON):
    world = logged.world
    world.sessions.run(lambda session: what(session, world.registrar, number, Reason.HOLDER_REQUEST, now=now))


def test_it_is_released_once_its_leaf_is_cosigned(logged, number):
    act(logged, suspend, number)
    act(logged, reinstate, number)

    before = logged.world.release(), logged.world.statuses()
    logged.grow()
    after = logged.world.release(), logged.world.statuses()

    assert (before, after) == ((0, ["reinstated"]), (1, ["released"]))
    releases = logged.world.all(select(Event).where(Event.act == "release").order_by(Event.id))
    assert releases[-1].details == {"before": "reinstated", "after": "released"}
    changes = [leaf.kind for leaf in logged.told() if isinstance(leaf, Change)]
    assert changes == [LeafKind.SUSPEND, LeafKind.REINSTATE]


def test_it_waits_while_the_witness_is_away(logged, number):
    act(logged, suspend, number)
    logged.grow()
    act(logged, reinstate, number)
    with pytest.raises(WitnessesMissing):
        logged.grow(witnesses=[Away()])

    waiting = logged.world.release(), logged.world.statuses()
    logged.grow()
    released = logged.world.release()

    assert (waiting, released) == ((0, ["reinstated"]), 1)


def test_the_leaf_of_an_earlier_time_does_not_count(logged, number):
    act(logged, suspend, number)
    act(logged, reinstate, number)
    logged.grow()
    act(logged, suspend, number, now=NOON + timedelta(hours=1))
    act(logged, reinstate, number, now=NOON + timedelta(hours=2))

    assert logged.world.release() == 0
    logged.grow()
    assert logged.world.release() == 1


@pytest.mark.parametrize(("what", "status"), [(suspend, "suspended"), (revoke, "revoked")])
def test_what_is_taken_out_of_force_meanwhile_is_not_released(logged, number, what, status):
    act(logged, suspend, number)
    act(logged, reinstate, number)
    logged.grow()

    act(logged, what, number)

    assert logged.world.release() == 0
    assert logged.world.statuses() == [status]


def test_a_status_that_somebody_wrote_is_not_released_for_want_of_the_act(logged, number):
    logged.world.tamper(update(Entry).values(status="reinstated"))
    logged.grow()

    assert logged.world.release() == 0
    assert logged.world.statuses() == ["reinstated"]
