"""The storm as a test: one minute, and what must come of it."""

import secrets

from tests.stress.__main__ import shown
from tests.stress.storm import Report, Storm

SECONDS = 60.0
LEAST_KILLS, LEAST_CERTIFICATES = 100, 1_000
"""Below this a run says nothing; a quiet machine of two cores does many times as much."""


def require_sound(database: str) -> Report:
    """Run a storm; require that it was one, and that nothing was wrong afterwards. Prints seed and counts."""
    storm = Storm(database=database, seconds=SECONDS, seed=secrets.randbelow(2**32))
    report = storm.run()
    print(storm, shown(report), sep="\n")
    assert report.faults == []
    assert report.toll["kills"] >= LEAST_KILLS
    assert report.entries["number"] >= LEAST_CERTIFICATES
    assert report.verdict.pairs > 0
    return report
