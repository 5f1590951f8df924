"""A body keeps its own keys: its administrator registers and revokes them, and those of no other body."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Thread

import pytest
from sqlalchemy import select

from registry.journal.tables import Event
from registry.people.accounts import Purpose, signatory
from registry.people.body_keys import NewKey, keys_of_body, register_key, revoke_body_key, revoke_key
from registry.people.errors import (
    KeyAlreadyEnrolled,
    KeyNotValid,
    KeyRefused,
    LastAdministrationKey,
    NoSuchKey,
    NotPermitted,
    PossessionNotShown,
    UnknownKey,
)
from registry.people.permission import Role
from registry.people.possession import Possession
from registry.people.tables import EnrolledKey
from signing.evidence import Step
from tests.instants import NOON, NOON_UTC, THAT_DAY
from tests.registry.world import BODY, LAST_ON, OTHER_BODY, holder_key, private_key

NEW = holder_key("new")


@pytest.fixture
def chief(young_world):
    return young_world.holder("chief", (Role.BODY_ADMINISTRATOR, BODY), purpose=Purpose.ADMINISTRATION)


def new_key(**changes) -> NewKey:
    given = NewKey(public=NEW.public, purpose=Purpose.ACCESS, valid_from_on=THAT_DAY, valid_to_on=LAST_ON)
    return replace(given, **changes)


def register(world, who, new=None, issuer=BODY):
    return registered(world, who, new, issuer=issuer).key


def registered(world, who, new=None, *, issuer=BODY):
    """Register a key; return it with whether it was there."""
    new = new or new_key()
    return world.sessions.run(partial(register_key, actor=who.actor, issuer=issuer, new=new, now=NOON))


def revoke(world, who, key_id, *, issuer=BODY, confirm_last=False):
    act = partial(revoke_body_key, actor=who.actor, issuer=issuer, key_id=key_id, now=NOON)
    world.sessions.run(partial(act, confirm_last=confirm_last))


def counts(world, key_id, purpose=Purpose.ACCESS):
    try:
        return world.sessions.read(lambda session: signatory(session, key_id, purpose, now=NOON)) is not None
    except KeyNotValid:
        return False


def test_a_key_is_registered_used_beside_the_old_one_and_the_old_one_revoked(young_world, chief):
    old = register(young_world, chief, new_key(public=holder_key("old").public))
    new = register(young_world, chief)

    assert counts(young_world, old.key_id)
    assert counts(young_world, new.key_id)

    revoke(young_world, chief, old.key_id)

    assert not counts(young_world, old.key_id)
    assert counts(young_world, new.key_id)
    events = young_world.all(select(Event).order_by(Event.id.desc()).limit(3))
    assert [event.act for event in events] == ["revoke_key", "enrol_key", "enrol_key"]
    assert {event.actor_id for event in events} == {chief.actor.account_id}
    assert events[0].details == {"key": old.key_id.hex()}


def test_the_same_key_again_is_the_one_that_is_there(young_world, chief):
    first, again = registered(young_world, chief), registered(young_world, chief)

    assert (first.repeated, again.repeated) == (False, True)
    assert again.key == first.key
    assert young_world.all(
        select(Event.act).where(Event.act == "enrol_key", Event.actor_id.is_not(None))
    ) == ["enrol_key"]


def test_of_many_registrations_of_one_key_at_once_one_enrols_it(young_world, chief):
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: registered(young_world, chief), range(8)))

    assert [each.repeated for each in found].count(False) == 1


OTHERWISE = {
    "purpose": {"purpose": Purpose.SUBMISSION},
    "first day": {"valid_from_on": THAT_DAY - timedelta(days=1)},
    "last day": {"valid_to_on": LAST_ON - timedelta(days=1)},
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_the_same_key_for_something_else_is_refused(young_world, chief, name):
    register(young_world, chief)

    with pytest.raises(KeyAlreadyEnrolled):
        register(young_world, chief, new_key(**OTHERWISE[name]))


def test_the_list_has_the_bodys_keys_and_no_others(young_world, chief):
    register(young_world, chief)

    keys = young_world.sessions.read(lambda session: keys_of_body(session, chief.actor, BODY))

    assert {(key.purpose, key.account) for key in keys} == {
        (Purpose.SUBMISSION, BODY),
        (Purpose.ADMINISTRATION, "chief"),
        (Purpose.ACCESS, BODY),
    }


def test_a_revoked_key_stays_revoked_and_is_revoked_once(young_world, chief):
    register(young_world, chief)
    revoke(young_world, chief, NEW.key_id)
    revoke(young_world, chief, NEW.key_id)

    assert young_world.all(select(EnrolledKey.revoked_at).where(EnrolledKey.key_id == NEW.key_id)) == [
        NOON_UTC
    ]
    assert young_world.all(select(Event.act).where(Event.act == "revoke_key")) == ["revoke_key"]
    with pytest.raises(KeyAlreadyEnrolled):
        register(young_world, chief)


REFUSED = {
    "an administration key": (
        {"purpose": Purpose.ADMINISTRATION},
        "the purpose is one of access, submission",
    ),
    "a decision key": ({"purpose": Purpose.DECISION}, "the purpose is one of"),
    "a series key": ({"purpose": Purpose.SERIES}, "the purpose is one of"),
    "over already": ({"valid_to_on": THAT_DAY - timedelta(days=1)}, "before its first day or before today"),
    "too long": ({"valid_to_on": THAT_DAY + timedelta(days=3 * 366 + 1)}, "1098 days at most"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_an_administrators_to_register(young_world, chief, name):
    changes, why = REFUSED[name]

    with pytest.raises(KeyRefused, match=why):
        register(young_world, chief, new_key(**changes))


def test_of_several_accounts_one_is_named(young_world, chief):
    second = young_world.account("系统", (Role.BODY_SYSTEM, BODY))

    with pytest.raises(KeyRefused, match=f"name one account .* {second.account_id}|{second.account_id}"):
        register(young_world, chief)
    assert register(young_world, chief, new_key(account_id=second.account_id)).account == "系统"


def test_an_account_that_belongs_elsewhere_too_is_nobodys_to_manage(young_world, chief):
    both = young_world.account("both", (Role.BODY_SYSTEM, BODY), (Role.BODY_SYSTEM, OTHER_BODY))
    reviewer = young_world.account("also", (Role.BODY_SYSTEM, BODY), (Role.OFFICE_REVIEWER, "CN"))

    for account in (both, reviewer, young_world.bodies[OTHER_BODY].actor):
        with pytest.raises(KeyRefused, match="name one account of the body"):
            register(young_world, chief, new_key(account_id=account.account_id))


def test_only_the_bodys_administrator_manages_its_keys(young_world, chief):
    other = young_world.holder(
        "other chief", (Role.BODY_ADMINISTRATOR, OTHER_BODY), purpose=Purpose.ADMINISTRATION
    )
    register(young_world, chief)

    for who in (other, young_world.bodies[BODY], young_world.reviewers[Step.OFFICE]):
        with pytest.raises(NotPermitted):
            register(young_world, who, new_key(public=holder_key("x").public))
        with pytest.raises(NotPermitted):
            revoke(young_world, who, NEW.key_id)
        with pytest.raises(NotPermitted):
            young_world.sessions.read(lambda session, who=who: keys_of_body(session, who.actor, BODY))


def test_another_bodys_key_looks_like_one_that_is_not_there(young_world, chief):
    theirs = young_world.bodies[OTHER_BODY].key.key_id
    texts = set()
    for key_id in (theirs, young_world.reviewers[Step.OFFICE].key.key_id, bytes([1, 2, 3, 4])):
        with pytest.raises(NoSuchKey) as refusal:
            revoke(young_world, chief, key_id)
        texts.add(str(refusal.value).replace(key_id.hex(), "KEY"))

    assert len(texts) == 1
    assert counts(young_world, theirs, Purpose.SUBMISSION)


def test_the_last_administration_key_needs_a_second_word(young_world, chief):
    with pytest.raises(LastAdministrationKey, match="confirm_last"):
        revoke(young_world, chief, chief.key.key_id)
    assert counts(young_world, chief.key.key_id, Purpose.ADMINISTRATION)

    revoke(young_world, chief, chief.key.key_id, confirm_last=True)

    assert not counts(young_world, chief.key.key_id, Purpose.ADMINISTRATION)


def test_of_two_administration_keys_one_may_go_and_one_that_is_over_does_not_count(young_world, chief):
    second = holder_key("second")
    over = {"valid_from_on": THAT_DAY - timedelta(days=9), "valid_to_on": THAT_DAY - timedelta(days=1)}
    young_world.enrol(chief.actor, second, Purpose.ADMINISTRATION, **over)
    with pytest.raises(LastAdministrationKey):
        revoke(young_world, chief, chief.key.key_id)
    young_world.enrol(chief.actor, holder_key("third"), Purpose.ADMINISTRATION)

    revoke(young_world, chief, chief.key.key_id)

    assert not counts(young_world, chief.key.key_id, Purpose.ADMINISTRATION)


def test_two_administrators_who_revoke_each_other_at_once_leave_one(young_world, chief):
    second = young_world.holder(
        "second chief", (Role.BODY_ADMINISTRATOR, BODY), purpose=Purpose.ADMINISTRATION
    )
    refused = []

    def act(who, other):
        try:
            revoke(young_world, who, other.key.key_id)
        except LastAdministrationKey as error:
            refused.append(error)

    threads = [Thread(target=act, args=pair) for pair in ((chief, second), (second, chief))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    left = [counts(young_world, who.key.key_id, Purpose.ADMINISTRATION) for who in (chief, second)]
    assert (sum(left), len(refused)) == (1, 1)


def test_the_operator_revokes_a_bodys_key_and_no_reviewers(young_world):
    submission = young_world.bodies[BODY].key.key_id
    young_world.revoke(submission)

    assert not counts(young_world, submission, Purpose.SUBMISSION)
    for key_id in (young_world.reviewers[Step.OFFICE].key.key_id, bytes(4)):
        with pytest.raises(UnknownKey):
            young_world.revoke(key_id)
    body = young_world.bodies[OTHER_BODY]
    with pytest.raises(NotPermitted):
        young_world.sessions.run(lambda session: revoke_key(session, body.actor, body.key.key_id, now=NOON))


POSSESSION = Possession("test", bytes.fromhex("01020304"), "0123456789abcdef", "access", NEW.public)


def test_possession_is_shown_by_a_signature_over_six_lines():
    text = POSSESSION.to_be_signed()

    assert text.decode() == (
        f"certreg-possession/1\ntest\n01020304\n0123456789abcdef\naccess\n{NEW.public.hex()}\n"
    )
    POSSESSION.require(private_key("new").sign(text))


@pytest.mark.parametrize(
    "changed",
    [
        {"environment": "production"},
        {"administrator": bytes(4)},
        {"nonce": "0123456789abcdeg"},
        {"purpose": "submission"},
        {"public": holder_key("other").public},
    ],
)
def test_a_proof_is_for_one_administrator_one_purpose_and_one_key(changed):
    proof = private_key("new").sign(POSSESSION.to_be_signed())

    with pytest.raises(PossessionNotShown) as refusal:
        replace(POSSESSION, **changed).require(proof)

    assert refusal.value.expected.hex() in str(refusal.value)


@pytest.mark.parametrize("public", [bytes(32), b"\x01" + bytes(31), b"\xff" * 32])
def test_of_a_weak_key_nobody_shows_possession(public):
    with pytest.raises(KeyRefused, match="make another key"):
        replace(POSSESSION, public=public).require(bytes(64))
