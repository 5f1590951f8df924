"""The bytes that a body signs: of an open draft its settled content, of a submitted one what was handed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from registry.assessment.tables import Submission
from registry.database.sessions import Sessions
from registry.draft.author import own_draft
from registry.draft.errors import NotNow
from registry.draft.files import Kind, files_of, opened_parts, sealed_parts
from registry.draft.status import SETTLED, DraftAction
from registry.draft.tables import DraftFile
from registry.people.representative import Representative
from registry.personal_data import Sealer

_HANDED_IN = select(Submission.sealed_content).where(Submission.id == bindparam("submission"))


@dataclass(frozen=True, slots=True)
class _Settled:
    """The settled content of an open draft, still sealed."""

    file: DraftFile
    sealed: Sequence[bytes]


def settled_bytes(sessions: Sessions, sealer: Sealer, author: Representative, draft_id: UUID) -> bytes:
    """Return the settled content, which the body signs. Raises ``NoSuchDraft``, or ``NotNow`` if there is none.

    With the submission it is kept as it was signed; a second copy of it would be one more place with ID numbers.
    """

    def find(session: Session) -> _Settled | UUID:
        draft = own_draft(session, author, draft_id)
        if draft.submission_id is not None:
            return draft.submission_id
        files = files_of(session, draft_id, Kind.SETTLED)
        if draft.status not in SETTLED or not files:
            raise NotNow(DraftAction.SIGN, draft.status)
        return _Settled(files[-1], sealed_parts(session, files[-1].id))

    found = sessions.read(find)
    if isinstance(found, _Settled):
        return b"".join(opened_parts(sealer, found.file, found.sealed))
    (handed_in,) = sessions.rows(_HANDED_IN, {"submission": found})
    return sealer.open(handed_in.sealed_content, place=f"submission:{found}")
