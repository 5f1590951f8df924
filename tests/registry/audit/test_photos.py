"""What came out of a draft: the check finds each photo that is gone or another one, and reads its rows once more."""

from hashlib import sha256

import pytest
from sqlalchemy import case, delete, select, update
from sqlalchemy.orm import Session, undefer

from registry.assessment.coverage import submission_digest
from registry.assessment.tables import Result, Submission
from registry.audit.finding import Kind
from registry.draft.status import DraftStatus
from registry.draft.tables import Draft, DraftFile, DraftPart, Photo
from registry.journal.tables import Event
from signing.evidence import Step
from tests.registry.audit.audited import founded
from tests.registry.audit.proving import careless, evidence_of, seen_in
from tests.registry.audit.test_found import chain_again
from tests.registry.draft.conftest import Desk
from tests.registry.photo.pictures import TWO_INCH, jpeg

OTHER = jpeg((TWO_INCH[0] + 5, TWO_INCH[1] + 7))
GONE = "its photo is not there"
ANOTHER = "the photo that is kept for it is another than it names"
CLOSED = "its photo does not open"
DAMAGED = "its photo has another digest"
UNCONFIRMED = "the decision of province confirms other rows than the register holds"


@pytest.fixture
def drafted(engine, tmp_path, quick_id_checks):
    """A register, on each database, with an approved submission of two rows that came out of a draft with photos."""
    drafted = founded(engine, tmp_path)
    world = drafted.world
    desk = Desk(world, tmp_path)
    draft_id = desk.open(desk.results(world.row(1), world.row(2, theory="absent"))).draft_id
    desk.send_photos(draft_id, {"1.jpg": jpeg(TWO_INCH), "2.jpg": OTHER})
    desk.work()
    desk.sign(draft_id)
    desk.work()
    submission = desk.state(draft_id).submission_id
    world.compute_id_checks(submission)
    for _ in Step:
        world.decide(submission)
    drafted.chain()
    return drafted


def findings_after(drafted, *statements, act=None):
    """Return what is found after changes behind the register's back, and undo them."""
    evidence = evidence_of(drafted)
    with careless(drafted.engine) as connection, connection.begin() as transaction:
        for statement in statements:
            connection.execute(statement)
        if act is not None:
            with Session(connection, join_transaction_mode="create_savepoint") as session, session.begin():
                act(session)
        findings = seen_in(connection, evidence, drafted).findings
        transaction.rollback()
    return [(finding.kind, finding.table, finding.row, finding.what) for finding in findings]


def of_row(number):
    return Photo.id.in_(select(Photo.id).where(Photo.row == number))


def changed(**values):
    return lambda world: [update(Photo).where(of_row(1)).values(**values)]


def exchanged(world):
    """Return what gives the first row the sealed bytes of the second."""
    (sealed,) = world.all(select(Photo.sealed).where(Photo.row == 2))
    return [update(Photo).where(of_row(1)).values(sealed=sealed)]


def resealed(world, **values):
    """Return what gives the first row another photo, lawfully sealed."""
    (photo,) = world.all(select(Photo.id).where(Photo.row == 1))
    sealed = world.personal.sealer.seal(OTHER, place=f"photo:{photo}")
    return [update(Photo).where(Photo.id == photo).values(sealed=sealed, **values)]


TAMPERED = {
    "one is deleted": (lambda world: [delete(Photo).where(of_row(1))], [GONE]),
    "one belongs to nobody": (changed(result_id=None), [GONE]),
    "one has another digest beside it": (changed(digest=sha256(OTHER).digest()), [ANOTHER, DAMAGED]),
    "one has the sealed bytes of another": (exchanged, [CLOSED]),
    "one has other bytes": (resealed, [DAMAGED]),
    "one is another": (lambda world: resealed(world, digest=sha256(OTHER).digest()), [ANOTHER]),
}


def test_photos_in_good_order_are_no_finding(drafted):
    assert [each for each in findings_after(drafted) if each[0] is Kind.SEALED] == []


def test_a_photo_that_is_gone_or_another_is_found(drafted, subtests):
    before = findings_after(drafted)
    (submission,) = drafted.world.all(select(Submission.id))

    for name, (how, whats) in TAMPERED.items():
        with subtests.test(name):
            new = [each for each in findings_after(drafted, *how(drafted.world)) if each not in before]

            assert new == [(Kind.SEALED, "result", f"{submission}/1", what) for what in whats]


