"""The status file's payload: five disjoint sets of what the register holds now, under an ever larger version."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from registry.certificate.lifecycle import Reason, Status, reinstate, revoke, suspend, void
from registry.certificate.tables import Entry
from registry.civil_time import utc_seconds
from registry.publication.status_payload import compose_status
from signing.status import Status as StatusFile
from tests.instants import NOON, NOON_UTC
from tests.registry.world import ENVIRONMENT

SET_OF = {
    Status.NUMBERED: "unreleased",
    Status.SIGNED: "unreleased",
    Status.RELEASED: None,
    Status.SUSPENDED: "suspended",
    Status.REINSTATED: "suspended",
    Status.REVOKED: "revoked",
    Status.SUPERSEDED: "superseded",
    Status.VOID: "voided",
}
SETS = ("voided", "unreleased", "revoked", "superseded", "suspended")


def composed(world, *, previous=0, now=NOON):
    return world.sessions.read(
        lambda session: compose_status(
            session, environment=ENVIRONMENT, trust_keys_version=4, previous=previous, now=now
        )
    )


def sets(status):
    return {name: set(getattr(status, name)) for name in SETS if getattr(status, name)}


def test_an_empty_register_knows_no_entries(young_world):
    status = composed(young_world)

    assert (status.size, sets(status)) == (0, {})
    assert StatusFile.from_payload(status.to_payload()) == status


def test_each_status_is_in_its_set_and_in_no_other(world):
    world.numbered(*world.rows(16))
    assert set(SET_OF) == set(Status) - {Status.APPROVED}
    expected = {}
    for place, (status, name) in enumerate(SET_OF.items(), start=1):
        for entry in (place, place + 8):
            world.tamper(update(Entry).where(Entry.entry == entry).values(status=status))
            if name:
                expected.setdefault(name, set()).add(entry)

    status = composed(world)

    assert (status.size, sets(status)) == (16, expected)
    assert sum(map(len, status.sets)) == len(frozenset().union(*status.sets)) == 14
    assert StatusFile.from_payload(status.to_payload()) == status


def test_it_follows_the_road_of_a_certificate(world):
    def act(what, subject):
        world.sessions.run(
            lambda session: what(session, world.registrar, subject, Reason.ISSUED_IN_ERROR, now=NOON)
        )

    rows = world.rows(4)
    submission = world.numbered(*rows)
    assert sets(composed(world)) == {"unreleased": {1, 2, 3, 4}}
    act(void, 3)
    assert sets(composed(world)) == {"unreleased": {1, 2, 4}, "voided": {3}}
    world.sign()
    world.release()
    assert sets(composed(world)) == {"voided": {3}}
    numbers = world.numbers(submission)
    act(revoke, numbers[0])
    act(suspend, numbers[1])
    world.numbered({**rows[3], "name": "李肆", "corrects": numbers[3], "reason": "姓名有误"})
    assert sets(composed(world)) == {"revoked": {1}, "suspended": {2}, "voided": {3}, "unreleased": {5}}
    world.sign()
    world.release()
    assert sets(composed(world)) == {"revoked": {1}, "suspended": {2}, "voided": {3}, "superseded": {4}}
    assert composed(world).size == 5


def test_a_lifted_suspension_is_a_suspension_until_its_release(world):
    (number,) = world.issued(world.row(1))
    for what in (suspend, reinstate):
        world.sessions.run(
            lambda session, what=what: what(session, world.registrar, number, Reason.HOLDER_REQUEST, now=NOON)
        )

    pending = sets(composed(world))
    world.release()

    assert (pending, sets(composed(world))) == ({"suspended": {1}}, {})


def test_it_says_when_it_was_made_and_with_which_trust_keys(world):
    status = composed(world, now=NOON + timedelta(microseconds=999_999))

    assert (status.made_at, status.trust_keys_version, status.environment) == (NOON_UTC, 4, ENVIRONMENT)


@pytest.mark.parametrize(
    ("previous", "version"),
    [
        (0, utc_seconds(NOON)),
        (utc_seconds(NOON) - 1, utc_seconds(NOON)),
        (utc_seconds(NOON), utc_seconds(NOON) + 1),
        # A clock that went back does not take the version with it.
        (utc_seconds(NOON) + 5_000, utc_seconds(NOON) + 5_001),
    ],
)
def test_its_version_is_the_second_or_one_above_the_last(world, previous, version):
    assert composed(world, previous=previous).version == version


def test_versions_that_are_made_within_a_second_still_grow(world):
    version, made = 0, []
    for _ in range(5):
        version = composed(world, previous=version).version
        made.append(version)

    assert made == sorted(set(made))
