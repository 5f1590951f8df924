"""What a check made of a draft, for its body: rows and faults by the page, all rows, or all of it as one content."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from registry.assessment.content import Column, Content, RawRow
from registry.assessment.errors import CellRefused
from registry.assessment.fault import Fault
from registry.assessment.holder_name import normal_name
from registry.database.sessions import Sessions
from registry.draft.author import own_draft
from registry.draft.code_points import CodePoint, code_points
from registry.draft.errors import FileDamaged, NotNow
from registry.draft.files import (
    PAGE_ITEMS,
    Kind,
    files_of,
    opened_parts,
    read_page,
    sealed_parts,
    stored_parts,
)
from registry.draft.standing import DraftState, state_of
from registry.draft.status import OPEN
from registry.draft.tables import Draft, DraftFile
from registry.jurisdiction.rules import Jurisdiction
from registry.people.representative import Representative
from registry.personal_data import Sealer

READING: Final = "reading of its check"


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
class Preview:
    """All that people look at before they sign; ``header`` are the exam's cells, as they were read."""

    state: DraftState
    header: Mapping[Column, str]
    rows: tuple[DraftRow, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Some items, and where the next ones begin; ``None`` at the end."""

    items: Sequence[Any]
    next_cursor: int | None


def draft_faults(
    sessions: Sessions, sealer: Sealer, author: Representative, draft_id: UUID, *, cursor: int, limit: int
) -> Page:
    """Return faults of the present revision (``Fault``), none before it was checked."""
    made = _made(sessions, author, draft_id, Kind.FAULTS)
    found = [] if made.file is None else _items(sessions, sealer, made, cursor, limit + 1, skipped=0)
    return _page([Fault(**each) for each in found], cursor, limit)


def draft_rows(
    sessions: Sessions, sealer: Sealer, author: Representative, draft_id: UUID, *, cursor: int, limit: int
) -> Page:
    """Return rows of the present revision (``DraftRow``), corrections in them; none before it was checked."""
    made = _made(sessions, author, draft_id, Kind.SHEET)
    found = [] if made.file is None else _items(sessions, sealer, made, cursor, limit + 1, skipped=1)
    return _page([_row(each) for each in found], cursor, limit)


def draft_preview(
    sessions: Sessions,
    sealer: Sealer,
    author: Representative,
    draft_id: UUID,
    jurisdictions: Mapping[str, Jurisdiction],
    *,
    now: datetime,
) -> Preview:
    """Return where a draft stands, its exam and all its rows, of one moment; no rows before it was checked.

    Raises ``NotNow`` for a draft that has ended, ``FileDamaged`` if rows are missing: whoever looks before he signs
    must not see a part of them.
    """

    def find(session: Session) -> tuple[DraftState, _Whole]:
        draft = _open_draft(session, author, draft_id)
        return state_of(draft, jurisdictions, now=now), _whole(session, draft, Kind.SHEET)

    state, sheet = sessions.read(find)
    head, *pages = sheet.pages(sealer) or ({"header": {}},)
    return Preview(state, _cells(head["header"]), tuple(_row(each) for page in pages for each in page))


def checked_content(
    sessions: Sessions, sealer: Sealer, author: Representative, draft_id: UUID
) -> tuple[Content, tuple[Fault, ...]]:
    """Return all that the check read, as one file, and all faults it found, of one moment.

    Raises ``NotNow`` before it was checked, ``FileDamaged`` if a part is missing.
    """

    def find(session: Session) -> tuple[str, _Whole, _Whole]:
        draft = _open_draft(session, author, draft_id)
        return draft.status, _whole(session, draft, Kind.SHEET), _whole(session, draft, Kind.FAULTS)

    status, sheet, told = sessions.read(find)
    if sheet.file is None or told.file is None:
        raise NotNow(READING, status)
    head, *pages = sheet.pages(sealer)
    rows = tuple(RawRow(place, _cells(cells)) for page in pages for place, cells in page)
    faults = tuple(Fault(**each) for page in told.pages(sealer) for each in page)
    return Content(_cells(head["header"]), rows, _cells(head["headings"]), ()), faults


@dataclass(frozen=True, slots=True)
class _Whole:
    """What the check of the present revision made, with all its parts, still sealed; no file before the check."""

    file: DraftFile | None
    sealed: Sequence[bytes]

    def pages(self, sealer: Sealer) -> list[Any]:
        """Return all its pages. Raises ``FileDamaged``."""
        if self.file is None:
            return []
        return [read_page(part) for part in opened_parts(sealer, self.file, self.sealed)]


def _whole(session: Session, draft: Draft, kind: Kind) -> _Whole:
    file = _file(session, draft, kind)
    return _Whole(file, () if file is None else sealed_parts(session, file.id))


def _open_draft(session: Session, author: Representative, draft_id: UUID) -> Draft:
    draft = own_draft(session, author, draft_id)
    if draft.status not in OPEN:
        raise NotNow(READING, draft.status)
    return draft


def _file(session: Session, draft: Draft, kind: Kind) -> DraftFile | None:
    files = [file for file in files_of(session, draft.id, kind) if file.revision == draft.revision]
    return files[-1] if files else None


@dataclass(frozen=True, slots=True)
class _Made:
    """What the check of the present revision made, and how many items are in it; no file before the check."""

    file: DraftFile | None
    items: int


def _made(sessions: Sessions, author: Representative, draft_id: UUID, kind: Kind) -> _Made:
    """Return what the check of the present revision made. Raises ``NotNow`` for a draft that has ended."""

    def find(session: Session) -> _Made:
        draft = _open_draft(session, author, draft_id)
        items = draft.rows if kind is Kind.SHEET else draft.faults
        return _Made(_file(session, draft, kind), items)

    return sessions.read(find)


def _items(
    sessions: Sessions, sealer: Sealer, made: _Made, start: int, count: int, *, skipped: int
) -> list[Any]:
    """Return items from ``start`` on, reading the pages they are on and no other; ``skipped`` pages come before.

    Raises ``FileDamaged`` if pages are missing.
    """
    if made.file is None or start >= made.items:
        return []
    first, within = divmod(start, PAGE_ITEMS)
    found: list[Any] = []
    for page in stored_parts(sessions, sealer, made.file.id, first=skipped + first):
        found += read_page(page)
        if len(found) >= within + count:
            break
    wanted = found[within : within + count]
    if len(wanted) < min(count, made.items - start):
        raise FileDamaged(made.file.id)
    return wanted


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
