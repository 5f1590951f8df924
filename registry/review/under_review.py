"""The rows that a step of review is about, and the digest of those of them that it confirms.

In version 2, unless the province confirmed them in version 1: nobody has to say which it was, its digest comes out in
one of the two.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.assessment.tables import Submission
from registry.review.errors import NoSuchRow
from registry.review.rows import StoredResult, leaf_of, stored_results
from registry.review.tables import SignedDecision
from signing.evidence import Step
from signing.merkle import leaf_hash, root_of_hashes
from signing.row import FIRST_VERSION, VERSION


@dataclass(frozen=True, slots=True)
class Kept:
    """What a decision confirms: the rows that it does not return, and the RFC 6962 root over them (32 bytes)."""

    results: Sequence[StoredResult]
    digest: bytes


def kept_rows(session: Session, submission: Submission, returned: Collection[int]) -> Kept:
    """Return what is confirmed if these rows, by their numbers, are returned.

    Raises ``NoSuchRow`` for rows that are not under review, and ``NotEvidence``.
    """
    stored = stored_results(session, submission.id)
    under_review = [result for result in stored if result.returned_at_step is None]
    unknown = sorted(set(returned) - {result.row for result in under_review})
    if unknown:
        raise NoSuchRow(unknown)
    hashes = _hashes(session, submission, stored)
    kept = [result for result in under_review if result.row not in returned]
    return Kept(kept, root_of_hashes([hashes[result.id] for result in kept]))


def _hashes(session: Session, submission: Submission, stored: Sequence[StoredResult]) -> Mapping[UUID, bytes]:
    """Return the hash of each row that the province did not return, by the result's id."""
    left = [result for result in stored if result.returned_at_step != Step.PROVINCE]
    newest = _hashes_in(VERSION, submission, left)
    query = select(SignedDecision.rows_digest)
    of_province = query.where(
        SignedDecision.submission_id == submission.id, SignedDecision.step == Step.PROVINCE
    )
    digest = session.scalar(of_province)
    if digest is None or root_of_hashes(list(newest.values())) == digest:
        return newest
    oldest = _hashes_in(FIRST_VERSION, submission, left)
    # Where it comes out in neither, somebody changed the rows since; then nothing that is signed now will count.
    return oldest if root_of_hashes(list(oldest.values())) == digest else newest


def _hashes_in(version: int, submission: Submission, results: Sequence[StoredResult]) -> dict[UUID, bytes]:
    return {result.id: leaf_hash(leaf_of(submission, result, version)) for result in results}
