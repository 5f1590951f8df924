"""A body takes back what nobody has decided on; from then on it counts for nothing."""

import json
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import select

from registry.assessment.errors import ReasonRefused, SubmissionRefused
from registry.assessment.tables import Result, Submission
from registry.database.sessions import Sessions
from registry.intake import id_checks
from registry.intake.errors import NoSuchSubmission, TooLateToWithdraw, WithdrawnBefore
from registry.intake.id_checks import submissions_awaiting_id_checks
from registry.intake.submission import submit
from registry.intake.tables import Withdrawal
from registry.intake.withdrawal import REPLACED, withdraw
from registry.journal.tables import Event
from registry.jurisdiction.rules import jurisdictions
from registry.people.errors import NotPermitted
from registry.people.permission import Role
from registry.people.representative import Representative
from registry.review.errors import NotAwaited
from signing.evidence import Step
from tests.instants import NOON
from tests.registry.intake.test_races import at_once
from tests.registry.world import BODY, ENVIRONMENT, OTHER_BODY

REASON = "照片有误，重新报送"


def representative(world, issuer=BODY):
    holder = world.bodies[issuer]
    return Representative(holder.actor, issuer, holder.key.key_id)


def take_back(world, submission, *, by=None, reason=REASON, now=NOON):
    return withdraw(world.sessions, by or representative(world), submission, reason, now=now)


def hand_in(world, content, *, replaces=None, issuer=BODY, named=True):
    if replaces is not None and named:
        content = json.dumps({**json.loads(content), "replaces": str(replaces)}).encode()
    return submit(
        world.sessions,
        world.signed(content, issuer=issuer),
        world.personal,
        jurisdictions(),
        environment=ENVIRONMENT,
        now=NOON,
        replaces=replaces,
    )


def altered(rows, theory="71"):
    return [{**row, "theory": theory} for row in rows]


def status_of(world, submission):
    return world.all(select(Submission.status).where(Submission.id == submission))[0]


def acts_on(world, submission):
    subject = f"submission:{submission}"
    return world.all(select(Event.act).where(Event.subject == subject).order_by(Event.id))


@pytest.mark.parametrize("how_far", ["submitted", "checked"])
def test_what_nobody_decided_on_is_withdrawn_with_its_reason(world, how_far):
    submission = getattr(world, how_far)()

    done = take_back(world, submission)

    assert (done.submission_id, done.reason, done.withdrawn_at, done.repeated) == (
        submission,
        REASON,
        NOON,
        False,
    )
    assert status_of(world, submission) == "withdrawn"
    (kept,) = world.all(select(Withdrawal))
    assert (kept.withdrawn_by, kept.key_id) == (
        world.bodies[BODY].actor.account_id,
        world.bodies[BODY].key.key_id,
    )
    assert acts_on(world, submission)[-1] == "withdraw"


def test_withdrawing_twice_is_withdrawing_once(world):
    submission = world.submitted()
    take_back(world, submission)
    events = world.count(Event)

    again = take_back(world, submission, reason="另一个原因")

    assert (again.reason, again.repeated) == (REASON, True)
    assert world.count(Event, Withdrawal) == (*events, 1)


@pytest.mark.parametrize(("decisions", "stands"), [(1, "中心初核"), (2, "办公室审核"), (3, "全部通过")])
def test_after_a_decision_it_is_too_late_and_the_body_is_told_where_it_stands(world, decisions, stands):
    submission = world.checked()
    for _ in range(decisions):
        world.decide(submission)
    events = world.count(Event)

    with pytest.raises(TooLateToWithdraw, match=stands) as refusal:
        take_back(world, submission)

    assert refusal.value.status == status_of(world, submission)
    assert world.count(Event, Withdrawal) == (*events, 0)


def test_what_was_returned_whole_needs_no_withdrawal(world):
    submission = world.checked(world.row(1))
    world.decide(submission, {1: "重复"})

    with pytest.raises(TooLateToWithdraw, match="无须撤回"):
        take_back(world, submission)


def test_another_bodys_submission_looks_like_none_at_all(world):
    theirs = world.submitted(issuer=OTHER_BODY)
    nobodys = uuid4()

    told = []
    for submission in (theirs, nobodys):
        with pytest.raises(NoSuchSubmission) as refusal:
            take_back(world, submission)
        told.append(str(refusal.value).replace(str(submission), "ID"))

    assert told[0] == told[1]
    assert status_of(world, theirs) == "received"


