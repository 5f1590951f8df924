"""Sixteen issuers on SQLite, killed at random for a minute: no gap, nothing twice or lost, all in order."""

from tests.stress.storm import SQLITE
from tests.stress.trial import require_sound


def test_numbers_hold_while_issuers_are_killed():
    report = require_sound(SQLITE)

    assert report.engine_kills == 0
