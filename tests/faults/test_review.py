"""A decision and what it changes: all of it or nothing, and of two at once one."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from keys.crash_points import CrashMode, arm
from registry.assessment.status import SubmissionStatus
from registry.assessment.tables import Submission
from registry.journal.tables import Event
from registry.review.errors import NotAwaited
from registry.review.tables import ReturnedRow, SignedDecision
from signing.evidence import Step
from tests.faults.judging import require_whole
from tests.faults.theatre import PATIENCE_SECONDS
from tests.registry.staff_site import everything_stored
from tests.registry.world import ENVIRONMENT, ROLES

KILL, ERROR, HANG = CrashMode.KILL, CrashMode.ERROR, CrashMode.HANG
RETURNED = {2: "证件不清"}


def status(world):
    return world.all(select(Submission.status))


@pytest.mark.parametrize("mode", [KILL, ERROR])
@pytest.mark.parametrize("done", range(3))
def test_an_interrupted_decision_leaves_neither_itself_nor_its_event(theatre, done, mode):
    world = theatre.world
    submission = world.checked()
    for _ in range(done):
        world.decide(submission)
    signed = world.decision(submission, RETURNED)
    before, stood = everything_stored(world), status(world)

    theatre.trip(mode, "decide.before_commit", lambda world: world.record(signed, RETURNED))

    assert everything_stored(world) == before
    assert status(world) == stood
    recorded = world.record(signed, RETURNED)
    assert (recorded.confirmed, recorded.returned) == (2, 1)
    assert world.count(SignedDecision, ReturnedRow) == (done + 1, 1)
    acts = world.all(select(Event.act).where(Event.act.startswith("decide_")).order_by(Event.id))
    assert acts == [f"decide_{step}" for step in list(Step)[: done + 1]]
    for _ in range(2 - done):
        world.decide(submission)
    assert world.number(submission) == 2
    require_whole(world)


def test_of_two_reviewers_who_decide_at_the_same_moment_one_is_told_where_it_stands_now(theatre, hang):
    world = theatre.world
    colleague = world.holder("同事", ROLES[Step.PROVINCE])
    submission = world.checked()
    mine, his = world.decision(submission), world.decision(submission, RETURNED, key=colleague.key)
    arm("decide.before_commit", HANG, environment=ENVIRONMENT)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(world.record, mine)
        hang.await_begun()
        second = pool.submit(world.record, his, RETURNED)
        hang.let_go()

        assert first.result(PATIENCE_SECONDS).confirmed == 3
        with pytest.raises(NotAwaited) as refusal:
            second.result(PATIENCE_SECONDS)

    assert refusal.value.status == SubmissionStatus.CENTRE
    assert world.count(SignedDecision, ReturnedRow) == (1, 0)
    assert world.all(select(Event.act).where(Event.act == "decide_province")) == ["decide_province"]
