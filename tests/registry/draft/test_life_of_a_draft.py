"""A draft from the clerk's file to the receipt, and every way in which it stays his own."""

import json
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from registry.assessment.content import HEADER_COLUMNS, Column
from registry.assessment.csv_template import write_csv
from registry.assessment.errors import SubmissionRefused, UnsupportedMediaType
from registry.assessment.reading import CSV_MEDIA_TYPE, JSON_MEDIA_TYPE, WORKBOOK_MEDIA_TYPE
from registry.assessment.status import SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.assessment.template import write_workbook
from registry.assessment.workbook_form import HEADINGS
from registry.draft import quota
from registry.draft.changing import add_corrections, replace_results
from registry.draft.closing import discard, discard_unchanged, drafts_unchanged_since
from registry.draft.errors import (
    DraftFull,
    FileEmpty,
    FileTooLarge,
    NoSuchDraft,
    NothingToReplace,
    NotNow,
    QuotaReached,
)
from registry.draft.files import ARCHIVE_MEDIA_TYPE
from registry.draft.opening import Sent
from registry.draft.pages import draft_rows
from registry.draft.standing import own_drafts
from registry.draft.status import DraftStatus
from registry.draft.tables import Draft, DraftFile, DraftPart
from registry.draft.uploading import begin_photos
from registry.intake.errors import SubmissionNotSigned
from registry.jurisdiction.rules import jurisdictions
from registry.people.errors import NotPermitted
from registry.people.permission import Role
from registry.people.tables import EnrolledKey
from tests.registry.assessment import submissions
from tests.registry.photo.zips import zipped
from tests.registry.world import BODY, OTHER_BODY, PROVINCE, SITES


def correct(desk, draft_id, *rows, media_type=JSON_MEDIA_TYPE, **more):
    content = json.dumps({"rows": list(rows), **more}, ensure_ascii=False).encode()
    return add_corrections(
        desk.world.sessions, desk.sealer, desk.author(), draft_id, Sent(content, media_type), now=desk.now
    )


def names(desk, draft_id):
    page = draft_rows(desk.world.sessions, desk.sealer, desk.author(), draft_id, cursor=0, limit=500)
    return {int(row.cells["row"]): row.name for row in page.items}


def test_settled_content_comes_into_the_register_by_its_draft_alone(desk, world):
    draft_id = desk.ready()
    handed_in = world.signed(desk.settled(draft_id))

    with pytest.raises(SubmissionRefused) as refused:
        world.submit(handed_in)
    desk.sign(draft_id, handed_in.signature)
    desk.work()

    assert [fault.code for fault in refused.value.faults] == ["not_its_draft"]
    # Handed in once more, it is what is there.
    again = world.submit(handed_in)
    assert (again.repeated, again.submission_id) == (True, desk.state(draft_id).submission_id)


@pytest.mark.parametrize("whose", [BODY, OTHER_BODY, None])
def test_a_draft_takes_no_file_of_another_draft_whosever_that_is(desk, world, whose):
    another = uuid4() if whose is None else desk.open(issuer=whose).draft_id

    draft_id = desk.open(desk.results(draft=str(another))).draft_id
    desk.work()

    assert desk.faults(draft_id) == [(None, "draft", "not_its_draft")]


def test_a_draft_settles_in_its_own_name(desk, world):
    draft_id = desk.ready()

    assert json.loads(desk.settled(draft_id))["draft"] == str(draft_id)


def test_the_whole_way_of_a_draft(desk, world):
    draft_id = desk.open(name="11 月考核").draft_id
    assert (desk.status(draft_id), desk.state(draft_id).name) == (DraftStatus.RECEIVED, "11 月考核")

    desk.work()
    state = desk.state(draft_id)
    assert (state.status, state.checked, state.rows, state.faults) == (DraftStatus.READY, True, 3, 0)
    assert state.statistics["entered"] == state.statistics["passed"] == 3
    assert (state.late, state.deadline_on.isoformat(), state.days_left) == (False, "2026-12-08", 18)

    desk.sign(draft_id)
    assert desk.status(draft_id) is DraftStatus.SIGNED
    desk.work()

    state = desk.state(draft_id)
    assert state.status is DraftStatus.SUBMITTED
    submission = world.sessions.read(lambda session: session.get_one(Submission, state.submission_id))
    assert (submission.issuer, submission.media_type) == (BODY, JSON_MEDIA_TYPE)
    assert len(world.all(select(Result))) == 3


