"""Which worker is at a draft, and that its work counts only while it is: claims end by themselves, and are renewed.

A worker that was killed leaves its claim behind; when that has run out, another takes the draft up. One that went on
too long, or over content that the body changed meanwhile, finds its claim gone at the next step, and what it did is
dropped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from registry.draft.errors import Overtaken
from registry.draft.files import Kind
from registry.draft.status import WAITING_FOR_BODY, WORKED_ON, DraftStatus, Phase
from registry.draft.tables import Draft, DraftFile

CLAIM_LASTS: Final = timedelta(minutes=3)
"""More than any one step takes."""

MOST_ATTEMPTS: Final = 3
"""Workers that may die over one draft, without anything gained that lasts, before it is given up."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's claim to one revision of a draft."""

    draft_id: UUID
    issuer: str
    revision: int
    status: DraftStatus
    replaces: UUID | None
    worker: str
    attempts: int
    """Workers that did not come back from it."""

    @property
    def given_up(self) -> bool:
        """Whether these are too many, and nobody tries again."""
        return self.attempts >= MOST_ATTEMPTS

    def is_of(self, waiting: "WaitingDraft") -> bool:
        """Say whether it is a claim to the draft as it waits now."""
        return (self.revision, self.status) == (waiting.revision, waiting.status)


@dataclass(frozen=True, slots=True)
class WaitingDraft:
    """A draft that waits for a worker.

    ``attempts`` are the workers that did not come back from it, ``has_photos`` that its check opens archives.
    """

    id: UUID
    issuer: str
    revision: int
    status: DraftStatus
    attempts: int
    has_photos: bool


def waiting_drafts(session: Session, worker: str, *, now: datetime) -> Sequence[WaitingDraft]:
    """Return the drafts that this worker may take up, those that wait longest first."""
    free = or_(Draft.claimed_until.is_(None), Draft.claimed_until <= now, Draft.claimed_by == worker)
    archive = exists().where(
        DraftFile.draft_id == Draft.id, DraftFile.kind == Kind.PHOTOS, DraftFile.complete
    )
    opens = and_(Draft.status == DraftStatus.RECEIVED, archive)
    query = select(Draft.id, Draft.issuer, Draft.revision, Draft.status, Draft.attempts, opens)
    waiting = query.where(Draft.status.in_(WORKED_ON), free).order_by(Draft.changed_at, Draft.id)
    return [
        WaitingDraft(draft_id, issuer, revision, DraftStatus(status), attempts, bool(has_photos))
        for draft_id, issuer, revision, status, attempts, has_photos in session.execute(waiting)
    ]


def given_up_drafts(session: Session) -> Sequence[UUID]:
    """Return the drafts that workers gave up and nobody has changed since: what ended the workers is still there."""
    query = select(Draft.id).where(Draft.attempts >= MOST_ATTEMPTS, Draft.status.in_(WAITING_FOR_BODY))
    return session.scalars(query.order_by(Draft.changed_at, Draft.id)).all()


def claim(session: Session, draft_id: UUID, worker: str, *, now: datetime) -> Claim | None:
    """Claim a draft as it is now; ``None`` if it waits for nobody, or another worker is at it."""
    draft = session.get(Draft, draft_id, with_for_update=True)
    if draft is None or draft.status not in WORKED_ON:
        return None
    holder, own = draft.claimed_by, draft.claimed_by == worker
    if not own and draft.claimed_until is not None and draft.claimed_until > now:
        return None
    # The one that held it ended without a word.
    draft.attempts += 1 if holder is not None and not own else 0
    draft.claimed_by, draft.claimed_until = worker, now + CLAIM_LASTS
    status = DraftStatus(draft.status)
    return Claim(draft.id, draft.issuer, draft.revision, status, draft.replaces, worker, draft.attempts)


def held(session: Session, claimed: Claim) -> Draft:
    """Return the draft, locked, if the claim still holds; else raise ``Overtaken``."""
    query = select(Draft).where(
        Draft.id == claimed.draft_id,
        Draft.claimed_by == claimed.worker,
        Draft.revision == claimed.revision,
        Draft.status == claimed.status,
    )
    draft = session.scalars(query.with_for_update()).one_or_none()
    if draft is None:
        raise Overtaken
    return draft


def renew(session: Session, claimed: Claim, phase: Phase, done: int, total: int, *, now: datetime) -> None:
    """Note how far it is and hold on to the draft. Raises ``Overtaken``.

    That alone is nothing gained: whatever kills its worker in every step would be tried for ever.
    """
    draft = held(session, claimed)
    draft.phase, draft.done, draft.total = phase, done, total
    draft.claimed_until = now + CLAIM_LASTS


def gained(session: Session, claimed: Claim) -> None:
    """Note that something was kept that no later worker does again: the deaths before it do not count any more."""
    held(session, claimed).attempts = 0


def release(session: Session, claimed: Claim) -> bool:
    """Let go of a draft that is not finished, so that whoever comes next need not wait; return if it was held still."""
    try:
        draft = held(session, claimed)
    except Overtaken:
        return False
    draft.claimed_by, draft.claimed_until = None, None
    return True


def let_go(draft: Draft, claimed: Claim) -> None:
    """End the claim to a draft whose work is done. That it was given up stays to be seen, for operators."""
    draft.phase, draft.done, draft.total = None, 0, 0
    draft.claimed_by, draft.claimed_until = None, None
    draft.attempts = claimed.attempts if claimed.given_up else 0
