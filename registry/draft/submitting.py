"""A signed draft into the register, by the same function as any file that is handed in.

Idempotent over a kill anywhere: the same settled content gets the first receipt again, and what was left undone then is
done. If the register refuses now what it would have taken at the check (another file brought the same person), the
signature is dropped and the body told.
"""

from collections.abc import Generator
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from registry.assessment.errors import SubmissionRefused
from registry.assessment.fault import Fault
from registry.assessment.reading import JSON_MEDIA_TYPE
from registry.assessment.tables import Result
from registry.draft.checking import look
from registry.draft.claiming import Claim, Overtaken, held
from registry.draft.files import Kind, drop, drop_parts, files_of, plain_file
from registry.draft.outcome import keep_faults
from registry.draft.status import DraftAction, Phase, next_status
from registry.draft.tables import Draft, Photo
from registry.draft.workshop import Workshop, note
from registry.intake.errors import SubmissionNotSigned, TooLateToWithdraw
from registry.intake.submission import HandedIn, Receipt, submit
from registry.people.errors import KeyNotValid, NotPermitted, UnknownKey

LONGEST_FAILURE: Final = 400

# The key was good when it signed, and is not any more.
SIGNATURE_LOST: Final = (SubmissionNotSigned, UnknownKey, KeyNotValid, NotPermitted)


def submit_draft(workshop: Workshop, claimed: Claim) -> Generator[int, None, None]:
    """Hand in a signed draft that was claimed. Raises ``Overtaken``, ``RegisterOutdated`` or ``SealBroken``."""
    sessions, sealer = workshop.sessions, workshop.personal.sealer
    note(workshop, claimed, Phase.SUBMITTING, 0, 1)
    signature, file_id = sessions.read(lambda session: _signed(session, claimed))
    content = plain_file(sessions, sealer, file_id)
    handed_in = HandedIn(content, JSON_MEDIA_TYPE, signature)
    try:
        receipt = submit(
            sessions,
            handed_in,
            workshop.personal,
            workshop.jurisdictions,
            environment=workshop.environment,
            now=workshop.now(),
            replaces=claimed.replaces,
            settled_from=claimed.draft_id,
        )
    except SubmissionRefused as refused:
        _tell(workshop, claimed, refused)
    except TooLateToWithdraw as refused:
        keep_faults(sessions, sealer, claimed, look(workshop, claimed).content, [_too_late(refused)])
    except SIGNATURE_LOST as refused:
        why = str(refused)
        sessions.run(lambda session: _drop_signature(session, claimed, why, now=workshop.now()))
    else:
        sessions.run(lambda session: _conclude(session, claimed, receipt, now=workshop.now()))
    yield 1


def _tell(workshop: Workshop, claimed: Claim, refused: SubmissionRefused) -> None:
    """Tell why it was refused, in the words of the body's own file, where a look at that finds it too."""
    found = look(workshop, claimed)
    faults = found.faults or refused.faults
    keep_faults(workshop.sessions, workshop.personal.sealer, claimed, found.content, faults)


def _too_late(refused: TooLateToWithdraw) -> Fault:
    """Say that what it was to replace is under review by now: a draft names once what it replaces."""
    remedy = "请丢弃此草稿；确需报送的，另建不替换任何报送的草稿，只填写尚未报送的人员"
    return Fault(None, None, "", "too_late_to_replace", str(refused).rstrip("。"), remedy)


def _signed(session: Session, claimed: Claim) -> tuple[bytes, UUID]:
    draft = session.get_one(Draft, claimed.draft_id)
    (settled,) = files_of(session, draft.id, Kind.SETTLED)
    if draft.signature is None:
        raise Overtaken
    return draft.signature, settled.id


def _drop_signature(session: Session, claimed: Claim, why: str, *, now: datetime) -> None:
    draft = held(session, claimed)
    draft.status = next_status(draft.status, DraftAction.DROP_SIGNATURE)
    draft.signature, draft.signed_at, draft.failure = None, None, why[:LONGEST_FAILURE]
    draft.changed_at = now
    _let_go(draft)


def _conclude(session: Session, claimed: Claim, receipt: Receipt, *, now: datetime) -> None:
    """Give the photos to their results, and let go of what nobody needs any more: the archives."""
    draft = held(session, claimed)
    draft.status = next_status(draft.status, DraftAction.SUBMIT)
    draft.submission_id, draft.changed_at, draft.failure = receipt.submission_id, now, None
    _let_go(draft)
    of_row = select(Result.id).where(
        Result.submission_id == receipt.submission_id, Result.row == Photo.row, Result.photo == Photo.digest
    )
    session.execute(
        update(Photo)
        .where(Photo.draft_id == draft.id, Photo.row.is_not(None))
        .values(result_id=of_row.scalar_subquery())
    )
    session.execute(delete(Photo).where(Photo.draft_id == draft.id, Photo.result_id.is_(None)))
    drop_parts(session, [file.id for file in files_of(session, draft.id, Kind.PHOTOS)])
    drop(session, [file.id for file in files_of(session, draft.id, Kind.FAULTS)])


def _let_go(draft: Draft) -> None:
    draft.phase, draft.done, draft.total = None, 0, 0
    draft.claimed_by, draft.claimed_until, draft.attempts = None, None, 0
