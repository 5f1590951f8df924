"""How the work is getting on, and what of it an operator must see to. Reads; decides nothing about certificates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.certificate.tables import EntryCounter
from registry.journal.tables import LogHead
from registry.work.backlog import Waiting, backlog
from registry.work.job import Job
from registry.work.tables import JobRecord, WorkerRecord
from registry.work.words import CHINESE, Words

FAILURES_IN_A_ROW = 3
"""So many mean that the cause does not pass by itself."""

MOST_WORKERS = 20


@dataclass(frozen=True, slots=True)
class Limits:
    """When it is time to look: no success or heartbeat for ``max_age``, or something waiting for ``max_wait``."""

    max_age: timedelta = timedelta(minutes=5)
    max_wait: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job as its record tells it; without a record nobody ever did it.

    ``failure`` is the text of the last failure, or of what the last success left behind.
    """

    job: Job
    last_success_at: datetime | None
    last_failure_at: datetime | None
    failures: int
    failure: str | None

    @property
    def left_behind(self) -> str | None:
        """What the job ran past without doing it, ``None`` if it did all there was."""
        mended = self.last_success_at != self.last_failure_at
        return None if self.failures or mended else self.failure


@dataclass(frozen=True, slots=True)
class WorkerLine:
    """A worker: ``stopped_at`` is ``None`` while it runs, and for ever if it died."""

    name: str
    started_at: datetime
    seen_at: datetime
    stopped_at: datetime | None
    doing: str | None


@dataclass(frozen=True, slots=True)
class Health:
    """All of it at one snapshot.

    ``workers`` are at most 20: those that did not say that they ended before those that did, the last seen first.
    ``held_because`` says why nothing is numbered, ``outdated_because`` why the register must not go on at all; both
    are ``None`` in a register in good order.
    """

    at: datetime
    jobs: tuple[JobLine, ...]
    workers: tuple[WorkerLine, ...]
    backlog: tuple[Waiting, ...]
    last_entry: int
    held_because: str | None
    outdated_because: str | None

    @property
    def ever_worked(self) -> bool:
        """Whether a worker was ever there."""
        return bool(self.workers) or any(line.last_success_at or line.last_failure_at for line in self.jobs)


def read_health(session: Session, *, now: datetime) -> Health:
    """Return how the work is getting on."""
    records = {record.job: record for record in session.scalars(select(JobRecord))}
    newest = (WorkerRecord.stopped_at.is_not(None), WorkerRecord.seen_at.desc(), WorkerRecord.name)
    workers = session.scalars(select(WorkerRecord).order_by(*newest).limit(MOST_WORKERS))
    counter = session.execute(select(EntryCounter.last, EntryCounter.held_because)).one_or_none()
    last_entry, held_because = counter or (0, None)
    return Health(
        at=now,
        jobs=tuple(_job_line(job, records.get(job.value)) for job in Job),
        workers=tuple(
            WorkerLine(each.name, each.started_at, each.seen_at, each.stopped_at, each.doing)
            for each in workers
        ),
        backlog=backlog(session),
        last_entry=last_entry,
        held_because=held_because,
        outdated_because=session.scalar(select(LogHead.behind)),
    )


def complaints(
    health: Health,
    limits: Limits = Limits(),
    *,
    known_entries: Mapping[str, int] | None = None,
    words: Words = CHINESE,
) -> list[str]:
    """Return in words what an operator must see to; nothing if all is well.

    ``known_entries`` gives the highest entry that others know of, by who they are; ``None`` where nobody was asked. A
    register in which nothing has run yet gives one complaint for that, and not one for each job that was never done.
    """
    return [
        *_of_numbers(health, known_entries or {}, words),
        *(_of_work(health, limits, words) if health.ever_worked else [words.never_worked]),
        *(text for waiting in health.backlog for text in _of_backlog(waiting, health, limits, words)),
    ]


def _of_numbers(health: Health, known_entries: Mapping[str, int], words: Words) -> list[str]:
    behind = [
        words.old_copy.format(last=health.last_entry, witness=witness, known=known)
        for witness, known in known_entries.items()
        if known > health.last_entry
    ]
    held = [words.held.format(why=health.held_because)] if health.held_because else []
    outdated = [words.outdated.format(why=health.outdated_because)] if health.outdated_because else []
    return [*outdated, *behind, *held]


def _of_work(health: Health, limits: Limits, words: Words) -> list[str]:
    alive = any(_is_alive(worker, health, limits) for worker in health.workers)
    of_jobs = [text for line in health.jobs for text in _of_job(line, health, limits, words)]
    return of_jobs if alive else [words.no_worker, *of_jobs]


def _is_alive(worker: WorkerLine, health: Health, limits: Limits) -> bool:
    return worker.stopped_at is None and health.at - worker.seen_at <= limits.max_age


def _of_job(line: JobLine, health: Health, limits: Limits, words: Words) -> list[str]:
    name, failure = words.jobs[line.job], line.failure
    if line.last_success_at is None:
        never = words.never_because if failure else words.never
        return [never.format(job=name, failure=failure)]
    if line.failures >= FAILURES_IN_A_ROW:
        return [words.failing.format(job=name, failures=line.failures, failure=failure)]
    since = health.at - line.last_success_at
    if since > limits.max_age:
        return [words.silent.format(job=name, lasting=words.duration(since))]
    return [words.left_behind.format(job=name, left=line.left_behind)] if line.left_behind else []


def _of_backlog(waiting: Waiting, health: Health, limits: Limits, words: Words) -> list[str]:
    if waiting.oldest_at is None or health.at - waiting.oldest_at <= limits.max_wait:
        return []
    lasting = words.duration(health.at - waiting.oldest_at)
    return [words.waiting.format(job=words.jobs[waiting.job], count=waiting.count, lasting=lasting)]


def _job_line(job: Job, record: JobRecord | None) -> JobLine:
    if record is None:
        return JobLine(job, None, None, 0, None)
    return JobLine(job, record.last_success_at, record.last_failure_at, record.failures, record.failure)
