"""Writing down how jobs and workers are getting on: in small transactions of their own, never as a part of an act.

A worker that can not write this goes on working, and writes it with the next heartbeat: what it did is in the register
by itself. Damaged files alone end it, here as everywhere. Several workers share the record of a job; each has one of
its own.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete
from sqlalchemy.orm import Session

from registry.database.sessions import Sessions
from registry.work.faults import FORBIDDING, OF_THE_DATABASE
from registry.work.job import Job
from registry.work.tables import JobRecord, WorkerRecord

HEARTBEAT_SECONDS = 15.0
KEPT = timedelta(days=30)
STOPPED_KEPT = timedelta(days=1)
"""For one that ended in good order: a timer may start one every minute."""


@dataclass(slots=True)
class _News:
    """What became of a job since it was last written down."""

    success_at: datetime | None = None
    failure_at: datetime | None = None
    failures: int = 0
    failure: str | None = None


class Records:
    """The records of one worker, of one thread. ``clock`` is monotonic, in seconds."""

    def __init__(
        self,
        sessions: Sessions,
        name: str,
        *,
        started_at: datetime,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sessions = sessions
        self._name = name
        self._started_at = started_at
        self._clock = clock
        self._news: dict[Job, _News] = {}
        self._failing: set[Job] = set()
        self._written: float | None = None

    def succeeded(self, job: Job, at: datetime, *, left_behind: str | None = None) -> None:
        """Note that a job ran through; ``left_behind`` is what it could not do, ``None`` if it did all there was."""
        news = self._news.setdefault(job, _News())
        news.success_at, news.failures = at, 0
        if left_behind is not None:
            news.failure_at, news.failure = at, left_behind

    def failed(self, job: Job, at: datetime, why: str) -> None:
        """Note that a job did not run through."""
        news = self._news.setdefault(job, _News())
        news.failure_at, news.failure = at, why
        news.failures += 1

    def heartbeat(self, at: datetime, *, doing: Job | None = None, now: bool = False) -> None:
        """Write down what was noted, and that this worker lives; at most every 15 seconds.

        ``now``: at once. So is the first heartbeat, a failure, and the first success after one. Raises
        ``StorageDamaged``.
        """
        due = self._written is None or self._clock() - self._written >= HEARTBEAT_SECONDS
        if now or due or self._is_urgent():
            self._write(at, doing=None if doing is None else doing.value, stopped_at=None)

    def stopped(self, at: datetime) -> None:
        """Write down that this worker ends in good order. Raises ``StorageDamaged``."""
        self._write(at, doing=None, stopped_at=at)

    def _is_urgent(self) -> bool:
        # A failure that lasts is no news.
        failing = {job for job, news in self._news.items() if news.failures}
        mended = {job for job, news in self._news.items() if not news.failures} & self._failing
        return bool(failing - self._failing or mended)

    def _write(self, at: datetime, *, doing: str | None, stopped_at: datetime | None) -> None:
        first = self._written is None

        def act(session: Session) -> None:
            for job in sorted(self._news):
                _keep_job(session, job, self._news[job])
            self._keep_worker(session, at, doing=doing, stopped_at=stopped_at)
            if first:
                session.execute(delete(WorkerRecord).where(_forgotten(at)))

        try:
            self._sessions.run(act, idempotent=True)
        except FORBIDDING:
            raise
        except OF_THE_DATABASE:
            # The database is away, or another worker made the same row first; what was noted is kept.
            return
        self._written = self._clock()
        self._failing -= {job for job, news in self._news.items() if not news.failures}
        self._failing |= {job for job, news in self._news.items() if news.failures}
        self._news.clear()

    def _keep_worker(
        self, session: Session, at: datetime, *, doing: str | None, stopped_at: datetime | None
    ) -> None:
        record = session.get(WorkerRecord, self._name)
        if record is None:
            record = WorkerRecord(name=self._name, started_at=self._started_at)
            session.add(record)
        record.seen_at, record.doing, record.stopped_at = at, doing, stopped_at


def _forgotten(at: datetime) -> ColumnElement[bool]:
    return (WorkerRecord.seen_at < at - KEPT) | (WorkerRecord.stopped_at < at - STOPPED_KEPT)


def _keep_job(session: Session, job: Job, news: _News) -> None:
    record = session.get(JobRecord, job.value, with_for_update=True)
    if record is None:
        record = JobRecord(
            job=job.value, last_success_at=None, last_failure_at=None, failures=0, failure=None
        )
        session.add(record)
    if news.success_at is not None:
        record.last_success_at = max(news.success_at, record.last_success_at or news.success_at)
        record.failures = 0
    if news.failure_at is not None:
        record.last_failure_at = max(news.failure_at, record.last_failure_at or news.failure_at)
        record.failure = news.failure
    record.failures += news.failures
