"""Several workers at once: all is done, nothing twice, and none needs another."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import pytest
from sqlalchemy import select

from registry.assessment.status import SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.intake import id_checks
from registry.work.job import Job
from tests.registry.certificate.test_concurrent_numbering import require_no_gap
from tests.registry.world import World

WORKERS = 3
ROWS = 3000


class CountingSigner:
    """Signs as another does, and counts how often it was asked for which bytes."""

    def __init__(self, signer):
        self.signer, self.asked, self.lock = signer, Counter(), Lock()

    def sign_many(self, request, /):
        with self.lock:
            self.asked.update(item.to_be_signed for item in request.items)
        return self.signer.sign_many(request)


@pytest.fixture
def large_world(young_world: World) -> World:
    """A register with an epoch of 5,000 entries and 3,000 approved rows, of large and small submissions."""
    young_world.open_epoch(1, 5000)
    for count in (1800, 700, 300, 150, *[10] * 5):
        young_world.reviewed(*young_world.rows(count))
    return young_world


def test_workers_share_the_work_and_do_nothing_twice(large_world, shift, tasks_of):
    world = large_world
    signers = {key_id: CountingSigner(signer) for key_id, signer in world.signers.items()}
    shifts = [shift(world.sessions, tasks_of(world, signers), name=f"worker {n}") for n in range(WORKERS)]

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(lambda each: each.worker.run_once(), shifts))
    # Each of them may have passed by what another was at when that one ended.
    last = shift(world.sessions, tasks_of(world, signers), name="last")
    last.worker.run_once()

    shifts.append(last)
    assert [failure for each in shifts for failure in each.failed()] == []
    for job in (Job.NUMBER, Job.SIGN, Job.RELEASE):
        assert sum(each.done(job) for each in shifts) == ROWS, job
    assert world.statuses() == ["released"] * ROWS
    require_no_gap(world, ROWS)
    asked = Counter(sum((signer.asked for signer in signers.values()), Counter()))
    assert len(asked) == ROWS
    if world.sessions.locks_rows:
        assert set(asked.values()) == {1}


def test_workers_share_the_id_checks_of_one_submission(world, shift, tasks_of, monkeypatch):
    world.submitted(*world.rows(300))
    computed, lock = Counter(), Lock()
    honest = id_checks._check

    def counted(result, sealer, salt):
        with lock:
            computed[result.id] += 1
        return honest(result, sealer, salt)

    monkeypatch.setattr(id_checks, "_check", counted)
    shifts = [shift(world.sessions, tasks_of(world), name=f"worker {n}") for n in range(WORKERS)]

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(lambda each: each.worker.run_once(), shifts))

    assert world.all(select(Submission.status)) == [SubmissionStatus.PROVINCE]
    assert None not in world.all(select(Result.id_check))
    assert len(computed) == 300
    if world.sessions.locks_rows:
        assert set(computed.values()) == {1}
        assert sum(each.done(Job.ID_CHECKS) for each in shifts) == 300
