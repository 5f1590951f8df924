"""The connection cut while it commits, and the whole database server killed: done once or not at all, never twice."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from keys.crash_points import CrashMode, arm
from registry.assessment.tables import Result, Submission
from registry.certificate.issuance import number_approved
from registry.certificate.tables import EntryCounter
from registry.database import migrate
from registry.database.engine import Limits, open_engine
from registry.database.errors import CommitUnknown, RegisterBusy
from registry.database.sessions import Sessions
from registry.journal.tables import Event
from registry.people.errors import ConflictOfInterest
from registry.review.tables import SignedDecision
from tests.faults.judging import require_whole
from tests.faults.theatre import PATIENCE_SECONDS
from tests.instants import NOON
from tests.registry.world import ENVIRONMENT, PROFILE, World
from tests.rigs.cutting_proxy import Cut, CuttingProxy
from tests.rigs.postgres_server import PostgresServer

KILLS, ROUNDS_BETWEEN = 3, 4
CUTS = {"answer lost": Cut.ANSWER_LOST, "commit lost": Cut.COMMIT_LOST}
TEMPLATE = "template"


@pytest.fixture(scope="module")
def server():
    """A PostgreSQL server of our own, which may die."""
    # Killed processes lose nothing that the operating system has, so nobody has to wait for the disk here.
    with PostgresServer.started(durable=False, settings={"synchronous_commit": "on"}) as started:
        migrate.upgrade(started.create_database(TEMPLATE))
        yield started


@pytest.fixture
def database(server, serial=count(1)):
    """An empty register on that server."""
    name = f"register_{next(serial)}"
    server.administer(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"')
    return server.url.set(database=name)


@pytest.fixture
def world(database, tmp_path, quick_id_checks):
    """A world on that server, with one epoch."""
    engine = open_engine(database)
    made = World(Sessions(engine), tmp_path)
    made.open_epoch()
    yield made
    engine.dispose()


@pytest.fixture
def proxy(server, database, world):
    """A proxy that the world's connections go through from now on."""
    with CuttingProxy.standing_before(server.port) as standing:
        engine = open_engine(standing.before(database))
        world.sessions = Sessions(engine)
        yield standing
        engine.dispose()


# Cut while committing


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("act", ["number", "sign", "release"])
def test_an_act_whose_commit_was_cut_is_found_done_or_done_again(world, proxy, act, cut, times):
    submission = world.reviewed(*world.rows(3))
    for step in ("number", "sign", "release"):
        if step == act:
            proxy.cut_next(cut, times=times)
        world.number(submission) if step == "number" else getattr(world, step)()
    left = world.number(submission), world.sign(), world.release()

    assert proxy.cuts == [cut] * times
    assert left == (0, 0, 0)
    assert world.statuses() == ["released"] * 3
    acts = world.all(select(Event.act).where(Event.first_entry.is_not(None)).order_by(Event.id))
    assert acts == ["number", "sign", "release"]
    require_whole(world)


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_a_submission_whose_commit_was_cut_is_there_once_and_its_sender_gets_its_receipt(world, proxy, cut):
    handed_in = world.signed(world.file(*world.rows(3)))
    proxy.cut_next(cut)

    receipt = world.submit(handed_in)

    assert proxy.cuts == [cut]
    assert world.all(select(Submission.id)) == [receipt.submission_id]
    assert world.count(Result) == (3,)
    assert world.all(select(Event.act).where(Event.act == "submit")) == ["submit"]


@pytest.mark.parametrize(("cut", "stored"), [(Cut.ANSWER_LOST, 1), (Cut.COMMIT_LOST, 0)], ids=CUTS)
def test_a_decision_whose_commit_was_cut_is_said_to_be_unknown_and_is_never_recorded_twice(
    world, proxy, cut, stored
):
    submission = world.checked()
    signed = world.decision(submission)
    proxy.cut_next(cut)

    with pytest.raises(CommitUnknown):
        world.record(signed)

    assert world.count(SignedDecision) == (stored,)
    assert len(world.all(select(Event.id).where(Event.act == "decide_province"))) == stored
    # Whoever looks sees which it is; handing it in again is harmless either way.
    if stored:
        with pytest.raises(ConflictOfInterest):
            world.record(signed)
    else:
        world.record(signed)
    assert world.count(SignedDecision) == (1,)


# The server killed with all its backends

DYING = {
    "number.before_commit": "number",
    "number.committed": "number",
    "sign.signed": "sign",
    "sign.before_commit": "sign",
    "release.before_commit": "release",
    "release.committed": "release",
}


@pytest.mark.parametrize("point", DYING)
def test_an_act_whose_server_dies_at_this_point_is_found_done_or_done_again(world, server, hang, point):
    submission = world.reviewed(*world.rows(3))
    acts = {"number": lambda: world.number(submission), "sign": world.sign, "release": world.release}
    for step in acts:
        if step == DYING[point]:
            break
        acts[step]()
    arm(point, CrashMode.HANG, environment=ENVIRONMENT)
    with ThreadPoolExecutor(1) as pool:
        act = pool.submit(acts[DYING[point]])
        hang.await_begun()
        server.kill()
        server.start()
        hang.let_go()
        act.result(PATIENCE_SECONDS)

    for step in acts.values():
        step()

    assert world.statuses() == ["released"] * 3
    require_whole(world)


def test_a_server_that_dies_again_and_again_loses_nothing_that_was_acknowledged(world, server, monkeypatch):
    for room in ("issuance", "signature", "release"):
        monkeypatch.setattr(f"registry.certificate.{room}.BATCH", 2)
    submission = world.reviewed(*world.rows(40))
    rounds, acknowledged = threading.Semaphore(0), []

    def work():
        while True:
            try:
                number_approved(
                    world.sessions, world.registrar, submission, PROFILE, environment=ENVIRONMENT, now=NOON
                )
                world.sign()
                world.release()
                entries = world.entries()
            except RegisterBusy:
                continue
            acknowledged.append({entry.entry: entry.token for entry in entries if entry.token})
            rounds.release()
            if [entry.status for entry in entries] == ["released"] * 40:
                return

    with ThreadPoolExecutor(1) as pool:
        worker = pool.submit(work)
        for _ in range(KILLS):
            for _ in range(ROUNDS_BETWEEN):
                assert rounds.acquire(timeout=PATIENCE_SECONDS)
            server.kill()
            server.start()
        worker.result(PATIENCE_SECONDS)

    last = acknowledged[-1]
    assert len(acknowledged) > KILLS * ROUNDS_BETWEEN
    assert all(seen.items() <= last.items() for seen in acknowledged)
    require_whole(world)


def test_a_session_that_idles_over_a_counter_is_ended_by_the_server(world, database):
    submission = world.reviewed(*world.rows(2))
    forgetful = open_engine(database, limits=Limits(idle_in_transaction_seconds=0.2))
    with forgetful.connect() as idle:
        idle.execute(update(EntryCounter).values(last=EntryCounter.last))

        # Nobody has to come and free it.
        assert world.number(submission) == 2

        with pytest.raises(DBAPIError, match="idle-in-transaction"):
            idle.execute(select(1))
        idle.invalidate()
    forgetful.dispose()
    require_whole(world)