def test_faults_are_told_all_at_once_in_the_words_of_the_file(desk, world):
    rows = [world.row(1, name=""), world.row(2, theory="101"), world.row(3)]
    draft_id = desk.open(desk.results(*rows)).draft_id

    desk.work()

    assert desk.status(draft_id) is DraftStatus.FAULTY
    assert [(row, column) for row, column, _ in desk.faults(draft_id)] == [(1, "name"), (2, "theory")]
    assert desk.state(draft_id).faults == 2
    assert names(desk, draft_id)[3] == rows[2]["name"]


def test_a_file_that_can_not_be_read_is_faulty_too(desk):
    draft_id = desk.open(Sent(b"{", JSON_MEDIA_TYPE)).draft_id

    desk.work()

    assert desk.faults(draft_id) == [(None, None, "not_json")]
    with pytest.raises(NotNow):
        desk.settled(draft_id)


def test_who_passed_before_is_told_at_the_check_and_not_at_the_handing_in(desk, world):
    row = world.row(1)
    world.submitted(row)

    draft_id = desk.open(desk.results(row)).draft_id
    desk.work()

    assert desk.faults(draft_id) == [(1, "id_number", "already_passed")]


def test_corrected_rows_take_the_place_of_those_with_their_number(desk, world):
    draft_id = desk.open(desk.results(world.row(1, name=""), world.row(2), world.row(3))).draft_id
    desk.work()

    mended, added = world.row(1, name="赵六"), world.row(7, name="钱七")
    assert correct(desk, draft_id, mended, added, remove=[3]) == 2
    assert desk.status(draft_id) is DraftStatus.RECEIVED
    desk.work()

    assert desk.status(draft_id) is DraftStatus.READY
    found = names(desk, draft_id)
    assert set(found) == {1, 2, 7}
    assert (found[1], found[7]) == ("赵六", "钱七")


def test_corrections_come_on_top_of_corrections(desk, world):
    draft_id = desk.open(desk.results(world.row(1, name=""), world.row(2))).draft_id
    person = world.row(1, name="赵")

    correct(desk, draft_id, person)
    correct(desk, draft_id, {**person, "name": "赵六"})
    desk.work()

    assert names(desk, draft_id)[1] == "赵六"
    assert desk.status(draft_id) is DraftStatus.READY


def test_corrections_as_a_workbook_mend_a_draft_that_came_as_json(desk, world):
    draft_id = desk.open(desk.results(world.row(1, theory="101"), world.row(2))).draft_id
    desk.work()
    mended = submissions.form(world.row(1), issuer=BODY, site=SITES[BODY], province=PROVINCE)

    sheet = write_workbook(mended)
    add_corrections(
        world.sessions, desk.sealer, desk.author(), draft_id, Sent(sheet, WORKBOOK_MEDIA_TYPE), now=desk.now
    )
    desk.work()

    assert desk.status(draft_id) is DraftStatus.READY, desk.faults(draft_id)


def test_faults_of_corrections_stand_where_the_row_stood(desk, world):
    draft_id = desk.open(desk.results(world.row(5, name=""), world.row(9))).draft_id

    correct(desk, draft_id, {**world.row(9), "theory": 90})
    desk.work()

    assert desk.faults(draft_id) == [(1, "name", "missing"), (2, "theory", "wrong_type")]


def test_corrections_mend_the_head_too(desk):
    draft_id = desk.open(desk.results(site="999999")).draft_id
    desk.work()
    assert desk.faults(draft_id) == [(None, "site", "unknown_site")]

    correct(desk, draft_id, site=SITES[BODY])
    desk.work()

    assert desk.status(draft_id) is DraftStatus.READY


def test_rows_that_come_into_a_file_of_headings_bring_no_head_with_them(desk, world):
    headings = write_csv(submissions.form()).split(b"\r\n")[0]
    draft_id = desk.open(Sent(headings + b"\r\n", CSV_MEDIA_TYPE)).draft_id
    correct(desk, draft_id, world.row(1))
    desk.work()

    heads = [HEADINGS[column] for column in HEADER_COLUMNS if column is not Column.LATE_REASON]
    assert sorted(desk.faults(draft_id)) == sorted((None, heading, "missing") for heading in heads)

    head = json.loads(desk.results().content)
    correct(desk, draft_id, **{column: head[column] for column in HEADER_COLUMNS if column in head})
    desk.work()
    assert desk.status(draft_id) is DraftStatus.READY, desk.faults(draft_id)


