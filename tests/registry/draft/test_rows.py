"""Rows and faults of a draft by the page, and names with the characters that are taken for others."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import delete, func, select

from registry.assessment.content import Column
from registry.database.sessions import Sessions
from registry.draft.changing import replace_results
from registry.draft.closing import discard
from registry.draft.code_points import code_points
from registry.draft.errors import FileDamaged, NotNow
from registry.draft.files import PAGE_ITEMS, Kind, files_of
from registry.draft.pages import Preview, checked_content, draft_faults, draft_preview, draft_rows
from registry.draft.settled_content import settled_bytes
from registry.draft.tables import DraftPart
from registry.jurisdiction.rules import jurisdictions


def pages(read, desk, draft_id, limit):
    cursor, found = 0, []
    while cursor is not None:
        page = read(desk.world.sessions, desk.sealer, desk.author(), draft_id, cursor=cursor, limit=limit)
        assert len(page.items) <= limit
        found += page.items
        cursor = page.next_cursor
    return found


def preview(desk, draft_id):
    sessions, sealer = desk.world.sessions, desk.sealer
    return draft_preview(sessions, sealer, desk.author(), draft_id, jurisdictions(), now=desk.now)


@pytest.mark.parametrize("limit", [7, PAGE_ITEMS, 500])
def test_rows_come_by_the_page_and_none_is_missed(desk, world, limit):
    rows = world.rows(2 * PAGE_ITEMS + 3)
    draft_id = desk.open(desk.results(*rows)).draft_id
    desk.work()

    found = pages(draft_rows, desk, draft_id, limit)

    assert [row.name for row in found] == [row["name"] for row in rows]
    assert [row.place for row in found] == list(range(1, len(rows) + 1))
    looked_at = preview(desk, draft_id)
    assert (looked_at.state, looked_at.rows) == (desk.state(draft_id), tuple(found))
    assert looked_at.header[Column.EXAM_ENDED_ON] == "2026-11-08"


def test_faults_come_by_the_page_and_none_is_missed(desk, world):
    rows = world.rows(PAGE_ITEMS + 3, name="", theory="101")
    draft_id = desk.open(desk.results(*rows)).draft_id
    desk.work()

    found = pages(draft_faults, desk, draft_id, 101)

    assert len(found) == desk.state(draft_id).faults == 2 * len(rows)
    content, told = checked_content(world.sessions, desk.sealer, desk.author(), draft_id)
    assert list(told) == found
    assert len(content.rows) == len(rows)


def test_before_the_check_there_is_nothing_to_see(desk):
    draft_id = desk.open().draft_id

    assert pages(draft_rows, desk, draft_id, 10) == pages(draft_faults, desk, draft_id, 10) == []
    with pytest.raises(NotNow):
        checked_content(desk.world.sessions, desk.sealer, desk.author(), draft_id)
    assert preview(desk, draft_id) == Preview(desk.state(draft_id), {}, ())


def lose_part(session, draft_id, kind):
    (file,) = files_of(session, draft_id, kind)
    last = session.scalar(select(func.max(DraftPart.n)).where(DraftPart.file_id == file.id))
    session.execute(delete(DraftPart).where(DraftPart.file_id == file.id, DraftPart.n == last))


@pytest.mark.parametrize("kind", [Kind.SHEET, Kind.FAULTS])
def test_nobody_is_shown_a_part_of_it(desk, world, kind):
    draft_id = desk.open(desk.results(*world.rows(2 * PAGE_ITEMS + 3, name=""))).draft_id
    desk.work()
    world.sessions.run(lambda session: lose_part(session, draft_id, kind))

    with pytest.raises(FileDamaged):
        checked_content(world.sessions, desk.sealer, desk.author(), draft_id)
    if kind is Kind.SHEET:
        with pytest.raises(FileDamaged):
            preview(desk, draft_id)


def concluded(desk, draft_id):
    desk.work()


def ended(desk, draft_id):
    discard(desk.world.sessions, desk.author(), draft_id, now=desk.now)


def checked_anew(desk, draft_id):
    results = desk.results(desk.world.row(9))
    replace_results(desk.world.sessions, desk.sealer, desk.author(), draft_id, results, now=desk.now)
    desk.work()


@dataclass
class Meanwhile:
    """Sessions of somebody who looks on: after each of his readings, something else is done first."""

    sessions: Sessions
    happens: Callable[[], object]

    def read(self, act):
        found = self.sessions.read(act)
        self.happens()
        return found

    def rows(self, query, values):
        self.happens()
        return self.sessions.rows(query, values)


def rows_of(*look):
    return draft_rows(*look, cursor=0, limit=9).items


def faults_of(*look):
    return draft_faults(*look, cursor=0, limit=9).items


@pytest.mark.parametrize("meanwhile", [concluded, ended, checked_anew])
@pytest.mark.parametrize("show", [rows_of, settled_bytes])
def test_what_is_dropped_while_somebody_looks_is_shown_as_it_was(desk, world, show, meanwhile):
    draft_id = desk.ready()
    before = show(world.sessions, desk.sealer, desk.author(), draft_id)
    if meanwhile is concluded:
        desk.sign(draft_id)
    look = Meanwhile(world.sessions, once(lambda: meanwhile(desk, draft_id)))

    assert show(look, desk.sealer, desk.author(), draft_id) == before


def once(act):
    """Return what does it the first time, and nothing later."""
    left = [act]
    return lambda: left and left.pop()()


def test_faults_that_are_dropped_while_somebody_looks_are_shown_as_they_were(desk, world):
    draft_id = desk.open(desk.results(world.row(1, name=""))).draft_id
    desk.work()
    before = faults_of(world.sessions, desk.sealer, desk.author(), draft_id)
    look = Meanwhile(world.sessions, once(lambda: checked_anew(desk, draft_id)))

    assert faults_of(look, desk.sealer, desk.author(), draft_id) == before != []


def test_a_page_that_is_missing_is_no_end(desk, world):
    draft_id = desk.open(desk.results(*world.rows(2 * PAGE_ITEMS + 3))).draft_id
    desk.work()
    world.sessions.run(lambda session: lose_part(session, draft_id, Kind.SHEET))

    with pytest.raises(FileDamaged):
        pages(draft_rows, desk, draft_id, 7)


def test_what_was_discarded_has_no_preview(desk, world):
    draft_id = desk.open().draft_id
    desk.work()
    discard(world.sessions, desk.author(), draft_id, now=desk.now)

    with pytest.raises(NotNow):
        preview(desk, draft_id)


NAMES = {
    "张三": "",
    "阿依古丽·买买提": "",
    "李䶮": "䶮",
    "王𬱖": "𬱖",
    "赵喆": "喆",
    "陈珺琤": "珺琤",
    "O'Brien": "",
}


@pytest.mark.parametrize(("name", "rare"), NAMES.items())
def test_characters_that_gb_2312_does_not_have_are_rare(name, rare):
    points = code_points(name)

    assert "".join(point.character for point in points) == name
    assert "".join(point.character for point in points if point.rare) == rare
    assert all(point.code == f"U+{ord(point.character):04X}" for point in points)
