"""The way out where stored bytes of a draft do not open any more: its body sends the same once more.

Which files these are is found before the transaction, by opening them; only files that the draft still has in the
transaction count. The archives of photos are not looked at: they are dropped and sent again.
"""

from collections.abc import Set
from uuid import UUID

from sqlalchemy.orm import Session

from registry.database.sessions import Sessions
from registry.draft.author import own_draft
from registry.draft.files import MADE, Kind, SealedFile, drop, files_of, is_same, keep, plain_parts
from registry.draft.tables import Draft, DraftFile
from registry.people.representative import Representative
from registry.personal_data import SealBroken, Sealer

_SENT = (Kind.RESULTS, Kind.CORRECTIONS)


def damaged_files(
    sessions: Sessions, sealer: Sealer, author: Representative, draft_id: UUID, file: SealedFile
) -> Set[UUID]:
    """Return which files of a draft do not open, if it has one that says the same as this; else none.

    Those of an earlier check do not count: no one reads them. Raises ``NoSuchDraft``.
    """

    def find(session: Session) -> list[DraftFile]:
        revision = own_draft(session, author, draft_id).revision
        files = files_of(session, draft_id, *_SENT, *MADE)
        return [each for each in files if each.kind in _SENT or each.revision == revision]

    files = sessions.read(find)
    if not any(_says_the_same(each, file) for each in files):
        return frozenset()
    return {each.id for each in files if not _opens(sessions, sealer, each)}


def mend(session: Session, draft: Draft, file: SealedFile, damaged: Set[UUID]) -> None:
    """Let a file take the place of one that says the same and does not open, if there is one."""
    for each in files_of(session, draft.id, *_SENT):
        if each.id in damaged and _says_the_same(each, file):
            place = {"draft_id": draft.id, "revision": each.revision, "position": each.position}
            drop(session, [each.id])
            keep(session, SealedFile({**file.row, **place}, file.parts))
            return


def _says_the_same(present: DraftFile, file: SealedFile) -> bool:
    return present.kind == file.row["kind"] and is_same(present, file)


def _opens(sessions: Sessions, sealer: Sealer, file: DraftFile) -> bool:
    try:
        for _ in plain_parts(sessions, sealer, file):
            pass
    except SealBroken:
        return False
    return True
