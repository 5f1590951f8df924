"""What a reviewer is shown before he signs, and the photos that he gets as files."""

import os
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select, update

from registry.assessment.tables import Result, Submission
from registry.draft.errors import PhotoExchanged
from registry.draft.status import DraftStatus
from registry.draft.submitted_photos import (
    PhotoState,
    named_photos,
    opened_photo,
    photo_counts,
    state_of,
    stored_photo_counts,
)
from registry.draft.tables import Draft, DraftFile, Photo
from registry.operator.review_sheet import review_sheet
from registry.personal_data import SealBroken
from tests.registry.assessment.submissions import row
from tests.registry.draft.conftest import Desk
from tests.registry.photo.pictures import TWO_INCH, jpeg
from tests.registry.world import BODY

FIRST, SECOND = jpeg(TWO_INCH), jpeg((TWO_INCH[0] + 5, TWO_INCH[1] + 7))
TRAINED = {"training_certificate": "连理工培〔2026〕0017", "training_hours": 160}


@pytest.fixture
def photographed(world, tmp_path):
    """A submission, on each database, of three rows that came out of a draft; the last has no photo any more."""
    desk = Desk(world, tmp_path)
    rows = world.row(1, **TRAINED), world.row(2, theory="absent"), world.row(3)
    draft_id = desk.open(desk.results(*rows)).draft_id
    desk.send_photos(draft_id, {"1.jpg": FIRST, "2.jpg": SECOND, "3.jpg": SECOND})
    desk.work()
    desk.sign(draft_id)
    desk.work()
    submission = desk.state(draft_id).submission_id
    world.compute_id_checks(submission)
    world.tamper(
        delete(Photo).where(Photo.row == 3), update(Result).where(Result.row == 3).values(photo=None)
    )
    return submission


def shown(world, submission, returned=None):
    return world.sessions.read(lambda session: review_sheet(session, submission, returned or {}))


def test_a_reviewer_is_shown_photos_absence_and_training(world, photographed):
    head, counts, first, second, third = shown(world, photographed).lines

    assert head.startswith(
        f"工业和信息化部教育与考试中心（{BODY}）  21-000002  考核 2026-11-07 至 2026-11-08"
    )
    assert counts == ("待审 3 行：参加 3，合格 2，不合格 1，其中缺考 1；无照片 1，有照片 2，照片未存 0")
    assert first.endswith("合格  有照片  培训合格证书 连理工培〔2026〕0017  160 学时")
    assert " 缺考  70.0  不合格  有照片" in second
    assert "无照片" in third
    assert "退回：照片不符  有照片" in shown(world, photographed, {1: "照片不符"}).lines[2]


def test_rows_that_were_returned_before_are_counted_no_more(world, photographed):
    world.decide(photographed, {2: "照片不符"})

    sheet = shown(world, photographed)

    assert sheet.lines[1].endswith(
        "待审 2 行：参加 2，合格 2，不合格 0，其中缺考 0；无照片 1，有照片 1，照片未存 0"
    )
    assert [photo.row for photo in sheet.photos] == [1]


def test_the_photos_are_those_that_the_body_sent(world, photographed):
    def opened(session):
        photos = named_photos(session, photographed)
        return {row: opened_photo(session, world.personal.sealer, photo) for row, photo in photos.items()}

    found = world.sessions.read(opened)

    results = select(Result.row, Result.photo).where(Result.photo.is_not(None))
    named = world.sessions.read(lambda session: dict(session.execute(results).all()))
    assert {row: sha256(data).digest() for row, data in found.items()} == named
    assert all(data.startswith(b"\xff\xd8") for data in found.values())


def test_a_photo_that_is_not_kept_or_another_is_told_and_not_shown(world, photographed):
    of_first = Photo.id.in_(select(Photo.id).where(Photo.row == 1))
    world.tamper(update(Photo).where(of_first).values(digest=bytes(32)), delete(Photo).where(Photo.row == 2))

    sheet = shown(world, photographed)

    assert sheet.lines[1].endswith("无照片 1，有照片 0，照片未存 2")
    assert sheet.photos == []
    photos = world.sessions.read(lambda session: named_photos(session, photographed))
    assert [state_of(photos.get(row)) for row in (1, 2, 3)] == [
        PhotoState.MISSING, PhotoState.MISSING, PhotoState.NONE,
    ]  # fmt: skip


def test_photos_are_counted_as_they_are_named_and_named_row_by_row_for_a_page(world, photographed):
    def require_the_same(kept):
        photos = world.sessions.read(lambda session: named_photos(session, photographed))
        counts = world.sessions.read(lambda session: stored_photo_counts(session, photographed))
        assert counts == photo_counts(photos, rows=3)
        assert counts[PhotoState.KEPT] == kept

    require_the_same(2)
    second = world.sessions.read(lambda session: named_photos(session, photographed, between=(2, 3)))
    assert list(second) == [2]
    world.tamper(delete(Photo).where(Photo.row == 2))
    require_the_same(1)
    world.tamper(update(Photo).values(digest=bytes(32)))
    require_the_same(0)


