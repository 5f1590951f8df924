"""Reviews: three signed decisions of three people, over exactly the rows that are stored."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, cast

from sqlalchemy.orm import Session

from registry.assessment.status import SubmissionStatus
from registry.audit.evidence import Evidence
from registry.audit.finding import Finding, Kind
from registry.audit.submission_rows import Handed
from registry.review.confirmation import require_confirmed
from registry.review.errors import NotConfirmed
from registry.review.rows import StoredResult
from signing import ed25519
from signing.ed25519 import PublicKey
from signing.errors import SigningError
from signing.evidence import Decision, open_decision


@lru_cache(maxsize=4096)
def admitted(public: bytes) -> PublicKey:
    """Return the admitted key; the same few people decide most of what there is. Raises ``InadmissibleKey``."""
    return ed25519.admit(public)


def review_faults(session: Session, handed: Handed, evidence: Evidence) -> Iterator[Finding]:
    """Yield what is wrong with the decisions on a submission; all three must be there once it is approved."""
    if handed.submission.status == SubmissionStatus.APPROVED:
        results = stored_results(handed)
        try:
            require_confirmed(
                session, cast(Any, handed.submission), results, environment=evidence.environment
            )
        except NotConfirmed as refusal:
            yield Finding(Kind.REVIEW, "submission", handed.name, refusal.why)
    for decision in handed.decisions:
        returned = handed.returned[decision.id]
        for what in _decision_faults(decision, handed.keys.get(decision.key_id), returned, evidence):
            yield Finding(Kind.REVIEW, "signed_decision", str(decision.id), what)
    people = [handed.submission.submitted_by, *(decision.decided_by for decision in handed.decisions)]
    if len(set(people)) != len(people):
        yield Finding(Kind.REVIEW, "submission", handed.name, "one person acted on it twice")


def stored_results(handed: Handed) -> list[StoredResult]:
    """Return the results as the review room reads them."""
    return [StoredResult._make(getattr(row, name) for name in StoredResult._fields) for row in handed.results]


def _decision_faults(stored: Any, key: Any, returned: Sequence[Any], evidence: Evidence) -> Iterator[str]:
    if key is None or key.account_id != stored.decided_by:
        yield "the key that signed it is not the one of who decided"
        return
    try:
        decision = open_decision(stored.signed, admitted(key.public), evidence.environment)
    except SigningError:
        yield "its signature does not hold"
        return
    if _told(stored, returned) != decision:
        yield "its columns do not say what was signed"


def _told(stored: Any, returned: Sequence[Any]) -> Decision:
    return Decision(
        submission=stored.submission_id,
        step=stored.step,
        jurisdiction=stored.jurisdiction,
        rows_digest=stored.rows_digest,
        rows=stored.rows,
        returned=tuple(row.row for row in returned),
        decided_at=stored.decided_at,
    )
