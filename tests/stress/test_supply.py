"""The list of submissions on offer, as two processes see it."""

from random import Random
from uuid import UUID

from tests.stress.supply import WINDOW, Supply


def test_what_one_adds_and_closes_another_sees(tmp_path):
    feeder, issuer = Supply(tmp_path / "supply"), Supply(tmp_path / "supply")
    places = [feeder.add(UUID(int=number)) for number in range(3)]
    issuer.close(places[0])

    assert issuer.choose(Random(1), 8) == {1: UUID(int=1), 2: UUID(int=2)}
    assert not feeder.is_open(places[0])


def test_the_oldest_open_ones_are_on_offer(tmp_path):
    supply = Supply(tmp_path / "supply")
    for number in range(3 * WINDOW):
        supply.add(UUID(int=number))
    for place in range(WINDOW):
        supply.close(place)

    assert sorted(supply.choose(Random(1), 1000)) == list(range(WINDOW, 2 * WINDOW))
