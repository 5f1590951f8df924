"""One worker: rounds over the jobs, a turn of each, until somebody asks it to stop.

A fault of one job keeps no other from its turn; the job that failed pauses, longer each time. What a worker outlives,
and what ends it, is said in ``faults``: it never goes on after a fault of its own program, and never ends in silence.
Any number of workers may run; none needs another to be alive, because each asks the register itself what waits.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from registry.work.errors import WorkerBroken, WorkerForbidden
from registry.work.faults import FORBIDDING, OUTLIVED, is_out_of_reach, told
from registry.work.job import Job, Task
from registry.work.records import Records

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0


class Stop(Protocol):
    """What tells a worker to stop, and lets it wait until then."""

    @property
    def asked(self) -> bool:
        """Whether it shall stop after the batch in hand."""

    def pause(self, seconds: float) -> None:
        """Wait so long, or until it shall stop."""


@dataclass(slots=True)
class Round:
    """What one round did, by job: counts of those that had a turn, why one failed, what one left behind."""

    done: dict[Job, int] = field(default_factory=dict)
    failed: dict[Job, str] = field(default_factory=dict)
    left_behind: dict[Job, list[str]] = field(default_factory=dict)

    @property
    def anything(self) -> bool:
        """Whether anything was done."""
        return any(self.done.values())


@dataclass(slots=True)
class _Pause:
    """How long a job that failed is left alone: until ``until``, after so many failures in a row."""

    failures: int = 0
    until: float = 0.0


class Worker:
    """Does its tasks, round after round. ``clock`` is monotonic, in seconds; ``tell`` is given each round's outcome."""

    def __init__(
        self,
        tasks: Sequence[Task],
        records: Records,
        stop: Stop,
        *,
        every_seconds: float,
        now: Callable[[], datetime],
        tell: Callable[[Round], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tasks = tasks
        self._records = records
        self._stop = stop
        self._every = every_seconds
        self._now = now
        self._tell = tell
        self._clock = clock
        self._pauses: dict[Job, _Pause] = {}

    def run(self) -> None:
        """Work until asked to stop; wait between rounds only if the last one found nothing to do.

        Raises ``WorkerBroken`` or ``WorkerForbidden`` after it was written down.
        """
        while not self._stop.asked:
            outcome = self.round()
            self._tell(outcome)
            if not outcome.anything:
                self._stop.pause(self._seconds_to_wait())
        self._end()

    def run_once(self) -> bool:
        """Work until a round finds nothing to do, or a job fails; return whether all of them ran through.

        Pauses are for those who stay. Raises what ``run`` raises.
        """
        while not self._stop.asked:
            outcome = self.round()
            self._tell(outcome)
            if outcome.failed or not outcome.anything:
                break
        self._end()
        return not self._pauses

    def round(self) -> Round:
        """Give each job its turn, unless it failed lately or the worker shall stop."""
        outcome = Round()
        for task in self._tasks:
            if self._stop.asked:
                break
            if self._pauses.get(task.job, _Pause()).until > self._clock():
                continue
            if not self._turn(task, outcome):
                break
        with _looking_for_damage():
            self._records.heartbeat(self._now())
        return outcome

    def _end(self) -> None:
        """End in good order: every job lets go, and it is written down."""
        for task in self._tasks:
            _let_go(task)
        with _looking_for_damage():
            self._records.stopped(self._now())

    def _turn(self, task: Task, outcome: Round) -> bool:
        """Give a job its turn; return whether the next job has any chance in this round."""
        outcome.done[task.job] = 0
        try:
            for count in task.batches():
                outcome.done[task.job] += count
                self._records.heartbeat(self._now(), doing=task.job)
                if self._stop.asked:
                    return True
        except FORBIDDING as fault:
            self._failed(task.job, told(fault), outcome)
            raise WorkerForbidden(task.job, told(fault)) from fault
        except OUTLIVED as fault:
            self._failed(task.job, told(fault), outcome)
            return not is_out_of_reach(fault)
        # Not to go on, but to write it down before the end.
        except Exception as fault:
            self._failed(task.job, told(fault), outcome)
            with _looking_for_damage():
                self._records.heartbeat(self._now(), doing=task.job, now=True)
            raise WorkerBroken(task.job, told(fault)) from fault
        self._ran_through(task, outcome)
        return True

    def _ran_through(self, task: Task, outcome: Round) -> None:
        left = outcome.left_behind[task.job] = task.left_behind()
        self._records.succeeded(task.job, self._now(), left_behind=_shortened(left))
        self._pauses.pop(task.job, None)

    def _failed(self, job: Job, why: str, outcome: Round) -> None:
        outcome.failed[job] = why
        self._records.failed(job, self._now(), why)
        pause = self._pauses.setdefault(job, _Pause())
        seconds = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0**pause.failures)
        pause.failures += 1
        pause.until = self._clock() + seconds

    def _seconds_to_wait(self) -> float:
        pauses = [pause.until - self._clock() for pause in self._pauses.values()]
        return max(0.0, min([self._every, *pauses]))


def _let_go(task: Task) -> None:
    try:
        task.end()
    except FORBIDDING as fault:
        raise WorkerForbidden(task.job, told(fault)) from fault
    except OUTLIVED:
        # What it holds is free by itself after a while, as after a death.
        return
    except Exception as fault:
        raise WorkerBroken(task.job, told(fault)) from fault


@contextmanager
def _looking_for_damage() -> Iterator[None]:
    """Whoever finds nothing to do, and writes down only that, finds damaged files too."""
    try:
        yield
    except FORBIDDING as fault:
        raise WorkerForbidden("heartbeat", told(fault)) from fault


def _shortened(left: Sequence[str]) -> str | None:
    if not left:
        return None
    more = f" (and {len(left) - 1} more)" if len(left) > 1 else ""
    return f"{left[0][:360]}{more}"
