"""Photos of a draft: each made once, each with the row that it is of now, none of them anybody else's."""

import json
import os
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from registry.assessment.errors import SubmissionRefused
from registry.assessment.reading import JSON_MEDIA_TYPE
from registry.assessment.tables import Result
from registry.draft import archives, photographing
from registry.draft.changing import add_corrections, replace_results
from registry.draft.claiming import CLAIM_LASTS, claim, waiting_drafts
from registry.draft.closing import discard
from registry.draft.opening import Sent
from registry.draft.status import DraftStatus, Phase
from registry.draft.tables import DraftPart, Photo
from registry.draft.uploading import drop_photos
from registry.photo.photo import photo_of, plain_photo
from registry.work import drafting
from tests.registry.photo.pictures import TWO_INCH, jpeg
from tests.registry.photo.zips import zipped
from tests.registry.world import OTHER_BODY

# Pictures that differ, by their size.
PICTURES = [jpeg((TWO_INCH[0] + 5 * place, TWO_INCH[1] + 7 * place)) for place in range(6)]


def photos_of(desk, draft_id):
    """Return each row's photo as it is kept, opened, by the row's number."""
    kept = desk.world.sessions.read(
        lambda session: session.scalars(select(Photo).where(Photo.draft_id == draft_id)).all()
    )
    return {
        photo.row: desk.sealer.open(photo.sealed, place=f"photo:{photo.id}")
        for photo in kept
        if photo.row is not None
    }


def drafted(desk, *rows, photos=None):
    """Return a draft whose archive has a photo for each row, by its number, unless others are given."""
    draft_id = desk.open(desk.results(*rows)).draft_id
    files = {f"{row['row']}.jpg": PICTURES[row["row"]] for row in rows} if photos is None else photos
    desk.send_photos(draft_id, files)
    return draft_id


@pytest.fixture
def made(monkeypatch):
    """Count the photos that are made."""
    counted = []
    original = photographing.plain_photos

    def counting(photos):
        for key, outcome in original(photos):
            counted.append(key)
            yield key, outcome

    monkeypatch.setattr(photographing, "plain_photos", counting)
    return counted


def test_photos_come_with_their_rows_into_the_register(desk, world):
    rows = world.rows(3)
    draft_id = drafted(desk, *rows)
    desk.work()
    assert desk.status(draft_id) is DraftStatus.READY, desk.faults(draft_id)
    settled = json.loads(desk.settled(draft_id))
    plain = {row["row"]: plain_photo(PICTURES[row["row"]]) for row in rows}
    assert {row["row"]: row["photo"] for row in settled["rows"]} == {
        number: photo.digest.hex() for number, photo in plain.items()
    }

    desk.sign(draft_id)
    desk.work()

    assert desk.status(draft_id) is DraftStatus.SUBMITTED
    kept = world.sessions.read(
        lambda session: session.execute(select(Result, Photo).join(Photo, Photo.result_id == Result.id)).all()
    )
    assert len(kept) == 3
    for result, photo in kept:
        opened = desk.sealer.open(photo.sealed, place=f"photo:{photo.id}")
        assert result.row == photo.row
        assert result.photo == photo.digest == sha256(opened).digest() == plain[result.row].digest
        assert photo_of(opened) == plain[result.row]


def test_of_the_archive_nothing_is_left_after_the_handing_in(desk, world):
    draft_id = desk.open(desk.results(world.row(1))).draft_id
    archive = desk.send_photos(draft_id, {"1.jpg": PICTURES[0]})
    desk.work()
    desk.sign(draft_id)
    desk.work()

    assert world.all(select(DraftPart.n).where(DraftPart.file_id == archive)) == []


def test_photos_are_named_by_row_or_by_id_number(desk, world):
    rows = world.rows(2)
    files = {
        "folder/1.JPG": PICTURES[1],
        f"{rows[1]['id_number'].lower()}.png": PICTURES[2],
        "__MACOSX/._1": b"x",
    }

    draft_id = drafted(desk, *rows, photos=files)
    desk.work()

    assert desk.status(draft_id) is DraftStatus.READY, desk.faults(draft_id)
    assert photos_of(desk, draft_id) == {number: plain_photo(PICTURES[number]).jpeg for number in (1, 2)}


