"""What a body sees of its drafts: where each stands, its faults, its rows as they will be signed, the bytes to sign."""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from registry.assessment.content import Column, Content, RawRow
from registry.assessment.errors import CellRefused
from registry.assessment.fault import Fault
from registry.assessment.holder_name import normal_name
from registry.civil_time import civil_date
from registry.database.sessions import Sessions
from registry.draft.author import own_draft, require_author
from registry.draft.errors import NotNow
from registry.draft.files import (
    PAGE_ITEMS,
    Kind,
    files_of,
    opened_parts,
    plain_file,
    plain_parts,
    read_page,
    sealed_parts,
)
from registry.draft.status import SETTLED, DraftAction, DraftStatus, Phase
from registry.draft.tables import Draft, DraftFile
from registry.jurisdiction.rules import Jurisdiction
from registry.people.representative import Representative
from registry.personal_data import Sealer


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


@dataclass(frozen=True, slots=True)
class CodePoint:
    """A character of a name; ``rare`` ones are enlarged, because a clerk takes them for others."""

    character: str
    code: str
    rare: bool


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A row as it stands: its place in the file, its cells as text, and the name as it will be signed.

    ``name`` is ``None`` where it is not fit to be signed; its faults say why.
    """

    place: int
    cells: Mapping[Column, str]
    name: str | None
    code_points: tuple[CodePoint, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Some items, and where the next ones begin; ``None`` at the end."""

    items: Sequence[Any]
    next_cursor: int | None


def draft_state(
    session: Session,
    author: Representative,
    draft_id: UUID,
    jurisdictions: Mapping[str, Jurisdiction],
    *,
    now: datetime,
) -> DraftState:
    """Return where a draft stands. Raises ``NoSuchDraft``."""
    return _state(own_draft(session, author, draft_id), jurisdictions, now=now)


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
    return [_state(draft, jurisdictions, now=now) for draft in session.scalars(newest)]


def draft_faults(
    sessions: Sessions, sealer: Sealer, author: Representative, draft_id: UUID, *, cursor: int, limit: int
) -> Page:
    """Return faults of the present revision (``Fault``), none before it was checked."""
    file = _made_file(sessions, author, draft_id, Kind.FAULTS)
    found = [] if file is None else _items(sessions, sealer, file.id, cursor, limit + 1, skipped=0)
    return _page([Fault(**each) for each in found], cursor, limit)


def draft_rows(
    sessions: Sessions, sealer: Sealer, author: Representative, draft_id: UUID, *, cursor: int, limit: int
) -> Page:
    """Return rows of the present revision (``DraftRow``), corrections in them; none before it was checked."""
    file = _made_file(sessions, author, draft_id, Kind.SHEET)
    found = [] if file is None else _items(sessions, sealer, file.id, cursor, limit + 1, skipped=1)
    return _page([_row(each) for each in found], cursor, limit)


def draft_preview(
    sessions: Sessions,
    sealer: Sealer,
    author: Representative,
    draft_id: UUID,
    jurisdictions: Mapping[str, Jurisdiction],
    *,
    now: datetime,
) -> tuple[DraftState, tuple[DraftRow, ...]]:
    """Return where a draft stands and all its rows, of one moment; none before it was checked.

    Raises ``NotNow`` if the rows are no longer there: whoever looks before he signs must not see a part of them.
    """

    def find(session: Session) -> tuple[DraftState, _Made]:
        draft = own_draft(session, author, draft_id)
        return _state(draft, jurisdictions, now=now), _made(session, draft, Kind.SHEET)

    state, sheet = sessions.read(find)
    _, *pages = sheet.pages(sealer) or (None,)
    rows = tuple(_row(each) for page in pages for each in page)
    if state.status is DraftStatus.DISCARDED or (state.checked and len(rows) != state.rows):
        raise NotNow("preview", state.status)
    return state, rows


