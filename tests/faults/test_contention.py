"""Lost races and stuck sessions: run again with a bound, refused in time, and nothing half-done."""

import random
from contextlib import contextmanager

import pysqlite3.dbapi2
import pytest
from sqlalchemy import event, update
from sqlalchemy.exc import OperationalError

from registry.assessment.tables import Submission
from registry.certificate.issuance import Memory, number_approved
from registry.certificate.lifecycle import Reason, revoke
from registry.certificate.tables import Entry, EntryCounter, Series
from registry.database.engine import Limits, open_engine
from registry.database.errors import RegisterBusy
from registry.database.sessions import Retry, Sessions
from registry.directory.tables import OccupationRow
from tests.faults.judging import fixed, require_kept, require_whole
from tests.instants import NOON
from tests.registry.staff_site import BodySystem, everything_stored, require_problem, staff_site
from tests.registry.world import ENVIRONMENT, PROFILE

ISSUES = 200
ONE_IN_TEN = 0.1
RAISE = "DO $$ BEGIN RAISE EXCEPTION 'on purpose' USING ERRCODE = '{}'; END $$"
LOST_RACES = ("40001", "40P01", "55P03")
# SQLITE_BUSY and SQLITE_BUSY_SNAPSHOT
BUSY_CODES = (5, 517)


class Misfortune:
    """Lets statements and commits of writers fail as a lost race does, each with the same chance."""

    def __init__(self, engine, *, chance, seed):
        self.engine, self.chance, self.random = engine, chance, random.Random(seed)
        self.at_execute = self.at_commit = 0

    @contextmanager
    def abroad(self):
        """Let it happen until the block ends."""
        event.listen(self.engine, "before_cursor_execute", self._execute, retval=True)
        event.listen(self.engine, "commit", self._commit)
        try:
            yield self
        finally:
            event.remove(self.engine, "before_cursor_execute", self._execute)
            event.remove(self.engine, "commit", self._commit)

    def _strikes(self):
        return self.random.random() < self.chance

    def _execute(self, connection, _cursor, statement, parameters, _context, executemany):
        if executemany or statement.startswith(("DO", "BEGIN", "PRAGMA")) or not self._strikes():
            return statement, parameters
        self.at_execute += 1
        if self.engine.dialect.name == "postgresql":
            # The server itself says it then, and has undone the transaction.
            return RAISE.format(self.random.choice(LOST_RACES)), ()
        raise self._busy(statement)

    def _commit(self, connection):
        if not self._strikes():
            return
        self.at_commit += 1
        try:
            if self.engine.dialect.name == "postgresql":
                connection.exec_driver_sql(RAISE.format("40001"))
            raise self._busy("COMMIT")
        finally:
            # A server that refuses a COMMIT has undone the transaction.
            connection.connection.rollback()

    def _busy(self, statement):
        orig = pysqlite3.dbapi2.OperationalError("database is locked")
        orig.sqlite_errorcode = self.random.choice(BUSY_CODES)
        return OperationalError(statement, None, orig)


def number_one(world, submission, memory):
    return number_approved(
        world.sessions,
        world.registrar,
        submission,
        PROFILE,
        environment=ENVIRONMENT,
        now=NOON,
        memory=memory,
    )


@pytest.fixture
def small_batches(monkeypatch):
    """Let each certificate be numbered by itself, and ten be signed and released together."""
    monkeypatch.setattr("registry.certificate.issuance.BATCH", 1)
    monkeypatch.setattr("registry.certificate.signature.BATCH", 10)
    monkeypatch.setattr("registry.certificate.release.BATCH", 10)


@pytest.fixture
def impatient(world, engine):
    """Let nobody wait between two runs; return the pauses that would have been made."""
    pauses = []
    world.sessions = Sessions(engine, sleep=pauses.append)
    return pauses


def persistently(act):
    """Return what the act returns, once it is not refused as busy, and how many tries each refusal had cost."""
    refusals = []
    while True:
        try:
            return act(), refusals
        except RegisterBusy as busy:
            refusals.append(busy.tries)


def test_two_hundred_issues_among_lost_races_leave_no_gap(world, engine, small_batches, impatient):
    submission = world.reviewed(*world.rows(ISSUES))
    memory, refused = Memory(), []
    with Misfortune(engine, chance=ONE_IN_TEN, seed=2026).abroad() as misfortune:
        for act in (lambda: number_one(world, submission, memory), world.sign, world.release):
            done = 0
            while done < ISSUES:
                count, refusals = persistently(act)
                done, refused = done + count, refused + refusals
            assert done == ISSUES

    assert misfortune.at_execute > ISSUES // 5
    assert misfortune.at_commit > ISSUES // 20
    assert set(refused) <= {Retry().tries}
    assert len(impatient) + len(refused) >= misfortune.at_commit
    require_whole(world)
    assert world.statuses() == ["released"] * ISSUES


