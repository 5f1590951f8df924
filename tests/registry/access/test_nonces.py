"""A nonce is used once, whoever comes at once; and of a minute no more than the limit passes."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from registry.access.errors import RequestNotSigned, SignatureFault, TooManyRequests
from registry.access.nonces import BITE, Allowance, Use, forget_expired, spend
from registry.access.tables import RequestNonce
from tests.instants import NOON

KEY = bytes.fromhex("01020304")


def use(nonce, **changes):
    given = Use(
        key_id=KEY,
        nonce=f"nonce-number-{nonce}",
        issuer="S0002",
        cost=1,
        seen_at=NOON,
        valid_until=NOON + timedelta(seconds=300),
    )
    return replace(given, **changes)


def count(sessions):
    return sessions.read(lambda session: session.scalar(select(func.count()).select_from(RequestNonce)))


def test_what_is_left_is_told(sessions):
    assert spend(sessions, use(1), limit=3) == Allowance(3, 2, 60)
    assert spend(sessions, use(2, seen_at=NOON + timedelta(seconds=20)), limit=3) == Allowance(3, 1, 40)
    assert spend(sessions, use(3, seen_at=NOON + timedelta(seconds=59.9)), limit=3) == Allowance(3, 0, 1)
    with pytest.raises(TooManyRequests) as refusal:
        spend(sessions, use(4, seen_at=NOON + timedelta(seconds=59.9)), limit=3)
    assert refusal.value.wait_seconds == 1
    # The next minute begins at nothing, though more came in this one than passed.
    assert spend(sessions, use(5, seen_at=NOON + timedelta(seconds=60)), limit=3).remaining == 2


def test_a_large_request_counts_more(sessions):
    assert spend(sessions, use(1, cost=17), limit=20).remaining == 3


def test_one_bodys_flood_is_not_counted_against_another(sessions):
    for nonce in range(5):
        spend(sessions, use(nonce), limit=5)
    with pytest.raises(TooManyRequests):
        spend(sessions, use(6), limit=5)

    assert spend(sessions, use(7, issuer="S0003"), limit=5).remaining == 4


def test_a_nonce_is_used_once_by_a_key(sessions):
    spend(sessions, use(1), limit=9)
    with pytest.raises(RequestNotSigned) as refusal:
        spend(sessions, use(1, seen_at=NOON + timedelta(seconds=200)), limit=9)
    assert refusal.value.fault is SignatureFault.REPLAYED
    assert spend(sessions, use(1, key_id=bytes(4)), limit=9).remaining == 7


def tried(sessions, given, limit):
    try:
        return spend(sessions, given, limit=limit)
    except RequestNotSigned:
        return "replayed"
    except TooManyRequests:
        return "too many"


def test_of_many_that_bring_the_same_nonce_at_once_one_passes(sessions):
    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(lambda _: tried(sessions, use(1), 1000), range(64)))

    assert outcomes.count("replayed") == 63


def test_of_many_that_come_at_once_no_more_than_the_limit_pass(sessions):
    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(lambda nonce: tried(sessions, use(nonce), 20), range(100)))

    passed = [outcome for outcome in outcomes if isinstance(outcome, Allowance)]
    # Never more; fewer only if some of those at the limit saw each other.
    assert 0 < len(passed) <= 20
    assert outcomes.count("too many") == 100 - len(passed)
    assert count(sessions) == 100


def test_what_can_not_come_again_is_forgotten_bite_by_bite(sessions):
    for nonce in range(3):
        spend(sessions, use(nonce, valid_until=NOON + timedelta(seconds=nonce)), limit=9)
    spend(sessions, use("later", valid_until=NOON + timedelta(seconds=300)), limit=9)

    assert forget_expired(sessions, now=NOON + timedelta(seconds=120)) == 0
    assert forget_expired(sessions, now=NOON + timedelta(seconds=123)) == 3
    assert forget_expired(sessions, now=NOON + timedelta(seconds=123)) == 0
    assert count(sessions) == 1
    assert BITE > 100


def test_a_nonce_is_remembered_as_long_as_its_signature_is_taken(sessions):
    spend(sessions, use(1, valid_until=NOON + timedelta(seconds=600)), limit=9)
    forget_expired(sessions, now=NOON + timedelta(seconds=600))

    with pytest.raises(RequestNotSigned):
        spend(sessions, use(1, seen_at=NOON + timedelta(seconds=600)), limit=9)
