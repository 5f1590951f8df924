"""What the register has stored about one submission, as somebody gathers it who wants to show it to the signer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from keys.signer.request import Evidence, Item, SigningRequest
from registry.assessment.tables import Result, Submission
from registry.certificate.tables import Series
from registry.review.rows import STORED, SUBMISSION, StoredResult, StoredSubmission, leaf_of
from registry.review.tables import SignedDecision
from signing import merkle
from signing.evidence import Step


@dataclass(frozen=True)
class Dossier:
    """Everything that the register has stored about one submission, at one moment."""

    submission: StoredSubmission
    results: Mapping[UUID, StoredResult]
    decisions: Mapping[str, bytes]
    openings: Sequence[bytes]

    def row(self, result: UUID) -> bytes:
        """Return a result as a row of evidence."""
        return leaf_of(self.submission, self.results[result])

    def leaves(self) -> bytes:
        """Return the hashes of all rows that nobody returned, joined."""
        kept = [result for result in self.results.values() if result.returned_at_step is None]
        return b"".join(merkle.leaf_hash(leaf_of(self.submission, result)) for result in kept)

    def evidence(self, *, leaves: bytes | None = None) -> Evidence:
        """Return the evidence as the register would show it; a decision that is not there is empty."""
        province, centre, office = (self.decisions.get(step, b"") for step in Step)
        return Evidence((province, centre, office), (self.leaves() if leaves is None else leaves, None, None))

    def request(self, to_be_signed: bytes, row: bytes, *, leaves: bytes | None = None) -> SigningRequest:
        """Return a request for one certificate, with all openings that are stored."""
        return SigningRequest([Item(to_be_signed, 0, row)], [self.evidence(leaves=leaves)], self.openings)


def read_dossier(session: Session, submission: UUID) -> Dossier:
    """Read all of it at one moment."""
    head = session.execute(select(*SUBMISSION).where(Submission.id == submission)).one()
    rows = session.execute(select(*STORED).where(Result.submission_id == submission).order_by(Result.row))
    results = [StoredResult._make(row) for row in rows]
    signed = session.execute(
        select(SignedDecision.step, SignedDecision.signed).where(SignedDecision.submission_id == submission)
    )
    openings = session.scalars(select(Series.opening).where(Series.opening.is_not(None))).all()
    return Dossier(
        StoredSubmission._make(head),
        {result.id: result for result in results},
        dict(signed.all()),
        openings,
    )
