"""The register beside the notebook: read on one snapshot after each step, and equal in all that was foretold."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.assessment.tables import Result, Submission
from registry.certificate.approved import unfinished_submissions
from registry.certificate.tables import Certificate, Entry, EntryCounter, Epoch, Series
from registry.directory.profiles import NumberProfile
from registry.journal.chain import WRITTEN, Written
from registry.journal.tables import Event, JournalHead
from registry.publication.status_payload import compose_status
from registry.review.tables import SignedDecision
from signing.id_check import IdType, id_check
from signing.signed_bytes import statement_of_signed_bytes
from signing.status import Status
from tests.life.notebook import Notebook, Told
from tests.registry.assessment.submissions import resident_id
from tests.registry.world import ENVIRONMENT, SALT

DIRECTIONS = {"大数据分析": 7, "大数据处理": 8}

# Made once: making a query takes longer than running it.
_ENTRIES = (
    select(
        Entry.entry,
        Entry.version,
        Entry.result_id,
        Entry.key_id,
        Entry.to_be_signed,
        Entry.token,
        Entry.status,
        Certificate.number,
        Certificate.series_key,
        Certificate.serial,
    )
    .outerjoin(Certificate, Certificate.id == Entry.certificate_id)
    .order_by(Entry.entry)
)
_SUBMISSIONS = select(Submission.id, Submission.status, Submission.submitted_by)
_RESULTS = select(
    Result.id,
    Result.submission_id,
    Result.row,
    Result.passed,
    Result.returned_at_step,
    Result.corrects,
    Result.id_match,
    Result.edition,
    Result.occupation,
    Result.direction,
    Result.level,
)
_DECISIONS = select(
    SignedDecision.submission_id, SignedDecision.step, SignedDecision.decided_by, SignedDecision.signed
).order_by(SignedDecision.submission_id, SignedDecision.decided_at)
_EVENTS = select(*WRITTEN, Event.place, Event.hash).order_by(Event.id)
_SERIES = select(Series.key, Series.issued)
_LAST = select(EntryCounter.last)
_EPOCHS = select(Epoch.key_id, Epoch.first_entry, Epoch.last_entry, Epoch.last_on).order_by(Epoch.first_entry)
_HEAD = select(JournalHead.place, JournalHead.hash)
_NUMBERS = select(Certificate.number)


@dataclass(frozen=True)
class Register:
    """Everything of the register that a life looks at, as rows."""

    entries: list[Any]
    submissions: dict[Any, Any]
    results: dict[Any, Any]
    decisions: list[Any]
    events: list[Any]
    series: dict[str, int]
    last_entry: int
    epochs: list[Any]
    head: Any
    numbers: list[str]
    unfinished: set[Any]
    status: Status

    @classmethod
    def read(cls, session: Session, *, previous: int, now: datetime) -> Self:
        """Read it; ``previous`` is the version of the status file that was made last."""
        rows = session.connection().execute
        return cls(
            entries=list(rows(_ENTRIES)),
            submissions={row.id: row for row in rows(_SUBMISSIONS)},
            results={row.id: row for row in rows(_RESULTS)},
            decisions=list(rows(_DECISIONS)),
            events=list(rows(_EVENTS)),
            series={row.key: row.issued for row in rows(_SERIES)},
            last_entry=rows(_LAST).scalar() or 0,
            epochs=list(rows(_EPOCHS)),
            head=rows(_HEAD).one(),
            numbers=list(rows(_NUMBERS).scalars()),
            unfinished=set(unfinished_submissions(session)),
            status=compose_status(
                session, environment=ENVIRONMENT, trust_keys_version=1, previous=previous, now=now
            ),
        )

    def written(self) -> list[Written]:
        """Return the events as their acts wrote them."""
        return [Written._make(row[: len(Written._fields)]) for row in self.events]

    def told(self, since: int) -> list[Told]:
        """Return the events after so many, in the notebook's form."""
        return [
            Told(event.act, event.subject, event.first_entry, event.last_entry, event.details.get("after"))
            for event in self.events[since:]
        ]


def require_same(register: Register, book: Notebook) -> None:
    """Hold the register against the notebook, table by table."""
    _require_same_submissions(register, book)
    _require_same_entries(register, book)
    assert register.series == book.open_series
    assert register.last_entry == len(book.versions)
    assert sorted(register.numbers) == sorted(book.numbers())
    assert [tuple(row) for row in register.epochs] == [
        (epoch.key_id, epoch.first, epoch.last, epoch.last_on) for epoch in book.epochs
    ]
    expected = [(told.act, told.subject, *told[2:]) for told in book.events]
    assert [tuple(told) for told in register.told(book.already_told)] == expected


def _require_same_submissions(register: Register, book: Notebook) -> None:
    statuses = {submission.id: submission.status for submission in book.submissions}
    assert {key: row.status for key, row in register.submissions.items()} == statuses
    rows = {
        (row.submission_id, row.row): (row.passed, row.returned_at_step is not None, row.corrects)
        for row in register.results.values()
    }
    assert rows == {
        (submission.id, row.number): (row.passed, row.returned, row.corrected)
        for submission, row in book.all_rows()
    }
    # Nothing that waits is overlooked. What shared a batch that was cut may be looked at once more than needed.
    waiting = {submission.id for submission in book.submissions if submission.waiting}
    approved = {submission.id for submission in book.submissions if submission.status == "approved"}
    assert waiting <= register.unfinished <= approved


def _require_same_entries(register: Register, book: Notebook) -> None:
    stored = [
        (
            row.entry,
            row.number,
            row.version,
            register.results[row.result_id].submission_id,
            register.results[row.result_id].row,
            row.key_id,
            row.status,
            row.token is not None,
        )
        for row in register.entries
    ]
    assert stored == [
        (
            version.entry,
            version.number,
            version.version,
            version.submission.id,
            version.row.number,
            version.key_id,
            version.status,
            version.signed,
        )
        for version in book.versions
    ]
    sets = {
        "unreleased": ("numbered", "signed"),
        "suspended": ("suspended", "reinstated"),
        **{name: (name,) for name in ("revoked", "superseded")},
    }
    status = register.status
    assert status.size == len(book.versions)
    assert status.voided == {version.entry for version in book.with_status("void")}
    for name, statuses in sets.items():
        assert getattr(status, name) == {version.entry for version in book.with_status(*statuses)}, name


def require_said(rows: list[Any], book: Notebook, profile: NumberProfile) -> None:
    """Hold what the bytes of these entries say against the row that was handed in."""
    for row in rows:
        version = book.version(row.entry)
        statement = statement_of_signed_bytes(row.to_be_signed)
        person = version.row
        assert (statement.entry, profile.layout.unpack(statement.number)) == (row.entry, version.number)
        assert (statement.holder_name, statement.issued_on) == (person.name, version.issued_on)
        assert (statement.level.name.lower(), statement.direction) == (
            person.level,
            DIRECTIONS[person.direction],
        )
        assert statement.id_check == id_check(SALT, IdType.RESIDENT_ID, resident_id(person.person))
