"""Files of a draft: what is stored of one is all of it, or nothing is made of it."""

import pytest
from sqlalchemy import delete, func, select, update

from registry.draft.errors import FileDamaged
from registry.draft.files import PAGE_ITEMS, PART_BYTES, Kind, files_of, plain_file
from registry.draft.pages import checked_content, draft_preview, draft_rows
from registry.draft.status import DraftStatus
from registry.draft.tables import DraftFile, DraftPart
from registry.jurisdiction.rules import jurisdictions


def cut_short(world, kind):
    """Lose the last part of the files of a kind."""
    file = select(DraftFile.id).where(DraftFile.kind == kind).scalar_subquery()
    last = world.all(select(func.max(DraftPart.n)).where(DraftPart.file_id == file))[0]
    world.tamper(delete(DraftPart).where(DraftPart.file_id == file, DraftPart.n == last))


def test_a_file_of_results_that_lost_a_part_is_not_checked_as_if_it_were_whole(desk, world):
    padded = desk.results()
    draft_id = desk.open(type(padded)(padded.content + b" " * PART_BYTES, padded.media_type)).draft_id
    cut_short(world, Kind.RESULTS)

    desk.work()

    assert desk.status(draft_id) is DraftStatus.RECEIVED
    (told,) = desk.worker().left_behind()
    assert "is not stored whole" in told


def test_a_file_that_opens_and_is_another_is_refused(desk, world):
    draft_id = desk.open().draft_id
    world.tamper(update(DraftFile).values(digest=bytes(32)))
    (file,) = world.sessions.read(lambda session: files_of(session, draft_id, Kind.RESULTS))

    with pytest.raises(FileDamaged):
        plain_file(world.sessions, desk.sealer, file)


def test_rows_that_were_lost_are_not_passed_over(desk, world):
    draft_id = desk.ready(*world.rows(PAGE_ITEMS + 3))
    look = (world.sessions, desk.sealer, desk.author(), draft_id)
    cut_short(world, Kind.SHEET)

    assert len(draft_rows(*look, cursor=0, limit=PAGE_ITEMS - 1).items) == PAGE_ITEMS - 1
    for show in (
        lambda: draft_rows(*look, cursor=PAGE_ITEMS - 1, limit=2),
        lambda: draft_rows(*look, cursor=PAGE_ITEMS + 1, limit=9),
        lambda: draft_preview(*look, jurisdictions(), now=desk.now),
        lambda: checked_content(*look),
    ):
        with pytest.raises(FileDamaged):
            show()
    assert draft_rows(*look, cursor=PAGE_ITEMS + 3, limit=9).items == []
