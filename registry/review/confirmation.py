"""Whether rows are still exactly what three people signed: asked once more before anything is numbered.

A row written or changed in the database after its approval is found here, because the digests that the decisions
signed no longer come out. They may be over rows of version 1, from before there was another.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from registry.civil_time import civil_date
from registry.database.typed_rows import OddRow, TypedQuery
from registry.people.accounts import Purpose, load_actors
from registry.people.errors import NotPermitted
from registry.people.permission import Actor, require
from registry.people.tables import EnrolledKey
from registry.review.decision import ACT_FOR_STEP, jurisdiction_of
from registry.review.errors import NotConfirmed, NotEvidence
from registry.review.rows import ODD, StoredResult, StoredSubmission, leaf_of
from registry.review.tables import SignedDecision
from signing.ed25519 import admit
from signing.errors import SigningError
from signing.evidence import Decision, Step, open_decision
from signing.merkle import leaf_hash, root_of_hashes
from signing.row import FIRST_VERSION, VERSION

ORDER = tuple(Step)


class _Signed(NamedTuple):
    """A stored decision, and the key that is said to have signed it."""

    step: str
    signed: bytes
    account_id: UUID
    public: bytes
    purpose: str
    valid_from_on: date
    valid_to_on: date
    revoked_at: datetime | None


_DECISIONS = TypedQuery(
    select(
        SignedDecision.step,
        SignedDecision.signed,
        EnrolledKey.account_id,
        EnrolledKey.public,
        EnrolledKey.purpose,
        EnrolledKey.valid_from_on,
        EnrolledKey.valid_to_on,
        EnrolledKey.revoked_at,
    )
    .join(EnrolledKey, EnrolledKey.key_id == SignedDecision.key_id)
    .where(SignedDecision.submission_id == bindparam("submission"))
)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The rows of one submission that all three steps confirmed, as they are digested, by the result's id.

    ``version`` is the version of these rows. ``decisions`` are the three signed decisions; ``hashes`` are, for each of
    them, the RFC 6962 hashes of the rows it confirms, joined, ``None`` for the same rows as the step before;
    ``decided_on`` is the civil date of the office's decision, by its own clock. Kept while a large submission is
    numbered batch by batch, so that its digests are made once and not once for each batch.
    """

    submission_id: UUID
    leaves: Mapping[UUID, bytes]
    version: int
    decisions: tuple[bytes, bytes, bytes]
    hashes: tuple[bytes, bytes | None, bytes | None]
    decided_on: date

    def require(self, submission: StoredSubmission, results: Iterable[StoredResult]) -> None:
        """Return if each of these rows is still, byte for byte, what was confirmed; else raise ``NotConfirmed``."""
        for result in results:
            if self.leaves.get(result.id) != _leaf(submission, result, self.version):
                raise NotConfirmed(submission.id, f"row {result.row} is not what three decisions confirm")


def require_confirmed(
    session: Session, submission: StoredSubmission, results: Sequence[StoredResult], *, environment: str
) -> Confirmed:
    """Return what is confirmed if three signed decisions of three people confirm exactly these rows.

    ``results`` are all rows of the submission, by row; else raises ``NotConfirmed``. The number of queries does not
    grow with them. Each decision is held against the rows that its step and the steps before it left.
    """
    decisions = _decisions(session, submission)
    actors = load_actors(session, {stored.account_id for stored in decisions.values()})
    held = partial(_held_against, submission, results, decisions, actors, environment=environment)
    try:
        return held(version=VERSION)
    except NotConfirmed as refusal:
        # Each version is a whole proof by itself, so whoever changes rows gains nothing by the other one.
        with suppress(NotConfirmed):
            return held(version=FIRST_VERSION)
        raise refusal


