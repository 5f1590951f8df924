"""Acts and queries under real faults: the databases themselves raise them, on the connections in use."""

import threading
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Engine, bindparam, event, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from registry.certificate.tables import EntryCounter
from registry.database.engine import Limits, open_engine
from registry.database.errors import CommitUnknown, RegisterBusy
from registry.database.sessions import Retry, Sessions

RAISE = "DO $$ BEGIN RAISE EXCEPTION 'on purpose' USING ERRCODE = '{}'; END $$"


class Refused(Exception):
    pass


@dataclass
class Pauses:
    """A clock that only sleeping moves, and a memory of the pauses."""

    now: float = 0.0
    taken: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.taken.append(seconds)
        self.now += seconds

    def clock(self) -> float:
        return self.now


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def patient(engine, pauses) -> Sessions:
    return Sessions(engine, sleep=pauses.sleep, clock=pauses.clock, chance=lambda: 1.0)


@pytest.fixture
def postgresql(postgresql_register):
    engine = postgresql_register()
    yield engine
    engine.dispose()


@pytest.fixture
def on_postgresql(postgresql, pauses) -> Sessions:
    return Sessions(postgresql, sleep=pauses.sleep, clock=pauses.clock, chance=lambda: 1.0)


def counter(session) -> int | None:
    return session.execute(text("SELECT last FROM entry_counter WHERE id = 1")).scalar_one_or_none()


def open_counter(session) -> None:
    session.add(EntryCounter(id=1, last=0))


def give_next(session) -> int:
    return session.execute(
        text("UPDATE entry_counter SET last = last + 1 WHERE id = 1 RETURNING last")
    ).scalar_one()


# The plain way


def test_an_act_is_stored_and_its_outcome_returned(sessions):
    row = sessions.run(lambda session: session.merge(EntryCounter(id=1, last=7)))

    assert row.last == 7
    assert sessions.read(counter) == 7


def test_a_refused_act_leaves_nothing(sessions):
    def act(session):
        open_counter(session)
        session.flush()
        raise Refused

    with pytest.raises(Refused):
        sessions.run(act)

    assert sessions.read(counter) is None


def test_a_broken_constraint_is_not_tried_again(patient, pauses):
    patient.run(open_counter)

    with pytest.raises(IntegrityError):
        patient.run(open_counter)

    assert pauses.taken == []


def test_a_fault_of_the_program_is_not_tried_again(on_postgresql, pauses):
    with pytest.raises(ProgrammingError):
        on_postgresql.run(lambda session: session.execute(text("SELECT * FROM no_such_table")))

    assert pauses.taken == []


# Reading


def test_a_query_sees_one_state(sessions):
    sessions.run(open_counter)

    def query(session):
        before = counter(session)
        sessions.run(give_next)
        return before, counter(session)

    assert sessions.read(query) == (0, 0)
    assert sessions.read(counter) == 1


@pytest.mark.parametrize(
    "write", [open_counter, lambda session: give_next(session)], ids=["prepared", "sent"]
)
def test_a_query_can_not_write(sessions, write):
    with pytest.raises(DBAPIError, match=r"read-?only"):
        sessions.read(write)

    assert sessions.read(counter) is None


def test_writing_goes_on_after_reading_on_the_same_connection(sessions):
    for _ in range(3):
        sessions.read(counter)
    sessions.run(open_counter)

    assert sessions.run(give_next) == 1


def test_rows_that_were_read_stay_readable(sessions):
    sessions.run(open_counter)

    row = sessions.read(lambda session: session.get(EntryCounter, 1))

    assert row.last == 0


def test_reading_does_not_wait_for_a_writer(sessions):
    sessions.run(open_counter)

    def act(session):
        give_next(session)
        return sessions.read(counter)

    assert sessions.run(act) == 0


# One SELECT by itself

LAST = select(EntryCounter.last).where(EntryCounter.id == bindparam("id"))


def test_a_select_by_itself_returns_its_rows(sessions):
    sessions.run(open_counter)

    assert [row.last for row in sessions.rows(LAST, {"id": 1})] == [0]
    assert sessions.rows(LAST, {"id": 2}) == []


def test_a_select_by_itself_sends_nothing_else(engine, sessions):
    sessions.rows(LAST, {"id": 1})
    sent = []
    event.listen(engine, "before_cursor_execute", lambda *call: sent.append(call[2]))

    sessions.rows(LAST, {"id": 1})

    assert len(sent) == 1


def test_a_select_by_itself_sees_what_was_stored_since(sessions):
    sessions.run(open_counter)
    sessions.rows(LAST, {"id": 1})
    sessions.run(give_next)

    assert [row.last for row in sessions.rows(LAST, {"id": 1})] == [1]


def test_a_connection_that_selected_is_as_good_for_acts_and_queries(sessions):
    sessions.run(open_counter)
    sessions.rows(LAST, {"id": 1})

    with pytest.raises(DBAPIError):
        sessions.read(give_next)
    sessions.rows(LAST, {"id": 1})
    assert sessions.run(give_next) == 1


# Races


def test_numbers_given_by_many_are_dense(engine):
    sessions = Sessions(engine)
    sessions.run(open_counter)
    given: list[int] = []

    def work() -> None:
        for turn in range(20):
            try:
                given.append(sessions.run(lambda session, turn=turn: give_or_refuse(session, turn)))
            except Refused:
                continue

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(given) == list(range(1, 4 * 18 + 1))


def give_or_refuse(session, turn: int) -> int:
    number = give_next(session)
    if turn % 10 == 3:
        raise Refused
    return number


