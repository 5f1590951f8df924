"""The keys that bodies hand in with: a submission by a key that did not count any more is found, on each database."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import undefer

from registry.assessment.coverage import submission_digest
from registry.assessment.tables import Result, Submission
from registry.audit.finding import Kind
from registry.intake import submission as intake
from registry.journal.tables import Event
from registry.people import accounts
from registry.people.errors import KeyNotValid
from tests.conftest import DATABASES
from tests.instants import NOON
from tests.registry.audit.audited import founded
from tests.registry.audit.test_found import findings_of
from tests.registry.world import BODY

LATER = NOON + timedelta(minutes=1)
RECEIVED, RECORDED, NO_DAY = (
    "it was received after the key that signed it was revoked",
    "it was recorded after the key that signed it was revoked",
    "the key that signed it did not count on that day",
)


@pytest.fixture(params=DATABASES)
def audited(request, tmp_path, quick_id_checks):
    """A register that was founded and published, on each database."""
    audited = founded(request.getfixturevalue(f"{request.param}_register")(), tmp_path)
    audited.world.open_epoch()
    audited.publish()
    audited.chain()
    yield audited
    audited.engine.dispose()


def said_of(audited, submission):
    """Return what the check says of the submission's key, and nothing of what is not chained or published yet."""
    audited.chain()
    found = [finding for finding in findings_of(audited) if finding.row == str(submission)]
    assert {finding.kind for finding in found} <= {Kind.REVIEW}
    return [finding.what for finding in found]


def revoke(world, *, now=NOON):
    world.revoke(world.bodies[BODY].key.key_id, now=now)


def blind(monkeypatch):
    """Let intake overlook that a key is revoked, as a fault of the program or whoever writes past it would."""
    monkeypatch.setattr(accounts, "require_standing", lambda key, *, now: None)


def dated(world, submission, instant):
    """Give a submission another day of receipt, with a digest that vouches for it."""

    def forge(session):
        found = session.get(Submission, submission, options=[undefer(Submission.sealed_content)])
        found.received_at = instant
        session.flush()
        rows = session.scalars(select(Result).where(Result.submission_id == submission).order_by(Result.row))
        told = update(Event).where(Event.act == "submit", Event.subject == f"submission:{submission}")
        session.execute(told.values(digest=submission_digest(found, rows.all())))

    world.sessions.run(forge)


def test_a_key_that_is_revoked_later_leaves_its_submissions_as_they_are(audited):
    submission = audited.world.submitted()
    revoke(audited.world, now=LATER)

    assert said_of(audited, submission) == []


def test_a_clock_that_is_a_little_ahead_is_no_finding(audited):
    # Stored before the revocation, by a machine whose clock is ahead of the other's.
    submission = audited.world.submitted(now=LATER)
    revoke(audited.world, now=NOON)

    assert said_of(audited, submission) == []


@pytest.mark.parametrize(
    ("received", "what"),
    [(NOON + timedelta(hours=1), RECEIVED), (LATER, RECORDED), (NOON - timedelta(hours=1), RECORDED)],
    ids=["an hour later", "a minute later", "as if it were earlier"],
)
def test_a_submission_by_a_revoked_key_is_found(audited, monkeypatch, received, what):
    revoke(audited.world)
    blind(monkeypatch)

    submission = audited.world.submitted(now=received)

    assert said_of(audited, submission) == [what]


@pytest.mark.parametrize("days", [-800, 4000])
def test_a_submission_outside_the_days_of_its_key_is_found(audited, days):
    submission = audited.world.submitted()
    dated(audited.world, submission, NOON + timedelta(days=days))

    assert NO_DAY in said_of(audited, submission)


def test_a_key_that_is_revoked_while_the_rows_are_checked_hands_nothing_in(audited, monkeypatch):
    world, check = audited.world, intake.check

    def checking(*arguments, **named):
        revoke(world)
        return check(*arguments, **named)

    monkeypatch.setattr(intake, "check", checking)
    with pytest.raises(KeyNotValid):
        world.submitted()

    assert world.count(Submission, Result) == (0, 0)
