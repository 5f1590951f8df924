"""Lost entries found again: a result of the backup whose statement has the very digest that the signer wrote down.

The signer's journal keeps SHA-256 of the bytes that were signed, and those bytes follow from number, entry and
result. So a certificate that was issued after the backup, of a result that is in it, is made whole again, byte for
byte, and the result is not numbered a second time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from keys.signer.history import SignedEntry
from registry.assessment.tables import Result, Submission
from registry.certificate.approved import UNFINISHED
from registry.certificate.numbering import Scope
from registry.certificate.tables import Entry
from registry.directory.errors import FieldMisfit
from registry.directory.profiles import NumberProfile
from registry.review.rows import STORED, StoredResult
from signing import cose
from signing.cose import Kind
from signing.statement import Level, Occupation, Statement
from signing.token import statement_to_be_signed

# Days of issue that are tried for a row that names none, at most.
MOST_DAYS: Final = 40

_SHORTEST_NUMBER: Final = bytes(2)
# Bytes of a payload up to and including a number of two bytes, for an entry below 24: array, version, entry, string.
_SHORTEST_HEAD: Final = 6


class Place(NamedTuple):
    """Where the results of a submission were examined."""

    issuer: str
    province: str
    site: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A result without an entry, and how its statement would end for each day on which it may have been issued."""

    result: StoredResult
    ends: tuple[tuple[date, bytes], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A result that an entry was made of, with the bytes that were signed."""

    result: StoredResult
    to_be_signed: bytes
    issued_on: date


Pool = dict[UUID, Candidate]


@dataclass(slots=True)
class Candidates:
    """The results that no entry stands for, by the series they would be numbered in; corrections by what they correct.

    Asked in the order of entries, it most often finds at the first try: rows were numbered one after the other.
    """

    environment: str
    by_series: dict[str, Pool] = field(default_factory=dict)
    by_corrected: dict[int, Pool] = field(default_factory=dict)

    @classmethod
    def read(
        cls, session: Session, profile: NumberProfile, *, environment: str, first_day: date, last_day: date
    ) -> "Candidates":
        """Read what may have been numbered between the two days (Asia/Shanghai, both included)."""
        found = cls(environment)
        span = min((last_day - first_day).days, MOST_DAYS)
        days = [first_day + timedelta(days=day) for day in range(span + 1)]
        query = (
            select(*STORED, Submission.issuer, Submission.province, Submission.site_code)
            .join(Submission, Submission.id == Result.submission_id)
            .outerjoin(Entry, Entry.result_id == Result.id)
            .where(Entry.entry.is_(None), Result.passed, Result.returned_at_step.is_(None))
            .where(Result.id_check.is_not(None))
            .order_by(Submission.received_at, Submission.id, Result.row)
        )
        for row in session.execute(query):
            found._add(StoredResult._make(row[:-3]), Place(*row[-3:]), days, profile)
        return found

    def find(self, signed: SignedEntry, series_key: str, corrected: Statement | None) -> Found | None:
        """Return the result that this entry was signed for, and forget it here; ``None`` if none has the digest.

        ``corrected`` is what the corrected version says, ``None`` for a first version or if its bytes are not known.
        """
        if signed.corrects is None:
            pool = self.by_series.get(series_key, {})
        else:
            pool = self.by_corrected.get(signed.corrects, {})
        found = _found(signed, pool.values(), corrected, self.environment)
        if found is not None:
            del pool[found.result.id]
        return found

    def match(self, statement: Statement, series_key: str) -> StoredResult | None:
        """Return the one result that a first version was made of; ``None`` if there is none, or more than one."""
        like = [
            candidate.result
            for candidate in self.by_series.get(series_key, {}).values()
            if _statement(candidate.result, statement.entry, statement.number, statement.issued_on)
            == statement
        ]
        return like[0] if len(like) == 1 else None

    def _add(self, result: StoredResult, place: Place, days: Sequence[date], profile: NumberProfile) -> None:
        if result.corrects is not None:
            self.by_corrected.setdefault(result.corrects, {})[result.id] = Candidate(result, ())
            return
        possible = [result.issued_on] if result.issued_on else days
        for year in sorted({day.year for day in possible}):
            scope = Scope(place.issuer, place.province, place.site, year, Level(result.level))
            try:
                key = scope.key(profile)
            except FieldMisfit:
                continue
            ends = tuple((day, _end(result, day)) for day in possible if day.year == year)
            self.by_series.setdefault(key, {})[result.id] = Candidate(result, ends)


def finish_submissions(session: Session) -> None:
    """Mark the approved submissions in which no result waits for a number any more."""
    has_entry = select(Entry.entry).where(Entry.result_id == Result.id).exists()
    waiting = (
        select(Result.id)
        .where(Result.submission_id == Submission.id, Result.passed, Result.returned_at_step.is_(None))
        .where(~has_entry)
        .exists()
    )
    session.execute(update(Submission).where(*UNFINISHED, ~waiting).values(all_numbered=True))


def _found(
    signed: SignedEntry, candidates: Iterable[Candidate], corrected: Statement | None, environment: str
) -> Found | None:
    head: bytes | None = None
    for candidate in candidates:
        ends = candidate.ends
        if signed.corrects is not None:
            # A correction keeps the date of the version before it.
            ends = ((corrected.issued_on, _end(candidate.result, corrected.issued_on)),) if corrected else ()
        for day, end in ends:
            if head is None:
                head = _statement(candidate.result, signed.entry, signed.number, day).to_bytes()[: -len(end)]
            payload = head + end
            if sha256(_start(signed.key_id, environment, len(payload)) + payload).digest() == signed.digest:
                statement = _statement(candidate.result, signed.entry, signed.number, day)
                bytes_ = statement_to_be_signed(statement, key_id=signed.key_id, environment=environment)
                return Found(candidate.result, bytes_, day)
    return None


@lru_cache(maxsize=1024)
def _start(key_id: bytes, environment: str, length: int) -> bytes:
    """Return what stands before a payload of this length in the bytes that are signed."""
    whole = cose.to_be_signed(
        key_id=key_id, payload=bytes(length), environment=environment, kind=Kind.CERTIFICATE
    )
    return whole[:-length]


def _end(result: StoredResult, issued_on: date) -> bytes:
    """Return what comes after the number in the statement of this result, whatever entry and number it got."""
    return _statement(result, 1, _SHORTEST_NUMBER, issued_on).to_bytes()[_SHORTEST_HEAD:]


def _statement(result: StoredResult, entry: int, number: bytes, issued_on: date) -> Statement:
    return Statement(
        entry=entry,
        number=number,
        holder_name=result.holder_name,
        id_check=result.id_check or 0,
        occupation=Occupation(result.edition, result.occupation),
        direction=result.direction,
        level=Level(result.level),
        issued_on=issued_on,
    )
