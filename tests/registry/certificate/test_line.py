"""A line reads the clock for every batch: a run that crosses the year's end numbers in both years."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from registry.certificate.line import Line, Workshop
from registry.certificate.tables import Series
from registry.directory.profiles import load_profiles
from signing.statement import Level
from tests.registry.world import BODY, ENVIRONMENT

# 23:59:59 on 31 December in Shanghai.
BEFORE = datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)


def test_what_is_numbered_after_midnight_has_the_new_year(world):
    new = world.open_series(BODY, Level.INTERMEDIATE, year=2027)
    first, second = world.reviewed(world.row(1)), world.reviewed(world.row(1))
    workshop = Workshop(
        world.sessions, world.registrar, world.signers, load_profiles(), ENVIRONMENT, world.trust
    )
    present = [BEFORE]

    with Line(workshop, now=lambda: present[0], progress=lambda _: None) as line:
        assert line.number([first]) == 1
        line.finish_behind()
        present[0] += timedelta(seconds=2)
        assert line.number([second]) == 1

    assert world.all(select(Series.issued).where(Series.key == new)) == [1]
    assert world.statuses() == ["released"] * 2
    assert world.entry(2).numbered_at - world.entry(1).numbered_at == timedelta(seconds=2)
