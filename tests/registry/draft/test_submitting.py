"""Signed drafts that stand in nobody's way for good: what was handed in is concluded, what can not be is let go."""

from concurrent.futures import ThreadPoolExecutor, wait
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from keys.crash_points import CrashMode, arm, disarm
from registry.assessment.tables import Result, Submission
from registry.draft import submitting
from registry.draft.claiming import CLAIM_LASTS, MOST_ATTEMPTS
from registry.draft.closing import discard_signed, drop_signature
from registry.draft.errors import NoSuchDraft, NotNow
from registry.draft.files import MADE, Kind
from registry.draft.pages import checked_content, draft_rows
from registry.draft.status import DraftStatus
from registry.draft.tables import DraftFile, DraftPart, Photo
from registry.intake import submission as handing_in
from registry.intake.withdrawal import withdraw
from registry.people.tables import EnrolledKey
from tests.registry.draft.test_photographing import drafted
from tests.registry.world import ENVIRONMENT


class Killed(BaseException):
    """What ends a process, as far as its own code can see."""


def handed_in_by_a_worker_that_died(desk, draft_id):
    """Let a worker hand a signed draft in and end before it can say so; return the submission."""
    arm("submit.committed", CrashMode.ERROR, environment=ENVIRONMENT, error=Killed())
    try:
        with pytest.raises(Killed):
            list(desk.worker("first").batches())
    finally:
        disarm()
    desk.later(seconds=CLAIM_LASTS.total_seconds())
    (submission_id,) = desk.world.all(select(Submission.id))
    assert desk.status(draft_id) is DraftStatus.SIGNED
    return submission_id


def with_photos(desk, world):
    draft_id = drafted(desk, *world.rows(2))
    desk.work()
    desk.sign(draft_id)
    return draft_id


def taken_back(desk, world, draft_id, submission_id):
    withdraw(world.sessions, desk.author(), submission_id, "有误", now=desk.now)


def without_its_key(desk, world, draft_id, submission_id):
    revoked = update(EnrolledKey).where(EnrolledKey.key_id == desk.author().key_id)
    world.tamper(revoked.values(revoked_at=desk.now))


def without_its_file(desk, world, draft_id, submission_id):
    settled = select(DraftFile.id).where(DraftFile.kind == Kind.SETTLED).scalar_subquery()
    world.tamper(update(DraftPart).where(DraftPart.file_id == settled).values(sealed=b"damaged"))


@pytest.mark.parametrize("meanwhile", [taken_back, without_its_key, without_its_file])
def test_what_was_handed_in_is_concluded_whatever_came_meanwhile(desk, world, meanwhile):
    draft_id = with_photos(desk, world)
    submission_id = handed_in_by_a_worker_that_died(desk, draft_id)
    meanwhile(desk, world, draft_id, submission_id)

    desk.work("second")

    state = desk.state(draft_id)
    assert (state.status, state.submission_id) == (DraftStatus.SUBMITTED, submission_id)
    results = world.all(select(Result.id).order_by(Result.row))
    assert world.all(select(Photo.result_id).order_by(Photo.row)) == results


def test_a_withdrawal_in_the_moment_of_the_handing_in_is_concluded_too(desk, world, monkeypatch):
    draft_id = with_photos(desk, world)
    submission_id = handed_in_by_a_worker_that_died(desk, draft_id)
    withdraw(world.sessions, desk.author(), submission_id, "有误", now=desk.now)
    # As if the other worker were a moment behind this one's first question.
    monkeypatch.setattr(submitting, "handed_in_as", lambda session, draft_id: None)

    desk.work("second")

    assert desk.state(draft_id).submission_id == submission_id


def test_a_handing_in_that_ends_every_worker_is_given_up(desk, world, monkeypatch):
    draft_id = desk.ready()
    desk.sign(draft_id)

    def ending(*_args, **_more):
        raise Killed

    monkeypatch.setattr(submitting, "submit", ending)
    for number in range(MOST_ATTEMPTS):
        with pytest.raises(Killed):
            desk.work(f"worker {number}")
        desk.later(seconds=CLAIM_LASTS.total_seconds())

    desk.work("last")

    assert (desk.status(draft_id), desk.row(draft_id).signature) == (DraftStatus.READY, None)
    assert "签名已取消" in desk.state(draft_id).failure
    assert str(draft_id) in desk.worker("last").left_behind()[0]
    monkeypatch.undo()
    desk.sign(draft_id)
    desk.work("last")
    assert desk.status(draft_id) is DraftStatus.SUBMITTED
    assert desk.worker("last").left_behind() == []


