"""What is acknowledged is on the disk: the power is cut at random instants, and nothing acknowledged may be missing.

See ``tests/rigs/power_cut.py`` for how, and for what this disk does not do.
"""

import random

import pytest

from tests.rigs import counting_workload as counting
from tests.rigs.mounts import why_not
from tests.rigs.power_cut import PowerCut, WriterDied

CUTS = 50
WORKLOAD = "tests.rigs.counting_workload"


@pytest.fixture(autouse=True)
def mounting():
    """The machine, if it lets us mount a disk; the power can not be cut elsewhere, and the tests say so."""
    reason = why_not()
    if reason:
        pytest.skip(reason)


@pytest.fixture
def seed(record_property) -> int:
    drawn = random.randrange(1 << 32)
    record_property("seed", drawn)
    return drawn


def test_nothing_acknowledged_is_lost(seed):
    report = PowerCut(module=WORKLOAD, chance=random.Random(seed)).run(cuts=CUTS)

    assert report.losses == [], f"seed {seed}"
    assert report.cuts == CUTS
    assert report.acknowledged > CUTS


def test_the_rig_finds_the_loss_when_commits_are_not_synced(seed):
    careless = PowerCut(module=WORKLOAD, options=(counting.NORMAL,), chance=random.Random(seed))

    report = careless.run(cuts=CUTS, stop_at_loss=True)

    assert report.losses, f"{report.acknowledged} acknowledged and none lost: this rig can not find anything"


def test_a_writer_that_does_not_work_is_no_success():
    with pytest.raises(WriterDied):
        PowerCut(module=WORKLOAD, options=("no such option",)).run(cuts=1)