def test_only_who_may_hand_in_may_take_back(world):
    submission = world.submitted()
    reviewer = world.reviewers[Step.PROVINCE]
    by = Representative(reviewer.actor, BODY, reviewer.key.key_id)

    with pytest.raises(NotPermitted):
        take_back(world, submission, by=by)

    assert status_of(world, submission) == "received"


def test_the_role_in_another_body_is_no_role_here(world):
    submission = world.submitted()
    other = replace(representative(world, OTHER_BODY), issuer=BODY)
    assert (Role.SUBMITTER, OTHER_BODY) in other.actor.appointments

    with pytest.raises(NotPermitted):
        take_back(world, submission, by=other)


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("", "missing"),
        (" \t", "missing"),
        ("错" * 201, "too_long"),
        ("第一行\n第二行", "invisible_character"),
        ("看不见\u200b", "invisible_character"),
        ("张三 210102199001010011 有误", "names_a_person"),
        ("21010219900101001X", "names_a_person"),
    ],
)
def test_a_reason_is_one_short_line_that_names_no_id_number(world, reason, code):
    submission = world.submitted()

    with pytest.raises(ReasonRefused) as refusal:
        take_back(world, submission, reason=reason)

    assert refusal.value.code == code
    assert status_of(world, submission) == "received"


def test_a_reason_may_name_the_number_of_a_certificate(world):
    assert take_back(world, world.submitted(), reason="与 S000221000002262000001 重复").reason.endswith(
        "重复"
    )


# What is withdrawn counts for nothing.


def test_its_people_may_be_handed_in_again(world):
    rows = world.rows(2)
    submission = world.submitted(*rows)
    with pytest.raises(SubmissionRefused):
        world.submitted(*altered(rows))
    take_back(world, submission)

    assert world.submitted(*altered(rows)) != submission


def test_its_correction_is_not_under_way_any_more(world):
    row = world.row(1)
    (number,) = world.issued(row)
    correction = {**row, "corrects": number, "reason": "姓名有误"}
    submission = world.submitted({**correction, "name": "李肆"})
    take_back(world, submission)

    assert world.submitted({**correction, "name": "李泗"})


def test_it_is_neither_checked_nor_reviewed_nor_numbered(world):
    submission = world.submitted()
    take_back(world, submission)

    assert world.sessions.read(submissions_awaiting_id_checks) == []
    assert world.compute_id_checks(submission) == 0
    assert set(world.all(select(Result.id_check))) == {None}
    with pytest.raises(NotAwaited, match="withdrawn"):
        world.decision(submission)
    assert world.number(submission) == 0


def test_the_same_file_again_is_refused_with_the_way_out(world):
    content = world.file()
    submission = hand_in(world, content).submission_id
    take_back(world, submission)

    with pytest.raises(WithdrawnBefore, match="replaces") as refusal:
        hand_in(world, content)

    assert refusal.value.submission_id == submission
    assert world.count(Submission) == (1,)


# Replacing.


def test_a_replacement_withdraws_the_old_and_stores_the_new_at_once(world):
    rows = world.rows(3)
    old = world.checked(*rows)

    new = hand_in(world, world.file(*rows[:2], {**rows[2], "theory": "71"}), replaces=old).submission_id

    assert (status_of(world, old), status_of(world, new)) == ("withdrawn", "received")
    (kept,) = world.all(select(Withdrawal))
    assert (kept.submission_id, kept.replaced_by, kept.reason) == (old, new, REPLACED)
    told = world.all(select(Event.details).where(Event.subject == f"submission:{new}"))
    assert told[0]["replaces"] == str(old)


@pytest.mark.parametrize("named", ["nothing", "another"])
def test_nothing_is_withdrawn_that_the_signed_content_does_not_name(world, named):
    rows = world.rows(2)
    old, other = world.submitted(*rows), world.submitted()
    said = {} if named == "nothing" else {"replaces": str(other)}

    with pytest.raises(SubmissionRefused) as refused:
        hand_in(world, world.file(*altered(rows), **said), replaces=old, named=False)

    (fault,) = refused.value.faults
    assert (fault.column, fault.code) == ("replaces", "not_what_it_replaces")
    assert (status_of(world, old), status_of(world, other)) == ("received", "received")


