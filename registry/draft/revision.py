"""Revisions of a draft: each change of what is in it begins the next one, which waits for a check of its own."""

from collections.abc import Set
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from registry.draft.files import Kind, SealedFile, files_of
from registry.draft.mending import mend
from registry.draft.status import DraftAction, DraftStatus, next_status
from registry.draft.tables import Draft
from registry.journal.currency import require_up_to_date


def changed(session: Session, draft: Draft, *, now: datetime) -> int:
    """Begin the next revision of a locked draft, unchecked; return it.

    Whatever worker is at it finds the revision changed, and its outcome no longer counts. Raises ``NotNow``.
    """
    require_up_to_date(session)
    draft.status = next_status(draft.status, DraftAction.CHANGE)
    draft.revision += 1
    draft.changed_at = now
    draft.phase, draft.done, draft.total = None, 0, 0
    draft.claimed_by, draft.claimed_until, draft.attempts = None, None, 0
    draft.failure, draft.settled_digest = None, None
    return draft.revision


def same_again(session: Session, draft: Draft, file: SealedFile, damaged: Set[UUID], *, now: datetime) -> int:
    """Return the revision of a locked draft that was sent a file that is in it already.

    Nothing is done again, unless faults were found: these may be gone, of the register's own or of others' making, and
    whoever sends the same again asks for that. Of a draft with ``damaged`` files (``mending``) what came is kept in
    their place, and all is checked anew, but for one that is signed: an operator drops the signature first. Raises
    ``NotNow`` for a draft that has ended.
    """
    is_sound = damaged.isdisjoint([each.id for each in files_of(session, draft.id, *Kind)])
    goes_on = draft.status in (DraftStatus.RECEIVED, DraftStatus.READY) and is_sound
    if not goes_on and draft.status != DraftStatus.SIGNED:
        changed(session, draft, now=now)
    mend(session, draft, file, damaged)
    return draft.revision
