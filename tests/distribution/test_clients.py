"""Both clients on a public tree as a publisher leaves it on a disk."""

from tests.distribution.cases import Case
from tests.distribution.clients import outcomes_of_page, outcomes_of_update, visit_of
from tests.distribution.repository import repository, root_keys, write
from tests.vectors import world


def test_both_follow_a_tree_from_version_to_version(tmp_path):
    made, visits = repository(world.NOW), []
    pin = made.pin()
    for generation, status in ((1, 900), (2, 901), (3, 902)):
        made.status_version = status
        if generation > 1:
            made.rotate(root_keys(generation))
        made.publish()
        visits.append(visit_of(write(tmp_path / "public", made.files)))

    in_python = outcomes_of_update(pin, visits, tmp_path, now=world.NOW)
    (in_the_page,) = outcomes_of_page([Case(pin, visits)], now=world.NOW)

    assert in_python == in_the_page
    assert [outcome.status for outcome in in_python] == [900, 901, 902]