@pytest.mark.parametrize("sqlstate", ["40001", "40P01", "55P03", "08006"])
def test_a_lost_race_is_run_again(on_postgresql, pauses, sqlstate):
    runs = []

    def act(session):
        runs.append(counter(session))
        open_counter(session)
        session.flush()
        if len(runs) < 4:
            session.execute(text(RAISE.format(sqlstate)))

    on_postgresql.run(act)

    assert runs == [None] * 4
    assert pauses.taken == [0.02, 0.04, 0.08]


def test_a_real_deadlock_is_resolved(postgresql):
    sessions = Sessions(postgresql)
    for row in (1, 2):
        sessions.run(lambda session, row=row: session.add(EntryCounter(id=row, last=0)))
    both_hold_one = threading.Barrier(2)
    runs = []

    def crosswise(session, first: int, second: int) -> None:
        runs.append(first)
        raise_by_one(session, first)
        if len(runs) <= 2:
            both_hold_one.wait(timeout=10)
        raise_by_one(session, second)

    threads = [
        threading.Thread(target=sessions.run, args=(lambda session, a=a, b=b: crosswise(session, a, b),))
        for a, b in ((1, 2), (2, 1))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(runs) == 3
    assert sessions.read(lambda session: session.get(EntryCounter, 1).last) == 2


def raise_by_one(session, row: int) -> None:
    session.execute(text("UPDATE entry_counter SET last = last + 1 WHERE id = :row"), {"row": row})


def test_a_register_that_stays_busy_is_given_up(on_postgresql, pauses):
    with pytest.raises(RegisterBusy) as given_up:
        on_postgresql.run(lambda session: session.execute(text(RAISE.format("40001"))))

    assert given_up.value.tries == 8
    assert pauses.taken == [0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.0]


def test_patience_ends_before_the_tries_do(postgresql, pauses):
    retry = Retry(tries=100, patience_seconds=1.0)
    sessions = Sessions(postgresql, retry=retry, sleep=pauses.sleep, clock=pauses.clock, chance=lambda: 1.0)

    with pytest.raises(RegisterBusy):
        sessions.run(lambda session: session.execute(text(RAISE.format("40001"))))

    assert sum(pauses.taken) <= 1.0


def test_a_locked_sqlite_is_waited_for_and_then_tried_again(sqlite_register, pauses):
    first = sqlite_register()
    second = open_engine(first.url, limits=Limits(lock_seconds=0.01))
    holder = first.connect()
    holder.begin()

    def let_go_after_two(seconds: float) -> None:
        pauses.sleep(seconds)
        if len(pauses.taken) == 2:
            holder.close()

    sessions = Sessions(second, sleep=let_go_after_two, clock=pauses.clock, chance=lambda: 1.0)
    sessions.run(open_counter)

    assert pauses.taken == [0.02, 0.04]
    assert sessions.read(counter) == 0
    first.dispose()
    second.dispose()


# Lost connections


def cut(engine: Engine, session) -> None:
    """End the server's side of the session's connection, as an administrator or a fail-over would."""
    victim = session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    with engine.connect() as other:
        other.exec_driver_sql(f"SELECT pg_terminate_backend({victim}, 5000)")


def test_a_connection_lost_before_the_commit_is_run_again(postgresql, on_postgresql):
    runs = []

    def act(session):
        runs.append(1)
        open_counter(session)
        session.flush()
        if len(runs) == 1:
            cut(postgresql, session)
        return give_next(session)

    assert on_postgresql.run(act) == 1
    assert len(runs) == 2


def test_a_query_that_loses_its_connection_is_run_again(postgresql, on_postgresql):
    on_postgresql.run(open_counter)
    runs = []

    def query(session):
        runs.append(1)
        if len(runs) == 1:
            cut(postgresql, session)
        return counter(session)

    assert on_postgresql.read(query) == 0
    assert len(runs) == 2


def test_a_select_that_loses_its_connection_is_run_again(postgresql, on_postgresql):
    on_postgresql.run(open_counter)
    cuts = []

    def cut_once(connection, *_) -> None:
        if not cuts:
            cuts.append(1)
            victim = connection.connection.driver_connection.info.backend_pid
            with postgresql.connect() as other:
                other.exec_driver_sql(f"SELECT pg_terminate_backend({victim}, 5000)")

    event.listen(postgresql, "before_cursor_execute", cut_once)

    assert [row.last for row in on_postgresql.rows(LAST, {"id": 1})] == [0]
    assert cuts == [1]


@pytest.fixture
def cut_at_first_commit(postgresql):
    """Cut the connection between the last statement and COMMIT, once."""
    cuts = []

    def on_commit(connection) -> None:
        if not cuts:
            cuts.append(1)
            victim = connection.connection.driver_connection.info.backend_pid
            with postgresql.connect() as other:
                other.exec_driver_sql(f"SELECT pg_terminate_backend({victim}, 5000)")

    event.listen(postgresql, "commit", on_commit)
    return cuts


def test_a_connection_lost_while_committing_is_never_hidden(on_postgresql, pauses, cut_at_first_commit):
    with pytest.raises(CommitUnknown, match="look in the register"):
        on_postgresql.run(open_counter)

    assert cut_at_first_commit == [1]
    assert pauses.taken == []


def test_an_idempotent_act_is_run_again_even_then(on_postgresql, cut_at_first_commit):
    on_postgresql.run(lambda session: session.merge(EntryCounter(id=1, last=3)), idempotent=True)

    assert cut_at_first_commit == [1]
    assert on_postgresql.read(counter) == 3


def test_a_server_out_of_reach_is_said_to_be_so(pauses):
    engine = open_engine("postgresql://nobody@127.0.0.1:1/nothing")
    sessions = Sessions(engine, sleep=pauses.sleep, clock=pauses.clock)

    with pytest.raises(RegisterBusy, match="connection lost"):
        sessions.read(counter)
