"""The public log checked by itself, all of it: ``certreg log check``, and a part of every full check."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from sqlalchemy.orm import Session

from registry.audit.check import Hands, Progress, Reader, unseen
from registry.audit.evidence import Evidence, Places
from registry.audit.finding import Outcome, Report
from registry.audit.log_check import LogCheck
from registry.audit.log_lost import lost_faults, unshown_faults
from registry.audit.log_seen import row_questions
from registry.audit.plan import chain_tasks, cut, last_entry, last_place, log_tasks, longest_run
from registry.audit.reading import NOT_READABLE, guarded, require_of_row
from registry.audit.tasks import Scope, Task
from registry.log.errors import NoLog

T = TypeVar("T")


def check_log(
    reader: Reader, evidence: Evidence, hands: Hands, places: Places, *, progress: Progress = unseen
) -> Report:
    """Check the log that the trust bundle names last; raises ``NoLog``.

    Every act and every leaf, what was released, the files, and what row, memory and checkpoint say. ``progress`` is
    told how many pieces are done, and of how many.
    """
    if evidence.policy is None:
        raise NoLog
    outcome = Outcome()
    log = LogCheck.begun(evidence.policy, places, _Asking(reader))
    outcome.take(log.seen.findings)
    outcome.counts.update(log.counts)
    scope = reader.read(partial(_scope, log=log))
    tasks = list(_tasks(scope, log.extent.size))
    for done, piece in enumerate(hands(scope, tasks), 1):
        outcome.add(piece)
        progress(done, len(tasks))
    for table, question in (("log_head", row_questions), ("lost_leaf", lost_faults)):
        ask = partial(question, has_log=True)
        outcome.take(
            reader.read(
                lambda session, table=table, ask=ask: guarded(table, "*", partial(ask, session))  # type: ignore[misc]
            )
        )
    outcome.take(log.tree_faults(outcome, None))
    entries = [entry for first, last in outcome.unshown for entry in range(first, last + 1)]
    unshown = partial(unshown_faults, entries=entries)
    outcome.take(reader.read(lambda session: guarded("lost_leaf", "*", partial(unshown, session))))
    return Report(tuple(outcome.findings), tuple(log.seen.skipped), dict(sorted(outcome.counts.items())), 0)


@dataclass(frozen=True, slots=True)
class _Asking:
    reader: Reader

    def __call__(self, table: str, query: Callable[[Session], T], otherwise: T, /) -> T:
        try:
            return self.reader.read(query)
        except NOT_READABLE as error:
            # Where the row itself is asked about, it is named.
            require_of_row(error)
            return otherwise


def _scope(session: Session, log: LogCheck) -> Scope:
    last = last_entry(session)
    return Scope(last_place(session), last, longest_run(session, last), log=log.extent, only_log=True)


def _tasks(scope: Scope, size: int) -> Iterator[Task]:
    yield from chain_tasks(0, scope.last_place)
    yield from log_tasks(0, size)
    yield from cut(1, scope.last_entry)
