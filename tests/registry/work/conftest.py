"""Workers over a world: its own signers, a clock that a test moves, a stop that a test gives."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from registry.work.chaining import chain_all
from registry.work.id_checking import IdChecking
from registry.work.issuing import Issuing, unnumbered, unsigned
from registry.work.job import Job, Task
from registry.work.records import Records
from registry.work.worker import Round, Worker
from tests.instants import NOON
from tests.registry.staff_site import installation_of
from tests.registry.world import SALT, World


@dataclass
class Clock:
    """A clock that stands until it is moved; also the present instant, counted from noon."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        """Return the instant."""
        return NOON + timedelta(seconds=self.seconds)


@dataclass
class Stop:
    """Asks to stop after so many pauses, or when a test says so; ``paused`` tells how long each pause was to be."""

    clock: Clock
    pauses: int = 3
    asked: bool = False
    paused: list[float] = field(default_factory=list)

    def pause(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.paused.append(seconds)
        self.clock.seconds += seconds
        self.asked = self.asked or len(self.paused) >= self.pauses


@dataclass
class Shift:
    """A worker with all that was handed to it, and what it told."""

    worker: Worker
    stop: Stop
    clock: Clock
    told: list[Round]

    def done(self, job: Job) -> int:
        """Return how much of a job all rounds did."""
        return sum(each.done.get(job, 0) for each in self.told)

    def failed(self) -> list[tuple[Job, str]]:
        """Return every failure, in its order."""
        return [failure for each in self.told for failure in each.failed.items()]


MakeShift = Callable[..., Shift]


@pytest.fixture
def shift() -> MakeShift:
    """Make a worker of these tasks."""

    def make(sessions: Any, tasks: Sequence[Task], *, name: str = "worker", pauses: int = 3) -> Shift:
        clock = Clock()
        stop, told = Stop(clock, pauses), []
        records = Records(sessions, name, started_at=NOON, clock=clock)
        worker = Worker(tasks, records, stop, every_seconds=10, now=clock.now, tell=told.append, clock=clock)
        return Shift(worker, stop, clock, told)

    return make


@pytest.fixture
def tasks_of(tmp_path: Path) -> Callable[..., list[Task]]:
    """Return the jobs of a worker over a world, all but publication; its own signers unless others are given."""

    def make(world: World, signers: Any = None) -> list[Task]:
        installation = installation_of(world, tmp_path, world.personal)
        checking = IdChecking(installation, salt=lambda: SALT, now=lambda: NOON)
        issuing = Issuing(
            installation,
            lambda: world.registrar,
            signers=lambda: signers or world.signers,
            trust=lambda: world.trust,
            known_entries=lambda: {"the signer's journal": world.journal.last_entry()},
            now=lambda: NOON,
        )
        return [
            Task(Job.ID_CHECKS, checking.batches, checking.left_behind),
            Task(Job.NUMBER, issuing.number, lambda: unnumbered(issuing.held_back)),
            Task(Job.SIGN, issuing.sign, lambda: unsigned(issuing.refused)),
            Task(Job.RELEASE, issuing.release),
            Task(Job.CHAIN, lambda: chain_all(world.sessions)),
        ]

    return make


def counting(*counts: int) -> Callable[[], Iterator[int]]:
    """Return batches that do these counts in the first turn, and nothing in later ones."""
    turns = iter([counts])
    return lambda: iter(next(turns, ()))


def failing(*errors: Exception) -> Callable[[], Iterator[int]]:
    """Return batches that fail with one error after the other, a turn each, and do nothing then."""
    left = iter(errors)

    def batches() -> Iterator[int]:
        for error in left:
            raise error
        yield from ()

    return batches
