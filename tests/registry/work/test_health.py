"""What health tells, and of what it complains."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from keys.errors import KeyUnavailable
from registry.certificate.tables import EntryCounter
from registry.journal.sequencer import chain_events
from registry.journal.tables import LogHead
from registry.work.backlog import Waiting
from registry.work.health import (
    FAILURES_IN_A_ROW,
    MOST_WORKERS,
    Health,
    JobLine,
    Limits,
    WorkerLine,
    complaints,
    read_health,
)
from registry.work.job import Job
from registry.work.records import Records
from registry.work.words import CHINESE, ENGLISH
from tests.instants import NOON
from tests.registry.work.conftest import Clock

SECOND = timedelta(seconds=1)
LIMITS = Limits()
ALIVE = WorkerLine("host:1:now", NOON, NOON, None, None)
WELL = Health(
    at=NOON,
    jobs=tuple(JobLine(job, NOON, None, 0, None) for job in Job),
    workers=(ALIVE,),
    backlog=(),
    last_entry=7,
    held_because=None,
    outdated_because=None,
)


def with_job(line: JobLine) -> Health:
    """Return a register in good order but for one job."""
    return replace(WELL, jobs=tuple(line if each.job is line.job else each for each in WELL.jobs))


def sign(**changes) -> JobLine:
    return replace(JobLine(Job.SIGN, NOON, None, 0, None), **changes)


def test_a_register_in_good_order_gives_no_complaint():
    assert complaints(WELL, LIMITS, known_entries={"the signer's journal": 7, "a status file": 3}) == []


COMPLAINTS = {
    "a job that nobody ever did": (with_job(sign(last_success_at=None)), "签名：从未成功"),
    "a job that never succeeded": (
        with_job(sign(last_success_at=None, last_failure_at=NOON, failures=1, failure="no key")),
        "签名：从未成功（no key）",
    ),
    "a job that goes on failing": (
        with_job(sign(last_failure_at=NOON, failures=FAILURES_IN_A_ROW, failure="no key")),
        "签名：连续失败 3 次（no key）",
    ),
    "a job without success for long": (
        with_job(sign(last_success_at=NOON - LIMITS.max_age - SECOND)),
        "签名：已有 5 分钟没有成功",
    ),
    "what a job left behind": (
        with_job(sign(last_failure_at=NOON, failure="登记序号 3 未能签名")),
        "签名：登记序号 3 未能签名",
    ),
    "no worker": (replace(WELL, workers=()), "没有正在运行的 certreg work"),
    "a worker that died": (
        replace(WELL, workers=(replace(ALIVE, seen_at=NOON - LIMITS.max_age - SECOND),)),
        "没有正在运行的 certreg work",
    ),
    "a worker that was stopped": (
        replace(WELL, workers=(replace(ALIVE, stopped_at=NOON),)),
        "没有正在运行的 certreg work",
    ),
    "something that waits for long": (
        replace(WELL, backlog=(Waiting(Job.NUMBER, 40, NOON - LIMITS.max_wait - SECOND),)),
        "编号：40 项等待，最早的已等 1 小时",
    ),
    "a register that is an older copy of itself": (
        replace(WELL, outdated_because="见证方已有 12 条"),
        "本登记库是旧的副本，只能查看、暂停、撤销和停用密钥：见证方已有 12 条",
    ),
    "numbering that is held": (replace(WELL, held_because="最高编号不明"), "编号已停止：最高编号不明"),
}


@pytest.mark.parametrize(("health", "said"), COMPLAINTS.values(), ids=COMPLAINTS)
def test_what_an_operator_must_see_to_is_said(health, said):
    assert complaints(health, LIMITS) == [said]


NO_COMPLAINTS = {
    "a job that failed once and has succeeded lately": with_job(
        sign(last_failure_at=NOON, failures=1, failure="busy")
    ),
    "a failure that is mended": with_job(sign(last_failure_at=NOON - SECOND, failure="busy")),
    "a success just young enough": with_job(sign(last_success_at=NOON - LIMITS.max_age)),
    "one worker that died beside one that lives": replace(
        WELL, workers=(replace(ALIVE, seen_at=NOON - timedelta(days=1)), ALIVE)
    ),
    "what waits for a short time": replace(
        WELL, backlog=(Waiting(Job.NUMBER, 40, NOON - LIMITS.max_wait), Waiting(Job.SIGN, 0, None))
    ),
}


@pytest.mark.parametrize("health", NO_COMPLAINTS.values(), ids=NO_COMPLAINTS)
def test_what_passes_by_itself_is_no_complaint(health):
    assert complaints(health, LIMITS) == []


@pytest.mark.parametrize("health", [health for health, _ in COMPLAINTS.values()], ids=COMPLAINTS)
def test_in_english_not_a_word_is_chinese_but_what_somebody_stored(health):
    stored = replace(
        health,
        jobs=tuple(replace(line, failure=line.failure and "text") for line in health.jobs),
        held_because=health.held_because and "text",
        outdated_because=health.outdated_because and "text",
    )

    (said,) = complaints(stored, LIMITS, words=ENGLISH)

    assert said.isascii()


def test_where_nothing_has_run_yet_one_complaint_says_what_to_start():
    young = replace(
        WELL, jobs=tuple(JobLine(job, None, None, 0, None) for job in Job), workers=(), held_because="why"
    )

    assert complaints(young, LIMITS, words=ENGLISH) == ["numbering is held: why", ENGLISH.never_worked]
    assert "`certreg work`" in ENGLISH.never_worked
    assert "certreg work" in CHINESE.never_worked


def test_a_first_round_that_failed_is_no_register_in_which_nothing_has_run():
    failed = replace(with_job(sign(last_success_at=None, last_failure_at=NOON, failures=1)), workers=())

    assert failed.ever_worked


def test_a_register_behind_its_signer_is_an_old_copy():
    (said,) = complaints(WELL, LIMITS, known_entries={"the signer's journal": 8, "a status file": 7})

    assert "登记序号 7，而 the signer's journal 已到 8" in said
    assert "certreg restore" in said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "0 秒"), (59.9, "59 秒"), (60, "1 分钟"), (7199, "1 小时"), (86400 * 3, "3 天")],
)
def test_durations_are_said_in_their_largest_unit(seconds, said):
    assert CHINESE.duration(timedelta(seconds=seconds)) == said


def test_an_empty_register_can_be_asked(young_world):
    found = young_world.sessions.read(lambda session: read_health(session, now=NOON))

    assert not found.ever_worked
    assert (found.last_entry, found.held_because, found.outdated_because) == (0, None, None)
    assert [line.job for line in found.jobs] == list(Job)


def test_it_tells_what_the_workers_wrote_down(world):
    world.numbered()
    chain_events(world.sessions)
    clock = Clock()
    records = Records(world.sessions, "host:1:now", started_at=NOON, clock=clock)
    for job in Job:
        records.succeeded(job, NOON)
    records.failed(Job.SIGN, NOON, "no key")
    records.heartbeat(NOON, doing=Job.SIGN)
    world.tamper(
        update(EntryCounter).values(held_because="最高编号不明"), update(LogHead).values(behind="旧")
    )

    found = world.sessions.read(lambda session: read_health(session, now=NOON + SECOND))

    assert found.ever_worked
    assert found.last_entry == 3
    assert (found.held_because, found.outdated_because) == ("最高编号不明", "旧")
    assert found.workers == (WorkerLine("host:1:now", NOON, NOON, None, "sign"),)
    assert found.jobs[3] == JobLine(Job.SIGN, NOON, NOON, 1, "no key")
    assert {each.job: each.count for each in found.backlog}[Job.SIGN] == 3


def test_of_many_workers_it_tells_the_newest_and_those_that_run_first(world):
    Records(world.sessions, "runs", started_at=NOON, clock=Clock()).heartbeat(NOON)
    for number in range(MOST_WORKERS + 5):
        Records(world.sessions, f"once {number:02}", started_at=NOON, clock=Clock()).stopped(
            NOON + number * SECOND
        )

    found = world.sessions.read(lambda session: read_health(session, now=NOON + 30 * SECOND))

    assert len(found.workers) == MOST_WORKERS
    assert [worker.name for worker in found.workers[:2]] == ["runs", f"once {MOST_WORKERS + 4:02}"]


class BrokenSigner:
    """A signer whose key is out of reach."""

    def sign_many(self, request, /):
        raise KeyUnavailable("keys", "the module does not answer")


def test_a_signer_out_of_order_stops_nothing_else_and_health_says_so(world, shift, tasks_of):
    before, waiting = world.numbered(), world.reviewed()
    world.sign()
    late = world.submitted()
    signers = dict.fromkeys(world.signers, BrokenSigner())
    made = shift(world.sessions, tasks_of(world, signers), pauses=6)

    made.worker.run()

    assert len(world.numbers(waiting)) == 3
    assert world.statuses() == ["released"] * 3 + ["numbered"] * 3
    assert {job for job, _ in made.failed()} == {Job.SIGN}
    assert made.done(Job.ID_CHECKS) == 3
    assert (before, late) != (None, None)
    health = world.sessions.read(lambda session: read_health(session, now=made.clock.now()))
    said = [each for each in complaints(health) if each.startswith("签名")]
    assert said == ["签名：从未成功（KeyUnavailable: keys: the module does not answer）"]
