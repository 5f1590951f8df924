"""What came of a check, kept: faults or settled content, the rows as they were read, and the new status.

It counts only while the claim holds, so a body that changed its draft meanwhile never sees the outcome of another
revision.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session

from registry.assessment.content import Column, Content
from registry.assessment.errors import CellRefused
from registry.assessment.fault import Fault
from registry.assessment.form import SubmissionForm, statistics
from registry.assessment.reading import JSON_MEDIA_TYPE
from registry.assessment.statistics import counts_of
from registry.assessment.written_date import written_date
from registry.database.sessions import Sessions
from registry.draft.claiming import Claim, held, let_go
from registry.draft.files import (
    MADE,
    PAGES_MEDIA_TYPE,
    Kind,
    SealedFile,
    drop,
    files_of,
    in_pages,
    in_parts,
    keep,
    sealed_file,
)
from registry.draft.status import DraftAction, next_status
from registry.draft.tables import Draft
from registry.personal_data import Sealer

_UNREAD = Content({}, (), {}, ())

CHECK_GIVEN_UP = Fault(
    None,
    None,
    "",
    "check_failed",
    "登记系统多次未能完成对此文件的检查，已停止检查",
    "请检查文件后重新提交；仍不成功时请联系登记机构",
)


def keep_faults(
    sessions: Sessions,
    sealer: Sealer,
    claimed: Claim,
    content: Content | None,
    faults: Sequence[Fault],
) -> None:
    """Keep what is wrong; ``content`` is ``None`` if the file as a whole could not be read. Raises ``Overtaken``."""
    read = content or _UNREAD
    files = _sheet_and_faults(sealer, claimed, read, faults)
    summary = _summary(read, None)

    def act(session: Session) -> None:
        draft = _concluded(session, claimed, DraftAction.FIND_FAULTS, files)
        draft.rows, draft.faults, draft.summary = len(read.rows), len(faults), summary
        draft.failure = f"{CHECK_GIVEN_UP.message}。{CHECK_GIVEN_UP.remedy}。" if claimed.given_up else None
        draft.signature, draft.signed_at, draft.settled_digest = None, None, None

    sessions.run(act)


def keep_settled(
    sessions: Sessions,
    sealer: Sealer,
    claimed: Claim,
    content: Content,
    form: SubmissionForm,
    settled: bytes,
) -> None:
    """Keep the settled content, which waits for the body's signature. Raises ``Overtaken``."""
    files = [
        *_sheet_and_faults(sealer, claimed, content, ()),
        sealed_file(
            sealer,
            claimed.draft_id,
            Kind.SETTLED,
            in_parts(settled),
            revision=claimed.revision,
            media_type=JSON_MEDIA_TYPE,
        ),
    ]
    summary, digest = _summary(content, form), sha256(settled).digest()

    def act(session: Session) -> None:
        draft = _concluded(session, claimed, DraftAction.SETTLE, files)
        draft.rows, draft.faults, draft.summary = len(content.rows), 0, summary
        # Why an operator dropped the signature stays to be seen until the body signs again.
        draft.settled_digest = digest

    sessions.run(act)


def _sheet_and_faults(
    sealer: Sealer, claimed: Claim, content: Content, faults: Sequence[Fault]
) -> list[SealedFile]:
    rows = [[row.place, row.cells] for row in content.rows]
    head = {"header": content.header, "headings": content.headings}
    told = [asdict(fault) for fault in faults]
    pages = {Kind.SHEET: in_pages(rows, first=head), Kind.FAULTS: in_pages(told)}
    return [
        sealed_file(
            sealer,
            claimed.draft_id,
            kind,
            parts,
            revision=claimed.revision,
            media_type=PAGES_MEDIA_TYPE,
        )
        for kind, parts in pages.items()
    ]


def _concluded(session: Session, claimed: Claim, action: DraftAction, files: Sequence[SealedFile]) -> Draft:
    """End the claim with these files in the place of those of an earlier check."""
    draft = held(session, claimed)
    draft.status = next_status(draft.status, action)
    draft.checked_revision = claimed.revision
    let_go(draft, claimed)
    drop(session, [file.id for file in files_of(session, draft.id, *MADE)])
    for file in files:
        keep(session, file)
    return draft


def _summary(content: Content, form: SubmissionForm | None) -> str:
    """Return what is shown of a draft without opening anything: where and when, and the counts."""
    known: dict[str, Any] = {"province": content.header.get(Column.PROVINCE, "")[:2]}
    with suppress(CellRefused):
        known["exam_ended_on"] = written_date(content.header.get(Column.EXAM_ENDED_ON, "")).isoformat()
    if form is not None:
        known |= {"late": form.late, "statistics": counts_of(statistics(form.rows))}
    return json.dumps(known)