def test_a_race_that_is_always_lost_is_given_up_after_the_last_try_and_nothing_is_done(
    world, engine, impatient
):
    submission = world.numbered()
    second = world.reviewed()
    before, stored = fixed(world), everything_stored(world)
    acts = (lambda: number_one(world, second, Memory()), world.sign)

    with Misfortune(engine, chance=1.0, seed=1).abroad():
        for act in acts:
            with pytest.raises(RegisterBusy) as refusal:
                act()
            assert refusal.value.tries == Retry().tries

    assert len(impatient) == len(acts) * (Retry().tries - 1)
    assert everything_stored(world) == stored
    require_kept(world, before)
    require_whole(world)
    assert (world.number(submission), world.number(second), world.sign(), world.release()) == (0, 3, 6, 6)


# Somebody else holds a row, and does nothing

SHORT = Limits(lock_seconds=0.1)


@pytest.fixture
def hurried(engine):
    """The way into the register of who waits for a lock a tenth of a second, and tries twice."""
    opened = open_engine(engine.url, limits=SHORT)
    yield Sessions(opened, retry=Retry(tries=2), sleep=lambda _: None)
    opened.dispose()


HELD = {
    "the entry counter": update(EntryCounter).values(last=EntryCounter.last),
    "the series": update(Series).values(issued=Series.issued),
    "the submission": update(Submission).values(late=Submission.late),
    "an entry": update(Entry).values(status=Entry.status),
    "the lock of intake": update(OccupationRow).values(name=OccupationRow.name),
}


@contextmanager
def stuck(engine, what):
    """Let another session hold what it changed, and do nothing, until the block ends."""
    with engine.connect() as session:
        session.execute(HELD[what])
        yield
        session.rollback()


def numbering(world, prepared):
    return world.number(prepared["approved"])


def signing(world, _):
    return world.sign()


def releasing(world, _):
    return world.release()


def deciding(world, prepared):
    return world.record(prepared["decision"])


def revoking(world, prepared):
    return world.sessions.run(
        lambda session: revoke(session, world.registrar, prepared["number"], Reason.EXAM_FRAUD, now=NOON)
    )


def submitting(world, prepared):
    return world.submit(prepared["handed in"])


# What PostgreSQL's workers pass by is somebody else's work: they find nothing to do. SQLite has one lock for all.
PASSED_BY = {("the submission", numbering), ("an entry", signing), ("an entry", releasing)}
STUCK = [
    ("the entry counter", numbering),
    ("the series", numbering),
    ("the submission", numbering),
    ("the submission", deciding),
    ("an entry", signing),
    ("an entry", releasing),
    ("an entry", revoking),
    ("the lock of intake", submitting),
]


@pytest.fixture
def prepared(world):
    """Something for every act to do."""
    (number,) = world.issued(world.row(1))
    waiting = world.checked(world.row(1))
    approved = world.reviewed(*world.rows(2))
    world.numbered(world.row(1))
    world.sign()
    world.numbered(world.row(1))
    return {
        "number": number,
        "approved": approved,
        "decision": world.decision(waiting),
        "handed in": world.signed(world.file(world.row(1))),
    }


@pytest.mark.parametrize(("what", "act"), STUCK)
def test_who_meets_a_stuck_session_is_refused_in_time_and_nothing_is_half_done(
    world, engine, hurried, prepared, what, act
):
    stored, before = everything_stored(world), fixed(world)
    usual, world.sessions = world.sessions, hurried

    with stuck(engine, what):
        if engine.dialect.name == "postgresql" and (what, act) in PASSED_BY:
            assert act(world, prepared) == 0
        else:
            with pytest.raises(RegisterBusy) as refusal:
                act(world, prepared)
            assert refusal.value.tries == 2
        # Reading waits for nobody.
        assert len(world.statuses()) == 3

    world.sessions = usual
    assert everything_stored(world) == stored
    require_kept(world, before)
    require_whole(world)
    # Nothing is left behind: the same act goes through now.
    assert act(world, prepared)
    require_whole(world)


def test_a_body_is_told_to_come_again_while_intake_is_held(world, engine, hurried, tmp_path):
    content = world.file()
    usual, world.sessions = world.sessions, hurried
    body = BodySystem(staff_site(world, tmp_path), world)
    before = everything_stored(world)

    with stuck(engine, "the lock of intake"):
        answer = body.hand_in(content)

    require_problem(answer, 503)
    assert answer.headers["Retry-After"]
    world.sessions = usual
    assert everything_stored(world) == before
    assert body.hand_in(content).status_code == 201
