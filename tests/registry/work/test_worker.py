"""The loop: what it outlives, what ends it, how long it waits, how it stops."""

import errno

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from keys.errors import CorruptSignature, JournalUnavailable
from registry.certificate.errors import NumberingHeld
from registry.database.errors import CommitUnknown, RegisterBusy, StorageDamaged, StorageFull
from registry.database.faults import Fault
from registry.work.errors import WorkerBroken, WorkerForbidden
from registry.work.job import Job, Task
from registry.work.tables import JobRecord, WorkerRecord
from registry.work.worker import LONGEST_PAUSE_SECONDS
from signing.errors import Malformed
from tests.registry.work.conftest import counting, failing

OUTLIVED = [
    RegisterBusy(8, Fault.BUSY),
    CommitUnknown(),
    StorageFull(),
    NumberingHeld("the highest numbers are not known"),
    CorruptSignature(b"\0\0\0\1"),
    JournalUnavailable("journal", "no room"),
    Malformed("not a status"),
    IntegrityError("INSERT", {"name": "张三"}, Exception("张三")),
    OSError(errno.EMFILE, "too many open files"),
    OSError(errno.ENOSPC, "no room"),
]


def job_record(sessions, job):
    return sessions.read(lambda session: session.get(JobRecord, job.value))


def worker_record(sessions):
    return sessions.read(lambda session: session.scalars(select(WorkerRecord)).one())


@pytest.mark.parametrize("error", OUTLIVED, ids=lambda error: type(error).__name__)
def test_a_job_that_fails_keeps_no_other_from_its_turn_and_is_tried_again(sessions, shift, error):
    tasks = [Task(Job.NUMBER, failing(error)), Task(Job.SIGN, counting(7)), Task(Job.RELEASE, counting(5))]
    made = shift(sessions, tasks)

    made.worker.run()

    assert [job for job, _ in made.failed()] == [Job.NUMBER]
    assert (made.done(Job.SIGN), made.done(Job.RELEASE)) == (7, 5)
    record = job_record(sessions, Job.NUMBER)
    assert record.last_success_at > record.last_failure_at
    assert record.failures == 0
    assert "张三" not in record.failure
    assert record.failure.startswith(type(error).__name__)


def test_nobody_tries_the_next_job_while_the_database_is_out_of_reach(sessions, shift):
    gone = RegisterBusy(8, Fault.CONNECTION_LOST)
    made = shift(sessions, [Task(Job.NUMBER, failing(gone)), Task(Job.SIGN, counting(7))])

    first = made.worker.round()

    assert Job.SIGN not in first.done
    assert made.worker.round().done == {Job.SIGN: 7}


def test_a_job_that_goes_on_failing_is_left_alone_longer_each_time(sessions, shift):
    task = Task(Job.SIGN, failing(*[CorruptSignature(b"\0\0\0\1")] * 20))
    made = shift(sessions, [task], pauses=16)

    made.worker.run()

    failures = [at for at, each in enumerate(made.told) if each.failed]
    assert made.stop.paused[:4] == [1, 2, 4, 8]
    assert max(made.stop.paused) <= 10
    assert len(failures) < len(made.told)
    assert made.clock.seconds <= 16 * LONGEST_PAUSE_SECONDS
    assert job_record(sessions, Job.SIGN).failures == len(failures)


def test_a_success_ends_the_pauses(sessions, shift):
    busy = RegisterBusy(8, Fault.BUSY)
    made = shift(sessions, [Task(Job.NUMBER, failing(busy, busy))], pauses=4)

    made.worker.run()

    assert made.stop.paused == [1, 2, 10, 10]


def test_it_waits_only_when_the_last_round_found_nothing_to_do(sessions, shift):
    made = shift(sessions, [Task(Job.NUMBER, counting(1000, 1000)), Task(Job.SIGN, counting(3))], pauses=1)

    made.worker.run()

    assert [each.anything for each in made.told] == [True, False]
    assert made.stop.paused == [10]


def test_it_stops_after_the_batch_in_hand_and_says_so(sessions, shift):
    stopping = []

    def batches():
        yield 1000
        stopping[0].asked = True
        yield 500
        raise AssertionError("a batch was begun after somebody asked to stop")

    made = shift(sessions, [Task(Job.NUMBER, batches), Task(Job.SIGN, counting(7))])
    stopping.append(made.stop)

    made.worker.run()

    assert made.done(Job.NUMBER) == 1500
    assert made.done(Job.SIGN) == 0
    assert worker_record(sessions).stopped_at is not None


