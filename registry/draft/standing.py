"""Where drafts stand, as their body sees it: one, or all of them by the page. Nothing sealed is opened for that."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from registry.civil_time import civil_date
from registry.draft.author import own_draft, require_author
from registry.draft.status import DraftStatus, Phase
from registry.draft.tables import Draft
from registry.jurisdiction.rules import Jurisdiction
from registry.people.representative import Representative


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftState:
    """Where a draft stands.

    ``rows``, ``faults``, ``statistics`` and the deadline are of the revision that was checked last, which is the
    present one if ``checked``. ``statistics`` are there once nothing is wrong with the rows. ``days_left`` is negative
    when the deadline has passed. ``done`` of ``total`` is the progress within ``phase`` while a worker is at it.
    """

    id: UUID
    name: str | None
    status: DraftStatus
    revision: int
    checked: bool
    created_at: datetime
    changed_at: datetime
    replaces: UUID | None
    phase: Phase | None
    done: int
    total: int
    rows: int
    faults: int
    statistics: Mapping[str, int] | None
    late: bool | None
    deadline_on: date | None
    days_left: int | None
    settled_digest: bytes | None
    signed_at: datetime | None
    submission_id: UUID | None
    failure: str | None


def draft_state(
    session: Session,
    author: Representative,
    draft_id: UUID,
    jurisdictions: Mapping[str, Jurisdiction],
    *,
    now: datetime,
) -> DraftState:
    """Return where a draft stands. Raises ``NoSuchDraft``."""
    return state_of(own_draft(session, author, draft_id), jurisdictions, now=now)


def own_drafts(
    session: Session,
    author: Representative,
    jurisdictions: Mapping[str, Jurisdiction],
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
    now: datetime,
) -> list[DraftState]:
    """Return a body's drafts, the newest first, from behind the one that was created ``after``."""
    require_author(author)
    query = select(Draft).where(Draft.issuer == author.issuer)
    if after is not None:
        created_at, draft_id = after
        same_moment = and_(Draft.created_at == created_at, Draft.id < draft_id)
        query = query.where(or_(Draft.created_at < created_at, same_moment))
    newest = query.order_by(Draft.created_at.desc(), Draft.id.desc()).limit(limit)
    return [state_of(draft, jurisdictions, now=now) for draft in session.scalars(newest)]


def state_of(draft: Draft, jurisdictions: Mapping[str, Jurisdiction], *, now: datetime) -> DraftState:
    """Return where a draft that was read stands."""
    summary: dict[str, Any] = json.loads(draft.summary) if draft.summary else {}
    deadline_on = _deadline(summary, jurisdictions)
    return DraftState(
        id=draft.id,
        name=draft.name,
        status=DraftStatus(draft.status),
        revision=draft.revision,
        checked=draft.checked_revision == draft.revision,
        created_at=draft.created_at,
        changed_at=draft.changed_at,
        replaces=draft.replaces,
        phase=None if draft.phase is None else Phase(draft.phase),
        done=draft.done,
        total=draft.total,
        rows=draft.rows,
        faults=draft.faults,
        statistics=summary.get("statistics"),
        late=summary.get("late"),
        deadline_on=deadline_on,
        days_left=None if deadline_on is None else (deadline_on - civil_date(now)) // timedelta(days=1),
        settled_digest=draft.settled_digest,
        signed_at=draft.signed_at,
        submission_id=draft.submission_id,
        failure=draft.failure,
    )


def _deadline(summary: Mapping[str, Any], jurisdictions: Mapping[str, Jurisdiction]) -> date | None:
    jurisdiction = jurisdictions.get(summary.get("province", ""))
    ended_on = summary.get("exam_ended_on")
    if jurisdiction is None or ended_on is None:
        return None
    return jurisdiction.submit_deadline(date.fromisoformat(ended_on))
