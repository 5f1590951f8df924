"""A digest over rows says all that was written, and goes on saying what it said before columns were added."""

from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import undefer

from registry.assessment.coverage import submission_digest
from registry.assessment.tables import Result, Submission
from registry.database import migrate
from registry.database.metadata import came_later
from registry.journal.row_digest import columns_that_came_later, columns_written_once, digest_rows, values_of
from registry.journal.tables import Event

LATER = ("absent_theory", "absent_practice", "training_certificate", "training_hours", "photo")
BEFORE = {"absent_theory": False, "absent_practice": False}


def result(**changes):
    """Return a row as it will be inserted, every column None but for the changes."""
    columns_of_table = [column.name for column in Result.__table__.columns]
    return dict.fromkeys(columns_of_table) | BEFORE | changes


def digest(**changes):
    return digest_rows(values_of(Result, [result(**changes)]))


def test_columns_that_came_later_stand_behind_the_others():
    assert [name for name, _ in columns_that_came_later(Result)] == list(LATER)
    assert not set(LATER) & set(columns_written_once(Result))
    assert came_later(False) == {"before": False}


def test_what_rows_from_before_hold_is_not_in_a_digest():
    (values,) = values_of(Result, [result(row=1)])

    assert len(values) == len(columns_written_once(Result))


def test_what_a_later_column_says_is_in_it_with_its_name():
    (values,) = values_of(Result, [result(absent_practice=True, training_hours=128)])

    assert values[-4:] == ["absent_practice", True, "training_hours", 128]


@pytest.mark.parametrize(
    "changes",
    [
        {"absent_theory": True},
        {"absent_practice": True},
        {"training_certificate": "7"},
        {"training_certificate": ""},
        {"training_hours": 0},
        {"training_hours": 1},
        {"photo": b""},
        {"photo": bytes(32)},
    ],
)
def test_every_other_value_of_a_later_column_is_another_digest(changes):
    assert digest(**changes) != digest()


def test_two_columns_are_not_mistaken_for_each_other():
    said = [
        digest(absent_theory=True),
        digest(absent_practice=True),
        digest(photo=b"7"),
        digest(training_hours=7),
    ]

    assert len(set(said)) == 4


def test_a_stored_row_and_one_to_be_inserted_have_one_digest():
    row = result(training_hours=128)

    assert digest_rows(values_of(Result, [SimpleNamespace(**row)])) == digest(training_hours=128)


def test_events_from_before_the_columns_still_vouch_for_their_rows(young_world, engine):
    submission: UUID = young_world.submitted(*young_world.rows(3), late_reason=None)
    (event,) = young_world.all(select(Event).where(Event.act == "submit"))

    migrate.downgrade(engine, revision="0004")
    migrate.upgrade(engine)

    def vouched():
        whole = select(Submission).options(undefer(Submission.sealed_content))
        (handed_in,) = young_world.all(whole.where(Submission.id == submission))
        return submission_digest(handed_in, young_world.all(select(Result).order_by(Result.row)))

    assert vouched() == event.digest
    young_world.tamper(update(Result).where(Result.row == 2).values(absent_theory=True))
    assert vouched() != event.digest
