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

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from registry.draft.status import WORKED_ON, DraftStatus, Phase
from registry.draft.tables import Draft

CLAIM_LASTS: Final = timedelta(minutes=3)
"""More than any one step takes."""

MOST_ATTEMPTS: Final = 3
"""Workers that may die over one draft, without any progress, before it is given up."""


class Overtaken(Exception):
    """The claim is gone: the draft was changed, or another worker is at it. Never leaves the room and its worker."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's claim to one revision of a draft."""

    draft_id: UUID
    issuer: str
    revision: int
    status: DraftStatus
    replaces: UUID | None
    worker: str
    given_up: bool
    """Too many workers did not come back from it: nobody tries again."""


@dataclass(frozen=True, slots=True)
class WaitingDraft:
    """A draft that waits for a worker."""

    id: UUID
    issuer: str
    revision: int


def waiting_drafts(session: Session, worker: str, *, now: datetime) -> Sequence[WaitingDraft]:
    """Return the drafts that this worker may take up, those that wait longest first."""
    free = or_(Draft.claimed_until.is_(None), Draft.claimed_until <= now, Draft.claimed_by == worker)
    query = select(Draft.id, Draft.issuer, Draft.revision).where(Draft.status.in_(WORKED_ON), free)
    rows = session.execute(query.order_by(Draft.changed_at, Draft.id))
    return [WaitingDraft(*row) for row in rows]


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
    given_up = draft.attempts >= MOST_ATTEMPTS
    status = DraftStatus(draft.status)
    return Claim(draft.id, draft.issuer, draft.revision, status, draft.replaces, worker, given_up)


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
    """Note the progress and hold on to the draft. Raises ``Overtaken``."""
    draft = held(session, claimed)
    draft.phase, draft.done, draft.total = phase, done, total
    draft.claimed_until, draft.attempts = now + CLAIM_LASTS, 0


def release(session: Session, claimed: Claim) -> None:
    """Let go of a draft that is not finished, so that whoever comes next need not wait."""
    try:
        draft = held(session, claimed)
    except Overtaken:
        return
    draft.claimed_by, draft.claimed_until = None, None
