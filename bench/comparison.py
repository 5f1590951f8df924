"""Ours and a baseline, measured in turns: a ratio that a busy machine can not bend far.

The two are run alternately (baseline, ours, baseline, ours …) and each pair gives one ratio, so that what slows the
machine for a while slows both. The first pair warms up and is not counted.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

Rate = Callable[[], float]
"""Does some work once and returns its rate, in units of work per second."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Least, middle and greatest of several measurements."""

    least: float
    middle: float
    greatest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Return the spread of at least one value."""
        return cls(min(values), median(values), max(values))


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measured claim. Rates are per second; ``aim`` is the least ratio wanted, ``None`` if none was set."""

    claim: str
    baseline: str
    unit: str
    ours_rate: float
    baseline_rate: float
    ratio: Spread
    pairs: int
    aim: float | None


def compare(
    claim: str, ours: Rate, *, against: str, baseline: Rate, unit: str, repeats: int, aim: float | None = None
) -> Comparison:
    """Measure ``repeats`` pairs after one that warms up."""
    pairs = [(baseline(), ours()) for _ in range(repeats + 1)][1:]
    return of_pairs(claim, pairs, against=against, unit=unit, aim=aim)


def of_pairs(
    claim: str, pairs: Sequence[tuple[float, float]], *, against: str, unit: str, aim: float | None = None
) -> Comparison:
    """Return the comparison of pairs that were measured in turns: the baseline's rate, then ours."""
    return Comparison(
        claim=claim,
        baseline=against,
        unit=unit,
        ours_rate=median(rate for _, rate in pairs),
        baseline_rate=median(rate for rate, _ in pairs),
        ratio=Spread.of([ours_rate / baseline_rate for baseline_rate, ours_rate in pairs]),
        pairs=len(pairs),
        aim=aim,
    )


def rate_of(work: Callable[[], object], *, count: int) -> float:
    """Do ``work``, which does ``count`` units, and return units per second of the clock."""
    started = time.perf_counter()
    work()
    return count / (time.perf_counter() - started)


def cpu_rate_of(work: Callable[[], object], *, count: int) -> float:
    """Return units per second of this process's CPU time: for work that only computes.

    Whatever else the machine does then is not counted. On an idle machine it is the clock's rate.
    """
    started = time.process_time()
    work()
    return count / (time.process_time() - started)
