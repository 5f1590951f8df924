"""Sets of corrections: what may come into a draft, how much of it, and that a correction can mend all that did."""

import json
from uuid import uuid4

import pytest
from sqlalchemy import select

from registry.assessment import marked_workbook as marking
from registry.assessment.csv_template import write_csv
from registry.assessment.errors import SubmissionRefused
from registry.assessment.reading import CSV_MEDIA_TYPE, JSON_MEDIA_TYPE, WORKBOOK_MEDIA_TYPE
from registry.draft import checking, corrections, quota
from registry.draft.changing import add_corrections, replace_results
from registry.draft.errors import DraftFull
from registry.draft.opening import Sent
from registry.draft.pages import checked_content
from registry.draft.status import DraftStatus
from registry.draft.tables import Draft, DraftFile
from registry.intake.withdrawal import withdraw
from tests.registry.assessment import submissions
from tests.registry.world import BODY, PROVINCE, SITES


def add(desk, draft_id, content, media_type=JSON_MEDIA_TYPE):
    sent = Sent(content if isinstance(content, bytes) else json.dumps(content).encode(), media_type)
    return add_corrections(
        desk.world.sessions, desk.sealer, desk.author(), draft_id, sent, now=desk.now
    )  # fmt: skip


def sheet_of(desk, *rows):
    return submissions.form(*rows, issuer=BODY, site=SITES[BODY], province=PROVINCE)


def test_one_set_is_in_memory_at_a_time_and_the_claim_is_renewed_after_each(desk, world, monkeypatch):
    draft_id = desk.open(desk.results(*world.rows(3))).draft_id
    for number in (1, 2, 3):
        add(desk, draft_id, {"rows": [world.row(number)]})
    steps = []
    original_read, original_note = checking.read_correction, checking.note

    def reading(content, media_type):
        steps.append("read")
        return original_read(content, media_type)

    def noting(workshop, claimed, phase, done, total):
        steps.append((done, total))
        original_note(workshop, claimed, phase, done, total)

    monkeypatch.setattr(checking, "read_correction", reading)
    monkeypatch.setattr(checking, "note", noting)
    desk.work()

    assert steps[:7] == [(0, 0), "read", (1, 3), "read", (2, 3), "read", (3, 3)]
    assert desk.status(draft_id) is DraftStatus.READY


def test_the_sets_of_a_draft_are_bounded_together(desk, world, monkeypatch):
    monkeypatch.setattr(quota, "MOST_CORRECTED_BYTES", 100)
    draft_id = desk.open().draft_id
    add(desk, draft_id, b'{"remove": [1]}'.ljust(60))

    with pytest.raises(DraftFull, match="hand in the whole file"):
        add(desk, draft_id, b'{"remove": [2]}'.ljust(60))


def test_rows_that_are_too_many_with_the_corrected_ones_are_told(desk, world, monkeypatch):
    monkeypatch.setattr(corrections, "MAX_ROWS", 3)
    draft_id = desk.open(desk.results(*world.rows(3))).draft_id
    add(desk, draft_id, {"rows": [world.row(4)]})
    desk.work()
    assert desk.faults(draft_id) == [(None, None, "too_many_rows")]

    replace_results(world.sessions, desk.sealer, desk.author(), draft_id, desk.results(), now=desk.now)
    desk.work()
    assert desk.status(draft_id) is DraftStatus.READY


def of_a_csv(old, new):
    return write_csv(submissions.form()).decode("utf-8-sig").replace(old, new, 1).encode()


LASTING = {
    "a member that nobody knows": (b'{"rows": [], "headmaster": 1}', JSON_MEDIA_TYPE, "unknown_field"),
    "statistics that are none": (b'{"rows": [], "statistics": 1}', JSON_MEDIA_TYPE, "not_an_object"),
    "a heading that nobody knows": (of_a_csv("理论成绩", "成绩一"), CSV_MEDIA_TYPE, "unknown_heading"),
}


@pytest.mark.parametrize(("content", "media_type", "code"), LASTING.values(), ids=LASTING)
def test_what_no_correction_could_take_away_is_refused_at_the_door(desk, content, media_type, code):
    draft_id = desk.open().draft_id

    with pytest.raises(SubmissionRefused) as refused:
        add(desk, draft_id, content, media_type)

    assert code in [fault.code for fault in refused.value.faults]
    assert desk.state(draft_id).revision == 1


CLAIMS = {"draft": "not_its_draft", "replaces": "not_what_it_replaces"}


@pytest.mark.parametrize(("claim", "code"), CLAIMS.items())
def test_a_file_in_a_draft_names_no_other_draft_and_nothing_else_to_be_replaced(desk, world, claim, code):
    rows, another = world.rows(2), str(uuid4())
    draft_id = desk.open(desk.results(*rows, **{claim: another})).draft_id
    desk.work()
    assert desk.faults(draft_id) == [(None, claim, code)]
    # Rows that are corrected take it away from nobody's eyes.
    add(desk, draft_id, {"rows": [rows[0]]})
    desk.work()
    assert desk.faults(draft_id) == [(None, claim, code)]

    replace_results(world.sessions, desk.sealer, desk.author(), draft_id, desk.results(*rows), now=desk.now)
    desk.work()

    assert desk.status(draft_id) is DraftStatus.READY
    with pytest.raises(SubmissionRefused) as refused:
        add(desk, draft_id, {"rows": [rows[0]], claim: another})
    assert [(fault.column, fault.code) for fault in refused.value.faults] == [(claim, code)]
    assert desk.status(draft_id) is DraftStatus.READY


