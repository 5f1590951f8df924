"""What custodians are asked to sign: every duty of every enrolled key, as the register has it, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from registry.people.accounts import Purpose
from registry.people.permission import NATIONAL, Role
from registry.people.roster import DUTIES, roster_entries
from registry.people.tables import Appointment, EnrolledKey
from signing.errors import InadmissibleKey
from signing.evidence import Step
from signing.roster import Duty, Roster
from tests.instants import NOON_UTC
from tests.registry.world import ENVIRONMENT, FIRST_DAY, IN_THREE_YEARS, REGISTRAR, holder_key


def entries(world):
    return world.sessions.read(roster_entries)


def of(world, name):
    key_id = holder_key(name).key_id
    return [entry for entry in entries(world) if entry.key_id == key_id]


def test_every_reviewer_and_registrar_has_his_duty(world):
    found = {(entry.key_id, entry.duty, entry.jurisdiction): entry for entry in entries(world)}

    assert found.keys() == {
        (world.reviewers[Step.PROVINCE].key.key_id, Duty.PROVINCE, "CN-21"),
        (world.reviewers[Step.CENTRE].key.key_id, Duty.CENTRE, "CN"),
        (world.reviewers[Step.OFFICE].key.key_id, Duty.OFFICE, "CN"),
        (holder_key(REGISTRAR).key_id, Duty.SERIES, "CN"),
    }
    for step, holder in world.reviewers.items():
        (entry,) = of(world, step)
        assert (entry.person, entry.public) == (holder.actor.account_id, holder.key.public)
        assert (entry.first_on, entry.last_on, entry.revoked_at) == (FIRST_DAY, IN_THREE_YEARS, None)


def test_they_stand_in_the_order_of_a_roster_and_can_be_signed(world):
    roster = Roster(ENVIRONMENT, 1, NOON_UTC, entries(world))

    assert Roster.from_payload(roster.to_payload()) == roster


def test_every_role_that_signs_for_the_signer_has_a_duty_and_no_other_has():
    assert {role: duty for role, (duty, _) in DUTIES.items()} == {
        Role.PROVINCE_REVIEWER: Duty.PROVINCE,
        Role.CENTRE_REVIEWER: Duty.CENTRE,
        Role.OFFICE_REVIEWER: Duty.OFFICE,
        Role.REGISTRAR: Duty.SERIES,
    }
    assert {duty for duty, _ in DUTIES.values()} == set(Duty)


def test_a_body_stands_in_no_roster(world):
    keys = {entry.key_id for entry in entries(world)}

    assert not keys & {body.key.key_id for body in world.bodies.values()}


@pytest.mark.parametrize(
    ("role", "scope", "purpose"),
    [
        (Role.REGISTRAR, NATIONAL, Purpose.DECISION),
        (Role.OFFICE_REVIEWER, NATIONAL, Purpose.SERIES),
        (Role.OFFICE_REVIEWER, NATIONAL, Purpose.SUBMISSION),
        (Role.SUBMITTER, "S0002", Purpose.DECISION),
        (Role.SUBMITTER, "S0002", Purpose.SERIES),
    ],
)
def test_a_key_for_something_else_gives_no_duty(world, role, scope, purpose):
    world.holder("somebody", (role, scope), purpose=purpose)

    assert of(world, "somebody") == []


def test_a_key_without_appointment_and_an_appointment_without_key_give_no_duty(world):
    world.account("no key", (Role.OFFICE_REVIEWER, NATIONAL))
    world.holder("no role", purpose=Purpose.DECISION)

    assert len(entries(world)) == 4


def test_one_person_may_have_several_duties_and_several_keys(world):
    roles = {(Role.PROVINCE_REVIEWER, "CN-21"), (Role.PROVINCE_REVIEWER, "CN-33"), (Role.REGISTRAR, NATIONAL)}
    holder = world.holder("somebody", *roles, purpose=Purpose.DECISION)
    world.enrol(holder.actor, holder_key("his other"), Purpose.DECISION)
    world.enrol(holder.actor, holder_key("his third"), Purpose.SERIES)

    duties = [(entry.duty, entry.jurisdiction) for entry in of(world, "somebody")]

    assert duties == [(Duty.PROVINCE, "CN-21"), (Duty.PROVINCE, "CN-33")]
    assert [(entry.duty, entry.jurisdiction) for entry in of(world, "his other")] == duties
    assert [entry.duty for entry in of(world, "his third")] == [Duty.SERIES]
    assert {entry.person for name in ("somebody", "his other", "his third") for entry in of(world, name)} == {
        holder.actor.account_id
    }


def test_a_revoked_key_stays_and_no_longer_counts_from_that_very_second(world):
    revoked_at = datetime(2026, 11, 20, 3, 59, 59, 999_999, tzinfo=UTC)
    key_id = world.reviewers[Step.OFFICE].key.key_id
    world.tamper(update(EnrolledKey).where(EnrolledKey.key_id == key_id).values(revoked_at=revoked_at))

    (entry,) = of(world, Step.OFFICE)

    assert entry.revoked_at == revoked_at.replace(microsecond=0)
    roster = Roster(ENVIRONMENT, 1, NOON_UTC, entries(world))
    before = entry.revoked_at - timedelta(seconds=1)
    assert roster.entitled(key_id, Duty.OFFICE, "CN", at=before) == entry


def test_whoever_is_no_reviewer_any_more_is_gone_from_the_next_roster(world):
    account = world.reviewers[Step.CENTRE].actor.account_id
    world.tamper(delete(Appointment).where(Appointment.account_id == account))

    assert {entry.duty for entry in entries(world)} == {Duty.PROVINCE, Duty.OFFICE, Duty.SERIES}


def test_a_key_that_somebody_wrote_there_and_that_is_none_stops_the_ceremony(world):
    key_id = world.reviewers[Step.OFFICE].key.key_id
    world.tamper(update(EnrolledKey).where(EnrolledKey.key_id == key_id).values(public=b"\x01" + bytes(31)))

    with pytest.raises(InadmissibleKey):
        entries(world)


def test_the_key_id_is_that_of_the_key_whatever_the_column_says(world):
    account = world.reviewers[Step.OFFICE].actor.account_id
    stolen = holder_key("attacker")
    key = world.all(select(EnrolledKey).where(EnrolledKey.account_id == account))[0]
    world.tamper(update(EnrolledKey).where(EnrolledKey.key_id == key.key_id).values(public=stolen.public))

    (entry,) = [entry for entry in entries(world) if entry.duty is Duty.OFFICE]

    assert entry.key_id == stolen.key_id != key.key_id
