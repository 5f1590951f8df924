"""What waits, and since when, by state alone."""

from datetime import timedelta

from sqlalchemy import update

from registry.certificate import lifecycle
from registry.certificate.lifecycle import Reason
from registry.certificate.tables import Entry
from registry.journal.sequencer import chain_events
from registry.work.backlog import backlog, steps_left, waiting_submissions
from registry.work.job import Job
from tests.instants import NOON


def waiting(world):
    return {each.job: (each.count, each.oldest_at) for each in world.sessions.read(backlog)}


def test_nothing_waits_in_a_register_where_nothing_happened(world):
    chain_events(world.sessions)

    assert waiting(world) == {job: (0, None) for job in Job if job not in (Job.PUBLISH, Job.FORGET)}


def test_each_step_of_the_road_is_seen_waiting(world):
    later = NOON + timedelta(hours=2)
    submission = world.submitted(*world.rows(4), now=later)
    assert waiting(world)[Job.ID_CHECKS] == (4, later)

    world.compute_id_checks(submission)
    assert waiting(world)[Job.ID_CHECKS] == (0, None)
    world.decide(submission, {2: "证件不符"})
    world.decide(submission)
    assert waiting(world)[Job.NUMBER] == (0, None)
    world.decide(submission)
    assert waiting(world)[Job.NUMBER] == (3, NOON)

    world.number(submission, now=later)
    assert waiting(world)[Job.NUMBER] == (0, None)
    assert waiting(world)[Job.SIGN] == (3, later)
    world.sign(now=later)
    assert waiting(world)[Job.SIGN] == (0, None)
    assert waiting(world)[Job.RELEASE] == (3, later)
    world.release()
    assert waiting(world)[Job.RELEASE] == (0, None)

    assert waiting(world)[Job.CHAIN][0] > 0
    chain_events(world.sessions)
    assert waiting(world)[Job.CHAIN] == (0, None)


def test_failed_rows_wait_for_nothing(world):
    world.reviewed(world.row(1), world.row(2, theory="1"))

    assert waiting(world)[Job.NUMBER][0] == 1
    assert [each.rows for each in world.sessions.read(waiting_submissions)] == [1]


def test_a_correction_of_a_suspended_certificate_waits_for_nobody_here(world):
    rows = world.rows(1)
    (number,) = world.issued(*rows)
    correction = world.reviewed({**rows[0], "name": "张䶮", "corrects": number, "reason": "姓名有误"})
    world.number(correction)
    world.sign()
    assert waiting(world)[Job.RELEASE][0] == 1

    world.sessions.run(
        lambda session: lifecycle.suspend(
            session, world.registrar, number, Reason.UNDER_INVESTIGATION, now=NOON
        )
    )

    assert waiting(world)[Job.RELEASE] == (0, None)


def test_a_lifted_suspension_waits_for_its_release(world):
    (number,) = world.issued(world.row(1))
    later = NOON + timedelta(hours=2)
    for act, at in ((lifecycle.suspend, NOON), (lifecycle.reinstate, later)):
        world.sessions.run(
            lambda session, act=act, at=at: act(
                session, world.registrar, number, Reason.HOLDER_REQUEST, now=at
            )
        )

    assert waiting(world)[Job.RELEASE] == (1, later)
    assert world.sessions.read(steps_left) == 1
    world.release()
    assert waiting(world)[Job.RELEASE] == (0, None)


def test_the_steps_that_are_left_are_three_for_each_row(world):
    first, second = world.reviewed(*world.rows(4)), world.reviewed(*world.rows(2))
    assert world.sessions.read(steps_left) == 18
    assert world.sessions.read(lambda session: steps_left(session, [second])) == 6

    world.number(first)
    assert world.sessions.read(steps_left) == 6 + 8
    world.tamper(update(Entry).where(Entry.entry <= 3).values(status="signed"))
    assert world.sessions.read(steps_left) == 6 + 2 + 3
