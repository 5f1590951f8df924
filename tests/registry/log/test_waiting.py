"""What waits for the public log, and since when: behind its head, or in a head that the witnesses did not sign."""

from datetime import timedelta

import pytest

from keys.errors import WitnessUnreachable
from registry.log.errors import WitnessesMissing
from registry.work.backlog import backlog
from registry.work.job import Job
from tests.instants import NOON


class GoneAfter:
    """A witness that says what it saw last, and then signs nothing more."""

    def __init__(self, witness):
        self._witness, self._asked = witness, False

    @property
    def name(self):
        return self._witness.name

    def cosign(self, old, proof, checkpoint):
        if self._asked:
            raise WitnessUnreachable(self.name, "it does not answer")
        self._asked = True
        return self._witness.cosign(old, proof, checkpoint)


def waiting(logged):
    return next(
        (each.count, each.oldest_at) for each in logged.world.sessions.read(backlog) if each.job is Job.LOG
    )


def test_acts_in_a_head_that_no_witness_signed_wait_as_those_behind_it(logged):
    logged.signed(1)
    logged.grow()
    assert waiting(logged) == (0, None)

    logged.clock.at = NOON + timedelta(hours=2)
    logged.signed(1)
    with pytest.raises(WitnessesMissing):
        logged.grow(witnesses=[GoneAfter(logged.witnesses[0])])
    count, oldest_at = waiting(logged)
    assert count
    assert oldest_at >= NOON
    assert logged.head().place == len(logged.events())

    logged.grow()
    assert waiting(logged) == (0, None)