def test_a_head_that_says_nothing_of_a_passed_deadline_is_asked_for_the_reason(desk, world):
    headings = write_csv(submissions.form()).split(b"\r\n")[0]
    draft_id = desk.open(Sent(headings + b"\r\n", CSV_MEDIA_TYPE)).draft_id
    head = json.loads(desk.results().content)
    del head["format"], head["rows"], head["late_reason"]
    correct(desk, draft_id, world.row(1), **head)
    desk.later(days=60)
    desk.work()

    assert desk.faults(draft_id) == [(None, HEADINGS[Column.LATE_REASON], "late_without_reason")]


UNMERGEABLE = {
    "no JSON": (b"{", "not_json"),
    "a list": (b"[]", "not_an_object"),
    "a row without its number": (b'{"rows": [{"name": "x"}]}', "not_a_row_number"),
    "a number twice": (b'{"rows": [{"row": 1}, {"row": 1}]}', "repeated_row_number"),
    "numbers to remove that are none": (b'{"remove": ["1"]}', "wrong_type"),
}


@pytest.mark.parametrize(("content", "code"), UNMERGEABLE.values(), ids=UNMERGEABLE)
def test_corrections_that_can_not_be_merged_are_refused_at_once(desk, content, code):
    draft_id = desk.open().draft_id

    with pytest.raises(SubmissionRefused) as refused:
        add_corrections(
            desk.world.sessions, desk.sealer, desk.author(), draft_id, Sent(content, JSON_MEDIA_TYPE),
            now=desk.now,
        )  # fmt: skip

    assert [fault.code for fault in refused.value.faults].count(code) == 1
    assert desk.state(draft_id).revision == 1


def test_other_results_take_the_place_of_file_and_corrections(desk, world):
    draft_id = desk.open(desk.results(world.row(1, name=""))).draft_id
    correct(desk, draft_id, world.row(2))

    fresh = desk.results(world.row(4))
    revision = replace_results(world.sessions, desk.sealer, desk.author(), draft_id, fresh, now=desk.now)
    again = replace_results(world.sessions, desk.sealer, desk.author(), draft_id, fresh, now=desk.now)
    desk.work()

    assert revision == again == 3
    assert set(names(desk, draft_id)) == {4}


def half_of_the_photos(desk, draft_id):
    begin_photos(
        desk.world.sessions, desk.author(), draft_id, size=9 << 20, digest=bytes(32), name=None, now=desk.now
    )


SINCE = {
    "nothing": lambda desk, draft_id: None,
    "photos": lambda desk, draft_id: desk.send_photos(draft_id, {"1.jpg": b"x"}),
    "photos that are on their way": half_of_the_photos,
    "corrections": lambda desk, draft_id: correct(desk, draft_id, remove=[1]),
    "its check": lambda desk, draft_id: desk.work(),
}


@pytest.mark.parametrize("name", SINCE)
def test_the_same_results_are_the_same_draft_whatever_came_since(desk, name):
    results = desk.results()
    first = desk.open(results)
    SINCE[name](desk, first.draft_id)
    before = desk.state(first.draft_id)

    again = desk.open(results)

    assert (first.repeated, again.repeated) == (False, True)
    assert (again.draft_id, desk.state(first.draft_id)) == (first.draft_id, before)


def test_results_with_photos_are_the_draft_that_has_these_photos(desk):
    results = desk.results()
    photos, others = (Sent(zipped({"1.jpg": content}), ARCHIVE_MEDIA_TYPE) for content in (b"1", b"2"))

    first, again = desk.open(results, photos=photos), desk.open(results, photos=photos)

    assert first.draft_id == again.draft_id == desk.open(results).draft_id
    assert not desk.open(results, photos=others).repeated


def test_results_of_a_draft_that_was_discarded_are_a_new_one(desk):
    results = desk.results()
    first = desk.open(results)
    discard(desk.world.sessions, desk.author(), first.draft_id, now=desk.now)

    assert not desk.open(results).repeated


