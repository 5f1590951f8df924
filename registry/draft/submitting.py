"""A signed draft into the register, by the same function as any file that is handed in.

Idempotent over a kill anywhere: whether the settled content was handed in already is asked first, and what was left
undone then is done, whatever has become of file, key or submission since. If the register refuses now what it would
have taken at the check (another file brought the same person), the signature is dropped and the body told.
"""

from collections.abc import Generator
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from registry.assessment.errors import SubmissionRefused
from registry.assessment.fault import Fault
from registry.assessment.reading import JSON_MEDIA_TYPE
from registry.assessment.tables import Result, Submission
from registry.draft.checking import look
from registry.draft.claiming import Claim, held, let_go
from registry.draft.errors import Overtaken
from registry.draft.files import MADE, Kind, drop, drop_parts, files_of, plain_file
from registry.draft.outcome import keep_faults
from registry.draft.status import DraftAction, DraftStatus, Phase, next_status
from registry.draft.tables import Draft, DraftFile, Photo
from registry.draft.workshop import Workshop, note
from registry.intake.errors import SubmissionNotSigned, TooLateToWithdraw, WithdrawnBefore
from registry.intake.submission import HandedIn, SettledDraft, submit
from registry.people.errors import KeyNotValid, NotPermitted, UnknownKey

LONGEST_FAILURE: Final = 400
SUBMISSION_GIVEN_UP: Final = "登记系统多次未能完成报送，签名已取消。请重新签名；仍不成功时请联系登记机构。"

# The key was good when it signed, and is not any more.
SIGNATURE_LOST: Final = (SubmissionNotSigned, UnknownKey, KeyNotValid, NotPermitted)


def submit_draft(workshop: Workshop, claimed: Claim) -> Generator[int, None, None]:
    """Hand in a signed draft that was claimed. Raises ``Overtaken``, ``RegisterOutdated`` or ``SealBroken``."""
    sessions, sealer = workshop.sessions, workshop.personal.sealer
    note(workshop, claimed, Phase.SUBMITTING, 0, 1)
    # 1. By a worker that ended before it could say so?
    submission_id = sessions.read(lambda session: handed_in_as(session, claimed.draft_id))
    # 2. By this one, unless too many ended over it.
    if submission_id is None and claimed.given_up:
        _drop_signature(workshop, claimed, SUBMISSION_GIVEN_UP)
    elif submission_id is None:
        try:
            submission_id = _submit(workshop, claimed)
        except WithdrawnBefore as withdrawn:
            # Another worker was quicker, and the body took it back at once.
            submission_id = withdrawn.submission_id
        except SubmissionRefused as refused:
            _tell(workshop, claimed, refused)
        except TooLateToWithdraw as refused:
            keep_faults(sessions, sealer, claimed, look(workshop, claimed).content, [_too_late(refused)])
        except SIGNATURE_LOST as refused:
            _drop_signature(workshop, claimed, str(refused))
    # 3. What follows from it.
    if submission_id is not None:
        now = workshop.now()
        sessions.run(lambda session: _conclude(session, claimed, submission_id, now=now))
    yield 1


def handed_in_as(session: Session, draft_id: UUID) -> UUID | None:
    """Return the submission that the settled content of a draft became; ``None`` if it was not handed in.

    It names its draft, so no other file has its digest.
    """
    query = (
        select(Submission.id)
        .join(Draft, Draft.issuer == Submission.issuer)
        .where(Draft.id == draft_id, Submission.content_digest == Draft.settled_digest)
    )
    return session.scalar(query)


def _submit(workshop: Workshop, claimed: Claim) -> UUID:
    sessions = workshop.sessions
    signature, settled = sessions.read(lambda session: _signed(session, claimed))
    content = plain_file(sessions, workshop.personal.sealer, settled)
    hold = partial(_hold_signed, draft_id=claimed.draft_id, digest=sha256(content).digest())
    receipt = submit(
        sessions,
        HandedIn(content, JSON_MEDIA_TYPE, signature),
        workshop.personal,
        workshop.jurisdictions,
        environment=workshop.environment,
        now=workshop.now(),
        replaces=claimed.replaces,
        settled_from=SettledDraft(claimed.draft_id, hold),
    )
    return receipt.submission_id


def _hold_signed(session: Session, draft_id: UUID, digest: bytes) -> None:
    """Keep the draft signed as it is until the transaction ends. Raises ``Overtaken`` if it is not any more.

    The checks took minutes, and an operator may have dropped the signature, or discarded the draft with its photos. He
    locks it too, and looks then whether it was handed in. A claim that ran out is none of this: whoever stores it first
    has stored it for all.
    """
    signed = select(Draft.id).where(
        Draft.id == draft_id, Draft.status == DraftStatus.SIGNED, Draft.settled_digest == digest
    )
    if session.scalar(signed.with_for_update()) is None:
        raise Overtaken


def _tell(workshop: Workshop, claimed: Claim, refused: SubmissionRefused) -> None:
    """Tell why it was refused, in the words of the body's own file, where a look at that finds it too."""
    found = look(workshop, claimed)
    faults = found.faults or refused.faults
    keep_faults(workshop.sessions, workshop.personal.sealer, claimed, found.content, faults)


def _too_late(refused: TooLateToWithdraw) -> Fault:
    """Say that what it was to replace is under review by now: a draft names once what it replaces."""
    remedy = "请丢弃此草稿；确需报送的，另建不替换任何报送的草稿，只填写尚未报送的人员"
    return Fault(None, None, "", "too_late_to_replace", str(refused).rstrip("。"), remedy)


def _signed(session: Session, claimed: Claim) -> tuple[bytes, DraftFile]:
    draft = session.get_one(Draft, claimed.draft_id)
    settled = files_of(session, draft.id, Kind.SETTLED)
    if draft.signature is None or not settled:
        raise Overtaken
    return draft.signature, settled[-1]


def _drop_signature(workshop: Workshop, claimed: Claim, why: str) -> None:
    now = workshop.now()

    def act(session: Session) -> None:
        draft = held(session, claimed)
        unsign(draft, why, now=now)
        let_go(draft, claimed)

    workshop.sessions.run(act)


def unsign(draft: Draft, why: str, *, now: datetime) -> None:
    """Let a signed draft wait for its body's signature again, and say why. Raises ``NotNow``."""
    draft.status = next_status(draft.status, DraftAction.DROP_SIGNATURE)
    draft.signature, draft.signed_at, draft.failure = None, None, why[:LONGEST_FAILURE]
    draft.changed_at = now


def _conclude(session: Session, claimed: Claim, submission_id: UUID, *, now: datetime) -> None:
    """Give the photos to their results, and let go of what nobody needs any more.

    That is the archives, and what the check made: the settled content is kept with the submission.
    """
    draft = held(session, claimed)
    draft.status = next_status(draft.status, DraftAction.SUBMIT)
    draft.submission_id, draft.changed_at, draft.failure = submission_id, now, None
    let_go(draft, claimed)
    of_row = select(Result.id).where(
        Result.submission_id == submission_id, Result.row == Photo.row, Result.photo == Photo.digest
    )
    session.execute(
        update(Photo)
        .where(Photo.draft_id == draft.id, Photo.row.is_not(None))
        .values(result_id=of_row.scalar_subquery())
    )
    session.execute(delete(Photo).where(Photo.draft_id == draft.id, Photo.result_id.is_(None)))
    drop_parts(session, [file.id for file in files_of(session, draft.id, Kind.PHOTOS)])
    drop(session, [file.id for file in files_of(session, draft.id, *MADE)])
