"""What ends a body's work on a draft: its signature over the settled content, or discarding."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from registry.assessment.reading import JSON_MEDIA_TYPE
from registry.database.sessions import Sessions
from registry.draft.author import own_draft, require_author
from registry.draft.errors import NoSuchDraft, NotNow, PhotosIncomplete
from registry.draft.files import Kind, drop, files_of
from registry.draft.revision import changed
from registry.draft.settled_content import settled_bytes
from registry.draft.status import OPEN, DraftAction, DraftStatus, next_status
from registry.draft.submitting import LONGEST_FAILURE, handed_in_as, unsign
from registry.draft.tables import Draft, Photo
from registry.draft.uploading import any_under_way
from registry.intake.errors import SubmissionNotSigned
from registry.intake.submission import HandedIn, identify
from registry.journal.currency import require_up_to_date
from registry.people.representative import Representative
from registry.personal_data import Sealer


def sign(
    sessions: Sessions,
    sealer: Sealer,
    author: Representative,
    draft_id: UUID,
    signature: bytes,
    *,
    environment: str,
    now: datetime,
) -> None:
    """Keep the body's signature over the settled content, a detached COSE_Sign1; a worker hands it in then.

    The same signature again changes nothing. Raises ``SubmissionNotSigned``, ``UnknownKey``, ``KeyNotValid`` or
    ``NotPermitted`` for one that does not count, ``PhotosIncomplete``, ``NoSuchDraft``, ``NotNow``.
    """
    if sessions.read(lambda session: _is_signed_by(own_draft(session, author, draft_id), signature)):
        return
    # 1. Over these bytes, by a key of this body?
    content = settled_bytes(sessions, sealer, author, draft_id)
    handed_in = HandedIn(content, JSON_MEDIA_TYPE, signature)
    _, issuer = sessions.read(lambda session: identify(session, handed_in, environment=environment, now=now))
    if issuer != author.issuer:
        raise SubmissionNotSigned("the key is another body's than the draft")
    digest = sha256(content).digest()

    # 2. Are they still what is settled?
    def act(session: Session) -> None:
        require_up_to_date(session)
        draft = own_draft(session, author, draft_id, lock=True)
        if _is_signed_by(draft, signature):
            return
        status = next_status(draft.status, DraftAction.SIGN)
        if draft.settled_digest != digest:
            raise NotNow(DraftAction.SIGN, "settled anew meanwhile")
        if any_under_way(session, draft_id):
            raise PhotosIncomplete
        draft.status, draft.signature, draft.signed_at, draft.changed_at = status, signature, now, now
        draft.claimed_by, draft.claimed_until, draft.attempts, draft.failure = None, None, 0, None

    sessions.run(act, idempotent=True)


def _is_signed_by(draft: Draft, signature: bytes) -> bool:
    return draft.status in (DraftStatus.SIGNED, DraftStatus.SUBMITTED) and draft.signature == signature


def discard(sessions: Sessions, author: Representative, draft_id: UUID, *, now: datetime) -> None:
    """Drop all that was in a draft; only that there was one is kept. Discarded again, it is the same.

    Raises ``NoSuchDraft``, or ``NotNow`` for one that is signed or submitted.
    """
    require_author(author)

    def act(session: Session) -> None:
        draft = own_draft(session, author, draft_id, lock=True)
        if draft.status != DraftStatus.DISCARDED:
            _discard(session, draft, now=now)

    sessions.run(act, idempotent=True)


def drafts_unchanged_since(session: Session, before: datetime) -> Sequence[Draft]:
    """Return the open drafts into which nothing has come since, and which are not signed; the oldest first."""
    query = select(Draft).where(
        Draft.status.in_([status for status in OPEN if status is not DraftStatus.SIGNED]),
        Draft.changed_at < before,
    )
    return session.scalars(query.order_by(Draft.changed_at, Draft.id)).all()


def discard_unchanged(session: Session, draft_id: UUID, before: datetime, *, now: datetime) -> bool:
    """Discard a draft that was not changed since, whoever's it is; return whether it was. For operators."""
    draft = session.get(Draft, draft_id, with_for_update=True)
    if draft is None or draft.changed_at >= before or draft.status in (DraftStatus.SIGNED, *_ENDED):
        return False
    _discard(session, draft, now=now)
    return True


def signed_draft(session: Session, draft_id: UUID, *, lock: bool = False) -> Draft:
    """Return a draft whose signature may be dropped, whoever's it is; ``lock`` it to do that. For operators.

    Raises ``NoSuchDraft``, or ``NotNow`` for one that is not signed, or was handed in: a worker concludes that.
    """
    draft = session.get(Draft, draft_id, with_for_update=lock or None)
    if draft is None:
        raise NoSuchDraft
    # Asked under the lock, which whoever hands it in takes too.
    if handed_in_as(session, draft_id) is not None:
        raise NotNow(DraftAction.DROP_SIGNATURE, "handed in already")
    next_status(draft.status, DraftAction.DROP_SIGNATURE)
    return draft


def drop_signature(session: Session, draft_id: UUID, why: str, *, now: datetime) -> Draft:
    """Let a signed draft wait for its signature again, whoever's it is, and return it. Raises as ``signed_draft``."""
    draft = signed_draft(session, draft_id, lock=True)
    unsign(draft, why, now=now)
    # What was settled may be what does not open: it is checked and settled anew.
    changed(session, draft, now=now)
    draft.failure = why[:LONGEST_FAILURE]
    return draft


def discard_signed(session: Session, draft_id: UUID, *, now: datetime) -> None:
    """Discard a signed draft that can not be handed in, whoever's it is. For operators. Raises like the other."""
    _discard(session, drop_signature(session, draft_id, "", now=now), now=now)


_ENDED = (DraftStatus.SUBMITTED, DraftStatus.DISCARDED)


def _discard(session: Session, draft: Draft, *, now: datetime) -> None:
    draft.status = next_status(draft.status, DraftAction.DISCARD)
    draft.changed_at = now
    draft.revision += 1
    draft.name, draft.summary, draft.settled_digest, draft.failure = None, None, None, None
    draft.phase, draft.claimed_by, draft.claimed_until = None, None, None
    session.execute(delete(Photo).where(Photo.draft_id == draft.id))
    drop(session, [file.id for file in files_of(session, draft.id, *Kind)])
