"""Photos of a submission that came out of a draft: the check finds each that is gone or another one."""

import pytest
from sqlalchemy import delete, select, update

from registry.assessment.tables import Submission
from registry.audit.check import Check, own_hands
from registry.audit.evidence import open_evidence
from registry.audit.finding import Kind
from registry.draft.tables import Draft, DraftFile, DraftPart, Photo
from registry.foundation.charter import read_charter
from tests.registry.draft.conftest import Desk
from tests.registry.photo.pictures import TWO_INCH, jpeg

OTHER = jpeg((TWO_INCH[0] + 5, TWO_INCH[1] + 7))


def findings_of(audited):
    sessions = audited.world.sessions
    evidence = open_evidence(audited.places, sessions.read(read_charter))
    found = Check(sessions, evidence, own_hands(sessions, evidence), audited.places).run()[0].findings
    return [(finding.kind, finding.table, finding.row, finding.what) for finding in found]


@pytest.fixture
def drafted(young_audited, tmp_path, quick_id_checks):
    """A register with a submission of two rows that came out of a draft with photos."""
    desk = Desk(young_audited.world, tmp_path)
    draft_id = desk.open(desk.results(*desk.world.rows(2))).draft_id
    desk.send_photos(draft_id, {"1.jpg": jpeg(TWO_INCH), "2.jpg": OTHER})
    desk.work()
    desk.sign(draft_id)
    desk.work()
    assert desk.state(draft_id).submission_id
    return young_audited


def of_row(number):
    return Photo.id.in_(select(Photo.id).where(Photo.row == number))


def exchanged(world):
    """Return what gives the first row the sealed bytes of the second."""
    (sealed,) = world.all(select(Photo.sealed).where(Photo.row == 2))
    return update(Photo).where(of_row(1)).values(sealed=sealed)


def resealed(world):
    """Return what gives the first row another photo, lawfully sealed."""
    (photo,) = world.all(select(Photo.id).where(Photo.row == 1))
    sealed = world.personal.sealer.seal(OTHER, place=f"photo:{photo}")
    return update(Photo).where(Photo.id == photo).values(sealed=sealed)


TAMPERED = {
    "one is deleted": (lambda world: delete(Photo).where(of_row(1)), "its photo is not there"),
    "one belongs to nobody": (
        lambda world: update(Photo).where(of_row(1)).values(result_id=None), "its photo is not there",
    ),
    "one has the sealed bytes of another": (exchanged, "its photo does not open"),
    "one is another": (resealed, "its photo has another digest"),
}  # fmt: skip


def test_photos_in_good_order_are_no_finding(drafted):
    assert [each for each in findings_of(drafted) if each[0] is Kind.SEALED] == []


@pytest.mark.parametrize(("how", "what"), TAMPERED.values(), ids=TAMPERED)
def test_a_photo_that_is_gone_or_another_is_found(drafted, how, what):
    before = findings_of(drafted)
    drafted.world.tamper(how(drafted.world))

    (submission,) = drafted.world.all(select(Submission.id))
    new = [each for each in findings_of(drafted) if each not in before]

    assert new == [(Kind.SEALED, "result", f"{submission}/1", what)]


def test_what_else_is_in_drafts_is_asked_of_nobody(drafted):
    before = findings_of(drafted)

    drafted.world.tamper(
        delete(DraftPart),
        update(DraftFile).values(size=7, name="another"),
        update(Draft).values(name="another", rows=7, summary="{}"),
    )

    assert findings_of(drafted) == before
