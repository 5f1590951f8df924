"""Numbering many submissions at once, and one in several batches: the same rows, the same refusals, less work."""

import pytest
from sqlalchemy import update

from registry.assessment.tables import Result
from registry.certificate.errors import BehindItsSigner, NumberingHeld
from registry.certificate.issuance import Memory, number_together
from registry.certificate.numbering import Scope
from registry.certificate.tables import EntryCounter
from registry.directory.errors import SeriesExhausted
from registry.directory.series_numbers import SeriesNumbers
from registry.review.errors import NotConfirmed
from signing.statement import Level
from tests.instants import NOON
from tests.registry.statements import counted
from tests.registry.world import BODY, ENVIRONMENT, PROFILE, serials


def number_together_now(world, submissions, **changes):
    return number_together(
        world.sessions, world.registrar, submissions, PROFILE, environment=ENVIRONMENT, now=NOON, **changes
    )


def test_small_submissions_share_one_transaction(world, engine):
    submissions = [world.reviewed(world.row(1)) for _ in range(5)]

    with counted(engine) as alone:
        assert number_together_now(world, submissions[:1]) == 1
    with counted(engine) as together:
        assert number_together_now(world, submissions[1:]) == 4

    assert serials(number for submission in submissions for number in world.numbers(submission)) == [
        *range(1, 6)
    ]
    # Four statements for each submission more: itself, its rows, its decisions, their people.
    assert len(together) == len(alone) + 3 * 4
    assert number_together_now(world, submissions) == 0


def test_what_keeps_one_submission_from_its_numbers_keeps_those_it_is_asked_with(world):
    honest, forged = world.reviewed(), world.reviewed()
    world.tamper(update(Result).where(Result.submission_id == forged).values(holder_name="王五"))

    with pytest.raises(NotConfirmed):
        number_together_now(world, [honest, forged])

    assert world.statuses() == []
    assert number_together_now(world, [honest]) == 3


def test_a_batch_ends_in_the_middle_of_a_submission_and_the_next_goes_on(world, monkeypatch):
    monkeypatch.setattr("registry.certificate.issuance.BATCH", 4)
    submissions, memory = [world.reviewed() for _ in range(3)], Memory()

    counts = [number_together_now(world, submissions, memory=memory) for _ in range(4)]

    assert counts == [4, 4, 1, 0]
    assert [len(world.numbers(submission)) for submission in submissions] == [3, 3, 3]
    assert set(memory.numbered) == set(range(1, 10))


def test_a_row_changed_between_two_batches_of_a_submission_is_not_numbered(world, monkeypatch):
    monkeypatch.setattr("registry.certificate.issuance.BATCH", 2)
    submission, memory = world.reviewed(*world.rows(4)), Memory()
    assert number_together_now(world, [submission], memory=memory) == 2
    world.tamper(update(Result).where(Result.submission_id == submission, Result.row == 4).values(theory=999))

    with pytest.raises(NotConfirmed) as refusal:
        number_together_now(world, [submission], memory=memory)

    assert "row 4" in str(refusal.value)
    assert world.statuses() == ["numbered"] * 2


def test_a_database_that_knows_fewer_entries_than_its_signer_gives_no_number(world):
    world.issued()
    submission = world.reviewed()

    with pytest.raises(BehindItsSigner) as refusal:
        number_together_now(world, [submission], known_entries={"the signer's journal": 4})
    assert (refusal.value.last, refusal.value.known) == (3, 4)
    assert len(world.entries()) == 3

    assert number_together_now(world, [submission], known_entries={"the signer's journal": 3}) == 3


def test_nothing_is_numbered_while_the_highest_numbers_are_not_known(world):
    submission = world.reviewed()
    world.tamper(update(EntryCounter).values(held_because="restored without the signer's journal"))

    with pytest.raises(NumberingHeld):
        number_together_now(world, [submission])

    world.tamper(update(EntryCounter).values(held_because=None))
    assert number_together_now(world, [submission]) == 3


def test_the_numbers_of_a_series_are_those_that_the_profile_composes():
    scope = Scope(BODY, "21", "000002", 2026, Level.SENIOR).fields(PROFILE)
    numbers = SeriesNumbers.of(PROFILE, scope)

    for serial in (1, 2, 9, 10, 12345, 99999):
        text = PROFILE.compose(scope, serial=serial)
        assert numbers.number(serial) == (text, PROFILE.packed(text))
    for serial in (0, 10**numbers.width):
        with pytest.raises(SeriesExhausted):
            numbers.number(serial)
