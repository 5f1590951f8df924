"""How the work is getting on, as ``certreg health`` writes it: for a person, and as JSON for a program."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from registry.operator.instants import shown_at
from registry.work.backlog import Waiting
from registry.work.health import Health, JobLine
from registry.work.words import ENGLISH


def as_lines(health: Health, complaints: Sequence[str], why_not: str | None) -> Iterator[str]:
    """Yield the report for a person; ``why_not`` is why the signer could not be asked, ``None`` if it was."""
    yield f"{shown_at(health.at)}  {_verdict(health, complaints, why_not)}"
    waiting = {each.job: each for each in health.backlog}
    for line in health.jobs:
        parts = list(_of_job(health, line, waiting.get(line.job)))
        if parts:
            yield f"  {ENGLISH.jobs[line.job]}: {'; '.join(parts)}"
    for worker in health.workers:
        state = "stopped" if worker.stopped_at is not None else f"last seen {_ago(health, worker.seen_at)}"
        yield f"  {worker.name}: {state}, started {shown_at(worker.started_at)}"
    yield f"  last entry (登记序号): {health.last_entry}"
    for complaint in complaints:
        yield f"see to: {complaint}"
    if why_not is not None:
        yield f"the signer's journal could not be asked: {why_not}"


def _of_job(health: Health, line: JobLine, waiting: Waiting | None) -> Iterator[str]:
    """Yield what there is to say of a job; of one that nobody ever did, in a register at work, that it was not."""
    if line.last_success_at is not None:
        yield f"last success {_ago(health, line.last_success_at)}"
    elif health.ever_worked:
        yield "never succeeded"
    if waiting and (waiting.count or health.ever_worked):
        oldest = waiting.oldest_at and ENGLISH.duration(health.at - waiting.oldest_at)
        yield f"{waiting.count} waiting" + (f", the oldest for {oldest}" if oldest else "")
    if line.last_failure_at is not None:
        yield f"last failure {_ago(health, line.last_failure_at)} ({line.failure})"


def as_document(
    health: Health, complaints: Sequence[str], known_entries: Mapping[str, int] | None, why_not: str | None
) -> dict[str, Any]:
    """Return the report as JSON's values: instants in ISO 8601 (UTC), ``null`` for what never was.

    ``healthy`` is ``null`` if nothing is wrong as far as could be seen, but the signer could not be asked.
    """
    return {
        "healthy": None if why_not is not None and not complaints else not complaints,
        "at": _iso(health.at),
        "complaints": list(complaints),
        "jobs": {
            line.job.value: {
                "last_success_at": _iso(line.last_success_at),
                "last_failure_at": _iso(line.last_failure_at),
                "failures": line.failures,
                "failure": line.failure,
            }
            for line in health.jobs
        },
        "backlog": {
            each.job.value: {"count": each.count, "oldest_at": _iso(each.oldest_at)}
            for each in health.backlog
        },
        "workers": [
            {
                "name": worker.name,
                "started_at": _iso(worker.started_at),
                "seen_at": _iso(worker.seen_at),
                "stopped_at": _iso(worker.stopped_at),
                "doing": worker.doing,
            }
            for worker in health.workers
        ],
        "last_entry": health.last_entry,
        "held_because": health.held_because,
        "outdated_because": health.outdated_because,
        "known_entries": None if known_entries is None else dict(known_entries),
        "signer_not_asked": why_not,
    }


def _verdict(health: Health, complaints: Sequence[str], why_not: str | None) -> str:
    if not health.ever_worked:
        return "no worker has run here yet"
    if complaints:
        return f"{len(complaints)} to see to"
    if why_not is None:
        return "in good order"
    return "nothing is seen amiss, but the signer's journal could not be asked"


def _ago(health: Health, instant: datetime) -> str:
    return f"{ENGLISH.duration(health.at - instant)} ago"


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
