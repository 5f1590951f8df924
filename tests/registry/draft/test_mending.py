"""Stored bytes that do not open any more end no draft: its body sends the same once more, and gets through."""

import json

import pytest
from sqlalchemy import delete, select, update

from registry.assessment.reading import JSON_MEDIA_TYPE
from registry.draft.changing import add_corrections, replace_results
from registry.draft.closing import drop_signature
from registry.draft.files import Kind
from registry.draft.opening import Sent
from registry.draft.pages import draft_rows
from registry.draft.status import DraftStatus
from registry.draft.tables import DraftFile, DraftPart


def of(*kinds):
    return DraftPart.file_id.in_(select(DraftFile.id).where(DraftFile.kind.in_(kinds)))


def overwritten(world, *kinds):
    world.tamper(update(DraftPart).where(of(*kinds)).values(sealed=b"damaged"))


def lost(world, *kinds):
    world.tamper(delete(DraftPart).where(of(*kinds)))


def opened_again(desk, draft_id, results):
    assert desk.open(results).draft_id == draft_id


def replaced_again(desk, draft_id, results):
    replace_results(desk.world.sessions, desk.sealer, desk.author(), draft_id, results, now=desk.now)


def corrected(desk, draft_id, *rows):
    sent = Sent(json.dumps({"rows": rows}).encode(), JSON_MEDIA_TYPE)
    return add_corrections(desk.world.sessions, desk.sealer, desk.author(), draft_id, sent, now=desk.now)


def gets_through(desk, draft_id):
    desk.work()
    assert desk.worker().left_behind() == []
    assert desk.status(draft_id) is DraftStatus.READY
    desk.sign(draft_id)
    desk.work()
    return desk.status(draft_id) is DraftStatus.SUBMITTED


@pytest.mark.parametrize("damage", [overwritten, lost])
@pytest.mark.parametrize("send_again", [opened_again, replaced_again])
def test_a_file_that_no_check_can_open_is_sent_again(desk, world, damage, send_again):
    results = desk.results()
    draft_id = desk.open(results).draft_id
    damage(world, Kind.RESULTS)
    desk.work()
    assert str(draft_id) in desk.worker().left_behind()[0]

    send_again(desk, draft_id, results)

    assert desk.state(draft_id).revision == 2
    assert gets_through(desk, draft_id)


@pytest.mark.parametrize("send_again", [opened_again, replaced_again])
@pytest.mark.parametrize("kind", [Kind.RESULTS, Kind.SHEET, Kind.SETTLED])
def test_what_waits_for_its_signature_and_does_not_open_is_checked_anew(desk, world, kind, send_again):
    results = desk.results()
    draft_id = desk.open(results).draft_id
    desk.work()
    overwritten(world, kind)

    send_again(desk, draft_id, results)

    assert desk.state(draft_id).revision == 2
    assert gets_through(desk, draft_id)


def test_what_a_check_of_long_ago_left_does_not_count(desk, world):
    results = desk.results()
    draft_id = desk.ready()
    replaced_again(desk, draft_id, results)
    overwritten(world, Kind.SETTLED)

    replaced_again(desk, draft_id, results)

    assert desk.state(draft_id).revision == 2
    assert gets_through(desk, draft_id)


def without_its_signature(desk, draft_id):
    desk.world.sessions.run(lambda session: drop_signature(session, draft_id, "无法报送", now=desk.now))
    desk.work()


def test_a_signed_draft_whose_settled_content_is_damaged_is_settled_anew(desk, world):
    draft_id = desk.ready()
    desk.sign(draft_id)
    overwritten(world, Kind.SETTLED)
    desk.work()
    assert desk.status(draft_id) is DraftStatus.SIGNED

    without_its_signature(desk, draft_id)

    state = desk.state(draft_id)
    assert (state.status, state.failure, state.revision) == (DraftStatus.READY, "无法报送", 2)
    assert gets_through(desk, draft_id)
    assert desk.state(draft_id).failure is None


@pytest.mark.parametrize("send_again", [opened_again, replaced_again])
def test_a_signed_draft_that_is_damaged_as_a_whole_gets_through_too(desk, world, send_again):
    results = desk.results()
    draft_id = desk.open(results).draft_id
    desk.work()
    desk.sign(draft_id)
    overwritten(world, *Kind)
    desk.work()

    without_its_signature(desk, draft_id)
    assert desk.status(draft_id) is DraftStatus.RECEIVED
    send_again(desk, draft_id, results)

    assert gets_through(desk, draft_id)


def test_a_signed_draft_stays_signed_when_its_file_comes_again(desk, world):
    results = desk.results()
    draft_id = desk.open(results).draft_id
    desk.work()
    desk.sign(draft_id)
    overwritten(world, Kind.RESULTS)

    replaced_again(desk, draft_id, results)

    assert (desk.status(draft_id), desk.state(draft_id).revision) == (DraftStatus.SIGNED, 1)
    desk.work()
    assert desk.status(draft_id) is DraftStatus.SUBMITTED


def test_corrections_that_do_not_open_are_sent_again_and_keep_their_place(desk, world):
    draft_id = desk.open(desk.results(*world.rows(2))).draft_id
    first, second = ({**world.row(1), "theory": theory} for theory in ("91", "92"))
    corrected(desk, draft_id, first)
    corrected(desk, draft_id, second)
    overwritten(world, Kind.CORRECTIONS)
    desk.work()
    assert str(draft_id) in desk.worker().left_behind()[0]

    assert [corrected(desk, draft_id, row) for row in (first, second)] == [4, 5]
    desk.work()

    page = draft_rows(world.sessions, desk.sealer, desk.author(), draft_id, cursor=0, limit=1)
    assert page.items[0].cells["theory"] == "92"
    assert len(world.all(select(DraftFile.id).where(DraftFile.kind == Kind.CORRECTIONS))) == 2
    assert gets_through(desk, draft_id)


def test_the_same_results_again_lose_no_corrections(desk, world):
    results = desk.results(*world.rows(2))
    draft_id = desk.open(results).draft_id
    corrected(desk, draft_id, world.row(3))
    overwritten(world, Kind.RESULTS)

    opened_again(desk, draft_id, results)

    assert gets_through(desk, draft_id)
    assert desk.state(draft_id).rows == 3