def _held_against(
    submission: StoredSubmission,
    results: Sequence[StoredResult],
    decisions: Mapping[str, _Signed],
    actors: Mapping[UUID, Actor],
    *,
    environment: str,
    version: int,
) -> Confirmed:
    """Return what the decisions confirm if they are over rows of this version; else raise ``NotConfirmed``."""
    kept = [(result, leaf := _leaf(submission, result, version), leaf_hash(leaf)) for result in results]
    people: set[UUID] = {submission.submitted_by}
    hashes: list[bytes | None] = []
    count, digest = -1, b""
    for step in ORDER:
        if step not in decisions:
            raise NotConfirmed(submission.id, f"the decision of {step} is missing")
        stored = decisions[step]
        decision = _opened(submission, stored, environment=environment)
        kept = [row for row in kept if not _returned_by(submission, row[0], step)]
        # What one step leaves, the next can only narrow, so the count tells whether they are the same rows.
        if len(kept) != count:
            hashed = [row[2] for row in kept]
            count, digest = len(kept), root_of_hashes(hashed)
            hashes.append(b"".join(hashed))
        else:
            hashes.append(None)
        about = (decision.submission, decision.step) == (submission.id, step)
        _require(submission, about, step, "is another's")
        scope = jurisdiction_of(step, submission.province)
        _require(submission, decision.jurisdiction == scope, step, "is of another jurisdiction")
        _require_entitled(submission, actors[stored.account_id], step, scope, people)
        same = (decision.rows, decision.rows_digest) == (count, digest)
        _require(submission, same, step, "confirms other rows than the register holds")
        people.add(stored.account_id)
    province, centre, office = (decisions[step].signed for step in ORDER)
    first, second, third = hashes
    leaves = {result.id: leaf for result, leaf, _ in kept}
    hashes_of_steps = first or b"", second, third
    decided_on = civil_date(decision.decided_at)
    return Confirmed(submission.id, leaves, version, (province, centre, office), hashes_of_steps, decided_on)


def _leaf(submission: StoredSubmission, result: StoredResult, version: int) -> bytes:
    try:
        return leaf_of(submission, result, version)
    except NotEvidence as error:
        raise NotConfirmed(submission.id, str(error)) from None


def _decisions(session: Session, submission: StoredSubmission) -> dict[str, _Signed]:
    """Return the stored decisions by step; what somebody wrote there as a step and is none, is never asked for."""
    found: dict[str, _Signed] = {}
    for row in _DECISIONS.read(session, {"submission": submission.id}):
        if isinstance(row, OddRow):
            why = f"a decision on it is not as the register stores one: {ODD.format(column=row.column)}"
            raise NotConfirmed(submission.id, why)
        found[row[0]] = _Signed._make(row)
    return found


def _require_entitled(
    submission: StoredSubmission, actor: Actor, step: Step, scope: str, before: set[UUID]
) -> None:
    try:
        require(actor, ACT_FOR_STEP[step], scope=scope, acted_before=before)
    except NotPermitted:
        raise NotConfirmed(
            submission.id, f"the decision of {step} is by somebody who may not take it"
        ) from None


def _opened(submission: StoredSubmission, stored: _Signed, *, environment: str) -> Decision:
    try:
        decision = open_decision(stored.signed, admit(stored.public), environment)
    except SigningError:
        raise NotConfirmed(submission.id, f"the signature of {stored.step} does not hold") from None
    day = civil_date(decision.decided_at)
    counts = (
        stored.purpose == Purpose.DECISION
        and stored.valid_from_on <= day <= stored.valid_to_on
        and (stored.revoked_at is None or decision.decided_at < stored.revoked_at)
    )
    _require(submission, counts, Step(stored.step), "is by a key that did not count on that day")
    return decision


def _returned_by(submission: StoredSubmission, result: StoredResult, step: Step) -> bool:
    """Say whether the row was sent back at this step or an earlier one."""
    if result.returned_at_step is None:
        return False
    if result.returned_at_step not in ORDER:
        raise NotConfirmed(submission.id, f"row {result.row} was returned at no step of review")
    return ORDER.index(Step(result.returned_at_step)) <= ORDER.index(step)


def _require(submission: StoredSubmission, holds: bool, step: Step, why: str) -> None:
    if not holds:
        raise NotConfirmed(submission.id, f"the decision of {step} {why}")