def test_another_photo_is_found_without_the_data_key(drafted, subtests):
    drafted.places.data_key_file.unlink()
    digest = {"digest": sha256(OTHER).digest()}

    for how in (changed(**digest), lambda world: resealed(world, **digest)):
        with subtests.test():
            found = findings_after(drafted, *how(drafted.world))

            assert [what for kind, _, _, what in found if kind is Kind.SEALED] == [ANOTHER]


def test_a_draft_that_is_gone_takes_no_photo_along_unseen(drafted):
    found = findings_after(drafted, *(delete(table) for table in (Photo, DraftPart, DraftFile, Draft)))

    assert [what for _, _, _, what in found if what == GONE] == [GONE, GONE]


def without_its_draft(session):
    """Let the event tell of no draft, as if the file had come directly."""
    event = session.scalars(select(Event).where(Event.act == "submit")).one()
    event.details = {name: value for name, value in event.details.items() if name != "draft"}
    session.flush()
    chain_again(session)


def test_a_photo_that_an_older_file_named_without_a_draft_is_not_missed(drafted):
    before = findings_after(drafted)

    found = findings_after(
        drafted, *(delete(table) for table in (Photo, DraftPart, DraftFile, Draft)), act=without_its_draft
    )

    assert [what for *_, what in found if what == GONE] == []
    assert [each for each in found if each[0] is Kind.SEALED and each not in before] == []


def test_reasons_that_were_once_kept_with_blanks_are_what_the_file_says(drafted):
    def differing(late, why):
        found = findings_after(
            drafted, update(Submission).values(late_reason=late), update(Result).values(correction_reason=why)
        )
        return {what for *_, what in found if "is not what the file says" in what}

    assert differing(" 补报\u3000", " ") == set()
    assert differing("补 报", "另一") == {
        "late_reason is not what the file says", "correction_reason is not what the file says"
    }  # fmt: skip


def test_a_submission_whose_draft_is_about_to_end_has_its_photos(drafted):
    before = findings_after(drafted)
    about_to_end = (
        update(Draft).values(submission_id=None, status=DraftStatus.SIGNED),
        update(Photo).values(result_id=None),
    )

    assert findings_after(drafted, *about_to_end) == before
    found = findings_after(drafted, *about_to_end, delete(Photo).where(of_row(1)))
    assert [what for *_, what in found if what == GONE] == [GONE]


def test_what_else_is_in_drafts_is_asked_of_nobody(drafted):
    before = findings_after(drafted)

    after = findings_after(
        drafted,
        delete(DraftPart),
        update(DraftFile).values(size=7, name="another"),
        update(Draft).values(name="another", rows=7, summary="{}"),
    )

    assert after == before


# What three people confirmed, changed by somebody who lets every event vouch for it and seals what he has to.


def first_row(**values):
    return update(Result).where(Result.row == 1).values(**values)


def second_row(**values):
    return update(Result).where(Result.row == 2).values(**values)


def with_another_photo(world):
    digest = sha256(OTHER).digest()
    return [*resealed(world, digest=digest), first_row(photo=digest)]


def with_the_photos_exchanged(world):
    first, second = world.all(select(Result.photo).order_by(Result.row))
    return [update(Result).values(photo=case((Result.row == 1, second), else_=first))]


FORGED = {
    "a row without its photo": lambda world: [first_row(photo=None)],
    "a row with another photo": with_another_photo,
    "photos exchanged": with_the_photos_exchanged,
    "somebody present without a point": lambda world: [second_row(absent_theory=False)],
    "somebody absent from both papers": lambda world: [second_row(absent_practice=True, practice=0)],
}


def vouch_again(session):
    """Let the event of handing in, and the chain, vouch for the rows as they are now."""
    (submission,) = session.scalars(select(Submission).options(undefer(Submission.sealed_content)))
    rows = session.scalars(select(Result).order_by(Result.row)).all()
    event = session.scalars(select(Event).where(Event.act == "submit")).one()
    event.digest = submission_digest(submission, rows)
    session.flush()
    chain_again(session)


def test_what_is_changed_with_digests_and_chain_is_not_what_was_confirmed(drafted, subtests):
    for name, how in FORGED.items():
        with subtests.test(name):
            found = findings_after(drafted, *how(drafted.world), act=vouch_again)

            assert UNCONFIRMED in [what for kind, _, _, what in found if kind is Kind.REVIEW]
            assert {Kind.JOURNAL, Kind.COVERAGE}.isdisjoint({kind for kind, *_ in found})
