"""Handing in: whose signature counts, and that a file is stored whole or not at all."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from registry.assessment.errors import SubmissionRefused, UnsupportedMediaType
from registry.assessment.reading import JSON_MEDIA_TYPE, WORKBOOK_MEDIA_TYPE
from registry.assessment.status import SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.assessment.template import write_workbook
from registry.directory.tables import ListingRow
from registry.intake.errors import SubmissionNotSigned
from registry.intake.submission import HandedIn, SettledDraft, claim_for, submit
from registry.journal.tables import Event
from registry.jurisdiction.rules import jurisdictions
from registry.people.accounts import Purpose
from registry.people.errors import KeyNotValid, UnknownKey
from registry.people.permission import Role
from registry.people.tables import EnrolledKey
from signing.cose import Kind
from tests.instants import NOON, NOON_UTC
from tests.registry.assessment import submissions
from tests.registry.world import BODY, ENVIRONMENT, OTHER_BODY, PROVINCE, SITES, holder_key

STORED = (Submission, Result)


def test_what_was_handed_in_is_stored_as_it_came_with_every_row(world):
    rows = world.rows(3)
    rows[1]["theory"] = "59.9"
    content = world.file(*rows)

    receipt = world.submit(world.signed(content))

    (submission,) = world.all(select(Submission))
    place = f"submission:{submission.id}"
    (sealed,) = world.all(select(Submission.sealed_content))
    assert world.personal.sealer.open(sealed, place=place) == content
    assert (submission.id, submission.status, submission.received_at) == (
        receipt.submission_id,
        SubmissionStatus.RECEIVED,
        NOON_UTC,
    )
    assert submission.submitted_by == world.bodies[BODY].actor.account_id
    results = world.all(select(Result).order_by(Result.row))
    numbers = [
        world.personal.sealer.open(result.sealed_id_number, place=f"result:{result.id}").decode()
        for result in results
    ]
    assert numbers == [row["id_number"] for row in rows]
    assert [(result.row, result.holder_name, result.passed) for result in results] == [
        (1, rows[0]["name"], True),
        (2, rows[1]["name"], False),
        (3, rows[2]["name"], True),
    ]
    assert len({result.blinding for result in results}) == 3
    assert (receipt.statistics.entered, receipt.statistics.passed, receipt.repeated) == (3, 2, False)


def test_what_a_row_says_besides_its_scores_is_stored(world):
    said = {"training_certificate": "连理工培〔2026〕0017", "training_hours": 160, "photo": "ab" * 32}
    rows = world.row(1, **said), world.row(2, theory="absent"), world.row(3, practice="absent")
    settled(world, world.signed(world.file(*rows)), uuid4())

    columns = [
        "training_certificate",
        "training_hours",
        "photo",
        "absent_theory",
        "absent_practice",
        "theory",
        "practice",
    ]
    stored = [
        tuple(getattr(result, column) for column in columns)
        for result in world.all(select(Result).order_by(Result.row))
    ]

    assert stored == [
        ("连理工培〔2026〕0017", 160, b"\xab" * 32, False, False, 865, 700),
        (None, None, None, True, False, 0, 700),
        (None, None, None, False, True, 865, 0),
    ]


def settled(world, handed_in, draft):
    """Hand in what a draft vouches for."""
    held = None if draft is None else SettledDraft(draft, hold=lambda session: None)
    return submit(
        world.sessions, handed_in, world.personal, jurisdictions(), environment=ENVIRONMENT, now=NOON,
        settled_from=held,
    )  # fmt: skip


DRAFT, ANOTHER = uuid4(), uuid4()


@pytest.mark.parametrize("draft", [None, DRAFT])
def test_settled_content_names_its_own_draft_or_none(world, draft):
    content = world.file(draft=None if draft is None else str(draft))

    assert settled(world, world.signed(content), DRAFT).statistics.entered == 3


@pytest.mark.parametrize("settled_from", [None, ANOTHER])
def test_a_file_that_names_another_draft_than_its_own_is_refused(world, settled_from):
    handed_in = world.signed(world.file(draft=str(DRAFT)))

    with pytest.raises(SubmissionRefused) as refused:
        settled(world, handed_in, settled_from)

    (fault,) = refused.value.faults
    assert (fault.row, fault.column, fault.value, fault.code) == (None, "draft", str(DRAFT), "not_its_draft")
    assert world.count(Submission, Result) == (0, 0)


def test_photos_that_came_without_a_draft_are_refused_row_by_row_with_all_other_faults(world):
    rows = world.row(1, photo="ab" * 32), world.row(2), world.row(3, photo="cd" * 32, theory="160")

    with pytest.raises(SubmissionRefused) as refused:
        world.submit(world.signed(world.file(*rows)))

    told = [(fault.row, fault.column, fault.code) for fault in refused.value.faults]
    assert sorted(told) == [
        (1, "photo", "photo_without_draft"), (3, "photo", "photo_without_draft"), (3, "theory", "score_out_of_range"),
    ]  # fmt: skip
    assert "照片压缩包" in refused.value.faults[0].remedy
    assert world.count(Submission, Result) == (0, 0)


def test_more_than_16_mb_is_read_only_of_a_draft(world):
    padded = world.file() + b" " * (16 * 1024 * 1024)

    with pytest.raises(SubmissionRefused):
        world.submit(world.signed(padded))
    receipt = settled(world, world.signed(padded), uuid4())

    assert receipt.statistics.entered == 3


def test_rows_are_stored_by_their_own_number_in_whatever_order_they_came(world):
    world.submitted(*reversed(world.rows(4)))

    assert world.all(select(Result.row).order_by(Result.row)) == [1, 2, 3, 4]


def test_the_same_file_again_gives_the_same_receipt_and_stores_nothing(world):
    rows = world.rows(3)
    rows[0]["practice"] = "12"
    rows[1]["theory"] = "absent"
    handed_in = world.signed(world.file(*rows))
    first = world.submit(handed_in)
    before = world.count(*STORED, Event)

    again = world.submit(handed_in, now=NOON + timedelta(days=1))

    assert (again.submission_id, again.statistics) == (first.submission_id, first.statistics)
    assert (again.repeated, again.status, again.late) == (True, SubmissionStatus.RECEIVED, first.late)
    assert world.count(*STORED, Event) == before


def test_the_same_file_again_says_how_far_it_has_come(world):
    content = world.file()
    submission = world.submit(world.signed(content)).submission_id
    world.compute_id_checks(submission)
    world.decide(submission)

    assert world.submit(world.signed(content)).status is SubmissionStatus.CENTRE


def test_the_same_file_gives_its_receipt_on_a_day_when_it_would_be_refused(world):
    content = world.file()
    first = world.submit(world.signed(content))
    world.tamper(update(ListingRow).values(removed_on=date(2026, 1, 1)))

    tomorrow = NOON + timedelta(days=1)
    assert world.submit(world.signed(content), now=tomorrow).submission_id == first.submission_id
    with pytest.raises(SubmissionRefused):
        world.submit(world.signed(content + b"\n"), now=tomorrow)


@pytest.mark.parametrize(("days", "late"), [(30, False), (31, True)])
def test_a_file_after_the_deadline_is_taken_and_called_late(world, days, late):
    reason = "系统故障" if late else None
    content = world.file(exam_started_on="2026-11-08", exam_ended_on="2026-11-08", late_reason=reason)

    receipt = world.submit(world.signed(content), now=NOON - timedelta(days=12) + timedelta(days=days))

    assert receipt.late is late
    assert world.all(select(Submission.late_reason)) == [reason]


FAULTS = {
    "one bad row of three": {"id_number": "210102197001010012"},
    "a row that repeats another": {"row": 1},
    "an unknown field": {"status": "approved"},
    "a level that does not exist": {"level": "master"},
    "a name too long": {"name": "王" * 57},
}


def test_one_fault_refuses_the_whole_and_nothing_is_stored(world, subtests):
    before = world.count(*STORED, Event)

    for name, fault in FAULTS.items():
        rows = world.rows(3)
        rows[2] |= fault
        with subtests.test(name):
            with pytest.raises(SubmissionRefused) as refusal:
                world.submit(world.signed(world.file(*rows)))
            assert {found.row for found in refusal.value.faults} == {3}
            assert world.count(*STORED, Event) == before


def altered(world, content):
    return HandedIn(content.replace(b"86.5", b"96.5"), JSON_MEDIA_TYPE, world.signed(content).signature)


def of_another_type(world, content):
    return HandedIn(content, WORKBOOK_MEDIA_TYPE, world.signed(content).signature)


def flipped(world, content):
    signature = bytearray(world.signed(content).signature)
    signature[-1] ^= 1
    return HandedIn(content, JSON_MEDIA_TYPE, bytes(signature))


def not_ours(world, content):
    return HandedIn(content, JSON_MEDIA_TYPE, b"signed, believe me")


def empty(world, content):
    return HandedIn(content, JSON_MEDIA_TYPE, b"")


def by_another_body(world, content):
    return world.signed(content, key=world.bodies[OTHER_BODY].key)


def for_another_body(world, content):
    claim = claim_for(content, JSON_MEDIA_TYPE, issuer=OTHER_BODY).to_bytes()
    return world.signed(content, claim=claim)


def for_another_environment(world, content):
    claim = claim_for(content, JSON_MEDIA_TYPE, issuer=BODY).to_bytes()
    signature = world.bodies[BODY].key.sign_claim(
        claim, kind=Kind.SUBMISSION, environment="production", detached=True
    )
    return HandedIn(content, JSON_MEDIA_TYPE, signature)


def as_a_decision(world, content):
    claim = claim_for(content, JSON_MEDIA_TYPE, issuer=BODY).to_bytes()
    signature = world.bodies[BODY].key.sign_claim(
        claim, kind=Kind.DECISION, environment=ENVIRONMENT, detached=True
    )
    return HandedIn(content, JSON_MEDIA_TYPE, signature)


def with_the_claim_inside(world, content):
    claim = claim_for(content, JSON_MEDIA_TYPE, issuer=BODY).to_bytes()
    signature = world.bodies[BODY].key.sign_claim(
        claim, kind=Kind.SUBMISSION, environment=ENVIRONMENT, detached=False
    )
    return HandedIn(content, JSON_MEDIA_TYPE, signature)


def by_an_unknown_key(world, content):
    return world.signed(content, key=holder_key("nobody"))


def by_a_reviewer(world, content):
    return world.signed(content, key=next(iter(world.reviewers.values())).key)


def by_a_revoked_key(world, content):
    holder = world.holder("former", (Role.SUBMITTER, BODY))
    key = EnrolledKey.key_id == holder.key.key_id
    world.tamper(update(EnrolledKey).where(key).values(revoked_at=NOON))
    return world.signed(content, key=holder.key)


def by_a_person_without_a_body(world, content):
    holder = world.holder("无机构", purpose=Purpose.SUBMISSION)
    return world.signed(content, key=holder.key)


def by_a_person_of_two_bodies(world, content):
    holder = world.holder("两家", (Role.SUBMITTER, BODY), (Role.SUBMITTER, OTHER_BODY))
    return world.signed(content, key=holder.key)


FORGERIES = [
    (altered, SubmissionNotSigned),
    (of_another_type, SubmissionNotSigned),
    (flipped, SubmissionNotSigned),
    (not_ours, SubmissionNotSigned),
    (empty, SubmissionNotSigned),
    (by_another_body, SubmissionNotSigned),
    (for_another_body, SubmissionNotSigned),
    (for_another_environment, SubmissionNotSigned),
    (as_a_decision, SubmissionNotSigned),
    (with_the_claim_inside, SubmissionNotSigned),
    (by_an_unknown_key, UnknownKey),
    (by_a_reviewer, KeyNotValid),
    (by_a_revoked_key, KeyNotValid),
    (by_a_person_without_a_body, SubmissionNotSigned),
    (by_a_person_of_two_bodies, SubmissionNotSigned),
]


def test_a_file_without_its_bodys_signature_is_refused_and_nothing_is_stored(world, subtests):
    content = world.file()

    for forged, error in FORGERIES:
        handed_in = forged(world, content)
        before = world.count(Event)
        with subtests.test(forged.__name__):
            with pytest.raises(error):
                world.submit(handed_in)
            assert world.count(*STORED, Event) == (0, 0, *before)


def test_a_body_can_not_hand_in_for_another_even_with_its_own_signature(world):
    content = world.file(issuer=OTHER_BODY)

    with pytest.raises(SubmissionRefused) as refusal:
        world.submit(world.signed(content, issuer=BODY))

    assert "other_issuer" in {fault.code for fault in refusal.value.faults}


def test_the_signature_is_looked_at_before_the_file_is_read(world):
    broken = b"not json at all"

    with pytest.raises(SubmissionNotSigned):
        world.submit(HandedIn(broken, JSON_MEDIA_TYPE, b""))
    with pytest.raises(SubmissionRefused):
        world.submit(world.signed(broken))


def test_a_media_type_that_is_not_read_here_is_refused(world):
    content = world.file()
    claim = claim_for(content, "application/pdf", issuer=BODY).to_bytes()
    signature = world.signed(content, claim=claim).signature

    with pytest.raises(UnsupportedMediaType):
        world.submit(HandedIn(content, "application/pdf", signature))


def test_a_fault_that_only_the_register_knows_names_the_line_of_the_sheet(world):
    taken = world.row(1)
    world.submitted(taken)
    document = submissions.form(
        world.row(7), {**taken, "row": 5}, issuer=BODY, site=SITES[BODY], province=PROVINCE
    )
    workbook = write_workbook(document)
    claim = claim_for(workbook, WORKBOOK_MEDIA_TYPE, issuer=BODY).to_bytes()
    signature = world.signed(workbook, claim=claim).signature

    with pytest.raises(SubmissionRefused) as refusal:
        world.submit(HandedIn(workbook, WORKBOOK_MEDIA_TYPE, signature))

    (fault,) = refusal.value.faults
    content = submissions.read_as_workbook(document)
    places = [row.place for row in content.rows]
    assert (fault.code, fault.row) == ("already_passed", places[1])
    assert fault.row != 5
    assert (fault.column, fault.value) == (content.headings["id_number"], "")
