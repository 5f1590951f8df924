"""What becomes of a file that is handed in."""

from datetime import timedelta

from registry.assessment.errors import SubmissionRefused
from registry.intake.errors import NoSuchSubmission, TooLateToWithdraw, WithdrawnBefore
from registry.people.errors import KeyNotValid
from tests.life.foretelling import Foretold, done, refused
from tests.life.notebook import GONE, File, Notebook, Row, Submission, Told
from tests.registry.world import FIRST_DAY, IN_THREE_YEARS

DAYS_AHEAD = timedelta(days=31)

Faults = set[tuple[int | None, str]]


def keys_count(book: Notebook) -> bool:
    """Say whether today is one of the days for which all keys were enrolled."""
    return FIRST_DAY <= book.today <= IN_THREE_YEARS


def hand_in(book: Notebook, file: File, submitter: str) -> Foretold:
    """Foretell the receipt: repeated, status, how many rows, how many of them passed; or every fault."""
    if not keys_count(book):
        return refused(KeyNotValid)
    present = book.taken(file)
    counts = (len(file.rows), sum(row.passed for row in file.rows))
    if present is not None and present.status == "withdrawn":
        return refused(WithdrawnBefore)
    if present is not None:
        return Foretold(answer=(True, present.status, *counts))
    faults: Faults = {
        (row.number, "issued_too_late")
        for row in file.rows
        if row.issued_on is not None and row.issued_on > book.today + DAYS_AHEAD
    } or _faults_beside_the_register(book, file)
    if faults:
        return Foretold(refusal=SubmissionRefused, faults=frozenset(faults))

    def effect() -> None:
        rows = [Row(**{**vars(row), "corrected": _entry_corrected(book, row)}) for row in file.rows]
        submission = Submission(file, submitter, rows, people=[submitter])
        book.submissions.append(submission)
        book.events.append(Told("submit", submission))

    return done(effect, (False, "received", *counts))


def withdraw(book: Notebook, submission: Submission, issuer: str) -> Foretold:
    """Foretell whether a body withdraws what nobody decided on yet; answered with whether it was withdrawn before."""
    if submission.file.issuer != issuer:
        return refused(NoSuchSubmission)
    if submission.status == "withdrawn":
        return Foretold(answer=True)
    if submission.status not in ("received", "province"):
        return refused(TooLateToWithdraw)

    def effect() -> None:
        submission.status = "withdrawn"
        book.events.append(Told("withdraw", submission))

    return done(effect, False)


def _faults_beside_the_register(book: Notebook, file: File) -> Faults:
    faults: Faults = set()
    for row in file.rows:
        if row.corrects is not None and not _may_correct(book, file.issuer, row):
            faults.add((row.number, "not_correctable"))
        elif row.passed and _passed_before(book, row):
            faults.add((row.number, "already_passed"))
    return faults


def _entry_corrected(book: Notebook, row: Row) -> int | None:
    return None if row.corrects is None else book.versions_of(row.corrects)[-1].entry


def _may_correct(book: Notebook, issuer: str, row: Row) -> bool:
    """Whether the newest version is in force, of this body and level, and no other correction is under way."""
    versions = book.versions_of(row.corrects or "")
    if not versions:
        return False
    newest = versions[-1]
    under_way = any(
        other.corrected == newest.entry and not other.returned and other.entry is None
        for _, other in book.rows_that_count()
    )
    same = (newest.submission.file.issuer, newest.row.level) == (issuer, row.level)
    return same and newest.status == "released" and not under_way


def _passed_before(book: Notebook, row: Row) -> bool:
    """Whether another result, of any body, stands for this person and sitting; what the row corrects does not count."""
    corrected = _entry_corrected(book, row)
    return any(
        other.passed
        and not other.returned
        and other.sitting == row.sitting
        and (
            other.entry is None or (other.entry != corrected and book.version(other.entry).status not in GONE)
        )
        for _, other in book.rows_that_count()
    )