def test_what_is_wrong_with_photos_is_told_with_what_is_wrong_with_rows(desk, world):
    rows = [world.row(1, theory="101"), world.row(2), world.row(3)]
    files = {
        "2.jpg": b"\xff\xd8\xff not a photo",
        "3.txt": b"text",
        "9.jpg": PICTURES[0],
        "3.gif.png": b"GIF89a",
    }

    draft_id = drafted(desk, *rows, photos=files)
    desk.work()

    found = desk.faults(draft_id)
    assert (1, "theory") in [fault[:2] for fault in found]
    assert (2, "photo", "photo_damaged") in found
    assert {code for row, _, code in found if row is None} >= {"photo_not_a_photo", "photo_without_row"}


def test_who_passed_and_has_no_photo_is_told_where_there_are_any(desk, world):
    draft_id = drafted(desk, *world.rows(2), photos={"1.jpg": PICTURES[0]})

    desk.work()

    assert desk.faults(draft_id) == [(2, "photo", "photo_missing")]


def test_an_archive_that_is_none_is_told(desk, world):
    draft_id = desk.open(desk.results(world.row(1)), photos=Sent(b"no zip", "application/zip")).draft_id

    desk.work()

    assert desk.faults(draft_id)[0][2] == "archive_not_a_zip"


def test_a_second_archive_brings_what_the_first_lacked_and_mends_what_was_wrong(desk, world, made):
    rows = world.rows(3)
    draft_id = drafted(desk, *rows, photos={"1.jpg": PICTURES[1], "2.jpg": b"\xff\xd8\xff"})
    desk.work()
    assert {code for *_, code in desk.faults(draft_id)} == {"photo_damaged", "photo_missing"}

    desk.send_photos(draft_id, {"2.jpg": PICTURES[2], "3.jpg": PICTURES[3]})
    desk.work()

    assert desk.status(draft_id) is DraftStatus.READY, desk.faults(draft_id)
    assert set(photos_of(desk, draft_id)) == {1, 2, 3}
    assert len(made) == 4


def test_a_photo_that_was_made_is_not_made_again_when_rows_change(desk, world, made):
    rows = world.rows(3)
    draft_id = drafted(desk, *rows)
    desk.work()

    mended = json.dumps({"rows": [{**rows[0], "name": "赵六"}]}).encode()
    add_corrections(
        world.sessions, desk.sealer, desk.author(), draft_id, Sent(mended, JSON_MEDIA_TYPE), now=desk.now
    )
    desk.work()

    assert desk.status(draft_id) is DraftStatus.READY
    assert len(made) == 3


def test_a_photo_follows_its_person_when_the_rows_change_places(desk, world, made):
    first, second = world.rows(2)
    by_id = {f"{row['id_number']}.jpg": PICTURES[row["row"]] for row in (first, second)}
    draft_id = drafted(desk, first, second, photos=by_id)
    desk.work()

    turned = desk.results({**first, "row": 2}, {**second, "row": 1})
    replace_results(world.sessions, desk.sealer, desk.author(), draft_id, turned, now=desk.now)
    desk.work()

    assert desk.status(draft_id) is DraftStatus.READY
    assert photos_of(desk, draft_id) == {2: plain_photo(PICTURES[1]).jpeg, 1: plain_photo(PICTURES[2]).jpeg}
    assert len(made) == 2


def test_a_person_in_two_rows_has_the_same_photo_in_both(desk, world, made):
    person = world.row(1)
    again = {**person, "row": 2, "level": "senior"}
    draft_id = desk.open(desk.results(person)).draft_id
    desk.send_photos(draft_id, {f"{person['id_number']}.jpg": PICTURES[1]})
    desk.work()

    replace_results(
        world.sessions, desk.sealer, desk.author(), draft_id, desk.results(person, again), now=desk.now
    )
    desk.work()
    desk.sign(draft_id)
    desk.work()

    assert desk.status(draft_id) is DraftStatus.SUBMITTED
    assert len(made) == 1
    assert len(set(world.all(select(Photo.result_id)))) == 2
    assert set(photos_of(desk, draft_id)) == {1, 2}


