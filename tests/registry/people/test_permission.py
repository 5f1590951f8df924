"""The permission table, written out once more: whoever widens it must say so here too."""

from itertools import product
from uuid import uuid4

import pytest

from registry.people.errors import ConflictOfInterest, NotPermitted
from registry.people.permission import NATIONAL, ROLE_FOR, Act, Actor, Role, require

MAY = {
    Role.SUBMITTER: {Act.SUBMIT, Act.WITHDRAW, Act.ASK},
    Role.PROVINCE_REVIEWER: {Act.REVIEW_PROVINCE},
    Role.CENTRE_REVIEWER: {Act.REVIEW_CENTRE},
    Role.OFFICE_REVIEWER: {Act.REVIEW_OFFICE},
    Role.REGISTRAR: {
        Act.APPOINT,
        Act.OPEN_SERIES,
        Act.OPEN_EPOCH,
        Act.CLOSE_EPOCH,
        Act.ISSUE,
        Act.VOID,
        Act.SUSPEND,
        Act.REINSTATE,
        Act.REVOKE,
        Act.DECIDE_REQUEST,
    },
}
SCOPES = ("S0002", "S0003", "CN-21", "CN-33", NATIONAL)
EVERYTHING = frozenset((role, scope) for role in Role for scope in SCOPES)


def actor(*appointments):
    return Actor(uuid4(), "某人", frozenset(appointments))


def test_every_act_belongs_to_exactly_one_role():
    assert set(ROLE_FOR) == set(Act)
    assert sum(map(len, MAY.values())) == len(Act)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("act", Act)
def test_a_role_allows_its_own_acts_in_its_own_scope_and_nothing_else(act, role):
    for appointed, asked in product(SCOPES, SCOPES):
        somebody = actor((role, appointed))
        if act in MAY[role] and asked == appointed:
            require(somebody, act, scope=asked)
            continue
        with pytest.raises(NotPermitted) as refusal:
            require(somebody, act, scope=asked)
        assert type(refusal.value) is NotPermitted
        assert (refusal.value.act, refusal.value.scope) == (act, asked)


@pytest.mark.parametrize("act", Act)
def test_an_account_without_appointments_may_do_nothing(act):
    with pytest.raises(NotPermitted):
        require(actor(), act, scope=NATIONAL)


@pytest.mark.parametrize("act", Act)
def test_a_scope_allows_nothing_in_a_part_or_in_the_whole_of_it(act):
    somebody = actor((ROLE_FOR[act], NATIONAL))

    for asked in ("", "CN-21", "CN-", "cn", "*"):
        with pytest.raises(NotPermitted):
            require(somebody, act, scope=asked)


@pytest.mark.parametrize("act", Act)
def test_nobody_acts_twice_on_the_same_submission_whatever_roles_he_holds(act):
    everybody = Actor(uuid4(), "身兼数职", EVERYTHING)

    require(everybody, act, scope=NATIONAL, acted_before=[uuid4()])
    with pytest.raises(ConflictOfInterest):
        require(everybody, act, scope=NATIONAL, acted_before=[uuid4(), everybody.account_id])


def test_a_conflict_of_interest_is_not_told_to_somebody_who_may_not_act_at_all():
    stranger = actor()

    with pytest.raises(NotPermitted) as refusal:
        require(stranger, Act.REVIEW_CENTRE, scope=NATIONAL, acted_before=[stranger.account_id])

    assert not isinstance(refusal.value, ConflictOfInterest)
