"""Whoever enrols people of his own by writing rows gets no certificate out of them, and keeps nobody else waiting.

The register believes its rows; what stops him is the roster that custodians signed.
"""

from dataclasses import replace

import pytest
from sqlalchemy import insert, select, update

from registry.assessment.tables import Submission
from registry.certificate.numbering import Scope
from registry.certificate.tables import Series
from registry.people.accounts import Purpose
from registry.people.permission import NATIONAL, Role
from registry.people.tables import EnrolledKey
from signing.evidence import Step
from signing.roster import Duty
from signing.statement import Level
from tests.instants import NOON_UTC
from tests.registry.certificate.siege import ATTACKER, HONEST_PEOPLE, Siege, unknown
from tests.registry.world import (
    BODY,
    OTHER_BODY,
    PROFILE,
    PROVINCE,
    ROLES,
    SITES,
    holder_key,
    opening,
)

SCOPE = Scope(BODY, PROVINCE, SITES[BODY], 2026, Level.INTERMEDIATE)


# Series.


@pytest.mark.parametrize("opener", [ATTACKER, Step.OFFICE], ids=["the attacker", "a reviewer"])
def test_a_series_that_no_registrar_opened(world, siege, opener):
    attacked, honest = world.reviewed(), siege.honest()
    word = opening(SCOPE, key=holder_key(opener))
    world.tamper(update(Series).where(Series.key == SCOPE.key(PROFILE)).values(opening=word))

    outcome = siege.nobody_waits(honest, [attacked])

    words = (
        unknown(ATTACKER)
        if opener == ATTACKER
        else "the opening of a series does not count: .* no duty 'series'"
    )
    assert len(outcome.refused) == outcome.told(words) == 3
    siege.refuses(siege.request(attacked), words=words)


def test_a_series_of_ones_own_with_the_registrars_word_for_another(world, siege):
    wanted = replace(SCOPE, year=2028)
    (word,) = world.all(select(Series.opening).where(Series.key == SCOPE.key(PROFILE)))
    row = {"issued": 0, "opened_at": NOON_UTC, "opened_by": world.registrar.account_id, "opening": word}
    world.tamper(insert(Series).values(key=wanted.key(PROFILE), profile=PROFILE.code, **row))
    attacked, honest = world.reviewed(), siege.honest()
    own = siege.dossier(attacked)
    result = next(iter(own.results.values()))
    number = PROFILE.packed(PROFILE.compose(wanted.fields(PROFILE), serial=1))
    bytes_ = siege.statement(result, 500, 1, number=number)

    siege.refuses(
        own.request(bytes_, own.row(result.id)), words="its number lies in no series that was opened"
    )

    siege.write_entry(result, bytes_)
    outcome = siege.nobody_waits(honest)
    assert outcome.refused.keys() == {500}
    assert siege.released(attacked) == 2


def test_a_series_without_a_word(world, siege):
    attacked, honest = world.numbered(), siege.honest()
    world.tamper(update(Series).where(Series.key == SCOPE.key(PROFILE)).values(opening=None))

    outcome = siege.nobody_waits(honest, [attacked])

    assert outcome.refused.keys() == {1, 2, 3}
    assert outcome.told("its number lies in no series that was opened") == 3


# Keys of his own, enrolled by hand: the register believes them, the signer does not.


@pytest.fixture
def conspiracy(siege):
    """Keys of the attacker for each step, which the roster does not have."""
    purpose = Purpose.DECISION
    return {step: siege.enrol_by_hand(f"{ATTACKER} as {step}", *ROLES[step], purpose) for step in Step}


def test_reviewers_whom_no_custodian_ever_saw(world, siege, conspiracy):
    attacked, honest = world.checked(), siege.honest()
    for step in Step:
        world.record(world.decision(attacked, key=conspiracy[step]))

    outcome = siege.nobody_waits(honest, [attacked])

    # For the register everything was in order: they have their numbers.
    assert outcome.unnumbered == {}
    words = unknown(f"{ATTACKER} as {Step.PROVINCE}")
    assert len(outcome.refused) == outcome.told(words) == 3
    siege.refuses(siege.request(attacked), words=words)


