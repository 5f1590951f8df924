"""Changing what is in a draft: another file of results, or corrected rows beside the one that is there."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from registry.assessment.errors import SubmissionRefused
from registry.database.sessions import Sessions
from registry.draft.author import own_draft, require_author, wait_for_turn
from registry.draft.corrections import read_correction
from registry.draft.files import (
    Kind,
    SealedFile,
    bytes_of,
    drop,
    files_of,
    in_parts,
    is_same,
    keep,
    sealed_file,
    short_label,
)
from registry.draft.mending import damaged_files
from registry.draft.opening import Sent, sealed_results
from registry.draft.quota import require_modest, require_room_for_bytes, require_room_for_corrections
from registry.draft.revision import changed, same_again
from registry.intake.claims import wrong_claims
from registry.people.representative import Representative
from registry.personal_data import Sealer


def replace_results(
    sessions: Sessions,
    sealer: Sealer,
    author: Representative,
    draft_id: UUID,
    results: Sent,
    *,
    now: datetime,
) -> int:
    """Let another file of results take the place of the one before and of its corrections; return the revision.

    Photos stay. Sending the same file again changes nothing more, unless faults were found, or what is stored does
    not open any more: then it is checked anew.
    Raises what ``open_draft`` raises, ``NoSuchDraft`` or ``NotNow``.
    """
    require_author(author)
    # Its revision is known in the transaction only; nothing sealed depends on it.
    file = sealed_results(sealer, draft_id, results, revision=0)
    damaged = damaged_files(sessions, sealer, author, draft_id, file)

    def act(session: Session) -> int:
        wait_for_turn(session, author.issuer)
        draft = own_draft(session, author, draft_id, lock=True)
        before = files_of(session, draft_id, Kind.RESULTS, Kind.CORRECTIONS)
        if len(before) == 1 and is_same(before[0], file):
            return same_again(session, draft, file, damaged, now=now)
        revision = changed(session, draft, now=now)
        drop(session, [each.id for each in before])
        require_room_for_bytes(session, author.issuer, bytes_of([file]))
        keep(session, SealedFile({**file.row, "revision": revision}, file.parts))
        return revision

    return sessions.run(act, idempotent=True)


def add_corrections(
    sessions: Sessions,
    sealer: Sealer,
    author: Representative,
    draft_id: UUID,
    rows: Sent,
    *,
    file_id: UUID | None = None,
    now: datetime,
) -> int:
    """Keep corrected rows beside the file of results; return the revision.

    They are read here, because a set that can not be read, or names another draft or another submission to be replaced,
    must not become part of a draft; what is wrong *in* its rows, the check tells. The set that was added last, once
    more, changes nothing, unless faults were found, or what is stored does not open any more: then all is checked anew;
    nor does whatever comes with the ``file_id`` of a set that is there. Raises ``SubmissionRefused`` too.
    """
    require_author(author)
    require_modest(Kind.CORRECTIONS, len(rows.content))
    correction = read_correction(rows.content, rows.media_type)
    file = sealed_file(
        sealer,
        draft_id,
        Kind.CORRECTIONS,
        in_parts(rows.content),
        revision=0,
        media_type=rows.media_type,
        name=short_label(rows.name),
        file_id=file_id,
    )
    damaged = damaged_files(sessions, sealer, author, draft_id, file)

    def act(session: Session) -> int:
        wait_for_turn(session, author.issuer)
        draft = own_draft(session, author, draft_id, lock=True)
        before = files_of(session, draft_id, Kind.CORRECTIONS)
        # Others may have been added since: in their order, each counts once.
        if file.id in {each.id for each in before}:
            return draft.revision
        same = {each.id for each in before if is_same(each, file)}
        if same and (before[-1].id in same or same & damaged):
            return same_again(session, draft, file, damaged, now=now)
        if faults := wrong_claims(correction.content, draft_id, draft.replaces):
            raise SubmissionRefused(faults)
        revision = changed(session, draft, now=now)
        require_room_for_corrections(before, len(rows.content))
        require_room_for_bytes(session, author.issuer, bytes_of([file]))
        place = {"revision": revision, "position": revision}
        keep(session, SealedFile({**file.row, **place}, file.parts))
        return revision

    return sessions.run(act, idempotent=True)
