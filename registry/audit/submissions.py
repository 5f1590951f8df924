"""Submissions: vouched for, signed by their bodies, in the state that their events make, decided by who may."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy.orm import Session

from registry.assessment.coverage import id_checks_digest, submission_digest
from registry.assessment.status import (
    AFTER_CONFIRMATION,
    AWAITED_STEP,
    WITHDRAWABLE,
    SubmissionStatus,
)
from registry.assessment.tables import Submission
from registry.audit.evidence import Evidence
from registry.audit.finding import Finding, Kind, Outcome
from registry.audit.photos import photo_faults
from registry.audit.reviews import admitted, review_faults
from registry.audit.sealed import sealed_faults
from registry.audit.standing import vouched
from registry.audit.submission_rows import Handed, handed_in
from registry.audit.withdrawals import withdrawal_faults
from registry.civil_time import civil_date
from registry.people.accounts import Purpose
from registry.review.coverage import decision_digest
from signing.errors import SigningError
from signing.evidence import SubmissionClaim, check_submission_claim

CHECKED, SUBMITTED, WITHDRAWN = "check_ids", "submit", "withdraw"
CLOCKS_APART: Final = timedelta(minutes=5)


def check_submissions(session: Session, evidence: Evidence, ids: Sequence[UUID]) -> Outcome:
    """Check these submissions with all their rows."""
    outcome = Outcome()
    for handed in handed_in(session, ids):
        outcome.take(_covered(handed))
        outcome.take(_state_faults(handed))
        outcome.take(_returned_faults(handed))
        outcome.take(_claim_faults(handed, evidence))
        outcome.take(withdrawal_faults(handed))
        outcome.take(review_faults(session, handed, evidence))
        outcome.take(sealed_faults(session, handed, evidence))
        outcome.take(photo_faults(session, handed, evidence))
        outcome.counts["submissions"] += 1
        outcome.counts["results"] += len(handed.results)
        outcome.counts["decisions"] += len(handed.decisions)
    return outcome


def _covered(handed: Handed) -> Iterator[Finding]:
    digest = submission_digest(handed.submission, handed.results)
    for finding in vouched("submission", handed.name, handed.events_of(SUBMITTED), digest):
        yield Finding(
            finding.kind, finding.table, finding.row, f"{finding.what} (the submission, or a result of it)"
        )
    checks = [(row.row, row.id_check) for row in handed.results]
    # Of one that was withdrawn before all were computed, the withdrawal vouches for those that were.
    computing = handed.submission.status in (SubmissionStatus.RECEIVED, SubmissionStatus.WITHDRAWN)
    if not computing or handed.events_of(CHECKED):
        yield from vouched("result", f"{handed.name}/*", handed.events_of(CHECKED), id_checks_digest(checks))
    for decision in handed.decisions:
        events = handed.events_of(f"decide_{decision.step}")
        digest = decision_digest(cast(Any, decision), handed.returned[decision.id])
        yield from vouched("signed_decision", str(decision.id), events, digest)
    decided = {f"decide_{decision.step}" for decision in handed.decisions}
    for event in handed.events:
        if event.act.startswith("decide_") and event.act not in decided:
            yield Finding(
                Kind.COVERAGE, "signed_decision", handed.name, f"what event {event.id} recorded is gone"
            )


def _state_faults(handed: Handed) -> Iterator[Finding]:
    """The submission stands where its events left it."""
    status: SubmissionStatus | None = None
    for event in handed.events:
        after = _after(status, event.act, event.details)
        if after is None:
            what = f"event {event.id}: {event.act} on a submission that is {status or 'not handed in'}"
            yield Finding(Kind.STATE, "submission", handed.name, what)
        status = after or status
    if handed.submission.status != status:
        what = f"it is {handed.submission.status}, and its events make it {status or 'nothing'}"
        yield Finding(Kind.STATE, "submission", handed.name, what)
    # The other way round it only means that somebody will look once more.
    if handed.submission.all_numbered and (status is not SubmissionStatus.APPROVED or handed.unnumbered):
        what = f"it counts as numbered, and {handed.unnumbered} rows have no entry"
        yield Finding(Kind.STATE, "submission", handed.name, what)


def _after(status: SubmissionStatus | None, act: str, details: dict[str, Any]) -> SubmissionStatus | None:
    """Return the status that follows, ``None`` for an act that was not awaited."""
    if act == SUBMITTED:
        return SubmissionStatus.RECEIVED if status is None else None
    if act == CHECKED:
        return SubmissionStatus.PROVINCE if status is SubmissionStatus.RECEIVED else None
    if act == WITHDRAWN:
        return SubmissionStatus.WITHDRAWN if status in WITHDRAWABLE else None
    step = AWAITED_STEP.get(status) if status is not None else None
    if step is None or act != f"decide_{step}":
        return None
    return AFTER_CONFIRMATION[step] if details.get("rows") else SubmissionStatus.RETURNED


def _returned_faults(handed: Handed) -> Iterator[Finding]:
    """A row is returned at the step whose decision returned it, and at no other."""
    steps = {decision.id: decision.step for decision in handed.decisions}
    returned: dict[int, str] = {}
    for decision, rows in handed.returned.items():
        for row in rows:
            if row.row in returned:
                name = f"{decision}/{row.row}"
                yield Finding(Kind.STATE, "returned_row", name, "the row was returned before")
            returned[row.row] = steps[decision]
    for result in handed.results:
        wanted = returned.pop(result.row, None)
        if result.returned_at_step != wanted:
            what = f"it is returned at {result.returned_at_step or 'no step'}, and decisions say {wanted or 'none'}"
            yield Finding(Kind.STATE, "result", f"{handed.name}/{result.row}", what)
    for row_number in returned:
        yield Finding(
            Kind.STATE, "returned_row", f"{handed.name}/{row_number}", "the submission has no such row"
        )


def _claim_faults(handed: Handed, evidence: Evidence) -> Iterator[Finding]:
    """The body's own signature holds, by a key that counted on that day, of the account that handed in."""
    key = handed.keys.get(handed.submission.key_id)
    for what in (*_claim(handed.submission, key, evidence), *_late(handed, key)):
        yield Finding(Kind.REVIEW, "submission", handed.name, what)


