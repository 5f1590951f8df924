"""The shared table of distributions, as ``certverify update`` meets them."""

from datetime import timedelta

import pytest

from signing.errors import Refusal
from signing.offline.kept import Kept
from signing.offline.source import FolderSource
from signing.offline.update_command import updated
from tests.distribution.cases import CASES, case
from tests.distribution.repository import write
from tests.vectors import world


@pytest.mark.parametrize("name", CASES)
def test_each_distribution_has_its_outcome(tmp_path, name):
    told = case(name, world.NOW)
    kept = Kept(tmp_path / "kept")

    for number, visit in enumerate(told.visits):
        folder = tmp_path / f"host-{number}"
        folder.mkdir()
        source = FolderSource(write(folder, visit.files))
        before = kept.newest()
        outcome = updated(source, told.pin, kept, now=world.NOW + visit.later)

        reason = outcome.refused.reason if outcome.refused else outcome.result
        about = outcome.refused.about if outcome.refused else None
        assert (str(reason), about, outcome.recovered) == (visit.reason, visit.about, visit.recovered)
        if outcome.refused:
            assert kept.newest() == before
            assert outcome.after == outcome.before


def test_every_reason_that_a_distribution_can_give_is_in_the_table():
    reasons = {visit.reason for name in CASES for visit in case(name, world.NOW).visits}

    assert reasons - {"updated", "current"} == set(Refusal) - {Refusal.UNREACHABLE, Refusal.NOT_KEPT}
    assert timedelta(0) < max(visit.later for name in CASES for visit in case(name, world.NOW).visits)
