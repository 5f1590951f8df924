"""What the access room keeps for a while only is forgotten, all of it, although nobody calls."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select

from registry.access import nonces
from registry.access.idempotency import BITE, KEPT, Named, begin, request_digest
from registry.access.nonces import Use, spend
from registry.access.tables import KeptAnswer, RequestNonce
from registry.work import forgetting as room
from registry.work.forgetting import EVERY, Forgetting
from tests.instants import NOON

NAMED = Named("S0002", "0123456789", request_digest("POST", "/v1/drafts", b"{}"))
USE = Use(
    key_id=bytes(4),
    nonce="x" * 16,
    issuer="S0002",
    cost=1,
    seen_at=NOON,
    valid_until=NOON + timedelta(seconds=300),
)


def kept(sessions):
    return sessions.read(
        lambda session: [
            session.scalar(select(func.count()).select_from(table)) for table in (RequestNonce, KeptAnswer)
        ]
    )


def test_all_that_is_due_is_forgotten_in_one_turn(sessions):
    for number in range(2 * BITE + 1):
        begin(sessions, replace(NAMED, key=f"number {number}"), now=NOON + timedelta(microseconds=number))
    for number in range(3):
        spend(sessions, replace(USE, nonce=f"number {number:09}"), limit=9)
    last = begin(sessions, replace(NAMED, key="the last"), now=NOON + KEPT)

    counts = list(Forgetting(sessions, now=lambda: NOON + KEPT + timedelta(seconds=1)).batches())

    assert sum(counts) == 2 * BITE + 1 + 3
    assert kept(sessions) == [0, 1]
    assert last.named.key == "the last"


def test_a_turn_ends_whatever_is_due_and_the_next_one_goes_on(sessions, monkeypatch):
    monkeypatch.setattr(room, "BITES_IN_TURN", 2)
    monkeypatch.setattr(nonces, "BITE", 1)
    for number in range(5):
        until = NOON + EVERY + timedelta(seconds=number)
        spend(sessions, replace(USE, nonce=f"number {number:09}", valid_until=until), limit=9)
    begin(sessions, NAMED, now=NOON)
    forgetting = Forgetting(sessions, now=lambda: NOON + KEPT + timedelta(seconds=1))

    # An answer is not kept waiting by nonces, however many.
    turns = [list(forgetting.batches()) for _ in range(4)]

    assert turns == [[1, 1, 1], [1, 1], [1], []]
    assert kept(sessions) == [0, 0]


def test_it_is_done_from_time_to_time_and_keeps_no_worker_busy(sessions):
    clock = [NOON + timedelta(seconds=600)]
    forgetting = Forgetting(sessions, now=lambda: clock[0])
    spend(sessions, USE, limit=9)
    assert sum(forgetting.batches()) == 1
    spend(sessions, replace(USE, nonce="y" * 16), limit=9)

    clock[0] += EVERY - timedelta(seconds=1)
    assert list(forgetting.batches()) == []
    clock[0] += timedelta(seconds=1)
    assert list(forgetting.batches()) == [1]
    # A clock that was set back does not stop it.
    clock[0] -= timedelta(days=1)
    assert list(forgetting.batches()) == []
    assert kept(sessions) == [0, 0]