def test_another_bodys_draft_looks_like_none(desk, world):
    draft_id = desk.ready()
    theirs = desk.author(OTHER_BODY)

    for author in (theirs, replace(theirs, issuer=OTHER_BODY)):
        with pytest.raises(NoSuchDraft):
            desk.state(draft_id, issuer=author.issuer)
        with pytest.raises(NoSuchDraft):
            discard(world.sessions, author, draft_id, now=desk.now)
        with pytest.raises(NoSuchDraft):
            add_corrections(
                world.sessions, desk.sealer, author, draft_id, Sent(b"{}", JSON_MEDIA_TYPE), now=desk.now
            )
    assert (
        world.sessions.read(
            lambda session: own_drafts(session, theirs, jurisdictions(), after=None, limit=9, now=desk.now)
        )
        == []
    )


def test_who_may_not_work_for_the_body_may_not_work_on_its_drafts(desk, world):
    reviewer = world.account("审核员", (Role.PROVINCE_REVIEWER, "CN-21"))
    stranger = replace(desk.author(), actor=reviewer)

    with pytest.raises(NotPermitted):
        desk.world.sessions.read(
            lambda session: own_drafts(session, stranger, jurisdictions(), after=None, limit=9, now=desk.now)
        )


def test_a_signature_that_does_not_count_is_refused(desk, world):
    draft_id = desk.ready()
    settled = desk.settled(draft_id)
    others = world.bodies[OTHER_BODY].key

    for wrong in (
        b"nothing",
        desk.signature(settled + b" "),
        desk.signature(settled, key=others),
        desk.signature(settled, issuer=OTHER_BODY),
    ):
        with pytest.raises(SubmissionNotSigned):
            desk.sign(draft_id, wrong)

    assert desk.status(draft_id) is DraftStatus.READY


def test_what_was_signed_before_a_change_signs_nothing_after_it(desk, world):
    draft_id = desk.ready(world.row(1), world.row(2))
    before = desk.signature(desk.settled(draft_id))
    correct(desk, draft_id, remove=[2])
    with pytest.raises(NotNow):
        desk.sign(draft_id, before)

    desk.work()

    with pytest.raises(SubmissionNotSigned):
        desk.sign(draft_id, before)


def test_signed_is_signed(desk):
    draft_id = desk.ready()
    desk.sign(draft_id)
    desk.sign(draft_id)

    with pytest.raises(NotNow):
        correct(desk, draft_id, remove=[1])
    with pytest.raises(NotNow):
        discard(desk.world.sessions, desk.author(), draft_id, now=desk.now)


def test_somebody_elses_file_in_between_drops_the_signature(desk, world):
    row = world.row(1)
    draft_id = desk.ready(row, world.row(2))
    desk.sign(draft_id)
    world.submitted(row)

    desk.work()

    assert desk.status(draft_id) is DraftStatus.FAULTY
    assert desk.faults(draft_id) == [(1, "id_number", "already_passed")]
    assert desk.row(draft_id).signature is None


def test_a_key_that_was_revoked_in_between_drops_the_signature(desk, world):
    draft_id = desk.ready()
    desk.sign(draft_id)
    world.tamper(
        update(EnrolledKey).where(EnrolledKey.key_id == desk.author().key_id).values(revoked_at=desk.now)
    )

    desk.work()

    state = desk.state(draft_id)
    assert state.status is DraftStatus.READY
    assert "revoked" in state.failure


def test_a_discarded_draft_leaves_nothing_behind(desk, world):
    draft_id = desk.ready()

    discard(world.sessions, desk.author(), draft_id, now=desk.now)
    discard(world.sessions, desk.author(), draft_id, now=desk.now)

    assert desk.status(draft_id) is DraftStatus.DISCARDED
    assert world.count(DraftFile, DraftPart) == (0, 0)
    with pytest.raises(NotNow):
        correct(desk, draft_id, remove=[1])


def test_old_drafts_are_discarded_by_age(desk, world):
    old = desk.open().draft_id
    signed = desk.ready()
    desk.sign(signed)
    desk.later(days=40)
    young = desk.open().draft_id
    before = desk.now.replace(day=1)

    found = world.sessions.read(lambda session: drafts_unchanged_since(session, before))
    gone = [
        each
        for each in (old, signed, young)
        if world.sessions.run(
            lambda session, each=each: discard_unchanged(session, each, before, now=desk.now)
        )
    ]

    assert [each.id for each in found] == gone == [old]


