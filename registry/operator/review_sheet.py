"""What a reviewer is shown before he signs: the exam, its counts, each row; and the photos, as files in a folder."""

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import click
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from registry.assessment.form import statistics
from registry.assessment.tables import Result, Submission
from registry.database.typed_rows import OddRow, TypedQuery
from registry.directory.body_view import BodyView, body_view
from registry.documents.terms import LEVELS
from registry.draft.submitted_photos import (
    PHOTO_STATES,
    NamedPhoto,
    named_photos,
    opened_photo,
    photo_counts,
    state_of,
)
from registry.installation import Installation
from registry.review.errors import NotEvidence
from registry.review.rows import ODD, StoredResult, rows_under_review
from signing.offline.report import printable
from signing.statement import Level, Occupation

_TRAINING = TypedQuery(
    select(Result.row, Result.training_certificate, Result.training_hours)
    .where(Result.submission_id == bindparam("submission"))
    .order_by(Result.row)
)


class Training(NamedTuple):
    """What a row says of the 培训合格证书."""

    certificate: str | None
    hours: int | None


@dataclass(frozen=True, slots=True)
class ReviewSheet:
    """The lines to be read, and the photos of the rows among them that are kept."""

    lines: Sequence[str]
    photos: Sequence[NamedPhoto]


def review_sheet(session: Session, submission_id: UUID, returned: Mapping[int, str]) -> ReviewSheet:
    """Return what there is to see of the rows under review; ``returned`` are those about to be sent back, and why.

    Raises ``NotEvidence`` for a row that can not be read.
    """
    submission = session.get_one(Submission, submission_id)
    body = body_view(session, submission.issuer)
    rows = rows_under_review(session, submission_id)
    photos, training = named_photos(session, submission_id), _training(session, submission_id)
    named = {result.row: photos[result.row] for result in rows if result.row in photos}
    lines = [_head(submission, body), _counts(rows, named)]
    for result in rows:
        besides = [PHOTO_STATES[state_of(named.get(result.row))], *_said_of(training[result.row])]
        lines.append(
            f"{_line(result, body, returned.get(result.row))}  {'  '.join(besides)}{_correction(result)}"
        )
    return ReviewSheet(lines, [photo for photo in named.values() if photo.id is not None])


def write_photos(installation: Installation, photos: Iterable[NamedPhoto], folder: Path) -> None:
    """Write photos as ``ROW.jpg`` into a new folder that nobody else may enter; all of them, or no folder is left.

    Raises ``click.UsageError`` for a folder that is there already, ``PhotoExchanged`` and ``SealBroken``.
    """
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        raise click.UsageError(f"{folder} is there already; choose another name") from None
    except OSError as error:
        raise click.UsageError(f"{folder} can not be made: {error.strerror}") from None
    try:
        for photo in photos:
            _write_photo(installation, photo, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _write_photo(installation: Installation, photo: NamedPhoto, folder: Path) -> None:
    sealer = installation.personal.sealer
    jpeg = installation.sessions.read(lambda session: opened_photo(session, sealer, photo))
    descriptor = os.open(folder / f"{photo.row}.jpg", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(jpeg)


def _training(session: Session, submission_id: UUID) -> dict[int, Training]:
    training = {}
    for row in _TRAINING.read(session, {"submission": submission_id}):
        if isinstance(row, OddRow):
            raise NotEvidence(row.values[0], ODD.format(column=row.column))
        training[row[0]] = Training(*row[1:])
    return training


def _head(submission: Submission, body: BodyView) -> str:
    late = f"，逾期报送：{printable(submission.late_reason or '未说明原因')}" if submission.late else ""
    exam = f"{submission.exam_started_on} 至 {submission.exam_ended_on}"
    return f"{body.name}（{body.issuer}）  {submission.province}-{submission.site_code}  考核 {exam}{late}"


def _counts(rows: Sequence[StoredResult], named: Mapping[int, NamedPhoto]) -> str:
    counts = statistics(rows)
    results = f"参加 {counts.entered}，合格 {counts.passed}，不合格 {counts.failed}，其中缺考 {counts.absent}"
    photos = photo_counts(named, rows=len(rows))
    of_photos = "，".join(f"{words} {photos[state]}" for state, words in PHOTO_STATES.items())
    return f"待审 {len(rows)} 行：{results}；{of_photos}"


def _line(result: StoredResult, body: BodyView, returned: str | None) -> str:
    occupation = body.occupations[Occupation(result.edition, result.occupation)].name
    theory = _points(result.absent_theory, result.theory)
    practice = _points(result.absent_practice, result.practice)
    return (
        f"{result.row:5d}  {printable(result.holder_name)}  {occupation} {LEVELS[Level(result.level)]}"
        f"  {theory} {practice}  {_outcome(result, returned)}"
    )


def _outcome(result: StoredResult, returned: str | None) -> str:
    if returned is not None:
        return f"退回：{returned}"
    return "合格" if result.passed else "不合格"


def _points(absent: bool, tenths: int) -> str:
    return " 缺考" if absent else f"{tenths / 10:5.1f}"


def _said_of(training: Training) -> Iterable[str]:
    if training.certificate:
        yield f"培训合格证书 {printable(training.certificate)}"
    if training.hours is not None:
        yield f"{training.hours} 学时"


def _correction(result: StoredResult) -> str:
    return f"  更正：{printable(result.correction_reason or '')}" if result.corrects else ""