def raising(error):
    def end():
        raise error

    return end


def test_a_job_that_can_not_let_go_keeps_no_other_from_it(sessions, shift):
    ended = []
    tasks = [
        Task(Job.DRAFTS, counting(), end=raising(RegisterBusy(8, Fault.BUSY))),
        Task(Job.NUMBER, counting(), end=lambda: ended.append(Job.NUMBER)),
    ]

    shift(sessions, tasks).worker.run()

    assert ended == [Job.NUMBER]
    assert worker_record(sessions).stopped_at is not None


ENDS = [(StorageDamaged("malformed"), WorkerForbidden), (TypeError("张三"), WorkerBroken)]


@pytest.mark.parametrize(("error", "ending"), ENDS, ids=repr)
def test_what_ends_a_worker_ends_it_while_it_lets_go_too(sessions, shift, error, ending):
    made = shift(sessions, [Task(Job.DRAFTS, counting(), end=raising(error))])

    with pytest.raises(ending) as ended:
        made.worker.run()

    assert "张三" not in ended.value.why


@pytest.mark.parametrize("error", [TypeError("张三"), KeyError("张三"), MemoryError()], ids=repr)
def test_a_fault_of_the_program_is_written_down_and_ends_the_worker(sessions, shift, error):
    made = shift(sessions, [Task(Job.NUMBER, failing(error)), Task(Job.SIGN, counting(7))])

    with pytest.raises(WorkerBroken) as ended:
        made.worker.run()

    record = job_record(sessions, Job.NUMBER)
    assert ended.value.why == record.failure
    assert record.failure.startswith(type(error).__name__)
    assert "conftest.py" in record.failure
    assert "张三" not in record.failure
    assert record.failures == 1
    # Nobody stopped it, so it does not look stopped.
    assert worker_record(sessions).stopped_at is None


def test_damaged_files_end_the_worker_and_nothing_more_is_written(sessions, shift):
    made = shift(sessions, [Task(Job.NUMBER, failing(StorageDamaged("malformed")))])

    with pytest.raises(WorkerForbidden):
        made.worker.run()

    assert job_record(sessions, Job.NUMBER) is None


class DamagedRegister:
    """Sessions whose files are damaged."""

    def run(self, act, *, idempotent=False):
        raise StorageDamaged("malformed")


def test_a_worker_with_nothing_to_do_does_not_outlive_damaged_files(shift):
    made = shift(DamagedRegister(), [Task(Job.NUMBER, counting())])

    with pytest.raises(WorkerForbidden, match="malformed"):
        made.worker.run()


def test_damaged_files_forbid_to_start_again_whatever_else_went_wrong(shift):
    made = shift(DamagedRegister(), [Task(Job.NUMBER, failing(TypeError("张三")))])

    with pytest.raises(WorkerForbidden):
        made.worker.run()


def test_a_worker_that_ends_does_not_outlive_damaged_files_either(shift):
    made = shift(DamagedRegister(), [])
    made.stop.asked = True

    with pytest.raises(WorkerForbidden):
        made.worker.run()


def test_once_works_until_nothing_is_left(sessions, shift):
    made = shift(sessions, [Task(Job.NUMBER, counting(1000, 3))])

    assert made.worker.run_once()

    assert [each.done[Job.NUMBER] for each in made.told] == [1003, 0]
    assert made.stop.paused == []
    assert worker_record(sessions).stopped_at is not None


def test_once_does_not_wait_for_a_job_that_fails(sessions, shift):
    tasks = [
        Task(Job.NUMBER, failing(NumberingHeld("why"), NumberingHeld("why"))),
        Task(Job.SIGN, counting(2)),
    ]
    made = shift(sessions, tasks)

    assert not made.worker.run_once()

    assert len(made.told) == 1
    assert made.done(Job.SIGN) == 2


def test_what_a_job_left_behind_is_told_and_written_down_as_no_failure(sessions, shift):
    left = ["登记序号 1 未能签名：why", "登记序号 2 未能签名：why"]
    made = shift(sessions, [Task(Job.SIGN, counting(4), lambda: left)])

    assert made.worker.run_once()

    assert made.told[0].left_behind == {Job.SIGN: left}
    record = job_record(sessions, Job.SIGN)
    assert record.failures == 0
    assert record.last_success_at == record.last_failure_at
    assert record.failure == "登记序号 1 未能签名：why (and 1 more)"
