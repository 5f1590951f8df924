"""Any order of acts, at random, on SQLite: what must hold after each of them holds."""

import pytest

from tests.life.drill import strike_every_act
from tests.life.living import live, require_rich

pytestmark = pytest.mark.usefixtures("quick_id_checks")


def test_whatever_the_order_of_acts_nothing_is_lost_doubled_or_revived(sqlite_place, new_folder):
    require_rich(live(sqlite_place, new_folder))


def test_every_trouble_leaves_behind_what_was_foretold(sqlite_place, new_folder):
    strike_every_act(sqlite_place, new_folder)
