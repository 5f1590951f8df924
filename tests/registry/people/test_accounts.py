"""Accounts and enrolled keys: whose signature counts, for what, and on which days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from registry.people.accounts import Purpose, create_account, enrol_key, load_actor, signatory
from registry.people.errors import KeyAlreadyEnrolled, KeyNotValid, UnknownKey
from registry.people.permission import NATIONAL, Role
from registry.people.tables import EnrolledKey
from signing.errors import SigningError
from tests.instants import NOON
from tests.registry.world import holder_key

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
ROLES = {(Role.OFFICE_REVIEWER, NATIONAL), (Role.SUBMITTER, "S0002")}


def enrolled(sessions, name="某人", purpose=Purpose.DECISION):
    key = holder_key(name)

    def act(session):
        actor = create_account(session, name, ROLES, now=NOON)
        enrol_key(session, actor, key.public, purpose, valid_from_on=FIRST, valid_to_on=LAST, now=NOON)
        return actor

    return sessions.run(act), key


def whose(sessions, key_id, purpose=Purpose.DECISION, now=NOON):
    return sessions.read(lambda session: signatory(session, key_id, purpose, now=now))


def test_a_signature_counts_as_that_of_the_keys_account_with_its_present_roles(sessions):
    actor, key = enrolled(sessions)

    found = whose(sessions, key.key_id)

    assert found.actor == actor
    assert found.actor == sessions.read(lambda session: load_actor(session, actor.account_id))
    assert found.actor.appointments == ROLES
    assert (found.key_id, found.public_key.public) == (key.key_id, key.public)


def test_an_unknown_key_is_nobodys(sessions):
    enrolled(sessions)

    with pytest.raises(UnknownKey, match="01020304"):
        whose(sessions, bytes([1, 2, 3, 4]))


@pytest.mark.parametrize("purpose", Purpose)
def test_a_key_counts_for_its_own_purpose_alone(sessions, purpose):
    _, key = enrolled(sessions, purpose=purpose)

    whose(sessions, key.key_id, purpose)
    for other in set(Purpose) - {purpose}:
        with pytest.raises(KeyNotValid, match=f"enrolled for another purpose: {purpose}"):
            whose(sessions, key.key_id, other)


def test_a_revoked_key_does_not_count(sessions):
    _, key = enrolled(sessions)
    sessions.run(lambda session: session.execute(update(EnrolledKey).values(revoked_at=NOON)))

    with pytest.raises(KeyNotValid, match="revoked"):
        whose(sessions, key.key_id)


@pytest.mark.parametrize(
    ("instant", "counts"),
    [
        (datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 10, 31, 16, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 30, 16, 0, tzinfo=UTC), False),
    ],
)
def test_a_key_counts_from_its_first_to_its_last_day_in_china(sessions, instant, counts):
    _, key = enrolled(sessions)

    if counts:
        whose(sessions, key.key_id, now=instant)
        return
    with pytest.raises(KeyNotValid, match="it counts from 2026-11-01 to 2026-11-30"):
        whose(sessions, key.key_id, now=instant)


def test_a_key_is_enrolled_once_for_whomever(sessions):
    _, key = enrolled(sessions, "甲")
    other = sessions.run(lambda session: create_account(session, "乙", ROLES, now=NOON))

    for purpose in Purpose:
        with pytest.raises(KeyAlreadyEnrolled):
            sessions.run(
                lambda session, purpose=purpose: enrol_key(
                    session,
                    other,
                    key.public,
                    purpose,
                    valid_from_on=FIRST,
                    valid_to_on=LAST + timedelta(days=9),
                    now=NOON,
                )
            )


@pytest.mark.parametrize("public", [bytes(32), b"\x01" + bytes(31), bytes(31), b"\xff" * 32])
def test_a_weak_or_malformed_public_key_is_not_enrolled(sessions, public):
    actor, _ = enrolled(sessions)

    with pytest.raises(SigningError):
        sessions.run(
            lambda session: enrol_key(
                session, actor, public, Purpose.DECISION, valid_from_on=FIRST, valid_to_on=LAST, now=NOON
            )
        )

    assert len(sessions.read(lambda session: list(session.scalars(select(EnrolledKey))))) == 1
