"""A request that its body named is worked on once, whoever asks at once, and whatever is killed in between."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from registry.access.errors import KeyReused, StillWorking
from registry.access.idempotency import (
    HOLD,
    KEPT,
    Attempt,
    Named,
    begin,
    forget_old,
    free,
    keep,
    request_digest,
)
from registry.access.tables import KeptAnswer
from tests.instants import NOON

NAMED = Named("S0002", "0123456789", request_digest("POST", "/v1/drafts", b"{}"))


def at(seconds):
    return NOON + timedelta(seconds=seconds)


def count(sessions):
    return sessions.read(lambda session: session.scalar(select(func.count()).select_from(KeptAnswer)))


def test_the_first_answer_is_given_again(sessions):
    attempt = begin(sessions, NAMED, now=NOON)
    keep(sessions, attempt, b"answer")

    assert begin(sessions, NAMED, now=at(1)) == b"answer"
    assert begin(sessions, NAMED, now=NOON + KEPT) == b"answer"


@pytest.mark.parametrize(
    "digest",
    [
        request_digest("PUT", "/v1/drafts", b"{}"),
        request_digest("POST", "/v1/drafts?x", b"{}"),
        request_digest("POST", "/v1/drafts", b"[]"),
    ],
)
def test_another_request_under_the_same_key_is_refused(sessions, digest):
    attempt = begin(sessions, NAMED, now=NOON)
    for _ in range(2):
        with pytest.raises(KeyReused):
            begin(sessions, replace(NAMED, digest=digest), now=at(1))
        keep(sessions, attempt, b"answer")


def test_another_bodys_same_key_is_another_key(sessions):
    begin(sessions, NAMED, now=NOON)

    assert isinstance(begin(sessions, replace(NAMED, issuer="S0003", digest=bytes(32)), now=NOON), Attempt)


def test_while_it_is_worked_on_the_same_request_waits(sessions):
    begin(sessions, NAMED, now=NOON)

    with pytest.raises(StillWorking):
        begin(sessions, NAMED, now=NOON + HOLD - timedelta(seconds=1))


def test_a_killed_attempt_is_taken_over_with_its_resource_id(sessions):
    killed = begin(sessions, NAMED, now=NOON)

    again = begin(sessions, NAMED, now=NOON + HOLD)

    assert again.resource_id == killed.resource_id
    assert again.attempt != killed.attempt
    with pytest.raises(StillWorking):
        begin(sessions, NAMED, now=NOON + HOLD)
    # The first one was only slow: it takes nothing from the second.
    free(sessions, killed)
    keep(sessions, killed, b"late")
    with pytest.raises(StillWorking):
        begin(sessions, NAMED, now=NOON + HOLD)
    keep(sessions, again, b"answer")
    assert begin(sessions, NAMED, now=NOON + HOLD) == b"answer"


def test_what_was_refused_frees_its_key(sessions):
    free(sessions, begin(sessions, NAMED, now=NOON))

    assert isinstance(begin(sessions, replace(NAMED, digest=bytes(32)), now=NOON), Attempt)


def test_after_seven_days_a_key_is_new(sessions):
    keep(sessions, begin(sessions, NAMED, now=NOON), b"answer")

    later = NOON + KEPT + timedelta(seconds=1)
    assert isinstance(begin(sessions, replace(NAMED, digest=bytes(32)), now=later), Attempt)


def test_what_was_kept_long_enough_is_forgotten(sessions):
    for place in range(3):
        begin(sessions, replace(NAMED, key=f"key {place}"), now=at(place))

    assert forget_old(sessions, now=NOON + KEPT + timedelta(seconds=2)) == 2
    assert forget_old(sessions, now=NOON + KEPT + timedelta(seconds=2)) == 0
    assert count(sessions) == 1


def begun(sessions):
    try:
        return begin(sessions, NAMED, now=NOON)
    except StillWorking:
        return None


def test_of_many_that_come_at_once_one_works(sessions):
    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(lambda _: begun(sessions), range(64)))

    assert sum(isinstance(outcome, Attempt) for outcome in outcomes) == 1
    assert outcomes.count(None) == 63
