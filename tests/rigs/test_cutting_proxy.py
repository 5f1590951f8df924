"""The proxy cuts what it says it cuts; and what the store makes of it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from registry.database.engine import open_engine
from registry.database.errors import CommitUnknown
from registry.database.sessions import Sessions
from tests.rigs.cutting_proxy import Cut, CuttingProxy, Messages, says_commit
from tests.rigs.postgres_server import PostgresServer

STARTUP = b"\x00\x00\x00\x08\x00\x03\x00\x00"
ENCRYPTION = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
QUERY = b"Q\x00\x00\x00\x0bCOMMIT\x00"
COUNT = text("SELECT count(*) FROM act")


@pytest.fixture(scope="module")
def server():
    with PostgresServer.started(durable=False) as started:
        started.administer("CREATE TABLE act (id integer PRIMARY KEY)")
        yield started


@pytest.fixture
def proxy(server):
    server.administer("TRUNCATE act")
    with CuttingProxy.standing_before(server.port) as standing:
        yield standing


@pytest.fixture
def sessions(server, proxy):
    opened = Sessions(open_engine(proxy.before(server.url)))
    yield opened
    opened.close()


def act(session) -> None:
    session.execute(text("INSERT INTO act VALUES (1) ON CONFLICT DO NOTHING"))


def rows(sessions) -> int:
    return sessions.read(lambda session: session.execute(COUNT).scalar_one())


def test_messages_are_told_apart_wherever_the_stream_is_broken():
    stream = ENCRYPTION + STARTUP + QUERY
    messages = Messages()

    found = [message for byte in stream for message in messages.of(bytes([byte]))]

    assert found == [ENCRYPTION, STARTUP, QUERY]


@pytest.mark.parametrize(
    ("message", "commits"),
    [
        (QUERY, True),
        (b"Q\x00\x00\x00\x0ccommit;\x00", True),
        (b"P\x00\x00\x00\x10s1\x00COMMIT\x00\x00\x00", True),
        (b"Q\x00\x00\x00\x0dROLLBACK\x00", False),
        (b"P\x00\x00\x00\x10COMMIT\x00BEGIN\x00\x00", False),
        (b"C\x00\x00\x00\x0bCOMMIT\x00", False),
    ],
)
def test_only_a_commit_is_one(message, commits):
    assert says_commit(message) is commits


def test_what_is_not_cut_passes(sessions, proxy):
    sessions.run(act)

    assert rows(sessions) == 1
    assert proxy.cuts == []


@pytest.mark.parametrize(("cut", "stored"), [(Cut.ANSWER_LOST, 1), (Cut.COMMIT_LOST, 0)])
def test_the_client_learns_nothing_and_the_register_knows(sessions, proxy, cut, stored):
    proxy.cut_next(cut)

    with pytest.raises(CommitUnknown):
        sessions.run(act)

    assert proxy.cuts == [cut]
    assert rows(sessions) == stored


@pytest.mark.parametrize("cut", [Cut.ANSWER_LOST, Cut.COMMIT_LOST])
def test_an_idempotent_act_is_done_once_however_often_it_is_cut(sessions, proxy, cut):
    proxy.cut_next(cut, times=3)

    sessions.run(act, idempotent=True)

    assert proxy.cuts == [cut] * 3
    assert rows(sessions) == 1


def test_every_connection_can_be_cut_at_once(server, proxy):
    engine = open_engine(proxy.before(server.url))
    with engine.connect() as connection:
        connection.execute(COUNT)
        proxy.cut_all()
        with pytest.raises(OperationalError):
            connection.execute(COUNT)
        connection.invalidate()
    engine.dispose()


def test_data_can_be_slow(sessions, proxy):
    pauses = []
    proxy.pause = lambda: pauses.append(1)

    assert rows(sessions) == 0
    assert len(pauses) > 2


def test_a_server_that_is_gone_ends_the_connection(server, sessions, proxy):
    sessions.run(act)
    server.kill()
    server.start()

    assert rows(sessions) in (0, 1)