def test_a_replacement_that_is_refused_withdraws_nothing(world):
    person, other = world.row(1), world.row(1)
    world.submitted(other)
    old = world.submitted(person)

    with pytest.raises(SubmissionRefused):
        hand_in(world, world.file({**person, "theory": "71"}, {**other, "row": 2}), replaces=old)

    assert status_of(world, old) == "received"
    assert world.count(Withdrawal) == (0,)


def test_a_replacement_handed_in_twice_is_one(world):
    rows = world.rows(2)
    old = world.submitted(*rows)
    content = world.file(*altered(rows))
    new = hand_in(world, content, replaces=old)
    events = world.count(Event)

    again = hand_in(world, content, replaces=old)

    assert (again.submission_id, again.repeated) == (new.submission_id, True)
    assert world.count(Event, Withdrawal) == (*events, 1)


def test_what_was_withdrawn_already_may_be_replaced(world):
    rows = world.rows(2)
    old = world.submitted(*rows)
    take_back(world, old)

    new = hand_in(world, world.file(*altered(rows)), replaces=old)

    assert status_of(world, new.submission_id) == "received"
    assert [kept.replaced_by for kept in world.all(select(Withdrawal))] == [None]


def test_what_was_decided_on_is_not_replaced_and_nothing_is_stored(world):
    rows = world.rows(2)
    old = world.reviewed(*rows)

    with pytest.raises(TooLateToWithdraw):
        hand_in(world, world.file(*world.rows(1)), replaces=old)

    assert world.count(Submission) == (1,)


def test_another_bodys_submission_is_not_replaced(world):
    theirs = world.submitted(issuer=OTHER_BODY)

    with pytest.raises(NoSuchSubmission):
        hand_in(world, world.file(), replaces=theirs)

    assert status_of(world, theirs) == "received"
    assert world.count(Submission) == (1,)


# Races.


def test_a_decision_and_a_withdrawal_at_once_leave_one_of_them(world):
    for _ in range(4):
        submission = world.checked(*world.rows(2))
        signed = world.decision(submission)

        outcomes = at_once_whatever(
            lambda submission=submission: take_back(world, submission),
            lambda signed=signed: world.record(signed),
        )

        refusals = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        assert len(refusals) == 1
        (refusal,) = refusals
        withdrawn = status_of(world, submission) == "withdrawn"
        assert isinstance(refusal, NotAwaited if withdrawn else TooLateToWithdraw)
        assert acts_on(world, submission)[2:] == (["withdraw"] if withdrawn else ["decide_province"])


def test_two_replacements_at_once_replace_it_once(world):
    rows = world.rows(2)
    old = world.submitted(*rows)
    files = [world.file(*altered(rows, f"7{place}")) for place in (2, 3)]

    outcomes = at_once(*[lambda file=file: hand_in(world, file, replaces=old) for file in files])

    # The second finds it withdrawn, and its people in the first.
    assert sum(isinstance(outcome, SubmissionRefused) for outcome in outcomes) == 1
    assert world.count(Submission, Withdrawal) == (2, 1)


def test_a_withdrawal_in_the_middle_of_the_id_checks_stops_them(world, monkeypatch):
    submission = world.submitted(*world.rows(3))
    check = id_checks._check
    monkeypatch.setattr(id_checks, "CHUNK", 1)
    sessions = Sessions(world.sessions._writers)
    done = []

    def check_and_withdraw(*asked):
        if done:
            withdraw(sessions, representative(world), submission, REASON, now=NOON)
        done.append(asked)
        return check(*asked)

    monkeypatch.setattr(id_checks, "_check", check_and_withdraw)
    world.compute_id_checks(submission)

    assert status_of(world, submission) == "withdrawn"
    checks = world.all(select(Result.id_check).order_by(Result.row))
    assert checks[0] is not None
    assert checks[1:] == [None, None]
    assert acts_on(world, submission) == ["submit", "withdraw"]


def at_once_whatever(*acts):
    """Run the acts in as many threads; return what each returned, or raised."""

    def guarded(act):
        try:
            return act()
        except (NotAwaited, TooLateToWithdraw) as refusal:
            return refusal

    return at_once(*[lambda act=act: guarded(act) for act in acts])
