"""Hands on all cores: each process opens database and evidence for itself, and does pieces until there are none.

Nothing secret is handed over: a process reads the secrets from their files. Processes are begun anew and not forked,
for a connection can not be shared.
"""

import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from registry.audit.check import Hands
from registry.audit.errors import ProcessLost
from registry.audit.evidence import Evidence, Places, open_evidence
from registry.audit.finding import Outcome
from registry.audit.tasks import Scope, Task, perform
from registry.database.engine import Limits, open_engine
from registry.database.sessions import Sessions
from registry.foundation.charter import read_charter

AHEAD = 4
"""Pieces that wait for each process, so that none is idle and what is done is not piled up."""


@dataclass(frozen=True, slots=True)
class Address:
    """The database, as a process opens it."""

    url: str
    limits: Limits


@dataclass(slots=True)
class _Bench:
    """What a process works with."""

    sessions: Sessions
    evidence: Evidence


_benches: list[_Bench] = []


@contextmanager
def many_hands(address: Address, places: Places, *, processes: int) -> Iterator[Hands]:
    """Give hands of so many processes; they are gone at the end."""
    executor = ProcessPoolExecutor(
        processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(address, places),
    )

    def work(scope: Scope, tasks: Iterable[Task]) -> Iterator[Outcome]:
        waiting = iter(tasks)
        given: deque[Future[Outcome]] = deque()
        while True:
            more = islice(waiting, processes * AHEAD - len(given))
            given.extend(executor.submit(_perform, scope, task) for task in more)
            if not given:
                return
            try:
                yield given.popleft().result()
            except BrokenExecutor:
                raise ProcessLost from None

    try:
        yield work
    finally:
        executor.shutdown(cancel_futures=True)


def _begin(address: Address, places: Places) -> None:
    sessions = Sessions(open_engine(address.url, limits=address.limits, pool_size=1))
    _benches[:] = [_Bench(sessions, open_evidence(places, sessions.read(read_charter)))]


def _perform(scope: Scope, task: Task) -> Outcome:
    bench = _benches[0]
    return bench.sessions.read(lambda session: perform(session, bench.evidence, scope, task))