def _claim(submission: Submission, key: Any, evidence: Evidence) -> Iterator[str]:
    if key is None:
        yield "the key that signed it is not enrolled"
        return
    day = civil_date(submission.received_at)
    if (key.purpose, key.account_id) != (Purpose.SUBMISSION, submission.submitted_by):
        yield "the key that signed it is not the submitter's"
    if not key.valid_from_on <= day <= key.valid_to_on:
        yield "the key that signed it did not count on that day"
    claim = SubmissionClaim(
        issuer=submission.issuer, media_type=submission.media_type, content_digest=submission.content_digest
    )
    try:
        check_submission_claim(submission.signature, claim, admitted(key.public), evidence.environment)
    except SigningError:
        yield "the body's signature does not hold"


def _late(handed: Handed, key: Any) -> Iterator[str]:
    """Say so if it was handed in with a key that was revoked by then.

    The journal's order tells: intake holds the key while it stores, so that of revocation and submission one is the
    first. An instant says less, because the clocks of two machines differ; but not by more than ``CLOCKS_APART``.
    """
    if key is None or key.revoked_at is None:
        return
    revoked = handed.revocations.get(key.key_id)
    recorded = [event.id for event in handed.events_of(SUBMITTED)]
    if handed.submission.received_at > key.revoked_at + CLOCKS_APART:
        yield "it was received after the key that signed it was revoked"
    elif revoked is not None and any(event > revoked for event in recorded):
        yield "it was recorded after the key that signed it was revoked"
