"""What becomes of approved results: numbers, tokens, release, and the journal's chain."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date
from itertools import groupby

from registry.certificate.errors import ClockBehind, EpochNotOpen, SeriesNotOpen, SignerMissing
from registry.directory.errors import SeriesExhausted
from tests.life.foretelling import At, Foretold, Moment, done, refused
from tests.life.notebook import Epoch, Notebook, Row, Submission, Version, number_text, series_key

Waiting = tuple[Submission, Row, date]


def number(book: Notebook, submissions: Sequence[Submission]) -> Foretold:
    """Foretell one batch: how many rows of these submissions get an entry, cut at the epoch's end."""
    waiting = [
        (submission, row, _dated(book, row)) for submission in submissions for row in submission.waiting
    ]
    if not waiting:
        return Foretold(answer=0)
    if any(item[0].decided_on is not None and book.today < item[0].decided_on for item in waiting):
        return refused(ClockBehind)
    epoch = _open_epoch(book, latest=max(dated for _, _, dated in waiting))
    if epoch is None:
        return refused(EpochNotOpen)
    batch = waiting[: epoch.last - len(book.versions)]
    wanted = Counter(_series(item) for item in batch if item[1].corrected is None)
    if not set(wanted) <= set(book.open_series):
        return refused(SeriesNotOpen)
    if any(book.open_series[key] + count >= 10**book.serial_digits for key, count in wanted.items()):
        return refused(SeriesExhausted)

    def effect() -> None:
        before = len(book.versions)
        for item in batch:
            _give(book, epoch, item)
        book.tell_entries("number", range(before + 1, len(book.versions) + 1))

    return done(effect, len(batch))


def _dated(book: Notebook, row: Row) -> date:
    """The date of issue: a correction keeps the one before, else the body's word counts, else the day of the number."""
    if row.corrected is not None:
        return book.version(row.corrected).issued_on
    return row.issued_on or book.today


def _series(item: Waiting) -> str:
    submission, row, dated = item
    return series_key(submission.file.issuer, dated.year, row.level)


def _open_epoch(book: Notebook, *, latest: date) -> Epoch | None:
    following = len(book.versions) + 1
    fitting = (
        epoch for epoch in book.epochs if epoch.first <= following <= epoch.last and latest <= epoch.last_on
    )
    return next(fitting, None)


def _give(book: Notebook, epoch: Epoch, item: Waiting) -> None:
    submission, row, dated = item
    if row.corrected is None:
        key, version = _series(item), 1
        book.open_series[key] += 1
        text = number_text(key, book.open_series[key], book.serial_digits)
    else:
        corrected = book.version(row.corrected)
        text, version = corrected.number, corrected.version + 1
    row.entry = len(book.versions) + 1
    book.versions.append(Version(row.entry, text, version, submission, row, epoch.key_id, dated))


def sign(book: Notebook, absent: Collection[bytes], *, tolerant: bool) -> Foretold:
    """Foretell signing while the signers of some keys are absent; ``tolerant``: their entries are held back.

    The journal gets the lines of one key after the other, by key id, before anything is committed.
    """
    waiting = [version for version in book.with_status("numbered") if version.key_id not in absent]
    waiting.sort(key=lambda version: (version.key_id, version.entry))
    lines = tuple(
        _lines(book, list(versions)) for _, versions in groupby(waiting, key=lambda version: version.key_id)
    )
    if len(waiting) < len(book.with_status("numbered")) and not tolerant:
        return Foretold(lines, refusal=SignerMissing)
    if not waiting:
        return Foretold(answer=0)

    def effect() -> None:
        for version in waiting:
            version.signed = True
        book.move("sign", waiting, "signed")

    return Foretold((*lines, Moment(At.COMMIT, effect)), len(waiting))


def _lines(book: Notebook, versions: Sequence[Version]) -> Moment:
    def effect() -> None:
        for version in versions:
            if not version.recorded:
                version.recorded = True
                book.recorded.add(version.entry)

    known = all(version.recorded for version in versions)
    return Moment(At.KNOWN_LINES if known else At.NEW_LINES, effect)


def release(book: Notebook) -> Foretold:
    """Foretell a release: first versions, and corrections of what is in force, superseding it in the same moment.

    What is reinstated is released too; a correction of it waits for the next time.
    """
    waiting = [version for version in book.with_status("signed") if _may_be_released(book, version)]
    lifted = book.with_status("reinstated")
    if not waiting and not lifted:
        return Foretold(answer=0)
    before = [book.version(version.row.corrected) for version in waiting if version.row.corrected is not None]

    def effect() -> None:
        book.move("supersede", before, "superseded")
        book.move("release", waiting, "released")
        book.move("release", lifted, "released")

    return done(effect, len(waiting) + len(lifted))


def _may_be_released(book: Notebook, version: Version) -> bool:
    corrected = version.row.corrected
    return corrected is None or book.version(corrected).status == "released"


def chain(book: Notebook, most: int) -> Foretold:
    """Foretell how many events get their place."""
    count = min(most, book.already_told + len(book.events) - book.chained)

    def effect() -> None:
        book.chained += count

    return done(effect, count)
