"""The three steps: who decides what, in which order, and over exactly which rows."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from registry.assessment.status import SubmissionStatus
from registry.assessment.tables import Submission
from registry.journal.tables import Event
from registry.people.accounts import Purpose
from registry.people.errors import ConflictOfInterest, KeyNotValid, NotPermitted, UnknownKey
from registry.people.permission import NATIONAL, Role
from registry.people.tables import Appointment, EnrolledKey
from registry.review.decision import prepare_decision
from registry.review.errors import DecisionNotGenuine, DecisionOutOfDate, NotAwaited
from registry.review.tables import ReturnedRow, SignedDecision
from signing.cose import Kind
from signing.evidence import Decision, Step
from tests.instants import NOON, NOON_UTC, SHANGHAI
from tests.registry.world import BODY, ENVIRONMENT, FIRST_DAY, PROVINCE, ROLES, holder_key

DECIDED = (SignedDecision, ReturnedRow, Event)


def status(world, submission):
    return world.sessions.read(lambda session: session.get_one(Submission, submission)).status


def test_three_confirmations_approve_a_submission(world):
    submission = world.checked()

    recorded = [world.decide(submission) for _ in Step]

    assert [(done.step, done.confirmed, done.returned) for done in recorded] == [
        (step, 3, 0) for step in Step
    ]
    assert [done.status for done in recorded] == [
        SubmissionStatus.CENTRE,
        SubmissionStatus.OFFICE,
        SubmissionStatus.APPROVED,
    ]
    assert status(world, submission) == SubmissionStatus.APPROVED


def test_a_decision_is_kept_as_it_was_signed(world):
    submission = world.checked()
    signed = world.decision(submission)

    world.record(signed)

    (kept,) = world.all(select(SignedDecision))
    reviewer = world.reviewers[Step.PROVINCE]
    assert (kept.signed, kept.key_id) == (signed, reviewer.key.key_id)
    assert (kept.decided_by, kept.decided_at) == (reviewer.actor.account_id, NOON_UTC)
    assert (kept.step, kept.jurisdiction, kept.rows) == (Step.PROVINCE, f"CN-{PROVINCE}", 3)


def test_preparing_a_decision_stores_nothing(world):
    submission = world.checked()
    before = world.count(*DECIDED)

    world.decision(submission, {2: "原因"})

    assert world.count(*DECIDED) == before


@pytest.mark.parametrize("done", range(4))
def test_a_step_is_decided_in_its_turn_only(world, done):
    submission = world.checked()
    steps = list(Step)
    for _ in range(done):
        world.decide(submission)
    before = world.count(*DECIDED)

    for step in steps[:done] + steps[done + 1 :]:
        # The reviewer of that step has not acted, so the only thing wrong is the turn.
        other = world.holder(f"second {step}", ROLES[step])
        payload = decision_of(world, submission, step).to_bytes()
        signed = other.key.sign_claim(payload, kind=Kind.DECISION, environment=ENVIRONMENT, detached=False)
        with pytest.raises(NotAwaited) as refusal:
            world.record(signed)
        assert refusal.value.submission_id == submission
    assert world.count(SignedDecision, ReturnedRow) == before[:2]


def decision_of(world, submission, step):
    """Return a decision on a step, whatever step is awaited."""
    jurisdiction = ROLES[step][1]
    return Decision(
        submission=submission,
        step=step,
        jurisdiction=jurisdiction,
        rows_digest=bytes(32),
        rows=3,
        returned=(),
        decided_at=NOON_UTC,
    )


def test_nothing_is_awaited_of_a_submission_that_was_approved_or_returned(world):
    approved, returned = world.reviewed(), world.checked()
    world.decide(returned, {1: "甲", 2: "乙", 3: "丙"})

    for submission in (approved, returned):
        with pytest.raises(NotAwaited):
            world.decision(submission)


def by_an_unknown_key(world, submission):
    return world.decision(submission, key=holder_key("nobody"))


def by_a_submission_key(world, submission):
    return world.decision(submission, key=world.bodies[BODY].key)


def by_a_revoked_key(world, submission):
    former = world.holder("former reviewer", ROLES[Step.PROVINCE])
    key = EnrolledKey.key_id == former.key.key_id
    world.tamper(update(EnrolledKey).where(key).values(revoked_at=NOON))
    return world.decision(submission, key=former.key)


def by_another_province(world, submission):
    other = world.holder("浙江", (Role.PROVINCE_REVIEWER, "CN-33"))
    return world.decision(submission, key=other.key)


def by_another_province_that_names_itself(world, submission):
    other = world.holder("山东", (Role.PROVINCE_REVIEWER, "CN-37"))
    return world.decision(submission, key=other.key, jurisdiction="CN-37")


def by_the_whole_country_for_a_province(world, submission):
    other = world.holder("全国", (Role.PROVINCE_REVIEWER, NATIONAL))
    return world.decision(submission, key=other.key)


def by_another_step(world, submission):
    return world.decision(submission, key=world.reviewers[Step.OFFICE].key)


def by_a_registrar(world, submission):
    other = world.holder("登记员二", (Role.REGISTRAR, NATIONAL), purpose=Purpose.DECISION)
    return world.decision(submission, key=other.key)


def under_another_jurisdiction(world, submission):
    return world.decision(submission, jurisdiction="CN-33")


def over_another_digest(world, submission):
    return world.decision(submission, rows_digest=bytes(32))


def over_another_count(world, submission):
    return world.decision(submission, rows=2)


def signed_too_long_ago(world, submission):
    return world.decision(submission, decided_at=NOON_UTC - timedelta(hours=24, seconds=1))


def signed_ahead(world, submission):
    return world.decision(submission, decided_at=NOON_UTC + timedelta(minutes=10, seconds=1))


def of_another_submission(world, submission):
    payload = decision_of(world, uuid4(), Step.PROVINCE).to_bytes()
    key = world.reviewers[Step.PROVINCE].key
    return key.sign_claim(payload, kind=Kind.DECISION, environment=ENVIRONMENT, detached=False)


def over_changed_bytes(world, submission):
    signed = bytearray(world.decision(submission))
    signed[-1] ^= 1
    return bytes(signed)


def of_another_kind(world, submission):
    payload = decision_of(world, submission, Step.PROVINCE).to_bytes()
    key = world.reviewers[Step.PROVINCE].key
    return key.sign_claim(payload, kind=Kind.SUBMISSION, environment=ENVIRONMENT, detached=False)


def of_another_environment(world, submission):
    payload = decision_of(world, submission, Step.PROVINCE).to_bytes()
    key = world.reviewers[Step.PROVINCE].key
    return key.sign_claim(payload, kind=Kind.DECISION, environment="production", detached=False)


def without_a_payload(world, submission):
    payload = decision_of(world, submission, Step.PROVINCE).to_bytes()
    key = world.reviewers[Step.PROVINCE].key
    return key.sign_claim(payload, kind=Kind.DECISION, environment=ENVIRONMENT, detached=True)


def about_nothing(world, submission):
    key = world.reviewers[Step.PROVINCE].key
    return key.sign_claim(b"\x80", kind=Kind.DECISION, environment=ENVIRONMENT, detached=False)


def no_envelope(world, submission):
    return b"confirmed"


WRONG = [
    (by_an_unknown_key, UnknownKey),
    (by_a_submission_key, KeyNotValid),
    (by_a_revoked_key, KeyNotValid),
    (by_another_province, NotPermitted),
    (by_another_province_that_names_itself, NotPermitted),
    (by_the_whole_country_for_a_province, NotPermitted),
    (by_another_step, NotPermitted),
    (by_a_registrar, NotPermitted),
    (under_another_jurisdiction, DecisionOutOfDate),
    (over_another_digest, DecisionOutOfDate),
    (over_another_count, DecisionOutOfDate),
    (signed_too_long_ago, DecisionOutOfDate),
    (signed_ahead, DecisionOutOfDate),
    (of_another_submission, DecisionNotGenuine),
    (over_changed_bytes, DecisionNotGenuine),
    (of_another_kind, DecisionNotGenuine),
    (of_another_environment, DecisionNotGenuine),
    (without_a_payload, DecisionNotGenuine),
    (about_nothing, DecisionNotGenuine),
    (no_envelope, DecisionNotGenuine),
]


def test_a_wrong_decision_is_refused_and_nothing_is_stored(world, subtests):
    submission = world.checked()

    for wrong, error in WRONG:
        signed = wrong(world, submission)
        before = world.count(*DECIDED)
        with subtests.test(wrong.__name__):
            with pytest.raises(error):
                world.record(signed)
            assert world.count(*DECIDED) == before
            assert status(world, submission) == SubmissionStatus.PROVINCE
    world.decide(submission)


@pytest.mark.parametrize("ago", [timedelta(hours=24), timedelta(minutes=-10)])
def test_a_decision_may_be_signed_a_day_before_or_by_a_clock_ten_minutes_ahead(world, ago):
    submission = world.checked()

    world.record(world.decision(submission, decided_at=NOON_UTC - ago))


def test_nobody_decides_two_steps_even_with_all_roles(world):
    everything = world.holder("身兼数职", *ROLES.values())
    for first in range(2):
        submission = world.checked()
        for _ in range(first):
            world.decide(submission)
        world.record(world.decision(submission, key=everything.key))

        for _ in list(Step)[first + 1 :]:
            with pytest.raises(ConflictOfInterest):
                world.record(world.decision(submission, key=everything.key))
            world.decide(submission)
        assert status(world, submission) == SubmissionStatus.APPROVED


def test_whoever_handed_in_decides_nothing_of_it(world):
    account = world.bodies[BODY].actor.account_id
    own = world.holder("转岗", *ROLES.values())
    submission = world.checked()
    # The same person, hired by the province after he handed in.
    for table in (EnrolledKey, Appointment):
        mine = table.account_id == own.actor.account_id
        world.tamper(update(table).where(mine).values(account_id=account))

    for _ in Step:
        with pytest.raises(ConflictOfInterest):
            world.record(world.decision(submission, key=own.key))
        world.decide(submission)


def test_a_decision_recorded_twice_counts_once(world):
    submission = world.checked()
    signed = world.decision(submission)
    world.record(signed)

    # His own decision stands, so it is told as a conflict before it is told as a wrong turn.
    with pytest.raises(ConflictOfInterest):
        world.record(signed)

    assert world.count(SignedDecision) == (1,)


def test_of_two_reviewers_who_decide_at_once_one_is_recorded(world):
    colleague = world.holder("同事", ROLES[Step.PROVINCE])
    submission = world.checked()
    both = [
        (world.decision(submission), {}),
        (world.decision(submission, {2: "证件不清"}, key=colleague.key), {2: "证件不清"}),
    ]

    def outcome(signed, reasons):
        try:
            return world.record(signed, reasons)
        except NotAwaited as refusal:
            return refusal

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda pair: outcome(*pair), both))

    lost = [found for found in outcomes if isinstance(found, NotAwaited)]
    assert len(lost) == 1
    assert (lost[0].step, lost[0].status) == (Step.PROVINCE, SubmissionStatus.CENTRE)
    assert world.count(SignedDecision) == (1,)
    won = next(found for found in outcomes if found is not lost[0])
    assert world.count(ReturnedRow) == (won.returned,)


def test_the_decision_to_sign_is_about_whole_seconds(world):
    submission = world.checked()
    now = NOON + timedelta(microseconds=999_999)

    prepared = world.sessions.read(lambda session: prepare_decision(session, submission, {}, now=now))

    assert prepared.decided_at == NOON
    world.record(world.decision(submission, now=now), now=now)


def test_a_decision_dated_before_its_key_counted_is_refused_although_the_key_counts_now(world):
    submission = world.checked()
    midnight = datetime.combine(FIRST_DAY, time(), SHANGHAI)
    eve = world.decision(submission, now=midnight - timedelta(minutes=30))

    with pytest.raises(KeyNotValid):
        world.record(eve, now=midnight + timedelta(minutes=30))

    assert world.count(SignedDecision) == (0,)
