"""Many workers at once: no number twice, none left out, whatever the order in which they meet."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from registry.certificate.issuance import number_approved
from registry.certificate.tables import Certificate, EntryCounter, Series
from tests.instants import NOON
from tests.registry.world import BODY, ENVIRONMENT, OTHER_BODY, PROFILE, serials

WORKERS = 4
LEVELS = ("junior", "intermediate", "senior")


def number_all(world, submissions):
    """Let each worker number all submissions, each beginning with another one; return how many in all."""

    def work(first):
        return sum(
            number_approved(
                world.sessions, world.registrar, submission, PROFILE, environment=ENVIRONMENT, now=NOON
            )
            for submission in submissions[first:] + submissions[:first]
        )

    with ThreadPoolExecutor(WORKERS) as pool:
        return sum(pool.map(work, range(WORKERS)))


def require_no_gap(world, count):
    """Require that series and entries are exactly 1..N, and the counters N."""
    for series in world.all(select(Series)):
        numbers = world.all(select(Certificate.number).where(Certificate.series_key == series.key))
        assert sorted(serials(numbers)) == list(range(1, series.issued + 1))
    assert [entry.entry for entry in world.entries()] == list(range(1, count + 1))
    assert world.all(select(EntryCounter.last)) == [count]


def test_submissions_that_are_numbered_at_once_leave_no_gap_and_no_duplicate(world):
    submissions = [
        world.reviewed(
            *(world.row(place + 1, level=LEVELS[(place + turn) % 3]) for place in range(5)), issuer=issuer
        )
        for turn, issuer in enumerate((BODY, OTHER_BODY, BODY, BODY))
    ]

    assert number_all(world, submissions) == 20

    require_no_gap(world, 20)


def test_workers_that_meet_at_an_epochs_end_stay_inside_its_block(young_world):
    keys = {first: young_world.open_epoch(first, first + 2) for first in range(1, 16, 3)}
    submissions = [young_world.reviewed(*young_world.rows(3)) for _ in range(WORKERS)]

    numbered = number_all(young_world, submissions)
    # A worker's one call may have been cut at a block's end.
    numbered += sum(young_world.number(submission) for submission in submissions)

    assert numbered == 12
    require_no_gap(young_world, 12)
    for entry in young_world.entries():
        assert entry.key_id == keys[(entry.entry - 1) // 3 * 3 + 1]
