"""Sixteen issuers on PostgreSQL, killed at random for a minute, and the server five times: the numbers hold."""

from tests.stress.storm import POSTGRESQL
from tests.stress.trial import require_sound


def test_numbers_hold_while_issuers_and_the_server_are_killed():
    report = require_sound(POSTGRESQL)

    assert report.engine_kills == 5
