"""The check as a whole: what is asked once, then the pieces, then what lies outside the database.

The order matters where the register goes on working meanwhile. The public files are read before the register, so what
they do not say yet happened since; the signer's journal after it, because a line is there before its token is. The
public log is looked at once, and checked as far as it had grown then.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.assessment.tables import Result
from registry.audit.ceremonies import ceremony_faults
from registry.audit.evidence import FILE, Evidence, Places
from registry.audit.finding import Finding, Kind, Outcome, Part, Report, Skipped
from registry.audit.journal import hash_at
from registry.audit.log_check import LogCheck
from registry.audit.log_lost import unshown_faults
from registry.audit.once import once_faults
from registry.audit.plan import (
    Touched,
    chain_tasks,
    cut,
    entry_tasks,
    last_entry,
    last_place,
    log_tasks,
    longest_run,
    number,
    overlap,
    submission_pieces,
    submissions_after,
    submissions_told,
    waiting,
)
from registry.audit.public_files import Published, public_faults, read_published
from registry.audit.reading import NOT_READABLE, guarded, require_of_row, unreadable
from registry.audit.remembered import Remembered
from registry.audit.signer_lines import header_faults, recorded_among, stretches, unrecorded_faults
from registry.audit.spare import spare_certificates
from registry.audit.tasks import Room, Scope, Task, perform

T = TypeVar("T")
Progress = Callable[[int, int], None]


class Reader(Protocol):
    """Runs a query on one snapshot, as ``Sessions`` does."""

    def read(self, query: Callable[[Session], T], /) -> T:
        """Return what the query returned."""


@dataclass(frozen=True, slots=True)
class OneSession:
    """Reads in a session that is open already, whatever it sees."""

    session: Session

    def read(self, query: Callable[[Session], T], /) -> T:
        """Return what the query returned."""
        return query(self.session)


Hands = Callable[[Scope, Iterable[Task]], Iterator[Outcome]]
"""Does the pieces, in any order, here or elsewhere."""


def own_hands(reader: Reader, evidence: Evidence) -> Hands:
    """Return hands that do the pieces one after the other in this process."""

    def work(scope: Scope, tasks: Iterable[Task]) -> Iterator[Outcome]:
        for task in tasks:
            yield reader.read(partial(perform, evidence=evidence, scope=scope, task=task))

    return work


def rows_to_check(session: Session) -> int:
    """Return how many entries and results there are; progress is counted in them."""
    return last_entry(session) + number(session, select(func.count()).select_from(Result))


def unseen(done: int, of: int) -> None:
    """Tell nobody."""


@dataclass(slots=True)
class Check:
    """One check, and what it found so far.

    ``places`` ``None``: the database alone. ``remembered``: check only what happened since. ``publishing`` is held
    while the public files are read, so that none is caught between two.
    """

    reader: Reader
    evidence: Evidence
    hands: Hands
    places: Places | None = None
    remembered: Remembered | None = None
    progress: Progress = unseen
    publishing: Callable[[], AbstractContextManager[object]] = nullcontext
    outcome: Outcome = field(default_factory=Outcome)
    skipped: list[Skipped] = field(default_factory=list)

    def run(self) -> tuple[Report, Remembered | None]:
        """Check; return the report, and what to remember if nothing was found and nothing skipped."""
        self.outcome.take(self.evidence.findings)
        self.skipped += self.evidence.skipped
        published = self._published()
        scope, rows = self.reader.read(self._scope)
        nothing: tuple[frozenset[UUID], list[Finding]] = (frozenset(), [])
        spare, faults = self._ask("certificate", spare_certificates, nothing)
        self.outcome.take(faults)
        head = self._ask("event", partial(hash_at, place=scope.last_place), None)
        since = self._ask("event", self._since, None)
        log = self._begin_log()
        scope = replace(scope, spare=spare, whole=since is None, log=None if log is None else log.extent)
        self.outcome.take(self.reader.read(partial(once_faults, evidence=self.evidence, scope=scope)))
        touched = self._ask("event", partial(Touched.since, place=since.place), None) if since else None
        since = since if touched else None
        self._do(scope, self._tasks(scope, since, touched), rows)
        if log is not None:
            self._end_log(log, since)
        signer_bytes = self._signer(scope, since, touched)
        if published is not None:
            pieces = partial(public_faults, published=published, evidence=self.evidence)
            self.outcome.take(self.reader.read(lambda session: guarded(FILE, "*", partial(pieces, session))))
            records = partial(ceremony_faults, published=published, evidence=self.evidence)
            self.outcome.take(
                self.reader.read(lambda session: guarded("event", "*", partial(records, session)))
            )
        report = self._report(since)
        if report.findings or report.skipped or signer_bytes is None or head is None:
            return report, None
        environment, told = self.evidence.environment, log.remembered if log is not None else (0, "")
        return report, Remembered(
            environment, scope.last_place, head.hex(), scope.last_entry, signer_bytes, *told
        )

    def _ask(self, table: str, query: Callable[[Session], T], otherwise: T) -> T:
        """Return what the query returned; if what it read can not be read, a finding more, and ``otherwise``."""
        try:
            return self.reader.read(query)
        except NOT_READABLE as error:
            require_of_row(error)
            self.outcome.take([unreadable(table, "*", error)])
            return otherwise

    def _report(self, since: Remembered | None) -> Report:
        counts = dict(sorted(self.outcome.counts.items()))
        skipped = tuple(dict.fromkeys(self.skipped))
        return Report(tuple(self.outcome.findings), skipped, counts, since.place if since else 0)

    def _scope(self, session: Session) -> tuple[Scope, int]:
        last = last_entry(session)
        journal = self.places.signer_journal if self.places else None
        scope = Scope(last_place(session), last, longest_run(session, last), signer_journal=journal)
        self.outcome.counts["waiting"] = waiting(session)
        return scope, rows_to_check(session)

    def _since(self, session: Session) -> Remembered | None:
        """Return what may be built upon; ``None``, and a finding, if the journal before it was rewritten."""
        since = self.remembered
        if since is None or since.environment != self.evidence.environment:
            return None
        stored = hash_at(session, since.place)
        if stored is None or stored.hex() != since.hash:
            what = f"the journal was rewritten: at place {since.place} stands another hash than at the last check"
            self.outcome.take([Finding(Kind.JOURNAL, "event", f"place {since.place}", what)])
            return None
        if last_entry(session) < since.last_entry:
            what = f"the last check knew {since.last_entry} entries: a stale copy of the register"
            self.outcome.take([Finding(Kind.NUMBER, "entry_counter", "1", what)])
            return None
        return since

    def _begin_log(self) -> LogCheck | None:
        """Look at the public log; ``None`` if there is none, or nobody knows of one."""
        if self.evidence.policy is None:
            return None
        begun = LogCheck.begun(self.evidence.policy, self.places, self._ask)
        self.outcome.take(begun.seen.findings)
        self.skipped += begun.seen.skipped
        return begun

    def _end_log(self, log: LogCheck, since: Remembered | None) -> None:
        """Check the log's tree as a whole, and the released entries whose signing was lost."""
        known = (since.log_size, since.log_root) if since is not None else None
        self.outcome.take(log.tree_faults(self.outcome, known))
        self.outcome.counts.update(log.counts)
        entries = [entry for first, last in self.outcome.unshown for entry in range(first, last + 1)]
        if entries:
            pieces = partial(unshown_faults, entries=entries)
            self.outcome.take(
                self.reader.read(lambda session: guarded("lost_leaf", "*", partial(pieces, session)))
            )

    def _tasks(self, scope: Scope, since: Remembered | None, touched: Touched | None) -> Iterator[Task]:
        yield from chain_tasks(since.place if since else 0, scope.last_place)
        yield from log_tasks(since.log_size if since else 0, scope.log.size if scope.log else 0)
        if touched is not None:
            yield from touched.entry_tasks(scope.last_entry)
            yield from self._pieces(list(touched.submissions))
            return
        entries = partial(_listed, plan=entry_tasks, last=scope.last_entry)
        yield from self._ask("event", entries, list(cut(1, scope.last_entry)))
        after: object = None
        while page := self._ask("submission", partial(submissions_after, after=after), None):
            ids, after = page
            if not ids:
                return
            yield from self._pieces(ids)
        yield from self._pieces(self._ask("event", submissions_told, []))

    def _pieces(self, ids: list[UUID]) -> list[Task]:
        single = [Task(Room.SUBMISSIONS, ids=(identifier,)) for identifier in ids]
        return self._ask("result", partial(_listed, plan=submission_pieces, ids=ids), single)

    def _do(self, scope: Scope, tasks: Iterable[Task], rows: int) -> None:
        done = 0
        for outcome in self.hands(scope, tasks):
            self.outcome.add(outcome)
            done += outcome.counts["entries"] + outcome.counts["results"]
            if rows:
                self.progress(done, max(rows, done))

    def _signer(self, scope: Scope, since: Remembered | None, touched: Touched | None) -> int | None:
        """Check the signer's journal; return how many bytes it had, ``None`` if it was not checked."""
        path = scope.signer_journal
        if path is None:
            return None
        try:
            begin = since.signer_bytes if since and since.signer_bytes <= path.stat().st_size else 0
            self.outcome.take(header_faults(path))
            pieces = [Task(Room.SIGNER, found.first, found.last) for found in stretches(path, since=begin)]
            self._do(scope, pieces, 0)
            signed = (
                self.outcome.signed
                if touched is None
                else overlap(sorted(self.outcome.signed), touched.signed)
            )
            missing = list(unrecorded_faults(signed, self.outcome.recorded))
            if missing and since is not None:
                missing = list(unrecorded_faults(signed, recorded_among(path)))
            self.outcome.take(missing)
        except OSError as error:
            self.skipped.append(
                Skipped(Part.SIGNER, f"the signer's journal can not be read: {error.strerror} ({path})")
            )
            return None
        return pieces[-1].last if pieces else begin

    def _published(self) -> Published | None:
        if self.places is None:
            return None
        try:
            with self.publishing():
                return read_published(self.places, self.evidence)
        except OSError as error:
            self.skipped.append(Skipped(Part.PUBLIC, f"the public files can not be read: {error}"))
            return None


def _listed(session: Session, plan: Callable[..., Iterable[Task]], **options: Any) -> list[Task]:
    return list(plan(session, **options))


def check_database(
    session: Session, evidence: Evidence, places: Places | None = None, **options: Any
) -> Report:
    """Check everything in one open session and this process; for whoever has both at hand."""
    reader = OneSession(session)
    return Check(reader, evidence, own_hands(reader, evidence), places, **options).run()[0]
