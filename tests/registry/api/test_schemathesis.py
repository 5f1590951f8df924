"""The API as it describes itself, tried by Schemathesis: every check it has, and the links from what was made.

The same cases in every run; ``python -m tests.registry.api.fuzz`` goes further (``fuzz``).
"""

import pytest

from tests.registry.api.fuzz import configuration, site, tried

# What no run may have too few of, lest it be a door that is shut at which nothing is found.
LEAST_OF = {"200": 100, "201": 3, "202": 10, "401": 50, "404": 50, "405": 50, "409": 10, "422": 50}


@pytest.mark.usefixtures("quick_id_checks")
def test_the_api_keeps_to_its_description(young_world, tmp_path):
    client, lively = site(young_world, tmp_path)

    found = [str(each) for each in tried(client, lively, configuration(seed=20261120, examples=3))]

    assert not found, "\n\n".join(found[:10])
    answered = dict.fromkeys(LEAST_OF, 0)
    for (_, status), count in client.answers.items():
        answered[status] = answered.get(status, 0) + count
    assert {status: count for status, count in answered.items() if count < LEAST_OF.get(status, 0)} == {}
