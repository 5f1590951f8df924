"""What becomes of a submission under review: ID checks, and the decisions of three steps."""

from collections.abc import Collection
from datetime import timedelta

from registry.people.errors import ConflictOfInterest, KeyNotValid, NotPermitted, UnknownKey
from registry.review.errors import DecisionOutOfDate
from tests.life.cast import REVIEWS, STRANGER
from tests.life.foretelling import Foretold, done, refused
from tests.life.foretold_intake import keys_count
from tests.life.notebook import STEPS, Notebook, Submission, Told

SOONEST, LATEST = timedelta(minutes=-10), timedelta(hours=24)


def check_ids(book: Notebook, submission: Submission) -> Foretold:
    """Foretell that the province's review begins, if it has not yet."""

    def effect() -> None:
        if submission.status == "received":
            submission.status = "province"
            book.events.append(Told("check_ids", submission))

    return done(effect, None)


def decide(
    book: Notebook, submission: Submission, person: str, returned: Collection[int], *, signed_ago: timedelta
) -> Foretold:
    """Foretell a decision on the awaited step: step, confirmed, returned, status."""
    step = submission.status
    wrong = _why_he_may_not(book, submission, person, step)
    if wrong is not None:
        return refused(wrong)
    if not SOONEST <= signed_ago <= LATEST:
        return refused(DecisionOutOfDate)
    kept = [row for row in submission.under_review if row.number not in returned]
    following = (*STEPS, "approved")[STEPS.index(step) + 1] if kept else "returned"

    def effect() -> None:
        for row in submission.under_review:
            row.returned = row.number in returned
        submission.status = following
        submission.people.append(person)
        submission.decided_on = book.civil_date(book.now - signed_ago)
        book.events.append(Told(f"decide_{step}", submission))

    return done(effect, (step, len(kept), len(returned), following))


def decide_again(book: Notebook) -> Foretold:
    """Foretell a decision that was recorded already: its signer acted on the submission before."""
    return refused(ConflictOfInterest if keys_count(book) else KeyNotValid)


def _why_he_may_not(book: Notebook, submission: Submission, person: str, step: str) -> type[Exception] | None:
    if person == STRANGER:
        return UnknownKey
    if person not in REVIEWS or not keys_count(book):
        return KeyNotValid
    if step not in REVIEWS[person]:
        return NotPermitted
    return ConflictOfInterest if person in submission.people else None
