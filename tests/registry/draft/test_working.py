"""Workers at drafts: fair, and none of their deaths costs a draft, a row or a signature."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from keys.crash_points import CrashMode, arm, disarm
from registry.assessment.tables import Result, Submission
from registry.database.sessions import Sessions
from registry.draft import checking, claiming
from registry.draft.changing import replace_results
from registry.draft.claiming import CLAIM_LASTS, MOST_ATTEMPTS, claim, gained, held, renew, waiting_drafts
from registry.draft.errors import Overtaken
from registry.draft.files import Kind
from registry.draft.status import DraftStatus, Phase
from registry.draft.tables import Draft, DraftFile, DraftPart
from registry.work import drafting
from registry.work.backlog import backlog
from registry.work.drafting import STEPS_IN_TURN, _Hand
from registry.work.job import Job, Task
from registry.work.records import Records
from registry.work.worker import Worker
from tests.registry.work.conftest import Clock, Stop
from tests.registry.world import BODY, ENVIRONMENT, OTHER_BODY


class Killed(BaseException):
    """What ends a process, as far as its own code can see."""


def step(desk, name="worker"):
    """Let a worker begin a turn, and return it between two steps."""
    turn = desk.worker(name).batches()
    next(turn)
    return turn


def killed(desk, name):
    """Forget a worker without a word, as if its process had been killed."""
    # What it had in hand must not be closed in good order, which would let go of the drafts.
    desk.workers.pop(name)._release = lambda claimed: None


def take(desk, draft_id, worker):
    return desk.world.sessions.run(lambda session: claim(session, draft_id, worker, now=desk.now))


def test_a_draft_in_one_workers_hand_is_not_taken_by_another(desk):
    draft_id = desk.open().draft_id
    turn = step(desk, "first")

    assert desk.work("second") == 0
    list(turn)

    assert desk.status(draft_id) is DraftStatus.READY


def test_a_worker_that_is_asked_to_stop_lets_go_at_once(desk):
    draft_id = desk.open().draft_id

    step(desk, "first")
    desk.worker("first").put_all_down()
    assert desk.row(draft_id).claimed_by is None

    desk.work("second")
    assert desk.status(draft_id) is DraftStatus.READY
    assert desk.row(draft_id).attempts == 0


@pytest.mark.parametrize("work", [Worker.run, Worker.run_once])
def test_a_good_stop_during_another_job_lets_go_too(desk, monkeypatch, work):
    monkeypatch.setattr(drafting, "STEPS_IN_TURN", 1)
    draft_id = desk.open().draft_id
    clock, first = Clock(), desk.worker("first")
    stop = Stop(clock)

    def stopping():
        assert desk.row(draft_id).claimed_by == "first"
        stop.asked = True
        yield 1

    tasks = [
        Task(Job.DRAFTS, first.batches, first.left_behind, first.put_all_down),
        Task(Job.NUMBER, stopping),
    ]
    records = Records(desk.world.sessions, "first", started_at=desk.now, clock=clock)
    work(Worker(tasks, records, stop, every_seconds=10, now=clock.now, tell=lambda _: None, clock=clock))

    assert desk.row(draft_id).claimed_by is None
    desk.work("second")
    assert (desk.status(draft_id), desk.row(draft_id).attempts) == (DraftStatus.READY, 0)


def test_what_a_killed_worker_left_is_taken_up_when_its_claim_has_run_out(desk):
    draft_id = desk.open().draft_id
    turn = step(desk, "first")
    killed(desk, "first")

    desk.later(seconds=CLAIM_LASTS.total_seconds() - 1)
    assert desk.work("second") == 0
    desk.later(seconds=1)
    desk.work("second")

    assert desk.status(draft_id) is DraftStatus.READY
    turn.close()


def test_a_draft_over_which_workers_die_is_given_up(desk):
    draft_id = desk.open().draft_id
    for number in range(MOST_ATTEMPTS):
        assert not take(desk, draft_id, f"worker {number}").given_up
        desk.later(seconds=CLAIM_LASTS.total_seconds())

    desk.work("last")

    assert desk.status(draft_id) is DraftStatus.FAULTY
    assert desk.faults(draft_id) == [(None, None, "check_failed")]


def test_deaths_do_not_count_while_anything_is_gained(desk):
    draft_id = desk.open().draft_id
    for number in range(2 * MOST_ATTEMPTS):
        claimed = take(desk, draft_id, f"worker {number}")
        assert not claimed.given_up
        desk.world.sessions.run(lambda session, claimed=claimed: gained(session, claimed))
        desk.later(seconds=CLAIM_LASTS.total_seconds())

    desk.work("last")
    assert desk.status(draft_id) is DraftStatus.READY


def test_that_a_check_goes_on_is_nothing_gained(desk):
    draft_id = desk.open().draft_id
    for number in range(MOST_ATTEMPTS):
        claimed = take(desk, draft_id, f"worker {number}")
        desk.world.sessions.run(
            lambda session, claimed=claimed: renew(session, claimed, Phase.PHOTOS, 1, 9, now=desk.now)
        )
        desk.later(seconds=CLAIM_LASTS.total_seconds())

    assert take(desk, draft_id, "last").given_up


POISON = "毒"
"""A name over which workers end."""


@pytest.fixture
def poisonous(monkeypatch):
    """Let every worker end that checks a row with the poisonous name, as its program or its process ends."""
    ends = {"how": Killed()}
    original = checking.check

    def ending(content, *others, **more):
        if any(row.cells.get("name") == POISON for row in content.rows):
            raise ends["how"]
        return original(content, *others, **more)

    monkeypatch.setattr(checking, "check", ending)
    return ends


def lives(desk, name):
    """Let a worker do all there is; return whether it lived on."""
    try:
        desk.work(name)
    except (Killed, KeyError):
        killed(desk, name)
        desk.later(seconds=CLAIM_LASTS.total_seconds())
        return False
    return True


@pytest.mark.parametrize("how", [Killed(), KeyError("a fault of the program")], ids=repr)
def test_a_draft_that_ends_every_worker_ends_three_and_no_other_draft_is_given_up(
    desk, world, poisonous, how
):
    poisonous["how"] = how
    others = [desk.open(issuer=issuer).draft_id for issuer in (BODY, OTHER_BODY)]
    # The youngest: the others are in hand when the first worker ends.
    desk.later(seconds=1)
    poisoned = desk.open(desk.results(world.row(1, name=POISON))).draft_id

    lived = [lives(desk, f"worker {number}") for number in range(MOST_ATTEMPTS + 1)]

    assert lived == [False] * MOST_ATTEMPTS + [True]
    assert desk.faults(poisoned) == [(None, None, "check_failed")]
    assert "已停止检查" in desk.state(poisoned).failure
    statuses = world.all(select(Draft.status).where(Draft.id.in_(others)))
    assert statuses == [DraftStatus.READY] * len(others)


def test_what_was_given_up_is_told_to_operators_until_its_body_changes_it(desk, world, poisonous):
    poisoned = desk.open(desk.results(world.row(1, name=POISON))).draft_id
    for number in range(MOST_ATTEMPTS):
        lives(desk, f"worker {number}")

    desk.work("last")
    (told,) = desk.worker("last").left_behind()
    assert str(poisoned) in told
    assert "given up" in told

    replace_results(world.sessions, desk.sealer, desk.author(), poisoned, desk.results(), now=desk.now)
    desk.work("last")
    assert desk.worker("last").left_behind() == []
    assert (desk.status(poisoned), desk.state(poisoned).failure) == (DraftStatus.READY, None)


def test_a_body_that_signs_at_once_costs_the_worker_nothing(desk):
    draft_id = desk.open().draft_id
    turn = desk.worker().batches()
    while desk.status(draft_id) is DraftStatus.RECEIVED:
        next(turn)

    desk.sign(draft_id)
    list(turn)
    desk.work()

    assert desk.status(draft_id) is DraftStatus.SUBMITTED


def test_a_body_that_corrects_at_once_costs_the_worker_nothing(desk, world):
    draft_id = desk.open(desk.results(world.row(1, name=""))).draft_id
    turn = desk.worker().batches()
    while desk.status(draft_id) is DraftStatus.RECEIVED:
        next(turn)

    replace_results(world.sessions, desk.sealer, desk.author(), draft_id, desk.results(), now=desk.now)
    list(turn)
    desk.work()

    assert desk.status(draft_id) is DraftStatus.READY


def test_work_that_had_ended_is_taken_up_anew(desk, world):
    draft_id = desk.ready()
    desk.sign(draft_id)
    worker = desk.worker()
    # The same revision waits in the same status, and its work in hand has come to its end.
    waiting = world.sessions.read(lambda session: waiting_drafts(session, "worker", now=desk.now))[0]
    worker._hands[draft_id] = _Hand(waiting, take(desk, draft_id, "worker"), iter(()))

    desk.work()

    assert desk.status(draft_id) is DraftStatus.SUBMITTED


def test_the_outcome_of_a_check_does_not_count_after_a_change(desk, world):
    draft_id = desk.open(desk.results(world.row(1, name=""))).draft_id
    turn = step(desk)

    replace_results(
        world.sessions, desk.sealer, desk.author(), draft_id, desk.results(world.row(1)), now=desk.now
    )
    list(turn)
    assert desk.status(draft_id) in (DraftStatus.RECEIVED, DraftStatus.READY)
    desk.work()

    assert desk.status(draft_id) is DraftStatus.READY
    assert desk.state(draft_id).checked
    assert desk.faults(draft_id) == []


def test_a_claim_that_ran_out_holds_until_somebody_else_takes_the_draft(desk):
    draft_id = desk.open().draft_id
    slow = take(desk, draft_id, "slow")
    desk.later(seconds=CLAIM_LASTS.total_seconds() + 1)
    desk.world.sessions.run(lambda session: held(session, slow))

    quick = take(desk, draft_id, "quick")

    assert quick is not None
    with pytest.raises(Overtaken):
        desk.world.sessions.run(lambda session: held(session, slow))


def test_bodies_come_in_turn_however_many_drafts_one_has(desk):
    flood = [desk.open().draft_id for _ in range(6)]
    desk.later(minutes=1)
    single = desk.open(issuer=OTHER_BODY).draft_id

    turns = 0
    while desk.status(single, issuer=OTHER_BODY) is DraftStatus.RECEIVED:
        turns += 1
        list(desk.worker().batches())

    assert turns == 1
    assert any(desk.status(each) is DraftStatus.RECEIVED for each in flood)


def test_a_turn_ends_so_that_the_other_jobs_have_theirs(desk):
    for _ in range(5):
        desk.open()

    assert len(list(desk.worker().batches())) == STEPS_IN_TURN


def test_what_does_not_open_is_told_and_keeps_nobody_waiting(desk, world):
    broken = desk.open().draft_id
    file = select(DraftFile.id).where(DraftFile.draft_id == broken).scalar_subquery()
    world.tamper(update(DraftPart).where(DraftPart.file_id == file).values(sealed=b"damaged"))
    lawful = desk.open().draft_id

    desk.work()

    assert desk.status(lawful) is DraftStatus.READY
    assert desk.status(broken) is DraftStatus.RECEIVED
    (told,) = desk.worker().left_behind()
    assert str(broken) in told
    assert "SealBroken" in told
    replace_results(world.sessions, desk.sealer, desk.author(), broken, desk.results(), now=desk.now)
    desk.work()
    assert desk.status(broken) is DraftStatus.READY
    assert desk.worker().left_behind() == []


def test_a_failure_of_the_database_costs_one_try_and_no_draft(desk, monkeypatch):
    draft_id = desk.open().draft_id
    original = Sessions.run
    calls = []

    def failing(self, act, **more):
        calls.append(act)
        if len(calls) == 4:
            raise OSError("no disk")
        return original(self, act, **more)

    monkeypatch.setattr(Sessions, "run", failing)
    with pytest.raises(OSError, match="no disk"):
        list(desk.worker().batches())
    desk.work()

    assert desk.status(draft_id) is DraftStatus.READY


@pytest.mark.parametrize("point", ["submit.before_commit", "submit.committed"])
def test_a_worker_that_dies_over_the_handing_in_hands_in_once(desk, world, point):
    draft_id = desk.ready()
    desk.sign(draft_id)
    arm(point, CrashMode.ERROR, environment=ENVIRONMENT, error=Killed())
    try:
        with pytest.raises(Killed):
            list(desk.worker("first").batches())
    finally:
        disarm()
    desk.later(seconds=CLAIM_LASTS.total_seconds())

    desk.work("second")

    assert desk.status(draft_id) is DraftStatus.SUBMITTED
    assert world.all(select(Submission.id)) == [desk.state(draft_id).submission_id]
    assert len(world.all(select(Result))) == 3


def test_what_waits_is_counted(desk, world):
    def waiting():
        return next(each for each in world.sessions.read(backlog) if each.job is Job.DRAFTS)

    assert (waiting().count, waiting().oldest_at) == (0, None)
    since = desk.now
    desk.open()
    desk.later(hours=1)
    desk.open()
    assert (waiting().count, waiting().oldest_at) == (2, since)

    desk.work()
    assert waiting().count == 0


def test_two_workers_share_the_drafts(desk, world):
    drafts = [desk.open(issuer=issuer).draft_id for issuer in (BODY, OTHER_BODY)]
    turns = [step(desk, "first"), step(desk, "second")]

    for turn in turns:
        list(turn)

    for draft_id, issuer in zip(drafts, (BODY, OTHER_BODY), strict=True):
        assert desk.status(draft_id, issuer=issuer) is DraftStatus.READY


def test_the_check_of_a_revision_takes_the_place_of_the_one_before(desk, world):
    draft_id = desk.ready()
    replace_results(world.sessions, desk.sealer, desk.author(), draft_id, desk.results(), now=desk.now)
    desk.work()

    kinds = [
        file.kind for file in world.sessions.read(lambda session: session.scalars(select(DraftFile)).all())
    ]
    assert sorted(kinds) == sorted([Kind.RESULTS, Kind.SHEET, Kind.FAULTS, Kind.SETTLED])
    assert world.all(select(Draft.revision)) == [2]


def test_a_claim_lasts_longer_than_any_step_is_meant_to():
    assert timedelta(minutes=1) <= claiming.CLAIM_LASTS <= timedelta(minutes=10)