@pytest.mark.parametrize("stranger", Step)
def test_one_such_reviewer_among_three_is_one_too_many(world, siege, conspiracy, stranger):
    attacked, honest = world.checked(), siege.honest()
    for step in Step:
        world.record(world.decision(attacked, key=conspiracy[step] if step is stranger else None))

    outcome = siege.nobody_waits(honest, [attacked])

    assert len(outcome.refused) == outcome.told(unknown(f"{ATTACKER} as {stranger}")) == 3


def test_a_second_key_of_a_reviewer(world, siege):
    attacked, honest = world.checked(), siege.honest()
    world.enrol(world.reviewers[Step.PROVINCE].actor, holder_key(ATTACKER), Purpose.DECISION)
    world.record(world.decision(attacked, key=holder_key(ATTACKER)))
    for _ in (Step.CENTRE, Step.OFFICE):
        world.decide(attacked)

    outcome = siege.nobody_waits(honest, [attacked])

    assert len(outcome.refused) == outcome.told(unknown(ATTACKER)) == 3


def test_a_key_put_in_the_place_of_a_reviewers(world, siege):
    attacked, honest = world.checked(), siege.honest()
    stolen = world.reviewers[Step.PROVINCE].key.key_id
    decisions = siege.forged_decisions(attacked)
    public = holder_key(ATTACKER).public
    world.tamper(update(EnrolledKey).where(EnrolledKey.key_id == stolen).values(public=public))
    by = world.reviewers[Step.PROVINCE].actor.account_id
    siege.write_decision(Step.PROVINCE, attacked, decisions[Step.PROVINCE], by=by, key_id=stolen)
    world.tamper(update(Submission).where(Submission.id == attacked).values(status="centre"))
    for _ in (Step.CENTRE, Step.OFFICE):
        world.decide(attacked)

    outcome = siege.run()

    assert siege.released(attacked) == 0
    assert outcome.told(unknown(ATTACKER)) == 3
    siege.refuses(siege.request(attacked), words=unknown(ATTACKER))
    # Whoever destroys a reviewer's key stops what that reviewer decided: an outage, and no certificate.
    assert siege.released(honest) == 0


def test_a_registrar_whom_no_custodian_ever_saw(world, siege):
    key = siege.enrol_by_hand(ATTACKER, Role.REGISTRAR, NATIONAL, Purpose.SERIES)
    attacked, honest = world.reviewed(), siege.honest()
    word = opening(SCOPE, key=key)
    world.tamper(update(Series).where(Series.key == SCOPE.key(PROFILE)).values(opening=word))

    outcome = siege.nobody_waits(honest, [attacked])

    assert len(outcome.refused) == outcome.told(unknown(ATTACKER)) == 3


def test_once_custodians_signed_the_roster_what_waited_is_signed(world, siege, conspiracy):
    """They were reviewers in earnest, and the roster was merely late: nothing is lost by the refusal."""
    attacked, honest = world.checked(), siege.honest()
    for step in Step:
        world.record(world.decision(attacked, key=conspiracy[step]))
    siege.nobody_waits(honest, [attacked])

    renewed = Siege(world)

    assert renewed.run().refused == {}
    assert renewed.released(attacked) == 3


# A revocation that is taken back.


def test_a_revocation_that_was_taken_back(world):
    thief = world.reviewers[Step.PROVINCE].key
    successor = world.holder("his successor", ROLES[Step.PROVINCE])
    of_the_thief = EnrolledKey.key_id == thief.key_id
    world.tamper(update(EnrolledKey).where(of_the_thief).values(revoked_at=NOON_UTC))
    siege = Siege(world)
    world.tamper(update(EnrolledKey).where(of_the_thief).values(revoked_at=None))
    attacked, honest = world.reviewed(), world.checked(*world.rows(HONEST_PEOPLE), issuer=OTHER_BODY)
    world.record(world.decision(honest, key=successor.key))
    for _ in (Step.CENTRE, Step.OFFICE):
        world.decide(honest)

    outcome = siege.nobody_waits(honest, [attacked])

    words = "the province's decision does not count: .* revoked at 2026-11-20T04:00:00Z"
    assert len(outcome.refused) == outcome.told(words) == 3
    siege.refuses(siege.request(attacked), words=words)
    assert {entry.duty for entry in world.roster.entries if entry.key_id == thief.key_id} == {Duty.PROVINCE}