def test_a_photo_that_nobody_needs_any_more_is_not_kept_in_the_register(desk, world):
    draft_id = drafted(desk, *world.rows(2))
    desk.work()
    removed = Sent(b'{"remove": [2]}', JSON_MEDIA_TYPE)
    add_corrections(world.sessions, desk.sealer, desk.author(), draft_id, removed, now=desk.now)
    desk.work()
    assert desk.faults(draft_id) == [(None, "photo", "photo_without_row")]
    drop_photos(world.sessions, desk.author(), draft_id, now=desk.now)
    desk.send_photos(draft_id, {"1.jpg": PICTURES[1]})
    desk.work()

    desk.sign(draft_id)
    desk.work()

    assert len(world.all(select(Photo.id))) == 1


def test_a_killed_worker_loses_at_most_the_photos_in_hand(desk, world, made, monkeypatch):
    monkeypatch.setattr(photographing, "STEP_PHOTOS", 2)
    draft_id = drafted(desk, *world.rows(5))
    turn = desk.worker("first").batches()
    for _ in range(3):
        next(turn)
    assert (desk.state(draft_id).phase, desk.state(draft_id).done, desk.state(draft_id).total) == (
        Phase.PHOTOS,
        4,
        5,
    )
    desk.workers.pop("first")._release = lambda claimed: None
    desk.later(seconds=CLAIM_LASTS.total_seconds())

    desk.work("second")

    assert desk.status(draft_id) is DraftStatus.READY
    assert len(made) == 5
    turn.close()


def test_a_small_draft_waits_for_one_step_of_a_large_one(desk, world, monkeypatch):
    monkeypatch.setattr(photographing, "STEP_PHOTOS", 1)
    large = drafted(desk, *world.rows(5))
    list(desk.worker().batches())
    desk.later(minutes=1)
    small = desk.open(desk.results(world.row(1))).draft_id

    list(desk.worker().batches())

    assert desk.status(small) is DraftStatus.READY
    assert desk.status(large) is DraftStatus.RECEIVED


