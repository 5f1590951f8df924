"""What a monitor is asked, and what came of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from signing.log.checkpoint import Checkpoint
from signing.offline.answer import ExitCode
from signing.offline.monitor.finding import Doubt, Findings
from signing.offline.monitor.news import News, iso
from signing.offline.monitor.state import State
from signing.offline.source import Source
from signing.root import Root


@dataclass(frozen=True, slots=True)
class Question:
    """What to watch. ``state_path`` is where evidence is kept beside; ``state`` what was kept, ``None`` at first.

    ``mirrors`` are other sources of the same log by the names they were given; ``bodies`` issuers' texts (``S0001``).
    ``root`` is ``None`` where none is pinned.
    """

    source: Source
    root: Root | None
    trust_places: Sequence[Source]
    state_path: Path
    state: State | None
    mirrors: Sequence[tuple[str, Source]]
    bodies: Collection[str]
    tokens: Path | None
    now: datetime


@dataclass(slots=True)
class Watched:
    """What came of a run. ``state`` is to be kept, ``None`` if nothing new was verified.

    ``cosigned_at`` is when a quorum had cosigned it, in seconds since 1970, 0 if they do not say.
    ``doubts`` are what could not be told, each with what it is about. ``found_before`` is what earlier runs found in
    leaves, ``seen_size`` where this one began, ``checkpoint`` what the log showed, ``None`` if it proved nothing.
    ``never_issued`` are the bodies asked for under whose numbers the log has nothing: a code that was mistyped looks
    like that. ``tokens_held`` is how many tokens were held against the log, ``None`` if none were to be.
    """

    environment: str = ""
    checkpoint: Checkpoint | None = None
    cosigned_at: int = 0
    seen_size: int = 0
    state: State | None = None
    findings: Findings = field(default_factory=Findings)
    found_before: Findings = field(default_factory=Findings)
    news: News = field(default_factory=News)
    doubts: list[tuple[Doubt, str]] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    never_issued: list[str] = field(default_factory=list)
    tokens_held: int | None = None

    @property
    def result(self) -> str:
        """``findings``, ``cannot_tell`` or ``in_order``; a finding counts whatever else could not be told."""
        if self.findings.counts.total():
            return "findings"
        return "cannot_tell" if self.doubts else "in_order"

    @property
    def exit_code(self) -> ExitCode:
        """0 in order, 1 findings, 2 can not tell."""
        return _EXIT_CODES[self.result]

    def to_json(self) -> dict[str, Any]:
        """Return the JSON answer; ``docs/operations-monitor.md`` describes it."""
        head = self.checkpoint.head if self.checkpoint else None
        return {
            "result": self.result,
            "environment": self.environment,
            "origin": head.origin if head else None,
            "size": head.size if head else None,
            "root": head.root.hex() if head else None,
            "cosigned_at": iso(self.cosigned_at) if self.cosigned_at else None,
            "witnesses": sorted(self.checkpoint.cosigned_at) if self.checkpoint else [],
            "read_from": self.seen_size,
            "read_to": self.state.edge.size if self.state else self.seen_size,
            "findings": [finding.to_json() for finding in self.findings.kept],
            "counts": _counts(self.findings),
            "found_before": [finding.to_json() for finding in self.found_before.kept],
            "counts_before": _counts(self.found_before),
            "doubts": [{"code": doubt.value, "about": about} for doubt, about in self.doubts],
            "evidence": self.evidence,
            "never_issued": self.never_issued,
            "tokens_held": self.tokens_held,
            "series_opened": self.news.opened,
            "key_events": self.news.key_events,
            "issued": self.news.issued,
            "changed": self.news.changed,
        }


_EXIT_CODES = {
    "in_order": ExitCode.VALID,
    "findings": ExitCode.NOT_VALID,
    "cannot_tell": ExitCode.CANNOT_TELL,
}


def _counts(findings: Findings) -> dict[str, int]:
    return {code.value: count for code, count in sorted(findings.counts.items()) if count}
