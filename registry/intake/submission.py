"""Handing in: one function behind the API and the command line.

A submission is taken whole or refused whole. What is stored is the file as it came (sealed), the body's signature over
its digest, and every row; the body's signature is the evidence for 谁评价、谁发证、谁负责 (N 三(七)).
"""

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from keys.crash_points import reach
from registry.assessment.checking import check
from registry.assessment.content import MAX_FILE_BYTES
from registry.assessment.coverage import submission_digest
from registry.assessment.errors import SubmissionRefused
from registry.assessment.form import ResultForm, SubmissionForm, statistics
from registry.assessment.reading import read_content
from registry.assessment.settled import MAX_BYTES as MAX_SETTLED_BYTES
from registry.assessment.status import SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.civil_time import civil_date
from registry.database.sessions import Sessions
from registry.directory.body_view import body_view
from registry.directory.tables import OccupationRow
from registry.intake.claims import held_against
from registry.intake.corrections import resolve_corrections
from registry.intake.duplicates import faults_of_duplicates
from registry.intake.errors import SignedByAnotherBody, SubmissionNotSigned
from registry.intake.receipt import Receipt as Receipt
from registry.intake.receipt import earlier_receipt
from registry.intake.whereabouts import Whereabouts
from registry.intake.withdrawal import REPLACED, keep_withdrawal, take_back
from registry.journal.currency import require_up_to_date
from registry.journal.record import record
from registry.jurisdiction.rules import Jurisdiction
from registry.people.accounts import Purpose, Signatory, hold_standing, signatory
from registry.people.permission import Act, Role, require
from registry.people.representative import Representative
from registry.personal_data import Matcher, Sealer
from signing.cose import Envelope
from signing.errors import SigningError
from signing.evidence import SubmissionClaim, check_submission_claim

