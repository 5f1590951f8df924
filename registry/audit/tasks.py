"""The check in pieces: each is a range of places, of entries, of submissions, or of the signer's journal.

A piece is read on one snapshot and judged by itself, so pieces can be done on all cores, and a register may go on
working meanwhile. A piece with a row that can not be read is taken apart until the row is known.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from registry.assessment.tables import Result, Submission
from registry.audit.entries import check_entries
from registry.audit.entry_rows import events_on, held_entries
from registry.audit.evidence import FILE, Evidence
from registry.audit.finding import Finding, Outcome
from registry.audit.journal import chain_faults
from registry.audit.log_leaves import LogExtent, check_leaves, leaf_faults
from registry.audit.log_lost import uncosigned
from registry.audit.reading import guarded, unreadable, unreadable_rows, whole
from registry.audit.signer_lines import Stretch, check_stretch
from registry.audit.submission_rows import columns_of
from registry.audit.submissions import check_submissions
from registry.certificate.tables import Entry
from registry.intake.tables import Withdrawal
from registry.journal.tables import Event, LostLeaf
from registry.review.tables import ReturnedRow, SignedDecision


class Room(StrEnum):
    """What a piece is a range of."""

    CHAIN = "chain"
    ENTRIES = "entries"
    SUBMISSIONS = "submissions"
    SIGNER = "signer"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Scope:
    """What all pieces have in common.

    The last place and the last entry that there are, the longest run that an event names, the certificates that a
    restore made for serials without an entry, and whether everything is checked. ``log`` is ``None`` where no public
    log is checked; ``only_log``: nothing else is.
    """

    last_place: int
    last_entry: int
    longest: int
    spare: frozenset[UUID] = frozenset()
    whole: bool = True
    signer_journal: Path | None = None
    log: LogExtent | None = None
    only_log: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """One piece: first..last of places, entries, leaves or bytes, or some submissions."""

    room: Room
    first: int = 0
    last: int = 0
    ids: tuple[UUID, ...] = ()

    @property
    def key(self) -> str:
        """The range as text."""
        if self.room is Room.SUBMISSIONS:
            return str(self.ids[0]) if len(self.ids) == 1 else f"{self.ids[0]} … {self.ids[-1]}"
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"

    def halves(self) -> tuple["Task", ...]:
        """Return the two halves; nothing if there is nothing to halve."""
        if self.room is Room.SUBMISSIONS:
            middle = len(self.ids) // 2
            parts = [Task(self.room, ids=ids) for ids in (self.ids[:middle], self.ids[middle:])]
            return tuple(parts) if middle else ()
        middle = (self.first + self.last) // 2
        if self.room is Room.SIGNER or self.first == self.last:
            return ()
        return Task(self.room, self.first, middle), Task(self.room, middle + 1, self.last)


def perform(session: Session, evidence: Evidence, scope: Scope, task: Task) -> Outcome:
    """Do one piece; what can not be read is a finding."""
    outcomes: list[Outcome] = []

    def pieces() -> Iterable[Finding]:
        outcomes.append(_perform(session, evidence, scope, task))
        return ()

    _, error = whole(pieces)
    if error is None:
        return outcomes[0]
    session.expunge_all()
    outcome = Outcome()
    halves = task.halves()
    for half in halves:
        outcome.add(perform(session, evidence, scope, half))
    if not halves:
        outcome.take([unreadable(TABLES[task.room], task.key, error)])
        for table, where in _rows_of(task):
            outcome.take(guarded(table.name, task.key, _lazily(session, table, where)))
    return outcome


TABLES = {
    Room.CHAIN: "event",
    Room.ENTRIES: "entry",
    Room.SUBMISSIONS: "submission",
    Room.SIGNER: FILE,
    Room.LOG: "lost_leaf",
}


def _perform(session: Session, evidence: Evidence, scope: Scope, task: Task) -> Outcome:
    if scope.only_log and task.room in (Room.ENTRIES, Room.CHAIN):
        return _perform_log(session, scope, task)
    if task.room is Room.ENTRIES:
        return check_entries(
            session, evidence, task.first, task.last, longest=scope.longest, spare=scope.spare
        )
    if task.room is Room.SUBMISSIONS:
        return check_submissions(session, evidence, task.ids)
    if task.room is Room.SIGNER:
        if scope.signer_journal is None:
            return Outcome()
        return check_stretch(session, scope.signer_journal, Stretch(task.first, task.last))
    if task.room is Room.LOG:
        return check_leaves(
            session, evidence, task.first, task.last + 1, scope.log or LogExtent(task.last + 1)
        )
    outcome = Outcome()
    outcome.take(chain_faults(session, task.first, task.last, last_entry=scope.last_entry))
    if evidence.trust is not None:
        outcome.take(leaf_faults(session, task.first, task.last, has_log=evidence.policy is not None))
    outcome.counts["events"] = task.last - task.first + 1
    return outcome


def _perform_log(session: Session, scope: Scope, task: Task) -> Outcome:
    outcome = Outcome()
    if task.room is Room.CHAIN:
        outcome.take(leaf_faults(session, task.first, task.last, has_log=True))
        outcome.counts["events"] = task.last - task.first + 1
        return outcome
    rows = held_entries(session, task.first, task.last)
    events = events_on(session, task.first, task.last, longest=scope.longest)
    findings, outcome.unshown = uncosigned(session, rows, events)
    outcome.take(findings)
    outcome.counts["entries"] = len(rows)
    return outcome


def _lazily(session: Session, table: Any, where: ColumnElement[bool]) -> Callable[[], Iterable[Finding]]:
    return lambda: unreadable_rows(session, table, where)


def _rows_of(task: Task) -> list[tuple[Any, ColumnElement[bool]]]:
    if task.room is Room.CHAIN:
        return [(columns_of(Event), Event.place.between(task.first, task.last))]
    if task.room is Room.LOG:
        return [
            (columns_of(LostLeaf), LostLeaf.place.between(task.first, task.last)),
            (columns_of(Event), Event.leaf.between(task.first, task.last)),
        ]
    if task.room is Room.ENTRIES:
        return [(columns_of(Entry), Entry.entry.between(task.first, task.last))]
    if task.room is Room.SUBMISSIONS:
        decided = select(SignedDecision.id).where(SignedDecision.submission_id.in_(task.ids))
        return [
            (columns_of(Submission), Submission.id.in_(task.ids)),
            (columns_of(Result), Result.submission_id.in_(task.ids)),
            (columns_of(SignedDecision), SignedDecision.submission_id.in_(task.ids)),
            (columns_of(ReturnedRow), ReturnedRow.decision_id.in_(decided)),
            (columns_of(Withdrawal), Withdrawal.submission_id.in_(task.ids)),
        ]
    return []