def opened_archives(desk):
    links = [Path(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")]
    return [link for link in links if link.is_symlink() and str(desk.folder / "work") in os.readlink(link)]


def test_an_opened_archive_has_no_name_and_is_gone_with_its_worker(desk, world, monkeypatch):
    monkeypatch.setattr(photographing, "STEP_PHOTOS", 1)
    drafted(desk, *world.rows(3))
    turn = desk.worker().batches()
    for _ in range(2):
        next(turn)
    folder = desk.folder / "work"

    assert len(opened_archives(desk)) == 1
    assert list(folder.iterdir()) == []
    assert folder.stat().st_mode & 0o777 == 0o700
    desk.worker().put_all_down()
    assert opened_archives(desk) == []


def discarded(desk, draft_id):
    discard(desk.world.sessions, desk.author(), draft_id, now=desk.now)


def dropped(desk, draft_id):
    drop_photos(desk.world.sessions, desk.author(), draft_id, now=desk.now)


def overtaken(desk, draft_id):
    desk.later(seconds=CLAIM_LASTS.total_seconds() + 1)
    desk.world.sessions.run(lambda session: claim(session, draft_id, "another worker", now=desk.now))


@pytest.mark.parametrize("end", [discarded, dropped, overtaken])
def test_an_opened_archive_of_a_draft_that_is_given_up_is_not_left_behind(desk, world, monkeypatch, end):
    monkeypatch.setattr(photographing, "STEP_PHOTOS", 1)
    # The archive is open when the turn ends, and the worker would go on with it in the next one.
    monkeypatch.setattr(drafting, "STEPS_IN_TURN", 2)
    draft_id = drafted(desk, *world.rows(3))
    list(desk.worker().batches())
    assert len(opened_archives(desk)) == 1

    end(desk, draft_id)
    list(desk.worker().batches())

    assert opened_archives(desk) == []


def test_dropped_and_discarded_drafts_leave_no_photo(desk, world):
    for end in (drop_photos, discard):
        draft_id = drafted(desk, world.row(1))
        desk.work()
        assert world.count(Photo) == (1,)
        end(world.sessions, desk.author(), draft_id, now=desk.now)
        assert world.count(Photo) == (0,)


@pytest.mark.parametrize("archive", [{"1.jpg": PICTURES[1]}, None])
def test_a_row_may_name_no_other_photo_than_the_one_in_the_archive(desk, world, archive):
    draft_id = desk.open(desk.results({**world.row(1), "photo": "ab" * 32})).draft_id
    if archive is not None:
        desk.send_photos(draft_id, archive)

    desk.work()

    assert desk.faults(draft_id) == [(1, "photo", "other_photo")]


def test_the_photo_of_another_submission_is_none_of_a_file_that_comes_directly(desk, world):
    draft_id = drafted(desk, world.row(1))
    desk.work()
    desk.sign(draft_id)
    desk.work()
    held = plain_photo(PICTURES[1]).digest.hex()

    with pytest.raises(SubmissionRefused) as refused:
        world.submit(world.signed(world.file(world.row(1, photo=held))))

    assert [(fault.row, fault.code) for fault in refused.value.faults] == [(1, "photo_without_draft")]


def test_a_row_may_name_the_photo_that_it_has(desk, world):
    row = {**world.row(1), "photo": plain_photo(PICTURES[1]).digest.hex()}

    draft_id = drafted(desk, row)
    desk.work()

    assert desk.status(draft_id) is DraftStatus.READY


def test_a_photo_in_the_archive_is_not_stored_in_plain(desk, world):
    drafted(desk, world.row(1))
    desk.work()

    stored = b"".join(world.all(select(DraftPart.sealed)) + world.all(select(Photo.sealed)))

    assert b"\xff\xd8\xff" not in stored
    assert zipped({})[:4] not in stored


@pytest.fixture
def opened(monkeypatch):
    """Keep the files in which archives are opened."""
    files, original = [], archives._unnamed

    def opening(folder):
        files.append(original(folder))
        return files[-1]

    monkeypatch.setattr(archives, "_unnamed", opening)
    return files


def test_archives_that_are_refused_are_closed_at_once(desk, world, opened):
    draft_id = drafted(desk, *world.rows(2))
    for number in range(3):
        desk.send_bytes(draft_id, bytes([number]))
    turn = desk.worker().batches()
    while len(opened) < 4 or not all(file.closed for file in opened[1:]):
        next(turn)

    assert not opened[0].closed
    list(turn)
    desk.work()
    assert all(file.closed for file in opened)


def test_of_one_body_the_archives_of_one_draft_are_open_and_few_in_all(desk, world, opened, monkeypatch):
    monkeypatch.setattr(drafting, "MOST_WITH_PHOTOS", 1)
    mine = [drafted(desk, *world.rows(2), photos={"1.jpg": PICTURES[number]}) for number in range(2)]
    theirs = desk.open(issuer=OTHER_BODY).draft_id
    most, worker = 0, desk.worker()
    while any(desk.status(each) is DraftStatus.RECEIVED for each in mine):
        for _ in worker.batches():
            most = max(most, sum(not file.closed for file in opened))

    assert (most, len(opened)) == (1, 2)
    assert desk.status(theirs, issuer=OTHER_BODY) is DraftStatus.READY


def test_a_body_with_many_drafts_with_photos_leaves_room_for_another(desk, world):
    mine = [drafted(desk, *world.rows(2), photos={"1.jpg": PICTURES[number]}) for number in range(3)]
    worker = desk.worker()
    waiting = world.sessions.read(lambda session: waiting_drafts(session, "worker", now=desk.now))
    assert all(draft.has_photos for draft in waiting)
    list(worker.batches())

    assert len([hand for hand in worker._hands.values() if hand.draft.has_photos]) <= 1
    desk.work()
    assert {desk.status(each) for each in mine} == {DraftStatus.FAULTY}