BLINDING_BYTES = 16


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What came through a door: the file's bytes, its media type, and the body's detached COSE_Sign1."""

    content: bytes
    media_type: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class PersonalKeys:
    """The two secrets that intake needs: one to seal, one to match."""

    sealer: Sealer
    matcher: Matcher


@dataclass(frozen=True, slots=True)
class SettledDraft:
    """The draft whose settled content is handed in.

    ``hold`` is called in the transaction that stores it: it keeps the draft as it is until that ends, or raises.
    """

    id: UUID
    hold: Callable[[Session], None]


def submit(
    sessions: Sessions,
    handed_in: HandedIn,
    personal: PersonalKeys,
    jurisdictions: Mapping[str, Jurisdiction],
    *,
    environment: str,
    now: datetime,
    issuer: str | None = None,
    replaces: UUID | None = None,
    settled_from: SettledDraft | None = None,
) -> Receipt:
    """Take a signed submission; return its receipt.

    ``issuer`` is the body whose program hands it in, ``None`` where none does: at a terminal, the signature alone says
    whose it is. ``settled_from`` is the draft whose settled content it is: that may be longer than what comes directly,
    and name its photos; the event tells it, and from then on they must be there. Durable together: the submission, its
    rows and the event; and, if it ``replaces`` one that was handed in before, the withdrawal of that. Handing in the
    same file again returns the first receipt. Raises ``SubmissionNotSigned``, ``SignedByAnotherBody``, ``UnknownKey``,
    ``KeyNotValid``, ``NotPermitted``, ``WithdrawnBefore``, ``NoSuchSubmission`` or ``TooLateToWithdraw`` for what it
    replaces, ``SubmissionRefused`` with all faults of all rows, ``RegisterOutdated``, or what the draft is held with
    raises; then nothing is stored, and nothing withdrawn.
    """
    # 1. Whose is it? Nothing of the file is read before its signature holds.
    digest = hashlib.sha256(handed_in.content).digest()
    signer, signed_for = sessions.read(
        lambda session: identify(session, handed_in, environment=environment, now=now)
    )
    if issuer not in (None, signed_for):
        raise SignedByAnotherBody(signer.key_id, str(issuer))
    # 2. Is it here already? Asked before it is checked: what was right then may break a rule of today.
    earlier = sessions.read(
        lambda session: earlier_receipt(session, issuer=signed_for, content_digest=digest)
    )
    if earlier is not None:
        return earlier
    # 3. What is wrong with it?
    max_bytes = MAX_FILE_BYTES if settled_from is None else MAX_SETTLED_BYTES
    read = read_content(handed_in.content, handed_in.media_type, max_bytes=max_bytes)
    draft = None if settled_from is None else settled_from.id
    content = held_against(read, draft, replaces)
    view = sessions.read(lambda session: body_view(session, signed_for))
    form = check(content, view, today=civil_date(now), jurisdictions=jurisdictions)
    # 4. Store it, unless somebody was quicker with it, or rows of it are here.
    found = Whereabouts(content)
    matches = {row.row: personal.matcher.match(row.id_type, row.id_number) for row in form.rows}
    sealed = _sealed(handed_in, form, personal.sealer)
    receipt = sessions.run(
        lambda session: _store(
            session,
            signer,
            handed_in,
            form,
            found,
            sealed,
            matches,
            now=now,
            replaces=replaces,
            settled_from=settled_from,
        ),
        idempotent=True,
    )
    # Durable now. A crash here costs its sender the answer, and he gets it by handing in the same file again.
    reach("submit.committed")
    return receipt


@dataclass(frozen=True, slots=True)
class _Sealed:
    """Identifiers chosen for the rows, and what was sealed for those places."""

    submission_id: UUID
    content: bytes
    results: Mapping[int, tuple[UUID, bytes]]


def identify(
    session: Session, handed_in: HandedIn, *, environment: str, now: datetime
) -> tuple[Signatory, str]:
    """Return who signed, and for which body, if signature and permission hold."""
    try:
        key_id = Envelope.from_bytes(handed_in.signature).key_id
    except SigningError as error:
        raise SubmissionNotSigned(str(error)) from None
    signer = signatory(session, key_id, Purpose.SUBMISSION, now=now)
    issuer = _issuer_of(signer)
    claim = claim_for(handed_in.content, handed_in.media_type, issuer=issuer)
    try:
        check_submission_claim(handed_in.signature, claim, signer.public_key, environment)
    except SigningError as error:
        # All of this the sender knows; without it he would look for the difference for hours.
        checked = f"issuer {issuer}, media type {handed_in.media_type}, SHA-256 {claim.content_digest.hex()}"
        why = f"{error}; it was held against {checked}, environment {environment}"
        raise SubmissionNotSigned(why) from None
    require(signer.actor, Act.SUBMIT, scope=issuer)
    return signer, issuer


def claim_for(content: bytes, media_type: str, *, issuer: str) -> SubmissionClaim:
    """Return what the body signs when it hands in this file."""
    return SubmissionClaim(
        issuer=issuer, media_type=media_type, content_digest=hashlib.sha256(content).digest()
    )


def _issuer_of(signer: Signatory) -> str:
    scopes = sorted(scope for role, scope in signer.actor.appointments if role is Role.SUBMITTER)
    if len(scopes) != 1:
        raise SubmissionNotSigned("the key belongs to no one assessment body")
    return scopes[0]


def _sealed(handed_in: HandedIn, form: SubmissionForm, sealer: Sealer) -> _Sealed:
    submission_id = uuid4()
    results = {}
    for row in form.rows:
        result_id = uuid4()
        results[row.row] = (result_id, sealer.seal(row.id_number.encode(), place=f"result:{result_id}"))
    content = sealer.seal(handed_in.content, place=f"submission:{submission_id}")
    return _Sealed(submission_id, content, results)


def _store(
    session: Session,
    signer: Signatory,
    handed_in: HandedIn,
    form: SubmissionForm,
    found: Whereabouts,
    sealed: _Sealed,
    matches: Mapping[int, bytes],
    *,
    now: datetime,
    replaces: UUID | None,
    settled_from: SettledDraft | None,
) -> Receipt:
    require_up_to_date(session)
    _wait_for_turn(session)
    digest = hashlib.sha256(handed_in.content).digest()
    earlier = earlier_receipt(session, issuer=form.issuer, content_digest=digest)
    if earlier is not None:
        return earlier
    # Its body may have revoked the key while the rows were checked, which takes minutes.
    hold_standing(session, signer.key_id, now=now)
    # And an operator may have let go of the draft: of him and this, one is first, and the other is told.
    if settled_from is not None:
        settled_from.hold(session)
    by = Representative(signer.actor, form.issuer, signer.key_id)
    withdraws = replaces is not None and take_back(session, by, replaces)
    corrected, faults = resolve_corrections(session, form, found)
    faults = (*faults, *faults_of_duplicates(session, form, matches, corrected, found))
    if faults:
        raise SubmissionRefused(sorted(faults, key=lambda fault: fault.row or 0))
    submission = _submission(signer, handed_in, form, sealed, digest, now=now)
    rows = _rows(form.rows, sealed, matches, corrected)
    session.add(submission)
    session.flush()
    session.execute(insert(Result), rows)
    counts = statistics(form.rows)
    replaced = {} if replaces is None else {"replaces": str(replaces)}
    photographed = {} if settled_from is None else {"draft": str(settled_from.id)}
    record(
        session,
        "submit",
        f"submission:{sealed.submission_id}",
        at=now,
        by=signer.actor.account_id,
        digest=submission_digest(submission, rows),
        content=digest.hex(),
        entered=counts.entered,
        passed=counts.passed,
        **replaced,
        **photographed,
    )
    if replaces is not None and withdraws:
        keep_withdrawal(session, by, replaces, REPLACED, now=now, replaced_by=submission.id)
    reach("submit.before_commit")
    return Receipt(sealed.submission_id, SubmissionStatus.RECEIVED, counts, form.late, repeated=False)


def _wait_for_turn(session: Session) -> None:
    """Hold the one lock of intake until the transaction ends.

    Two files that bring the same person, or correct the same certificate, would not see each other's rows: no
    constraint can say "unless the other was returned". So files are stored one after the other.

    It is the row of the first occupation: every register has one, and nobody else locks it. A body's row is the lock of
    that body's drafts, which must wait for no file of another.
    """
    first = select(OccupationRow.code).order_by(OccupationRow.edition, OccupationRow.code).limit(1)
    session.execute(first.with_for_update())


def _submission(
    signer: Signatory,
    handed_in: HandedIn,
    form: SubmissionForm,
    sealed: _Sealed,
    digest: bytes,
    *,
    now: datetime,
) -> Submission:
    return Submission(
        id=sealed.submission_id,
        issuer=form.issuer,
        site_code=form.site_code,
        province=form.province,
        exam_started_on=form.exam_started_on,
        exam_ended_on=form.exam_ended_on,
        received_at=now,
        late=form.late,
        late_reason=form.late_reason,
        media_type=handed_in.media_type,
        content_digest=digest,
        sealed_content=sealed.content,
        signature=handed_in.signature,
        key_id=signer.key_id,
        submitted_by=signer.actor.account_id,
        status=SubmissionStatus.RECEIVED,
        all_numbered=False,
    )


def _rows(
    rows: Sequence[ResultForm], sealed: _Sealed, matches: Mapping[int, bytes], corrected: Mapping[int, int]
) -> list[dict[str, object]]:
    return [
        {
            "id": sealed.results[row.row][0],
            "submission_id": sealed.submission_id,
            "row": row.row,
            "name_received": row.name_received,
            "holder_name": row.name,
            "id_type": row.id_type,
            "sealed_id_number": sealed.results[row.row][1],
            "id_match": matches[row.row],
            "edition": row.occupation.edition,
            "occupation": row.occupation.code,
            "direction": row.direction,
            "level": row.level,
            "theory": row.theory,
            "practice": row.practice,
            "passed": row.passed,
            "issued_on": row.issued_on,
            "corrects": corrected.get(row.row),
            "correction_reason": row.correction_reason,
            "blinding": secrets.token_bytes(BLINDING_BYTES),
            "id_check": None,
            "returned_at_step": None,
            "absent_theory": row.absent_theory,
            "absent_practice": row.absent_practice,
            "training_certificate": row.training_certificate,
            "training_hours": row.training_hours,
            "photo": row.photo,
        }
        for row in rows
    ]