def test_an_operator_lets_go_of_a_signed_draft_that_can_not_be_opened(desk, world):
    kept, ended = desk.ready(), desk.ready()
    for draft_id in (kept, ended):
        desk.sign(draft_id)
    world.tamper(update(DraftPart).values(sealed=b"damaged"))
    desk.work()
    assert len(desk.worker().left_behind()) == 2

    world.sessions.run(lambda session: drop_signature(session, kept, "无法报送", now=desk.now))
    world.sessions.run(lambda session: discard_signed(session, ended, now=desk.now))

    assert (desk.status(kept), desk.state(kept).failure) == (DraftStatus.RECEIVED, "无法报送")
    assert desk.status(ended) is DraftStatus.DISCARDED
    desk.work()
    (told,) = desk.worker().left_behind()
    assert str(kept) in told


def drop_without_a_word(session, draft_id, *, now):
    drop_signature(session, draft_id, "", now=now)


def test_an_operator_does_not_let_go_of_what_was_handed_in(desk, world):
    draft_id = with_photos(desk, world)
    handed_in_by_a_worker_that_died(desk, draft_id)

    for letting_go in (discard_signed, drop_without_a_word):
        with pytest.raises(NotNow):
            world.sessions.run(lambda session, act=letting_go: act(session, draft_id, now=desk.now))

    assert world.count(Photo) == (2,)


@pytest.mark.parametrize("letting_go", [discard_signed, drop_without_a_word])
def test_what_an_operator_let_go_of_while_it_was_checked_is_not_handed_in(
    desk, world, monkeypatch, letting_go
):
    draft_id = with_photos(desk, world)
    sealed = handing_in._sealed

    def sealed_while_he_acts(*what):
        world.sessions.run(lambda session: letting_go(session, draft_id, now=desk.now))
        return sealed(*what)

    monkeypatch.setattr(handing_in, "_sealed", sealed_while_he_acts)

    desk.work()

    assert world.count(Submission, Result) == (0, 0)
    discarded = letting_go is discard_signed
    assert desk.status(draft_id) is (DraftStatus.DISCARDED if discarded else DraftStatus.READY)
    assert world.count(Photo) == (0 if discarded else 2,)


def test_an_operator_who_acts_in_the_moment_of_the_storing_is_too_late(desk, world, monkeypatch):
    draft_id = with_photos(desk, world)
    reach, acts = handing_in.reach, []

    def reached(point):
        if point == "submit.before_commit":
            # He waits for the draft, so this is over when the time is, not when he is.
            acts.append(
                pool.submit(
                    world.sessions.run, lambda session: discard_signed(session, draft_id, now=desk.now)
                )
            )
            wait(acts, timeout=0.3)
        reach(point)

    monkeypatch.setattr(handing_in, "reach", reached)

    with ThreadPoolExecutor(1) as pool:
        desk.work()

    with pytest.raises(NotNow):
        acts[0].result()
    assert (desk.status(draft_id), world.count(Photo)) == (DraftStatus.SUBMITTED, (2,))


def test_an_operator_lets_go_of_nothing_that_is_not_signed(desk, world):
    draft_id = desk.ready()

    with pytest.raises(NotNow):
        world.sessions.run(lambda session: drop_signature(session, draft_id, "", now=desk.now))
    with pytest.raises(NoSuchDraft):
        world.sessions.run(lambda session: drop_signature(session, uuid4(), "", now=desk.now))


def test_what_is_submitted_leaves_no_second_copy_of_its_rows(desk, world):
    draft_id = desk.ready()
    settled = desk.settled(draft_id)
    signature = desk.signature(settled)
    desk.sign(draft_id, signature)
    desk.work()

    assert world.all(select(DraftFile.kind).where(DraftFile.kind.in_(MADE))) == []
    assert desk.settled(draft_id) == settled
    # Whoever lost the answer signs once more.
    desk.sign(draft_id, signature)
    assert desk.status(draft_id) is DraftStatus.SUBMITTED


def test_the_refusal_to_show_a_draft_that_ended_names_its_own_status(desk, world):
    draft_id = desk.ready()
    desk.sign(draft_id)
    desk.work()
    look = (world.sessions, desk.sealer, desk.author(), draft_id)

    for show in (checked_content, lambda *each: draft_rows(*each, cursor=0, limit=9)):
        with pytest.raises(NotNow) as refused:
            show(*look)
        assert refused.value.status == DraftStatus.SUBMITTED
