"""The life of an entry: the complete product of statuses and actions, and the acts of a registrar."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from registry.certificate.errors import (
    CorrectionNotVoidable,
    UnknownEntry,
    UnknownNumber,
    UnlawfulTransition,
)
from registry.certificate.lifecycle import (
    FINAL,
    UNRELEASED,
    WAS_RELEASED,
    Action,
    Change,
    Reason,
    Status,
    next_status,
    reinstate,
    revoke,
    suspend,
    void,
)
from registry.certificate.tables import Entry
from registry.journal.tables import Event
from registry.people.errors import NotPermitted
from tests.instants import NOON, NOON_UTC

LAWFUL = {
    ("approved", "number"): "numbered",
    ("numbered", "sign"): "signed",
    ("numbered", "void"): "void",
    ("signed", "void"): "void",
    ("signed", "release"): "released",
    ("released", "suspend"): "suspended",
    ("suspended", "reinstate"): "reinstated",
    ("reinstated", "release"): "released",
    ("reinstated", "suspend"): "suspended",
    ("released", "revoke"): "revoked",
    ("suspended", "revoke"): "revoked",
    ("reinstated", "revoke"): "revoked",
    ("released", "supersede"): "superseded",
}
ACTS = {Action.SUSPEND: suspend, Action.REINSTATE: reinstate, Action.REVOKE: revoke}
STORED = [status for status in Status if status is not Status.APPROVED]
RELEASED_ONCE = ("released", "suspended", "reinstated", "revoked", "superseded")


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("status", Status)
def test_each_status_and_action_is_in_the_table_or_unlawful(status, action):
    if (status, action) in LAWFUL:
        assert next_status(status, action) == LAWFUL[status, action]
        return
    with pytest.raises(UnlawfulTransition) as refusal:
        next_status(status, action)
    assert (refusal.value.action, refusal.value.status) == (action, status)


def test_every_stored_status_is_one_that_was_released_or_may_be_or_void():
    assert set(WAS_RELEASED) == set(RELEASED_ONCE)
    assert {*UNRELEASED, *WAS_RELEASED, Status.VOID} == set(STORED)
    assert set(FINAL) == set(STORED) - {before for before, _ in LAWFUL}


@pytest.mark.parametrize("status", [Status.REVOKED, Status.SUPERSEDED, Status.VOID])
def test_nothing_follows_an_end(status):
    for action in Action:
        with pytest.raises(UnlawfulTransition):
            next_status(status, action)


@pytest.fixture
def number(world):
    """The number of a released certificate, which is entry 1."""
    return world.issued(world.row(1))[0]


def done(world, act, subject, reason=Reason.UNDER_INVESTIGATION, *, actor=None, now=NOON):
    return world.sessions.run(
        lambda session: act(session, actor or world.registrar, subject, reason, now=now)
    )


def test_every_act_on_every_status_moves_as_the_table_says_or_changes_nothing(world, number, subtests):
    for status in STORED:
        for action, act in (*ACTS.items(), (Action.VOID, void)):
            world.tamper(update(Entry).values(status=status, changed_at=NOON))
            before, later = world.count(Event)[0], NOON_UTC + timedelta(hours=1)
            lawful = LAWFUL.get((status, action))
            with subtests.test(f"{action} {status}"):
                if action is Action.VOID:
                    subject, error = 1, UnlawfulTransition
                else:
                    subject = number
                    error = UnlawfulTransition if status in RELEASED_ONCE else UnknownNumber
                if lawful:
                    assert done(world, act, subject, now=later) == Change(1, status, Status(lawful))
                    assert (world.entry(1).status, world.entry(1).changed_at) == (lawful, later)
                    assert world.count(Event) == (before + 1,)
                else:
                    with pytest.raises(error):
                        done(world, act, subject, now=later)
                    assert (world.entry(1).status, world.entry(1).changed_at) == (status, NOON_UTC)
                    assert world.count(Event) == (before,)


def test_only_a_registrar_acts_on_certificates(world, number):
    world.numbered(world.row(1))
    before = world.count(Event)

    for holder in (*world.reviewers.values(), *world.bodies.values()):
        for act, subject in ((suspend, number), (revoke, number), (reinstate, number), (void, 2)):
            with pytest.raises(NotPermitted):
                done(world, act, subject, actor=holder.actor)
    assert (world.statuses(), world.count(Event)) == (["released", "numbered"], before)


def test_a_suspension_is_lifted_and_a_revocation_is_final(world, number):
    done(world, suspend, number)
    done(world, reinstate, number)
    done(world, suspend, number)
    done(world, revoke, number)

    for act in ACTS.values():
        with pytest.raises(UnlawfulTransition):
            done(world, act, number)
    assert world.statuses() == ["revoked"]


def test_a_number_that_nobody_has_is_unknown(world, number):
    for unknown in ("", "S000221000002262000002", number.lower(), number + " "):
        for act in ACTS.values():
            with pytest.raises(UnknownNumber):
                done(world, act, unknown)


def test_of_two_revocations_at_once_one_is_recorded(world, number):
    before = world.count(Event)[0]

    def outcome(_):
        try:
            return done(world, revoke, number)
        except UnlawfulTransition as refusal:
            return refusal

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(outcome, range(2)))

    assert sorted(type(found).__name__ for found in outcomes) == ["Change", "UnlawfulTransition"]
    assert world.count(Event) == (before + 1,)


@pytest.mark.parametrize("signed", [False, True])
def test_a_voided_number_stays_used_and_its_row_gets_no_other(world, signed):
    submission = world.numbered()
    if signed:
        world.sign()

    done(world, void, 2, Reason.ISSUED_IN_ERROR)

    assert world.number(submission) == 0
    world.sign()
    world.release()
    assert world.statuses() == ["released", "void", "released"]
    (number,) = world.issued(world.row(1))
    assert number.endswith("000004")


def test_what_was_released_is_revoked_and_never_voided(world, number):
    with pytest.raises(UnlawfulTransition):
        done(world, void, 1)


def test_an_entry_that_was_never_given_can_not_be_voided(world, number):
    for entry in (0, -1, 2, 2**40):
        with pytest.raises(UnknownEntry):
            done(world, void, entry)


@pytest.mark.parametrize("signed", [False, True])
def test_a_correction_is_not_voided(world, signed):
    row = world.row(1)
    (number,) = world.issued(row)
    world.numbered({**row, "name": "李肆", "corrects": number, "reason": "姓名有误"})
    if signed:
        world.sign()

    with pytest.raises(CorrectionNotVoidable) as refusal:
        done(world, void, 2)

    assert (refusal.value.entry, refusal.value.version) == (2, 2)
    world.sign()
    world.release()
    assert world.statuses() == ["superseded", "released"]


def test_an_act_falls_on_what_people_hold_while_a_correction_is_on_its_way(world):
    row = world.row(1)
    (number,) = world.issued(row)
    world.numbered({**row, "name": "李肆", "corrects": number, "reason": "姓名有误"})
    world.sign()

    assert done(world, suspend, number).entry == 1
    assert world.statuses() == ["suspended", "signed"]


def test_the_reason_is_in_the_journal(world, number):
    done(world, revoke, number, Reason.EXAM_FRAUD)

    (event,) = world.all(select(Event).where(Event.act == "revoke"))
    assert (event.subject, event.actor_id) == ("entry:1", world.registrar.account_id)
    assert event.details == {"before": "released", "after": "revoked", "reason": "exam_fraud"}
