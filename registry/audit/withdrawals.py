"""Withdrawals: vouched for, of what is withdrawn, by who holds the key."""

from collections.abc import Iterator

from registry.assessment.status import SubmissionStatus
from registry.audit.finding import Finding, Kind
from registry.audit.standing import vouched
from registry.audit.submission_rows import Handed
from registry.intake.coverage import withdrawal_digest

ACT = "withdraw"


def withdrawal_faults(handed: Handed) -> Iterator[Finding]:
    """Yield what is wrong with the withdrawal of a submission, or with there being none."""
    events, kept = handed.events_of(ACT), handed.withdrawal
    if kept is None:
        for event in events:
            what = f"what event {event.id} recorded is gone"
            yield Finding(Kind.COVERAGE, "withdrawal", handed.name, what)
        return
    checks = [(row.row, row.id_check) for row in handed.results]
    for finding in vouched("withdrawal", handed.name, events, withdrawal_digest(kept, checks)):
        what = f"{finding.what} (the withdrawal, or the ID check of a result)"
        yield Finding(finding.kind, finding.table, finding.row, what)
    if handed.submission.status != SubmissionStatus.WITHDRAWN:
        what = f"the submission is {handed.submission.status}"
        yield Finding(Kind.STATE, "withdrawal", handed.name, what)
    key = handed.keys.get(kept.key_id)
    if key is None or key.account_id != kept.withdrawn_by:
        what = "the key that it was asked with is not the one of who withdrew"
        yield Finding(Kind.REVIEW, "withdrawal", handed.name, what)
    if any(event.actor_id != kept.withdrawn_by for event in events):
        yield Finding(Kind.REVIEW, "withdrawal", handed.name, "its event names another account")