def test_the_quota_of_drafts(desk, monkeypatch):
    monkeypatch.setattr(quota, "MOST_OPEN_DRAFTS", 2)
    first = desk.open().draft_id
    desk.open()

    with pytest.raises(QuotaReached, match="2 drafts"):
        desk.open()
    assert not desk.open(issuer=OTHER_BODY).repeated
    discard(desk.world.sessions, desk.author(), first, now=desk.now)
    desk.open()


def test_the_quota_of_bytes(desk, monkeypatch):
    results = desk.results()
    monkeypatch.setattr(quota, "MOST_BYTES", len(results.content) + 100)
    desk.open(results)

    with pytest.raises(QuotaReached):
        desk.open()


def test_the_quota_of_corrections(desk, monkeypatch):
    monkeypatch.setattr(quota, "MOST_CORRECTIONS", 1)
    draft_id = desk.open().draft_id
    correct(desk, draft_id, remove=[1])

    with pytest.raises(DraftFull):
        correct(desk, draft_id, remove=[2])


def test_files_of_no_kind_or_size_that_is_read_are_refused(desk):
    with pytest.raises(UnsupportedMediaType):
        desk.open(Sent(b"x", "text/html"))
    with pytest.raises(FileEmpty):
        desk.open(Sent(b"", JSON_MEDIA_TYPE))
    with pytest.raises(FileTooLarge):
        desk.open(Sent(b" " * (quota.LARGEST["results"] + 1), JSON_MEDIA_TYPE))


def test_a_draft_replaces_a_submission_of_its_body_alone(desk, world):
    own, theirs = world.submitted(), world.submitted(issuer=OTHER_BODY)

    assert desk.state(desk.open(replaces=own).draft_id).replaces == own
    with pytest.raises(NothingToReplace):
        desk.open(replaces=theirs)


def test_what_a_draft_replaces_is_withdrawn_when_it_is_handed_in_and_not_before(desk, world):
    rows = world.rows(2)
    old = world.checked(*rows)
    draft_id = desk.open(desk.results(*rows), replaces=old).draft_id
    desk.work()
    desk.sign(draft_id)
    assert submission_status(world, old) == SubmissionStatus.PROVINCE

    desk.work()

    new = desk.state(draft_id).submission_id
    assert submission_status(world, old) == SubmissionStatus.WITHDRAWN
    assert (desk.status(draft_id), submission_status(world, new)) == (DraftStatus.SUBMITTED, "received")


def test_what_is_under_review_by_now_is_not_replaced(desk, world):
    rows = world.rows(2)
    old = world.checked(*rows)
    draft_id = desk.open(desk.results(*rows), replaces=old).draft_id
    desk.work()
    desk.sign(draft_id)
    world.decide(old)

    desk.work()

    assert desk.status(draft_id) is DraftStatus.FAULTY
    assert desk.faults(draft_id) == [(None, None, "too_late_to_replace")]
    assert submission_status(world, old) == SubmissionStatus.CENTRE


def submission_status(world, submission_id):
    return world.sessions.read(lambda session: session.get_one(Submission, submission_id).status)


def test_drafts_are_listed_the_newest_first(desk, world):
    made = []
    for _ in range(3):
        made.append(desk.open().draft_id)
        desk.later(minutes=1)

    def page(after, limit):
        return world.sessions.read(
            lambda session: own_drafts(
                session, desk.author(), jurisdictions(), after=after, limit=limit, now=desk.now
            )
        )

    first = page(None, 2)
    rest = page((first[-1].created_at, first[-1].id), 2)

    assert [state.id for state in first + rest] == made[::-1]


def test_nothing_that_a_body_sent_is_stored_in_plain(desk, world):
    row = world.row(1, name="赫连金丝雀", theory="101")
    desk.open(desk.results(row))
    desk.work()

    stored = b"".join(world.all(select(DraftPart.sealed)))

    for plain in (row["id_number"], "赫连金丝雀", "101"):
        assert plain.encode() not in stored
    assert world.all(select(Draft.summary)) == ['{"province": "21", "exam_ended_on": "2026-11-08"}']