def checked_content(
    sessions: Sessions, sealer: Sealer, author: Representative, draft_id: UUID
) -> tuple[Content, tuple[Fault, ...]]:
    """Return all that the check read, as one file, and all faults it found, of one moment.

    Raises ``NotNow`` before it was checked, and when it is no longer there.
    """

    def find(session: Session) -> tuple[str, int, int, _Made, _Made]:
        draft = own_draft(session, author, draft_id)
        sheet, told = (_made(session, draft, kind) for kind in (Kind.SHEET, Kind.FAULTS))
        return draft.status, draft.rows, draft.faults, sheet, told

    status, count, count_of_faults, sheet, told = sessions.read(find)
    if sheet.file_id is None or told.file_id is None:
        raise NotNow("reading of its check", status)
    head, *pages = sheet.pages(sealer)
    rows = tuple(RawRow(place, _cells(cells)) for page in pages for place, cells in page)
    faults = tuple(Fault(**each) for page in told.pages(sealer) for each in page)
    if (len(rows), len(faults)) != (count, count_of_faults):
        raise NotNow("reading of its check", status)
    return Content(_cells(head["header"]), rows, _cells(head["headings"]), ()), faults


def settled_bytes(sessions: Sessions, sealer: Sealer, author: Representative, draft_id: UUID) -> bytes:
    """Return the settled content, which the body signs. Raises ``NoSuchDraft``, or ``NotNow`` if there is none."""

    def find(session: Session) -> UUID:
        draft = own_draft(session, author, draft_id)
        files = files_of(session, draft_id, Kind.SETTLED)
        if draft.status not in SETTLED or not files:
            raise NotNow(DraftAction.SIGN, draft.status)
        return files[-1].id

    return plain_file(sessions, sealer, sessions.read(find))


def code_points(name: str) -> tuple[CodePoint, ...]:
    """Return the characters of a name one by one; what GB 2312 does not have, or lies beyond U+FFFF, is rare."""
    return tuple(CodePoint(each, f"U+{ord(each):04X}", _is_rare(each)) for each in name)


def _is_rare(character: str) -> bool:
    if character.isascii() or unicodedata.category(character) == "Po":
        return False
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return True
    return False


def _state(draft: Draft, jurisdictions: Mapping[str, Jurisdiction], *, now: datetime) -> DraftState:
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


@dataclass(frozen=True, slots=True)
class _Made:
    """A file that the check of the present revision made; ``file_id`` is ``None`` if it was not checked."""

    file_id: UUID | None
    sealed: Sequence[bytes]

    def pages(self, sealer: Sealer) -> list[Any]:
        """Return all its pages."""
        if self.file_id is None:
            return []
        return [read_page(part) for part in opened_parts(sealer, self.file_id, self.sealed)]


def _made(session: Session, draft: Draft, kind: Kind) -> _Made:
    file = _present_file(session, draft, kind)
    return _Made(None, ()) if file is None else _Made(file.id, sealed_parts(session, file.id))


def _present_file(session: Session, draft: Draft, kind: Kind) -> DraftFile | None:
    files = [file for file in files_of(session, draft.id, kind) if file.revision == draft.revision]
    return files[-1] if files else None


def _made_file(sessions: Sessions, author: Representative, draft_id: UUID, kind: Kind) -> DraftFile | None:
    """Return what the check of the present revision made; ``None`` if it was not checked."""

    def find(session: Session) -> DraftFile | None:
        return _present_file(session, own_draft(session, author, draft_id), kind)

    return sessions.read(find)


def _items(
    sessions: Sessions, sealer: Sealer, file_id: UUID, start: int, count: int, *, skipped: int
) -> list[Any]:
    """Return items from ``start`` on, reading the pages they are on and no other; ``skipped`` pages come before."""
    first, within = divmod(start, PAGE_ITEMS)
    found: list[Any] = []
    for page in plain_parts(sessions, sealer, file_id, first=skipped + first):
        found += read_page(page)
        if len(found) >= within + count:
            break
    return found[within : within + count]


def _page(items: Sequence[Any], cursor: int, limit: int) -> Page:
    more = len(items) > limit
    return Page(items[:limit], cursor + limit if more else None)


def _row(stored: Any) -> DraftRow:
    place, cells = stored
    known = _cells(cells)
    try:
        name = normal_name(known.get(Column.NAME, ""))
    except CellRefused:
        name = None
    return DraftRow(place, known, name, code_points(name or known.get(Column.NAME, "")))


def _cells(cells: Mapping[str, str]) -> dict[Column, str]:
    return {Column(name): text for name, text in cells.items()}
