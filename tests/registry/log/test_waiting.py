"""What waits for the public log, and since when: behind its head, or in a head that the witnesses did not sign."""

from datetime import timedelta

import pytest

from registry.log.errors import WitnessesMissing
from registry.work.backlog import backlog
from registry.work.job import Job
from tests.instants import NOON
from tests.registry.log.test_reinstating import Away


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
        logged.grow(witnesses=[Away()])
    count, oldest_at = waiting(logged)
    assert count
    assert oldest_at >= NOON
    assert logged.head().place == len(logged.events())

    logged.grow()
    assert waiting(logged) == (0, None)
