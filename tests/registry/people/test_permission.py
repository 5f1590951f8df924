"""The permission table, written out once more: whoever widens it must say so here too."""

from itertools import product
from uuid import uuid4

import pytest

from registry.people.errors import ConflictOfInterest, NotPermitted
from registry.people.permission import BODY_ROLES, NATIONAL, ROLE_FOR, Act, Actor, Role, body_of, require

MAY = {
    Role.SUBMITTER: {Act.SUBMIT, Act.USE_API, Act.WITHDRAW, Act.ASK},
    Role.BODY_SYSTEM: {Act.USE_API},
    Role.BODY_ADMINISTRATOR: {Act.MANAGE_KEYS},
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


def test_every_act_belongs_to_one_role_but_for_the_use_of_the_api():
    assert set(ROLE_FOR) == set(Act)
    assert {act: sum(act in acts for acts in MAY.values()) for act in Act} == {
        act: 2 if act is Act.USE_API else 1 for act in Act
    }


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
    somebody = actor(*((role, NATIONAL) for role in ROLE_FOR[act]))

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


def test_an_account_belongs_to_the_one_body_in_whose_scope_its_bodys_roles_are():
    assert body_of(actor(*((role, "S0002") for role in BODY_ROLES))) == "S0002"
    assert body_of(actor((Role.SUBMITTER, "S0002"), (Role.BODY_SYSTEM, "S0003"))) is None
    assert body_of(actor((Role.REGISTRAR, NATIONAL), (Role.PROVINCE_REVIEWER, "CN-21"))) is None
    assert body_of(actor()) is None