def test_bytes_that_are_not_of_the_digest_are_never_shown(world, photographed):
    photo = world.sessions.read(lambda session: named_photos(session, photographed))[1]

    def write(plain, place):
        sealed = world.personal.sealer.seal(plain, place=place)
        world.tamper(update(Photo).where(Photo.id == photo.id).values(sealed=sealed))
        world.sessions.read(lambda session: opened_photo(session, world.personal.sealer, photo))

    with pytest.raises(PhotoExchanged):
        write(SECOND, f"photo:{photo.id}")
    with pytest.raises(SealBroken):
        write(FIRST, f"photo:{uuid4()}")
    world.tamper(delete(Photo))
    with pytest.raises(PhotoExchanged):
        world.sessions.read(lambda session: opened_photo(session, world.personal.sealer, photo))


# By command.


def keep_photo(office, submission, number, picture):
    """Keep a photo for a row, as the worker does that hands in a draft."""
    installation, now = office.installation, datetime.now(UTC)
    draft, file, photo, digest = uuid4(), uuid4(), uuid4(), sha256(picture).digest()

    def act(session):
        found = session.get_one(Submission, UUID(submission))
        result = session.scalars(
            select(Result).where(Result.submission_id == found.id, Result.row == number)
        ).one()
        session.add(
            Draft(
                id=draft, issuer=found.issuer, created_at=now, created_by=found.submitted_by, key_id=found.key_id,
                status=DraftStatus.SUBMITTED, revision=1, changed_at=now, checked_revision=1, rows=2, faults=0,
                done=0, total=0, attempts=0, submission_id=found.id,
            )
        )  # fmt: skip
        session.flush()
        session.add(
            DraftFile(
                id=file, draft_id=draft, kind="photos", revision=1, position=0, media_type="application/zip",
                size=1, digest=digest, complete=True,
            )
        )  # fmt: skip
        session.flush()
        sealed = installation.personal.sealer.seal(picture, place=f"photo:{photo}")
        session.add(
            Photo(
                id=photo, draft_id=draft, file_id=file, entry=0, row=number, digest=digest, width=1, height=1,
                sealed=sealed, result_id=result.id,
            )
        )  # fmt: skip

    installation.sessions.run(act)


def name_photos(office, submission, pictures):
    """Let rows name photos, as those do that come out of a draft: a file that comes directly may not."""

    def act(session):
        for number, picture in pictures.items():
            of_it = Result.submission_id == UUID(submission), Result.row == number
            session.execute(update(Result).where(*of_it).values(photo=sha256(picture).digest()))

    office.installation.sessions.run(act)


@pytest.fixture
def waiting(office):
    """A submission of an office that waits for the province; two rows have photos, one names one that is not there."""
    submission = office.submitted(*map(row, range(1, 5)))
    name_photos(office, submission, {1: FIRST, 2: SECOND, 3: b"none"})
    keep_photo(office, submission, 1, FIRST)
    keep_photo(office, submission, 2, SECOND)
    return submission


def reviewed(office, submission, folder, **more):
    return (
        "review",
        submission,
        "--key",
        office.key("province"),
        "--photos",
        folder,
        *more.get("options", ()),
    )


def test_the_photos_are_written_for_the_reviewer_alone(office, waiting):
    folder = office.folder / "photos"

    said = office.done(*reviewed(office, waiting, folder, options=["--yes"]))

    assert "无照片 1，有照片 2，照片未存 1" in said
    assert f"2 张照片已写入 {folder}" in said
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"1.jpg": FIRST, "2.jpg": SECOND}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert "确认 4 行" in said


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda folder: folder.mkdir(), "is there already"),
        (lambda folder: folder.write_bytes(b""), "is there already"),
        (lambda folder: folder.symlink_to(folder.parent), "is there already"),
    ],
    ids=["a folder", "a file", "a link"],
)
def test_photos_go_into_a_new_folder_alone(office, waiting, make, why):
    folder = office.folder / "photos"
    make(folder)

    assert why in office.refused(*reviewed(office, waiting, folder, options=["--yes"]), code=2)
    assert "can not be made" in office.refused(*reviewed(office, waiting, folder / "x" / "y"), code=2)
    assert office.done("submissions").rstrip().endswith("待省级审核")


def test_a_photo_that_was_exchanged_is_not_written_and_nothing_is_signed(office, waiting):
    installation, folder = office.installation, office.folder / "photos"

    def exchange(session):
        photo = session.scalars(select(Photo).where(Photo.row == 2)).one()
        photo.sealed = installation.personal.sealer.seal(FIRST, place=f"photo:{photo.id}")

    installation.sessions.run(exchange)

    said = office.refused(*reviewed(office, waiting, folder, options=["--yes"]))

    assert "row 2 names another photo" in said
    assert not os.path.lexists(folder)
    assert office.done("submissions").rstrip().endswith("待省级审核")


def test_who_may_not_decide_gets_no_photos(office, waiting):
    folder = office.folder / "photos"

    office.refused("review", waiting, "--key", office.key("centre"), "--photos", folder, "--yes")

    assert not folder.exists()