def test_a_file_in_a_draft_may_say_what_is_so(desk, world):
    rows = world.rows(2)
    old = world.submitted(*rows)
    draft_id = desk.open(desk.results(*rows, replaces=str(old)), replaces=old).draft_id
    add(desk, draft_id, {"rows": [rows[0]], "draft": str(draft_id), "replaces": str(old)})

    desk.work()

    assert desk.status(draft_id) is DraftStatus.READY, desk.faults(draft_id)


def test_all_that_is_wrong_in_a_set_that_is_refused_is_told_at_once(desk, world):
    draft_id = desk.open(desk.results(*world.rows(2))).draft_id
    no_number = {name: value for name, value in world.row(3).items() if name != "row"}
    rows = [{**world.row(1), "theory": 90}, world.row(2), world.row(2), no_number]

    with pytest.raises(SubmissionRefused) as refused:
        add(desk, draft_id, {"headmaster": 1, "site": 7, "rows": rows})

    assert [(fault.row, fault.column, fault.code) for fault in refused.value.faults] == [
        (None, "headmaster", "unknown_field"),
        (None, "site", "wrong_type"),
        (1, "theory", "wrong_type"),
        (3, "row", "repeated_row_number"),
        (4, "row", "not_a_row_number"),
    ]


def test_what_is_wrong_in_a_set_can_be_mended_by_the_next(desk, world):
    draft_id = desk.open(desk.results(*world.rows(2))).draft_id
    add(desk, draft_id, {"site": 7, "rows": [{**world.row(1), "theory": 90, "nickname": "x"}]})
    desk.work()
    assert [code for _, _, code in desk.faults(draft_id)] == ["wrong_type", "unknown_field", "wrong_type"]

    add(desk, draft_id, {"site": SITES[BODY], "rows": [world.row(1)]})
    desk.work()

    assert desk.status(draft_id) is DraftStatus.READY, desk.faults(draft_id)


def faulty_rows(desk, draft_id):
    content, told = checked_content(desk.world.sessions, desk.sealer, desk.author(), draft_id)
    return marking.marked_workbook(content, told, only_faulty=True)


def test_the_workbook_of_faulty_rows_goes_in_as_corrections_whatever_else_is_wrong(desk, world):
    spoilt = {**world.row(2), "name": ""}
    rows = [world.row(1), spoilt, {**world.row(4), "row": 0}, world.row(5), {**world.row(6), "row": 5}]
    draft_id = desk.open(desk.results(*rows)).draft_id
    desk.work()

    add(desk, draft_id, faulty_rows(desk, draft_id), WORKBOOK_MEDIA_TYPE)
    desk.work()

    # What it could not name is still there, and nothing has come twice.
    assert desk.state(draft_id).rows == len(rows)
    codes = {code for _, _, code in desk.faults(draft_id)}
    assert {"missing", "not_a_row_number", "repeated_row_number"} <= codes


def test_the_same_file_of_another_kind_is_another_file(desk, world):
    content = write_csv(sheet_of(desk, world.row(1)))
    draft_id = desk.open(Sent(content, JSON_MEDIA_TYPE)).draft_id
    desk.work()
    assert desk.status(draft_id) is DraftStatus.FAULTY

    as_csv = Sent(content, CSV_MEDIA_TYPE)
    assert not desk.open(as_csv).repeated
    revision = replace_results(world.sessions, desk.sealer, desk.author(), draft_id, as_csv, now=desk.now)
    desk.work()

    assert revision == 2
    assert desk.status(draft_id) is DraftStatus.READY, desk.faults(draft_id)


def opened_again(desk, draft_id, results):
    assert desk.open(results).draft_id == draft_id


def replaced_again(desk, draft_id, results):
    replace_results(desk.world.sessions, desk.sealer, desk.author(), draft_id, results, now=desk.now)


@pytest.mark.parametrize("send_again", [opened_again, replaced_again])
def test_the_same_file_again_is_checked_anew_where_faults_were_found(desk, world, send_again):
    row = world.row(1)
    earlier = world.submitted(row)
    results = desk.results(row, world.row(2))
    draft_id = desk.open(results).draft_id
    desk.work()
    assert [code for _, _, code in desk.faults(draft_id)] == ["already_passed"]
    withdraw(world.sessions, desk.author(), earlier, "有误", now=desk.now)

    send_again(desk, draft_id, results)
    assert desk.status(draft_id) is DraftStatus.RECEIVED
    desk.work()

    assert (desk.status(draft_id), desk.state(draft_id).revision) == (DraftStatus.READY, 2)
    send_again(desk, draft_id, results)
    assert (desk.status(draft_id), desk.state(draft_id).revision) == (DraftStatus.READY, 2)


def test_the_same_corrections_again_are_checked_anew_and_kept_once(desk, world):
    draft_id = desk.open().draft_id
    spoilt = {"rows": [{**world.row(1), "name": ""}]}
    add(desk, draft_id, spoilt)
    assert add(desk, draft_id, spoilt) == 2
    desk.work()

    assert add(desk, draft_id, spoilt) == 3

    assert world.all(select(Draft.status)) == [DraftStatus.RECEIVED]
    assert len(world.all(select(DraftFile.id).where(DraftFile.kind == "corrections"))) == 1
