"""Which certificate a row may correct; whoever may not is told the row and the column."""

import pytest
from sqlalchemy import select

from registry.assessment.checking import check
from registry.assessment.errors import SubmissionRefused
from registry.assessment.reading import JSON_MEDIA_TYPE, read_content
from registry.assessment.tables import Result
from registry.certificate.lifecycle import Reason, reinstate, revoke, suspend
from registry.directory.body_view import body_view
from registry.intake import corrections
from registry.intake.corrections import resolve_corrections
from registry.intake.whereabouts import Whereabouts
from registry.jurisdiction.rules import jurisdictions
from tests.instants import NOON, THAT_DAY
from tests.registry.statements import counted
from tests.registry.world import BODY, OTHER_BODY, OTHER_PROVINCE


def correction(row, number, **changes):
    return {**row, "corrects": number, "reason": "姓名有误", **changes}


def told(world, row, **changes):
    """Hand in a correction that must be refused; return where, and why."""
    with pytest.raises(SubmissionRefused) as refusal:
        world.submitted(world.row(1), {**row, "row": 2}, **changes)
    (fault,) = refusal.value.faults
    assert (fault.row, fault.column, fault.code) == (2, "corrects", "not_correctable")
    assert fault.value == row["corrects"]
    return fault.message


@pytest.fixture
def row(world):
    return world.row(1)


@pytest.fixture
def number(world, row):
    return world.issued(row)[0]


def act(world, what, number, reason=Reason.UNDER_INVESTIGATION):
    world.sessions.run(lambda session: what(session, world.registrar, number, reason, now=NOON))


def test_a_released_certificate_of_the_same_body_may_be_corrected(world, row, number):
    submission = world.submitted(correction(row, number, name="李肆"))

    rows = world.all(select(Result.corrects).where(Result.submission_id == submission))
    assert rows == [1]


def test_another_bodys_certificate_looks_like_none_at_all(world, row, number):
    mine = told(world, correction(row, number), issuer=OTHER_BODY)

    assert mine == told(world, correction(row, "S000321000003262000001"), issuer=OTHER_BODY)
    assert mine == told(world, correction(row, "S000221000002262999999"))


def test_a_number_that_was_never_released_may_not_be_corrected(world, row):
    submission = world.numbered(row)
    (number,) = world.numbers(submission)

    assert "不是有效状态" in told(world, correction(row, number))
    world.sign()
    assert "不是有效状态" in told(world, correction(row, number))


def test_a_suspended_or_revoked_certificate_may_not_be_corrected(world, row, number):
    act(world, suspend, number)
    assert "不是有效状态" in told(world, correction(row, number))
    act(world, reinstate, number)
    assert "不是有效状态" in told(world, correction(row, number))
    world.release()
    act(world, revoke, number)
    assert "不是有效状态" in told(world, correction(row, number))


@pytest.mark.parametrize("level", ["junior", "senior"])
def test_the_level_can_not_be_corrected(world, row, number, level):
    assert "编号中" in told(world, correction(row, number, level=level))


def test_the_site_can_not_be_corrected(world, row, number):
    assert "编号中" in told(world, correction(row, number), province=OTHER_PROVINCE)


def test_a_second_correction_waits_until_the_first_is_released(world, row, number):
    first = world.submitted(correction(row, number, name="李肆"))
    second = correction(row, number, name="李泗")

    assert "已有更正在审核中" in told(world, second)
    world.compute_id_checks(first)
    for _ in range(3):
        world.decide(first)
    assert "已有更正在审核中" in told(world, second)
    world.number(first)
    assert "已有更正在办理" in told(world, second)
    world.sign()
    assert "已有更正在办理" in told(world, second)
    world.release()

    world.issued(second)
    assert world.statuses() == ["superseded", "superseded", "released"]


def test_a_correction_that_was_returned_makes_room_for_another(world, row, number):
    submission = world.checked(correction(row, number, name="李肆"))
    world.decide(submission, {1: "证据不足"})

    world.submitted(correction(row, number, name="李泗"))


def test_a_body_corrects_only_through_rows_that_passed(world, row, number):
    with pytest.raises(SubmissionRefused) as refusal:
        world.submitted(correction(row, number, theory="10"))

    assert {fault.code for fault in refusal.value.faults} >= {"corrects_to_failed"}


def test_the_reason_of_a_correction_is_kept(world, row, number):
    world.submitted(correction(row, number, reason="“李”误作“季”"), issuer=BODY)

    assert "“李”误作“季”" in world.all(select(Result.correction_reason))


def resolved(world, rows, numbers):
    """Return what is found of rows that correct these numbers, with the statements that it took."""
    content = read_content(
        world.file(*(correction(row, number) for row, number in zip(rows, numbers, strict=True))),
        JSON_MEDIA_TYPE,
    )

    def ask(session):
        form = check(content, body_view(session, BODY), today=THAT_DAY, jurisdictions=jurisdictions())
        with counted(session.get_bind()) as statements:
            found = resolve_corrections(session, form, Whereabouts(content))
        return found, len(statements)

    return world.sessions.read(ask)


def test_many_corrections_are_asked_for_together(world, monkeypatch):
    rows = world.rows(12)
    numbers = world.issued(*rows)
    world.submitted(correction(rows[4], numbers[4]))

    (few, _), for_few = resolved(world, rows[:1], numbers[:1])
    (entries, faults), for_many = resolved(world, rows, numbers)
    monkeypatch.setattr(corrections, "CHUNK", 5)
    in_chunks, for_chunks = resolved(world, rows, numbers)

    assert few == {1: 1}
    assert (for_few, for_many, for_chunks) == (2, 2, 6)
    assert entries == {row: row for row in range(1, 13) if row != 5}
    assert [(fault.row, fault.code) for fault in faults] == [(5, "not_correctable")]
    assert in_chunks == (entries, faults)
