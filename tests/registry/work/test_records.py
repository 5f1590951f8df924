"""How jobs and workers are written down: seldom, apart from the work, and never in its way."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from registry.database.errors import RegisterBusy
from registry.database.faults import Fault
from registry.work.job import Job
from registry.work.records import HEARTBEAT_SECONDS, KEPT, STOPPED_KEPT, Records
from registry.work.tables import JobRecord, WorkerRecord
from tests.instants import NOON
from tests.registry.statements import counted
from tests.registry.work.conftest import Clock


class LostRegister:
    """Sessions that reach nothing as long as ``lost`` is true."""

    def __init__(self, sessions):
        self.sessions, self.lost = sessions, True

    def run(self, act, *, idempotent=False):
        if self.lost:
            raise RegisterBusy(8, Fault.CONNECTION_LOST)
        return self.sessions.run(act, idempotent=idempotent)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def records(sessions, clock) -> Records:
    return Records(sessions, "host:1:now", started_at=NOON, clock=clock)


def job(sessions, which=Job.SIGN):
    return sessions.read(lambda session: session.get(JobRecord, which.value))


def workers(sessions):
    return sessions.read(lambda session: list(session.scalars(select(WorkerRecord))))


def test_the_first_heartbeat_is_written_at_once_and_later_ones_seldom(engine, records, clock):
    records.heartbeat(clock.now())
    with counted(engine) as statements:
        for _ in range(100):
            clock.seconds += HEARTBEAT_SECONDS / 200
            records.succeeded(Job.SIGN, clock.now())
            records.heartbeat(clock.now(), doing=Job.SIGN)
        assert statements == []
        clock.seconds = HEARTBEAT_SECONDS
        records.heartbeat(clock.now(), doing=Job.SIGN)
        assert statements


def test_a_heartbeat_tells_when_the_worker_was_seen_and_at_what(sessions, records, clock):
    records.heartbeat(clock.now())
    clock.seconds = 20
    records.heartbeat(clock.now(), doing=Job.SIGN)

    (worker,) = workers(sessions)
    assert (worker.name, worker.started_at, worker.seen_at) == ("host:1:now", NOON, clock.now())
    assert worker.doing == Job.SIGN
    assert worker.stopped_at is None


def test_the_first_failure_is_written_at_once_and_so_is_the_success_after_it(sessions, records, clock):
    records.heartbeat(NOON)

    records.failed(Job.SIGN, NOON, "no key")
    records.heartbeat(NOON)
    assert (job(sessions).failures, job(sessions).failure, job(sessions).last_failure_at) == (
        1,
        "no key",
        NOON,
    )

    records.failed(Job.SIGN, NOON, "no key")
    records.heartbeat(NOON)
    assert job(sessions).failures == 1

    clock.seconds = 1
    records.succeeded(Job.SIGN, clock.now())
    records.heartbeat(clock.now())
    assert (job(sessions).failures, job(sessions).last_success_at) == (0, clock.now())
    # What it was is still there to be read.
    assert job(sessions).failure == "no key"


def test_failures_are_counted_since_the_last_success(sessions, records, clock):
    records.succeeded(Job.SIGN, NOON)
    for _ in range(5):
        clock.seconds += HEARTBEAT_SECONDS
        records.failed(Job.SIGN, clock.now(), "no key")
        records.heartbeat(clock.now())

    assert job(sessions).failures == 5
    assert job(sessions).last_success_at == NOON


def test_two_workers_share_the_record_of_a_job(sessions, clock):
    first, second = (Records(sessions, name, started_at=NOON, clock=clock) for name in ("a", "b"))
    first.failed(Job.SIGN, NOON, "no key")
    first.heartbeat(NOON)
    second.succeeded(Job.SIGN, NOON + timedelta(seconds=1))
    second.heartbeat(NOON + timedelta(seconds=1))

    assert job(sessions).failures == 0
    assert job(sessions).last_success_at == NOON + timedelta(seconds=1)
    assert sorted(worker.name for worker in workers(sessions)) == ["a", "b"]


def test_a_clock_that_went_back_does_not_take_back_a_success(sessions, records):
    records.succeeded(Job.SIGN, NOON)
    records.heartbeat(NOON, now=True)
    records.succeeded(Job.SIGN, NOON - timedelta(hours=1))
    records.heartbeat(NOON, now=True)

    assert job(sessions).last_success_at == NOON


def test_what_can_not_be_written_is_kept_for_the_next_heartbeat(sessions, clock):
    lost = LostRegister(sessions)
    records = Records(lost, "host:1:now", started_at=NOON, clock=clock)
    records.failed(Job.SIGN, NOON, "no key")
    records.failed(Job.SIGN, NOON, "no key")
    records.heartbeat(NOON)
    records.stopped(NOON)
    assert workers(sessions) == []

    lost.lost = False
    records.heartbeat(NOON)

    assert job(sessions).failures == 2
    assert len(workers(sessions)) == 1


def test_a_worker_that_ends_in_good_order_says_so(sessions, records):
    records.heartbeat(NOON)
    records.stopped(NOON + timedelta(seconds=3))

    (worker,) = workers(sessions)
    assert worker.stopped_at == NOON + timedelta(seconds=3)
    assert worker.doing is None


def test_workers_that_nobody_has_seen_for_long_are_forgotten_when_one_starts(sessions, clock):
    for name, age in (("long gone", KEPT + timedelta(seconds=1)), ("lately", KEPT - timedelta(seconds=1))):
        Records(sessions, name, started_at=NOON - age, clock=clock).heartbeat(NOON - age)

    Records(sessions, "new", started_at=NOON, clock=clock).heartbeat(NOON)

    assert sorted(worker.name for worker in workers(sessions)) == ["lately", "new"]


def test_workers_that_ended_in_good_order_are_forgotten_after_a_day(sessions, clock):
    for name, age in (("ended", STOPPED_KEPT + timedelta(seconds=1)), ("lately", STOPPED_KEPT)):
        Records(sessions, name, started_at=NOON - age, clock=clock).stopped(NOON - age)
    died = NOON - STOPPED_KEPT - timedelta(seconds=1)
    Records(sessions, "died", started_at=died, clock=clock).heartbeat(died)

    Records(sessions, "new", started_at=NOON, clock=clock).heartbeat(NOON)

    assert sorted(worker.name for worker in workers(sessions)) == ["died", "lately", "new"]
