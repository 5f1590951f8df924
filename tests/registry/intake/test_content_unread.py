"""What was handed in may have 128 MiB: whoever asks about a submission, or makes a list of them, never reads it."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import InvalidRequestError

from registry.assessment.tables import Submission
from registry.console.submission_reading import submission_lines, submission_view
from registry.intake.own_submissions import own, submission_of_body, submissions_of_body
from registry.intake.receipt import earlier_receipt
from registry.intake.withdrawal import take_back
from registry.jurisdiction.rules import jurisdictions
from registry.review.decision import prepare_decision
from registry.work.submission_progress import submission_progress
from tests.instants import NOON
from tests.registry.request_world import representative
from tests.registry.statements import counted, require_unread
from tests.registry.world import BODY

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def submission(world):
    return world.checked(world.row(1))


def digest_of(session, submission):
    return session.scalar(select(Submission.content_digest).where(Submission.id == submission))


QUESTIONS = {
    "a body's list": lambda session, _: submissions_of_body(session, BODY, jurisdictions(), limit=10),
    "a body's one": lambda session, it: submission_of_body(session, BODY, it, jurisdictions()),
    "whose it is": lambda session, it: own(session, BODY, it),
    "an earlier receipt": lambda session, it: earlier_receipt(
        session, issuer=BODY, content_digest=digest_of(session, it)
    ),
    "the console's list": lambda session, _: submission_lines(session, jurisdictions(), page=1, now=LATER),
    "the console's one": lambda session, it: submission_view(session, it, jurisdictions(), page=1, now=LATER),
    "its progress": lambda session, it: submission_progress(session, it, now=LATER),
    "a decision": lambda session, it: prepare_decision(session, it, {}, now=LATER),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_does_not_read_what_was_handed_in(world, engine, submission, question):
    with counted(engine) as statements:
        world.sessions.read(lambda session: QUESTIONS[question](session, submission))

    require_unread(statements)


def test_taking_back_does_not_read_it_either(world, engine, submission):
    by = representative(world)
    with counted(engine) as statements:
        assert world.sessions.run(lambda session: take_back(session, by, submission))

    require_unread(statements)


def test_who_reads_it_without_saying_so_is_refused(world, submission):
    (row,) = world.all(select(Submission))

    assert row.id == submission
    with pytest.raises(InvalidRequestError, match="sealed_content"):
        world.sessions.read(lambda session: session.get(Submission, submission).sealed_content)
