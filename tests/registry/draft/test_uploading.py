"""Photo archives, part by part: a lost connection costs the part in hand and nothing more."""

import threading
from datetime import timedelta
from hashlib import sha256
from random import Random
from uuid import uuid4

import pytest
from sqlalchemy import select

from registry.draft import quota
from registry.draft.closing import drafts_unchanged_since
from registry.draft.errors import (
    DraftFull,
    FileTooLarge,
    NoSuchDraft,
    NoSuchPhotos,
    PartDiffers,
    PartMisplaced,
    PhotosDamaged,
    PhotosIncomplete,
    QuotaReached,
)
from registry.draft.files import PART_BYTES, Kind, files_of, plain_file
from registry.draft.status import DraftStatus
from registry.draft.tables import DraftPart
from registry.draft.uploading import SENT_BYTES, begin_photos, drop_photos, photo_archives, put_part
from tests.registry.world import OTHER_BODY

ARCHIVE = Random(7).randbytes(SENT_BYTES + PART_BYTES + 17)
PARTS = [ARCHIVE[:SENT_BYTES], ARCHIVE[SENT_BYTES:]]


class Sender:
    """A client that sends one archive."""

    def __init__(self, desk, draft_id, archive=ARCHIVE, *, issuer=None):
        self.desk, self.draft_id = desk, draft_id
        self.author = desk.author(issuer) if issuer else desk.author()
        digest = sha256(archive).digest()
        self.upload = begin_photos(
            desk.world.sessions, self.author, draft_id, size=len(archive), digest=digest, name="照片.zip",
            now=desk.now,
        )  # fmt: skip

    def put(self, number, content, *, file_id=None):
        return put_part(
            self.desk.world.sessions, self.desk.sealer, self.author, self.draft_id,
            file_id or self.upload.file_id, number, content, now=self.desk.now,
        )  # fmt: skip


def test_an_archive_is_complete_when_its_last_part_is_there(desk, world):
    draft_id = desk.ready()
    sender = Sender(desk, draft_id)
    assert (sender.upload.parts, sender.upload.missing) == (2, (0, 1))

    assert sender.put(1, PARTS[1]).missing == (0,)
    assert desk.status(draft_id) is DraftStatus.READY
    done = sender.put(0, PARTS[0])

    assert (done.complete, done.missing) == (True, ())
    assert (desk.status(draft_id), desk.state(draft_id).revision) == (DraftStatus.RECEIVED, 2)
    (file,) = world.sessions.read(lambda session: files_of(session, draft_id, Kind.PHOTOS))
    assert plain_file(world.sessions, desk.sealer, file) == ARCHIVE
    assert all(len(part) < PART_BYTES + 64 for part in world.all(select(DraftPart.sealed)))


def test_who_lost_the_connection_begins_again_and_sends_what_is_missing(desk):
    draft_id = desk.open().draft_id
    first = Sender(desk, draft_id)
    first.put(0, PARTS[0])

    again = Sender(desk, draft_id)

    assert again.upload.file_id == first.upload.file_id
    assert again.upload.missing == (1,)
    assert again.put(0, PARTS[0]).missing == (1,)
    assert again.put(1, PARTS[1]).complete
    assert Sender(desk, draft_id).upload.complete
    assert again.put(1, PARTS[1]).complete
    assert desk.state(draft_id).revision == 2


