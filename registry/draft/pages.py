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
    opened_in_place,
    opened_parts,
    read_page,
    sealed_parts,
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
    found = _items(sessions, sealer, author, draft_id, Kind.FAULTS, start=cursor, count=limit + 1)
    return _page([Fault(**each) for each in found], cursor, limit)


def draft_rows(
    sessions: Sessions, sealer: Sealer, author: Representative, draft_id: UUID, *, cursor: int, limit: int
) -> Page:
    """Return rows of the present revision (``DraftRow``), corrections in them; none before it was checked."""
    found = _items(sessions, sealer, author, draft_id, Kind.SHEET, start=cursor, count=limit + 1)
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
class _Pages:
    """The pages on which some items are, still sealed, from the part ``first`` on.

    The items begin at ``within``, and are ``count`` if none is missing.
    """

    file_id: UUID
    sealed: Sequence[bytes]
    first: int
    within: int
    count: int

    def items(self, sealer: Sealer) -> list[Any]:
        """Return the items. Raises ``FileDamaged`` if pages are missing."""
        opened = opened_in_place(sealer, self.file_id, self.sealed, first=self.first)
        found = [each for page in opened for each in read_page(page)]
        wanted = found[self.within : self.within + self.count]
        if len(wanted) < self.count:
            raise FileDamaged(self.file_id)
        return wanted


def _items(
    sessions: Sessions,
    sealer: Sealer,
    author: Representative,
    draft_id: UUID,
    kind: Kind,
    *,
    start: int,
    count: int,
) -> list[Any]:
    """Return items of the present revision from ``start`` on, reading the pages they are on and no other.

    None before the check. Raises ``NotNow`` for a draft that has ended.
    """

    def find(session: Session) -> _Pages | None:
        draft = _open_draft(session, author, draft_id)
        file = _file(session, draft, kind)
        end = min(start + count, draft.rows if kind is Kind.SHEET else draft.faults)
        if file is None or start >= end:
            return None
        # The sheet's first page is its head.
        skipped = 1 if kind is Kind.SHEET else 0
        first, within = divmod(start, PAGE_ITEMS)
        numbers = range(skipped + first, skipped + (end - 1) // PAGE_ITEMS + 1)
        return _Pages(file.id, sealed_parts(session, file.id, numbers), numbers.start, within, end - start)

    found = sessions.read(find)
    return [] if found is None else found.items(sealer)


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
