"""What is printed: one table for each room that was measured, and the floor of each step beside it."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.comparison import Comparison

CPU_INFO = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True)
class Floor:
    """What one step costs that no program can save, and what ours spends of the same."""

    step: str
    least: str
    ours: str


@dataclass(frozen=True, slots=True)
class Figures:
    """A table of what has no baseline."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Report:
    """The measurements of one room."""

    title: str
    comparisons: Sequence[Comparison]
    floors: Sequence[Floor] = ()
    notes: Sequence[str] = ()
    figures: Sequence[Figures] = ()


def machine() -> str:
    """Say on what machine this ran, in one line."""
    lines = CPU_INFO.read_text("utf-8").splitlines() if CPU_INFO.exists() else []
    model = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return (
        f"{os.cpu_count()} cores, {model}; {platform.system()} {platform.release()}; "
        f"Python {platform.python_version()}; load before the run {load:.1f}"
    )


def render(report: Report) -> str:
    """Return the report as text: columns for people, widths as needed."""
    parts = [f"\n{report.title}"]
    if report.comparisons or not report.figures:
        parts.append(_table(COMPARISON_HEAD, [_row(item) for item in report.comparisons]))
    parts += [_table(figures.head, figures.rows) for figures in report.figures]
    if report.floors:
        parts.append(_table(FLOOR_HEAD, [(item.step, item.least, item.ours) for item in report.floors]))
    parts += [f"  {note}" for note in report.notes]
    return "\n".join(parts)


COMPARISON_HEAD = ("claim", "ours", "baseline", "ratio", "least", "greatest", "pairs", "aim")
FLOOR_HEAD = ("step", "floor", "ours")


def _row(item: Comparison) -> tuple[str, ...]:
    return (
        item.claim,
        f"{item.ours_rate:,.0f} {item.unit}",
        f"{item.baseline_rate:,.0f} {item.unit}: {item.baseline}",
        f"{item.ratio.middle:.2f}",
        f"{item.ratio.least:.2f}",
        f"{item.ratio.greatest:.2f}",
        str(item.pairs),
        _aim(item),
    )


def _aim(item: Comparison) -> str:
    if item.aim is None:
        return "none set"
    return f"≥ {item.aim:.2f} " + ("met" if item.ratio.middle >= item.aim else "MISSED")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(line[place]) for line in [head, *rows]) for place in range(len(head))]
    ruler = ["-" * width for width in widths]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True))
        for line in [head, ruler, *rows]
    ]
    return "\n".join("  " + line.rstrip() for line in lines)