def test_the_same_part_sent_by_two_at_once_is_kept_once(desk, world):
    draft_id = desk.open().draft_id
    sender, answers = Sender(desk, draft_id), []
    threads = [
        threading.Thread(target=lambda: answers.append(sender.put(0, PARTS[0]).missing)) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [(1,)] * 3
    assert world.count(DraftPart)[0] == 8 + 1


REFUSED = {
    "behind the end": (2, b"x", PartMisplaced),
    "before the beginning": (-1, b"x", PartMisplaced),
    "too short": (0, PARTS[0][1:], PartMisplaced),
    "too long": (1, PARTS[1] + b"x", PartMisplaced),
}


@pytest.mark.parametrize(("number", "content", "refusal"), REFUSED.values(), ids=REFUSED)
def test_a_part_in_the_wrong_place_is_refused(desk, number, content, refusal):
    sender = Sender(desk, desk.open().draft_id)

    with pytest.raises(refusal):
        sender.put(number, content)

    assert sender.put(1, PARTS[1]).missing == (0,)


def test_another_part_in_the_place_of_one_that_is_there_is_refused(desk):
    sender = Sender(desk, desk.open().draft_id)
    sender.put(1, PARTS[1])

    with pytest.raises(PartDiffers):
        sender.put(1, PARTS[1][:-1] + b"!")


def test_parts_that_make_another_file_are_dropped(desk, world):
    draft_id = desk.ready()
    sender = Sender(desk, draft_id)
    sender.put(0, PARTS[0])

    with pytest.raises(PhotosDamaged):
        sender.put(1, PARTS[1][:-1] + bytes([PARTS[1][-1] ^ 1]))

    assert Sender(desk, draft_id).upload.missing == (0, 1)
    assert desk.status(draft_id) is DraftStatus.READY
    sender.put(0, PARTS[0])
    assert sender.put(1, PARTS[1]).complete


def test_nothing_is_signed_while_photos_are_under_way(desk):
    draft_id = desk.ready()
    sender = Sender(desk, draft_id)

    with pytest.raises(PhotosIncomplete):
        desk.sign(draft_id)
    drop_photos(desk.world.sessions, sender.author, draft_id, now=desk.now)

    desk.sign(draft_id)
    assert desk.state(draft_id).revision == 1


def test_dropped_photos_are_gone_and_the_draft_is_checked_anew(desk, world):
    draft_id = desk.open().draft_id
    sender = Sender(desk, draft_id)
    for number, part in enumerate(PARTS):
        sender.put(number, part)

    assert drop_photos(world.sessions, sender.author, draft_id, now=desk.now) == 3
    assert drop_photos(world.sessions, sender.author, draft_id, now=desk.now) == 3

    archives = world.sessions.read(lambda session: photo_archives(session, sender.author, draft_id))
    assert archives == []
    with pytest.raises(NoSuchPhotos):
        sender.put(0, PARTS[0])


def test_another_bodys_archive_looks_like_none(desk):
    sender = Sender(desk, desk.open().draft_id)
    theirs = desk.open(issuer=OTHER_BODY).draft_id

    with pytest.raises(NoSuchDraft):
        Sender(desk, theirs)
    thief = Sender(desk, theirs, issuer=OTHER_BODY)
    with pytest.raises(NoSuchPhotos):
        thief.put(0, PARTS[0], file_id=sender.upload.file_id)
    with pytest.raises(NoSuchPhotos):
        thief.put(0, PARTS[0], file_id=uuid4())


def test_an_archive_counts_as_announced(desk, monkeypatch):
    draft_id = desk.open().draft_id
    with pytest.raises(FileTooLarge):
        begin_photos(
            desk.world.sessions, desk.author(), draft_id, size=(1 << 30) + 1, digest=bytes(32), name=None,
            now=desk.now,
        )  # fmt: skip
    monkeypatch.setattr(quota, "MOST_BYTES", len(ARCHIVE) + 1000)

    with pytest.raises(QuotaReached):
        Sender(desk, draft_id)


def test_a_draft_has_so_many_archives_and_no_more(desk, monkeypatch):
    monkeypatch.setattr(quota, "MOST_ARCHIVES", 2)
    draft_id = desk.open().draft_id
    for number in range(2):
        Sender(desk, draft_id, bytes([number]))

    with pytest.raises(DraftFull, match="2 photo archives: drop its photos"):
        Sender(desk, draft_id, b"3")
    assert Sender(desk, draft_id, bytes([0])).upload.missing == (0,)
    assert Sender(desk, desk.open(desk.results(site="1")).draft_id, b"3").upload.missing == (0,)


def test_the_archives_of_a_draft_are_bounded_together(desk, monkeypatch):
    monkeypatch.setattr(quota, "MOST_ARCHIVE_BYTES", len(ARCHIVE) + 2)
    draft_id = desk.open().draft_id
    Sender(desk, draft_id)

    with pytest.raises(DraftFull, match="of photo archives: drop its photos"):
        Sender(desk, draft_id, b"123")


def test_a_draft_into_which_photos_come_is_not_forgotten(desk, world):
    draft_id = desk.open().draft_id

    def forgotten():
        before = desk.now - timedelta(days=30)
        return [
            each.id for each in world.sessions.read(lambda session: drafts_unchanged_since(session, before))
        ]

    desk.later(days=31)
    assert forgotten() == [draft_id]
    sender = Sender(desk, draft_id)
    assert forgotten() == []
    desk.later(days=31)
    assert forgotten() == [draft_id]
    sender.put(0, PARTS[0])
    assert forgotten() == []
